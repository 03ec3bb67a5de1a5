/** The user's listening key: creates, unlocks and recovers it, changes its passphrase, and gives it up. */

import { html, nothing } from "./vendor/lit-element.js";
import { confirm } from "./confirm.js";
import { typedText, withForm } from "./dom.js";
import { t } from "./i18n.js";
import { Page } from "./page.js";
import { printSheet } from "./print.js";
import { Problem } from "./problem.js";
import { WrongSecret, createKey, recover, relock, unlock } from "./sealing.js";
import { SittingController, sitting } from "./sitting.js";
import "./passphrase.js";

/** @import { KeyChange, LockedKey, UnlockedKey } from "./api.d.ts" */
/** @typedef {"create" | "change" | "recover"} Step */

class ListeningKey extends Page {
  static properties = {
    ...Page.properties,
    brief: { type: Boolean },
    _locked: { state: true },
    _found: { state: true },
    _step: { state: true },
    _newKey: { state: true },
  };

  /**
   * Removes the sheet with the recovery code.
   * @type {(() => void) | undefined}
   */
  #removeSheet;

  constructor() {
    super();
    /** Whether to offer only unlocking, and no changes to the key. */
    this.brief = false;
    /** @type {LockedKey | null} */
    this._locked = null;
    /**
     * How something other than the panel has changed the stored key.
     * @type {KeyChange | null}
     */
    this._found = null;
    /**
     * The form that the user has opened.
     * @type {Step | undefined}
     */
    this._step = undefined;
    /**
     * A new key, which is stored once the user has kept its recovery code.
     * @type {Awaited<ReturnType<createKey>> | undefined}
     */
    this._newKey = undefined;
    new SittingController(this, () => this.requestUpdate());
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#closeStep();
  }

  async load() {
    [this._locked, this._found] = await Promise.all([this.ask("key/get", {}), this.ask("key/found", {})]);
  }

