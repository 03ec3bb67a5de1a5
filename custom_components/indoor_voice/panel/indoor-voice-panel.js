/** The panel: a bar with the pages, and the page that is shown. */

import { LitElement, css, html, nothing } from "./vendor/lit-element.js";
import { problemOf } from "./page.js";
import { style } from "./style.js";
import { loadWords, say } from "./words.js";
import "./rooms.js";
import "./consent.js";
import "./recordings.js";
import "./review.js";
import "./ledger.js";

const PAGES = {
  rooms: (panel) => html`<indoor-voice-rooms .hass=${panel.hass} .home=${panel._home}></indoor-voice-rooms>`,
  consent: (panel) => html`<indoor-voice-consent .hass=${panel.hass} .home=${panel._home}></indoor-voice-consent>`,
  recordings: (panel) =>
    html`<indoor-voice-recordings .hass=${panel.hass} .home=${panel._home}></indoor-voice-recordings>`,
  review: (panel) => html`<indoor-voice-review .hass=${panel.hass} .home=${panel._home}></indoor-voice-review>`,
  ledger: (panel) => html`<indoor-voice-ledger .hass=${panel.hass} .home=${panel._home}></indoor-voice-ledger>`,
};
/** What a visitor sees, who has an account but does not live here. */
const FOR_ANYBODY = new Set(["rooms"]);

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

  /** Who lives here and what is allowed may have changed by the time that somebody turns to another page. */
  updated(changed) {
    if (changed.has("route")) this._load();
  }

  async _load() {
    try {
      if (!this._ready) await loadWords(this.hass.locale);
      this._ready = true;
      this._home = await this.hass.callWS({ type: "indoor_voice/household/arrangement" });
      this._problem = undefined;
    } catch (err) {
      this._problem = problemOf(err);
    }
  }

  get _page() {
    const name = this.route?.path.split("/")[1];
    return name in PAGES ? name : "rooms";
  }

  _go(event) {
    event.preventDefault();
    history.pushState(null, "", event.currentTarget.getAttribute("href"));
    window.dispatchEvent(new CustomEvent("location-changed"));
  }

  render() {
    if (!this._ready) return nothing;
    const prefix = this.route?.prefix ?? "/indoor-voice";
    return html`
      <header>
        <ha-menu-button .hass=${this.hass} .narrow=${this.narrow}></ha-menu-button>
        <h1>${say("title")}</h1>
      </header>
      <nav aria-label=${say("title")}>
        ${Object.keys(PAGES).map(
          (name) => html`
            <a
              href="${prefix}/${name}"
              aria-current=${name === this._page ? "page" : nothing}
              @click=${this._go}
              >${say(`pages.${name}`)}</a
            >
          `,
        )}
      </nav>
      <main>
        ${this._problem ? html`<p class="card problem" role="alert">${this._problem}</p>` : nothing}
        ${this._home?.debug_recordings ? this._unsealed(this._home.debug_recordings) : nothing}
        ${this._home ? this._content() : nothing}
      </main>
    `;
  }

  /** What everybody who speaks here must know, whatever page they look at. */
  _unsealed(folder) {
    return html`
      <section class="card problem" aria-labelledby="unsealed">
        <h2 id="unsealed">${say("unsealed.title")}</h2>
        <p>${say("unsealed.what", { folder })}</p>
        <p>${say("unsealed.why")}</p>
      </section>
    `;
  }

  _content() {
    if (this._home.person || FOR_ANYBODY.has(this._page)) return PAGES[this._page](this);
    return html`<p class="card">${say("no_person")}</p>`;
  }
}

customElements.define("indoor-voice-panel", IndoorVoicePanel);
