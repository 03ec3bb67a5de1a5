/** Makes a listening key with a suggested passphrase, and shows what opens it: the passphrase and the recovery code. */

import { css, html } from "./vendor/lit-element.js";
import { copyText } from "./copy.js";
import { button, progress } from "./elements.js";
import { t } from "./i18n.js";
import { Page } from "./page.js";
import { printSheet } from "./print.js";
import { createKey, suggestion } from "./sealing.js";
import "./passphrase.js";

/** @typedef {Awaited<ReturnType<createKey>>} NewKey */

/** The place for the outcome of everything that is done with the key. */
const PLACE = "new-key";

/** Dispatches "made" with a new key, or with undefined while another one is being made. */
class NewListeningKey extends Page {
  static properties = {
    ...Page.properties,
    _passphrase: { state: true },
    _made: { state: true },
    _choosing: { state: true },
  };

  static styles = [
    ...Page.styles,
    css`
      dl {
        margin: 0;
      }
      dt {
        font-weight: var(--ha-font-weight-medium, 500);
      }
      dd {
        min-height: 2.5em;
        margin: 0 0 8px;
      }
    `,
  ];

  /**
   * Removes the printed sheet.
   * @type {(() => void) | undefined}
   */
  #removeSheet;

  constructor() {
    super();
    this._passphrase = "";
    /** @type {NewKey | undefined} */
    this._made = undefined;
    /** Whether the user is choosing a passphrase of their own. */
    this._choosing = false;
  }

  async load() {
    this._passphrase = await suggestion();
    // Not awaited: the passphrase can be read while the key is made.
    void this.#make(this._passphrase);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#removeSheet?.();
    this._passphrase = "";
    this._made = undefined;
  }

  /** @param {string} passphrase */
  async #make(passphrase) {
    this._passphrase = passphrase;
    this._choosing = false;
    this.#tell(undefined);
    await this.attempt(async () => this.#tell(await createKey(passphrase)), PLACE, t("key.working"));
  }

  /** @param {NewKey | undefined} made */
  #tell(made) {
    this._made = made;
    this.dispatchEvent(new CustomEvent("made", { detail: made }));
  }

  content() {
    const choose = (/** @type {CustomEvent<string>} */ { detail }) => void this.#make(detail);
    if (this._choosing) {
      return html`
        <indoor-voice-passphrase
          .hass=${this.hass}
          .home=${this.home}
          @choose=${choose}
          @back=${() => (this._choosing = false)}
        ></indoor-voice-passphrase>
      `;
    }
    const busy = !this._made;
    return html`
      <dl>
        <dt>${t("key.passphrase")}</dt>
        <dd><code class="big" data-passphrase>${this._passphrase}</code></dd>
        <dt>${t("key.code")}</dt>
        <dd>
          ${this._made ? html`<code class="big" data-code>${this._made.code}</code>` : progress(t("key.making"))}
        </dd>
      </dl>
      <div class="row">
        ${button({ label: t("key.copy"), icon: "mdi:content-copy", disabled: busy, onClick: () => this.#copy() })}
        ${button({ label: t("key.print"), icon: "mdi:printer-outline", disabled: busy, onClick: () => this.#print() })}
        ${button({ label: t("key.own"), kind: "text", disabled: busy, onClick: () => (this._choosing = true) })}
      </div>
      ${this.answer(PLACE)}
    `;
  }

  #copy() {
    const lines = [
      t("key.sheet_both"),
      `${t("key.passphrase")}: ${this._passphrase}`,
      `${t("key.code")}: ${this._made?.code ?? ""}`,
    ];
    return this.attempt(async () => t((await copyText(lines.join("\n"))) ? "key.copied" : "key.not_copied"), PLACE);
  }

  /** Print the recovery code alone: a sheet must not hold all that is needed. */
  #print() {
    this.#removeSheet?.();
    this.#removeSheet = printSheet([t("key.sheet"), this._made?.code ?? ""]);
  }
}

customElements.define("indoor-voice-new-key", NewListeningKey);
