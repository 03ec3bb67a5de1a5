/** The panel: its header, the links to its pages, and the current page. */

import { LitElement, css, html, nothing } from "./vendor/lit-element.js";
import { assignedLater } from "./dom.js";
import { loadTranslations, t } from "./i18n.js";
import { problemText } from "./problem.js";
import { style } from "./style.js";
import { Subscription } from "./subscription.js";
import "./consent.js";
import "./ledger.js";
import "./recordings.js";
import "./review.js";
import "./rooms.js";

/** @import { PropertyValues } from "./vendor/lit-element.js" */
/** @import { Arrangement, HomeAssistant } from "./api.d.ts" */

/** @type {Record<string, (hass: HomeAssistant, home: Arrangement) => unknown>} */
const PAGES = {
  rooms: (hass, home) => html`<indoor-voice-rooms .hass=${hass} .home=${home}></indoor-voice-rooms>`,
  consent: (hass, home) => html`<indoor-voice-consent .hass=${hass} .home=${home}></indoor-voice-consent>`,
  recordings: (hass, home) => html`<indoor-voice-recordings .hass=${hass} .home=${home}></indoor-voice-recordings>`,
  review: (hass, home) => html`<indoor-voice-review .hass=${hass} .home=${home}></indoor-voice-review>`,
  ledger: (hass, home) => html`<indoor-voice-ledger .hass=${hass} .home=${home}></indoor-voice-ledger>`,
};
/** The pages that are shown even to an account that isn't linked to a person. */
const PAGES_FOR_ANY_ACCOUNT = new Set(["rooms"]);

class IndoorVoicePanel extends LitElement {
  static properties = {
    hass: { attribute: false },
    narrow: { type: Boolean },
    route: { attribute: false },
    panel: { attribute: false },
    _home: { state: true },
    _ready: { state: true },
    _problem: { state: true },
  };

  static styles = [
    style,
    css`
      :host {
        min-height: 100%;
        background: var(--primary-background-color, #fafafa);
      }
      header {
        display: flex;
        align-items: center;
        min-height: var(--header-height, 56px);
        padding: 0 16px;
        background: var(--card-background-color, #fff);
      }
      h1 {
        font-size: 1.25rem;
        font-weight: 400;
        margin: 0;
      }
      nav {
        display: flex;
        flex-wrap: wrap;
        justify-content: center;
        background: var(--card-background-color, #fff);
        border-bottom: 1px solid var(--divider-color, #e0e0e0);
      }
      nav a {
        display: flex;
        align-items: center;
        min-height: 48px;
        padding: 0 16px;
        border-bottom: 3px solid transparent;
        text-decoration: none;
      }
      nav a:hover {
        text-decoration: underline;
      }
      nav a[aria-current="page"] {
        border-color: var(--primary-color, #03a9f4);
        font-weight: 500;
      }
      nav a:focus-visible {
        outline-offset: -4px;
      }
      @media (max-width: 600px) {
        nav a {
          font-size: 0.875rem;
          padding: 0 6px;
        }
      }
      main {
        max-width: 800px;
        margin: 0 auto;
        padding: 16px;
      }
    `,
  ];

  /** @type {Subscription<"household/subscribe"> | undefined} */
  #subscription;

  constructor() {
    super();
    /** @type {HomeAssistant} */
    this.hass = assignedLater();
    this.narrow = false;
    /** @type {{ prefix: string, path: string } | undefined} */
    this.route = undefined;
    /** @type {Arrangement | undefined} */
    this._home = undefined;
    this._ready = false;
    /** @type {string | undefined} */
    this._problem = undefined;
  }

  connectedCallback() {
    super.connectedCallback();
    if (this.hasUpdated) void this.#follow();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#unfollow();
  }

  /** @param {PropertyValues<this>} changed */
  updated(changed) {
    const before = changed.get("hass");
    // After a restart, Home Assistant answers before all integrations are set up.
    const hasStarted = before !== undefined && before.config.state !== this.hass.config.state;
    if (!this.#subscription && (changed.has("route") || hasStarted)) void this.#follow();
  }

  async #follow() {
    const fail = (/** @type {unknown} */ err) => {
      this.#unfollow();
      this._home = undefined;
      this._problem = problemText(err);
    };
    const receive = (/** @type {Arrangement} */ home) => {
      this._home = home;
      this._problem = undefined;
    };
    this.#subscription = new Subscription(this.hass, "household/subscribe", receive, fail);
    if (this._ready) return;
    try {
      await loadTranslations(this.hass.locale);
    } catch (error) {
      this._problem = problemText(error);
    }
    this._ready = true;
  }

  #unfollow() {
    this.#subscription?.stop();
    this.#subscription = undefined;
  }

  get #page() {
    const name = this.route?.path.split("/")[1];
    return name !== undefined && Object.hasOwn(PAGES, name) ? name : "rooms";
  }

  /** @param {Event & { currentTarget: HTMLAnchorElement }} event */
  #navigate(event) {
    event.preventDefault();
    history.pushState(null, "", event.currentTarget.getAttribute("href"));
    globalThis.dispatchEvent(new CustomEvent("location-changed"));
  }

  render() {
    if (!this._ready) return nothing;
    const prefix = this.route?.prefix ?? "/indoor-voice";
    return html`
      <header>
        <ha-menu-button .hass=${this.hass} .narrow=${this.narrow}></ha-menu-button>
        <h1>${t("title")}</h1>
      </header>
      <nav aria-label=${t("title")}>
        ${Object.keys(PAGES).map(
          (name) => html`
            <a href="${prefix}/${name}" aria-current=${name === this.#page ? "page" : nothing} @click=${this.#navigate}
              >${t(`pages.${name}`)}</a
            >
          `,
        )}
      </nav>
      <main>
        ${this._problem ? html`<p class="card problem" role="alert">${this._problem}</p>` : nothing}
        ${this._home?.debug_recordings ? unsealedWarning(this._home.debug_recordings) : nothing}
        ${this._home ? this.#content(this._home) : nothing}
      </main>
    `;
  }

  /** @param {Arrangement} home */
  #content(home) {
    if (home.person || PAGES_FOR_ANY_ACCOUNT.has(this.#page)) return PAGES[this.#page]?.(this.hass, home);
    return html`<p class="card">${t("no_person")}</p>`;
  }
}

/**
 * Render the warning that Home Assistant writes every command to disk, which everyone in the house must see.
 * @param {string} folder
 */
const unsealedWarning = (folder) => html`
  <section class="card problem" aria-labelledby="unsealed">
    <h2 id="unsealed">${t("unsealed.title")}</h2>
    <p>${t("unsealed.what", { folder })}</p>
    <p>${t("unsealed.why")}</p>
  </section>
`;

customElements.define("indoor-voice-panel", IndoorVoicePanel);
