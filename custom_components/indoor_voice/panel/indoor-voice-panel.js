/** The panel: its header, the links to its pages, and the current page. */

import { css, html, nothing } from "./vendor/lit-element.js";
import { alert, card, icon, skeleton } from "./elements.js";
import { HouseholdElement } from "./household-element.js";
import { loadTranslations, t } from "./i18n.js";
import { problemText } from "./problem.js";
import { style } from "./style.js";
import "./consent.js";
import "./guide.js";
import "./ledger.js";
import "./recordings.js";
import "./review.js";
import "./rooms.js";
import "./start.js";
import "./teach.js";

/** @import { PropertyValues } from "./vendor/lit-element.js" */
/** @import { Arrangement, HomeAssistant } from "./api.d.ts" */

/**
 * The pages, in the order of their tabs. A page without an icon has no tab.
 * @type {Record<string, { icon?: string, page: (hass: HomeAssistant, home: Arrangement) => unknown }>}
 */
const PAGES = {
  start: {
    icon: "mdi:flag-checkered",
    page: (hass, home) => html`<indoor-voice-start .hass=${hass} .home=${home}></indoor-voice-start>`,
  },
  rooms: {
    icon: "mdi:sofa-outline",
    page: (hass, home) => html`<indoor-voice-rooms .hass=${hass} .home=${home}></indoor-voice-rooms>`,
  },
  consent: {
    icon: "mdi:account-check-outline",
    page: (hass, home) => html`<indoor-voice-consent .hass=${hass} .home=${home}></indoor-voice-consent>`,
  },
  recordings: {
    icon: "mdi:waveform",
    page: (hass, home) => html`<indoor-voice-recordings .hass=${hass} .home=${home}></indoor-voice-recordings>`,
  },
  review: {
    icon: "mdi:clipboard-check-outline",
    page: (hass, home) => html`<indoor-voice-review .hass=${hass} .home=${home}></indoor-voice-review>`,
  },
  teach: {
    icon: "mdi:school-outline",
    page: (hass, home) => html`<indoor-voice-teach .hass=${hass} .home=${home}></indoor-voice-teach>`,
  },
  ledger: {
    icon: "mdi:ear-hearing",
    page: (hass, home) => html`<indoor-voice-ledger .hass=${hass} .home=${home}></indoor-voice-ledger>`,
  },
  guide: {
    page: (hass, home) => html`<indoor-voice-guide .hass=${hass} .home=${home}></indoor-voice-guide>`,
  },
};
/** The pages that are shown even to an account that isn't linked to a person. */
const PAGES_FOR_ANY_ACCOUNT = new Set(["guide", "rooms", "start"]);

class IndoorVoicePanel extends HouseholdElement {
  static properties = {
    ...HouseholdElement.properties,
    narrow: { type: Boolean, reflect: true },
    route: { attribute: false },
    panel: { attribute: false },
    _ready: { state: true },
    _landing: { state: true },
  };

  static styles = [
    style,
    css`
      :host {
        min-height: 100vh;
        background: var(--primary-background-color, #fafafa);
      }
      header {
        position: sticky;
        top: 0;
        z-index: 1;
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        padding: 0 12px;
        color: var(--app-header-text-color, var(--primary-text-color, #141414));
        background: var(--app-header-background-color, var(--card-background-color, #fff));
        border-bottom: var(--app-header-border-bottom, 1px solid var(--divider-color, #e0e0e0));
      }
      :host([narrow]) ha-menu-button {
        min-width: 48px;
      }
      h1 {
        flex: 1;
        font-size: var(--ha-font-size-xl, 1.25rem);
        font-weight: var(--ha-font-weight-normal, 400);
        line-height: var(--header-height, 56px);
        margin: 0;
        padding-inline: 8px;
        white-space: nowrap;
      }
      nav {
        display: flex;
        flex: 1 1 auto;
        flex-wrap: wrap;
        justify-content: center;
      }
      nav a {
        display: grid;
        align-content: center;
        justify-items: center;
        min-height: var(--header-height, 56px);
        padding: 2px 12px 0;
        border-bottom: 2px solid transparent;
        color: inherit;
        text-align: center;
        text-decoration: none;
      }
      nav ha-icon {
        display: none;
      }
      nav a:hover {
        background: var(--ha-color-fill-primary-quiet-hover, #dff3fc);
      }
      nav a[aria-current="page"] {
        border-color: currentColor;
        color: var(--brand-text);
      }
      nav a:focus-visible {
        outline-offset: -4px;
      }
      main {
        max-width: 800px;
        margin: 0 auto;
        padding: var(--gap);
      }
      /* As Home Assistant does it on its own pages with tabs. */
      :host([narrow]) nav {
        position: fixed;
        inset: auto 0 0;
        flex-wrap: nowrap;
        overflow-x: auto;
        background: var(--app-header-background-color, var(--card-background-color, #fff));
        border-top: 1px solid var(--divider-color, #e0e0e0);
      }
      :host([narrow]) nav a {
        flex: 1 1 auto;
        min-width: min-content;
        padding: 4px 1px;
        border-bottom: 0;
        font-size: var(--ha-font-size-s, 0.75rem);
        line-height: 1.2;
      }
      :host([narrow]) nav ha-icon {
        display: inline-flex;
      }
      :host([narrow]) nav a[aria-current="page"] {
        font-weight: var(--ha-font-weight-medium, 500);
        text-decoration: underline;
      }
      :host([narrow]) header {
        padding: 0 4px;
      }
      :host([narrow]) main {
        padding: 8px 8px calc(var(--header-height, 56px) + 24px);
      }
      @media (max-height: 400px) {
        header,
        :host([narrow]) nav {
          position: static;
        }
      }
    `,
  ];