  /** The item in which this browser remembers the key that it last opened, so that a replaced key is noticed. */
  get #storageKey() {
    return `indoor-voice.key.${this.home.person}`;
  }

  /**
   * Start a sitting with an unlocked key, and remember it in this browser.
   * @param {LockedKey} locked
   * @param {UnlockedKey} key
   */
  #startSitting(locked, key) {
    localStorage.setItem(this.#storageKey, locked.public);
    sitting.begin(key);
  }

  content() {
    const known = localStorage.getItem(this.#storageKey);
    const isKnown = known === null || known === this._locked?.public;
    return html`
      <section class="card" aria-labelledby="key">
        <h2 id="key">${t("key.title")}</h2>
        ${this._found ? html`<p class="problem">${t(`key.found.${this._found}`)}</p>` : nothing}
        ${isKnown ? nothing : html`<p class="problem">${t(this._locked ? "key.another" : "key.gone")}</p>`}
        ${this.#state()}
      </section>
    `;
  }

  #state() {
    if (this._newKey) return this.#recoveryCode(this._newKey.code);
    if (this._step === "create" || this._step === "change") return this.#passphraseForm(this._step);
    const locked = this._locked;
    if (!locked) {
      return html`
        <p>${t("key.none")}</p>
        <button @click=${() => this.#openStep("create")}>${t("key.create")}</button>
      `;
    }
    if (this._step === "recover") return this.#secretForm("recover", (typed) => this.#recover(locked, typed));
    return sitting.unlocked ? this.#unlocked(locked) : this.#locked(locked);
  }

  /** @param {LockedKey} locked */
  #unlocked(locked) {
    const take = () => this.attempt(() => this.#take(locked));
    return html`
      <p>${t("key.unlocked")}</p>
      <div class="row">
        ${this._found ? html`<button @click=${take}>${t("key.take")}</button>` : nothing}
        <button @click=${() => sitting.end()}>${t("key.lock")}</button>
        ${
          this.brief
            ? nothing
            : html`<button @click=${() => this.#openStep("change")}>${t("key.change")}</button> ${this.#giveUpButton()}`
        }
      </div>
    `;
  }

  /** @param {LockedKey} locked */
  #locked(locked) {
    return html`
      ${this.#secretForm("unlock", (typed) => this.#unlock(locked, typed))}
      <div class="row">
        ${locked.recovery ? html`<button @click=${() => this.#openStep("recover")}>${t("key.forgotten")}</button>` : nothing}
        ${this.brief ? nothing : this.#giveUpButton()}
      </div>
    `;
  }

  #giveUpButton() {
    return html`<button @click=${() => this.#giveUp()}>${t("key.lose")}</button>`;
  }

  /**
   * Render the form that asks for the passphrase or the recovery code.
   * @param {"unlock" | "recover"} step
   * @param {(typed: string) => Promise<void>} work
   */
  #secretForm(step, work) {
    const submit = withForm((form) => this.attempt(() => work(typedText(form, "secret"))));
    return html`
      <p>${t(`key.${step}_why`)}</p>
      <form @submit=${submit}>
        <label class="field">
          ${t(step === "unlock" ? "key.passphrase" : "key.code")}
          <input name="secret" required autocomplete="off" type=${step === "unlock" ? "password" : "text"} />
        </label>
        <div class="row">
          <button ?disabled=${this._busy}>${this._busy ? t("key.working") : t(`key.${step}`)}</button>
          ${step === "recover" ? this.#backButton() : nothing}
        </div>
      </form>
    `;
  }

  /**
   * Render the form for a passphrase, for a new key or for the unlocked one.
   * @param {"create" | "change"} step
   */
  #passphraseForm(step) {
    const choose = (/** @type {CustomEvent<string>} */ { detail }) =>
      this.attempt(() => (step === "create" ? this.#create(detail) : this.#change(detail)));
    return html`
      <indoor-voice-passphrase
        .hass=${this.hass}
        .home=${this.home}
        .step=${step}
        .working=${this._busy}
        @choose=${choose}
        @back=${() => this.#closeStep()}
      ></indoor-voice-passphrase>
    `;
  }

  /**
   * Show the recovery code of a new key, once.
   * @param {string} code
   */
  #recoveryCode(code) {
    return html`
      <p>${t("key.code_why")}</p>
      <p><code class="big">${code}</code></p>
      <button @click=${() => this.#print(code)}>${t("key.print")}</button>
      <form @submit=${withForm(() => this.attempt(() => this.#storeNewKey()))}>
        <fieldset>
          <label><input type="checkbox" required name="kept" />${t("key.code_kept")}</label>
        </fieldset>
        <div class="row">
          <button ?disabled=${this._busy}>${t("key.finish")}</button>
          ${this.#backButton()}
        </div>
      </form>
    `;
  }

  #backButton() {
    return html`<button type="button" @click=${() => this.#closeStep()}>${t("key.back")}</button>`;
  }

  /** @param {Step} step */
  #openStep(step) {
    this._step = step;
    this._done = this._problem = undefined;
  }

  #closeStep() {
    this.#removeSheet?.();
    this.#removeSheet = this._step = this._newKey = undefined;
  }

  /** @param {string} code */
  #print(code) {
    this.#removeSheet?.();
    this.#removeSheet = printSheet([t("key.sheet"), code]);
  }

  /** @param {string} passphrase */
  async #create(passphrase) {
    this._newKey = await createKey(passphrase);
  }

  /** Store the new key and start using it, now that the user has kept its recovery code. */
  async #storeNewKey() {
    const made = this._newKey;
    if (!made) return undefined;
    await this.ask("key/create", { key: made.locked });
    this._locked = made.locked;
    this._found = null;
    this.#startSitting(made.locked, made.key);
    this.#closeStep();
    return t("key.created");
  }

  /**
   * @param {LockedKey} locked
   * @param {string} passphrase
   */
  async #unlock(locked, passphrase) {
    this.#startSitting(locked, await withProblem(unlock(locked, passphrase), "key.wrong_passphrase"));
  }

  /**
   * @param {LockedKey} locked
   * @param {string} code
   */
  async #recover(locked, code) {
    this.#startSitting(locked, await withProblem(recover(locked, code), "key.wrong_code"));
    this._step = "change";
  }

  /** @param {string} passphrase */
  async #change(passphrase) {
    const key = sitting.use();
    if (!this._locked || !key) throw new Problem("recordings.locked");
    const locked = await relock(this._locked, key, passphrase);
    await this.ask("key/change", { key: locked });
    this._locked = locked;
    this.#closeStep();
    return t("key.changed");
  }

  /**
   * Confirm that a key that was put into the store is the user's, who has unlocked it.
   * @param {LockedKey} locked
   */
  async #take(locked) {
    if (this._found === "changed" && !(await confirm(this, t("key.take_why"), t("key.take")))) return undefined;
    await this.ask("key/take", { public: locked.public });
    this._found = null;
    return t("key.created");
  }

  async #giveUp() {
    if (!(await confirm(this, t("key.lose_why"), t("key.lose_yes")))) return;
    await this.attempt(async () => {
      const { recordings_deleted: count } = await this.ask("key/remove", {});
      this._locked = this._found = null;
      localStorage.removeItem(this.#storageKey);
      sitting.end();
      return t("key.lost", { count });
    });
  }
}

/**
 * Wait for a key to be unlocked. Throws a `Problem` if the secret was wrong.
 * @param {Promise<UnlockedKey>} opening
 * @param {string} problem the path of its text
 */
async function withProblem(opening, problem) {
  try {
    return await opening;
  } catch (error) {
    throw error instanceof WrongSecret ? new Problem(problem) : error;
  }
}

customElements.define("indoor-voice-key", ListeningKey);
