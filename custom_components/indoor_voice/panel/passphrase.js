/** The form for choosing a passphrase, with an estimate of how hard it is to guess. */

import { css, html } from "./vendor/lit-element.js";
import { withForm, withValue } from "./dom.js";
import { alert, button, progress } from "./elements.js";
import { t } from "./i18n.js";
import { Page } from "./page.js";
import { suggestion } from "./sealing.js";
import { GOOD_BITS, Meter, strengthOf } from "./strength.js";

/** @import { PropertyValues } from "./vendor/lit-element.js" */

/** Dispatches "choose" with a passphrase that is good enough, and "back" if the user cancels. */
class Passphrase extends Page {
  static properties = {
    ...Page.properties,
    step: { attribute: false },
    working: { attribute: false },
    _passphrase: { state: true },
    _bits: { state: true },
    _failed: { state: true },
  };

  static styles = [
    ...Page.styles,
    css`
      #strength {
        /* Two lines are reserved, so that the buttons stay where they are. */
        min-height: 84px;
        margin-top: 8px;
      }
      meter {
        width: min(100%, 400px);
        height: 12px;
      }
    `,
  ];

  /** @type {Meter | undefined} */
  #meter;

  constructor() {
    super();
    /**
     * What the passphrase is for.
     * @type {"create" | "change"}
     */
    this.step = "create";
    /** Whether the chosen passphrase is being applied. */
    this.working = false;
    this._passphrase = "";
    /**
     * The number of bits that an attacker must guess; undefined until it is estimated.
     * @type {number | undefined}
     */
    this._bits = undefined;
    /** Whether the estimate could not be loaded. */
    this._failed = false;
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#meter?.close();
    this.#meter = undefined;
    this._passphrase = "";
    this._bits = undefined;
  }

  content() {
    const choose = withForm(() => this.dispatchEvent(new CustomEvent("choose", { detail: this._passphrase })));
    const isGood = this._bits !== undefined && this._bits >= GOOD_BITS;
    const suggest = async () => this.#judge(await suggestion());
    const back = () => this.dispatchEvent(new Event("back"));
    const busy = this.working;
    return html`
      <p>${t("key.choose_why")}</p>
      <form @submit=${choose}>
        <label class="field">
          <span>${t("key.passphrase")}</span>
          <input
            type="text"
            required
            autocomplete="off"
            autocapitalize="none"
            spellcheck="false"
            aria-describedby="strength"
            .value=${this._passphrase}
            @input=${withValue((value) => this.#judge(value))}
          />
        </label>
        ${button({ label: t("key.suggest"), icon: "mdi:dice-multiple-outline", busy, onClick: suggest })}
        <div id="strength" aria-live="polite">
          <meter min="0" max="80" low=${GOOD_BITS} value=${this._bits ?? 0} aria-hidden="true"></meter>
          ${this.#verdict()}
        </div>
        <div class="row">
          ${button({ label: t(`key.${this.step}`), kind: "primary", type: "submit", busy, disabled: !isGood })}
          ${button({ label: t("key.back"), kind: "text", busy, onClick: back })}
        </div>
      </form>
    `;
  }

  #verdict() {
    if (this._failed) return alert("error", t("key.not_judged"));
    const strength = this.#strength();
    const text = t(`key.strength.${strength}`);
    return strength === "judging" ? progress(text) : html`<p>${text}</p>`;
  }

  /** @param {PropertyValues<this>} changed */
  updated(changed) {
    super.updated(changed);
    // It takes the place of the button that was clicked.
    if (changed.has("_loaded")) this.renderRoot.querySelector("input")?.focus();
  }

  /** @param {string} passphrase as it is typed */
  #judge(passphrase) {
    this._passphrase = passphrase;
    this._bits = undefined;
    this.#meter ??= new Meter(
      this.#guessableTexts(),
      (bits) => (this._bits = bits),
      () => (this._failed = true),
    );
    this.#meter.judge(passphrase);
  }

  #strength() {
    if (!this._passphrase) return "none";
    return this._bits === undefined ? "judging" : strengthOf(this._bits);
  }

  /** Return texts that anyone who knows this home would try first. */
  #guessableTexts() {
    const named = [...this.home.people, ...this.home.rooms, ...Object.values(this.hass.areas)];
    return [this.hass.user.name, this.hass.config.location_name, ...named.map(({ name }) => name)];
  }
}

customElements.define("indoor-voice-passphrase", Passphrase);