  constructor() {
    super();
    this.narrow = false;
    /** @type {{ prefix: string, path: string } | undefined} */
    this.route = undefined;
    this._ready = false;
    /** The page that is shown when the address names none; it stays while the panel is open. */
    this._landing = "rooms";
  }

  /** @param {PropertyValues<this>} changed */
  updated(changed) {
    const before = changed.get("hass");
    // After a restart, Home Assistant answers before all integrations are set up.
    const hasStarted = before !== undefined && before.config.state !== this.hass.config.state;
    if (!this.isFollowing && (changed.has("route") || hasStarted)) this.follow();
  }

  follow() {
    super.follow();
    if (!this._ready) void this.#loadTexts();
  }

  /** @param {Arrangement} home */
  receive(home) {
    if (!this._home) this._landing = home.has_question ? "start" : "rooms";
    super.receive(home);
  }

  async #loadTexts() {
    try {
      await loadTranslations(this.hass.locale);
    } catch (error) {
      this._problem = problemText(error);
    }
    this._ready = true;
  }

  get #page() {
    const name = this.route?.path.split("/")[1];
    return name !== undefined && Object.hasOwn(PAGES, name) ? name : this._landing;
  }

  /** The pages that have a tab. "Start" has one while there is something to start, and for the administrator. */
  get #tabPages() {
    const home = this._home;
    const hasStart = this.#page === "start" || (home !== undefined && (home.has_question || home.admin));
    return Object.entries(PAGES).flatMap(([name, { icon: tab }]) =>
      tab && (name !== "start" || hasStart) ? [{ name, tab }] : [],
    );
  }

  /** @param {Event & { currentTarget: HTMLAnchorElement }} event */
  #navigate(event) {
    event.preventDefault();
    history.pushState(null, "", event.currentTarget.getAttribute("href"));
    globalThis.dispatchEvent(new CustomEvent("location-changed"));
  }

  render() {
    return html`
      <header>
        <ha-menu-button .hass=${this.hass} .narrow=${this.narrow}></ha-menu-button>
        <h1>${this._ready ? t("title") : nothing}</h1>
        ${this._ready ? this.#tabs() : nothing}
      </header>
      <main>
        ${this._ready && this._home?.debug_recordings ? unsealedWarning(this._home.debug_recordings) : nothing}
        <div role="alert">${this._problem ? alert("error", this._problem) : nothing}</div>
        ${this.#content()}
      </main>
    `;
  }

  #tabs() {
    const prefix = this.route?.prefix ?? "/indoor-voice";
    return html`
      <nav aria-label=${t("title")}>
        ${this.#tabPages.map(
          ({ name, tab }) => html`
            <a href="${prefix}/${name}" aria-current=${name === this.#page ? "page" : nothing} @click=${this.#navigate}
              >${icon(tab)}${t(`pages.${name}`)}</a
            >
          `,
        )}
      </nav>
    `;
  }

  #content() {
    const home = this._home;
    if (!this._ready || !home) return this._problem ? nothing : skeleton();
    if (home.person || PAGES_FOR_ANY_ACCOUNT.has(this.#page)) return PAGES[this.#page]?.page(this.hass, home);
    return card({}, t("no_person"));
  }
}

/**
 * Render the warning that Home Assistant writes every command to disk, which everyone in the house must see.
 * @param {string} folder
 */
const unsealedWarning = (folder) =>
  card(
    { heading: t("unsealed.title"), id: "unsealed" },
    alert("error", html`<p>${t("unsealed.what", { folder })}</p><p>${t("unsealed.why")}</p>`),
  );

customElements.define("indoor-voice-panel", IndoorVoicePanel);
