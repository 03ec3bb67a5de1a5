/** The form for choosing a passphrase, with an estimate of how hard it is to guess. */

import { html } from "./vendor/lit-element.js";
import { withForm, withValue } from "./dom.js";
import { t } from "./i18n.js";
import { Page } from "./page.js";
import { suggestion } from "./sealing.js";
import { GOOD_BITS, Meter, strengthOf } from "./strength.js";

/** Dispatches "choose" with a passphrase that is good enough, and "back" if the user cancels. */
class Passphrase extends Page {
  static properties = {
    ...Page.properties,
    step: { attribute: false },
    working: { attribute: false },
    _passphrase: { state: true },
    _bits: { state: true },
  };

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
    return html`
      <p>${t("key.choose_why")}</p>
      <form @submit=${choose}>
        <label class="field">
          ${t("key.passphrase")}
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
        <p id="strength" aria-live="polite">
          <meter min="0" max="80" low=${GOOD_BITS} value=${this._bits ?? 0} aria-hidden="true"></meter>
          ${t(`key.strength.${this.#strength()}`)}
        </p>
        <div class="row">
          <button type="button" @click=${async () => this.#judge(await suggestion())}>${t("key.suggest")}</button>
          <button ?disabled=${this.working || !isGood}>
            ${this.working ? t("key.working") : t(`key.${this.step}`)}
          </button>
          <button type="button" @click=${() => this.dispatchEvent(new Event("back"))}>${t("key.back")}</button>
        </div>
      </form>
    `;
  }

  /** @param {string} passphrase as it is typed */
  #judge(passphrase) {
    this._passphrase = passphrase;
    this._bits = undefined;
    this.#meter ??= new Meter(
      this.#guessableTexts(),
      (bits) => (this._bits = bits),
      () => (this._problem = t("key.not_judged")),
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
