/** The user's listening key: make it, unlock it for this sitting, change its passphrase, recover it, give it up. */

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
    _made: { state: true },
  };

  /**
   * Removes the sheet with the recovery code.
   * @type {(() => void) | undefined}
   */
  #removeSheet;

  constructor() {
    super();
    /** Whether to show only what unlocks the key. */
    this.brief = false;
    /** @type {LockedKey | null} */
    this._locked = null;
    /**
     * What became of the stored key without its owner.
     * @type {KeyChange | null}
     */
    this._found = null;
    /**
     * What the user is doing with the key.
     * @type {Step | undefined}
     */
    this._step = undefined;
    /**
     * A key that is in use once its recovery code is kept.
     * @type {Awaited<ReturnType<createKey>> | undefined}
     */
    this._made = undefined;
    new SittingController(this, () => this.requestUpdate());
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#leave();
  }

  async load() {
    [this._locked, this._found] = await Promise.all([this.ask("key/get", {}), this.ask("key/found", {})]);
  }

  /** Where this browser remembers the key that was opened in it: a key that somebody put in its place differs. */
  get #place() {
    return `indoor-voice.key.${this.home.person}`;
  }

  /**
   * Use a key that its owner has opened.
   * @param {LockedKey} locked
   * @param {UnlockedKey} key
   */
  #begin(locked, key) {
    localStorage.setItem(this.#place, locked.public);
    sitting.begin(key);
  }

  content() {
    const known = localStorage.getItem(this.#place);
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
    if (this._made) return this.#recoveryCode(this._made.code);
    if (this._step === "create" || this._step === "change") return this.#choose(this._step);
    const locked = this._locked;
    if (!locked) {
      return html`
        <p>${t("key.none")}</p>
        <button @click=${() => this.#go("create")}>${t("key.create")}</button>
      `;
    }
    if (this._step === "recover") return this.#secret("recover", (typed) => this.#recover(locked, typed));
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
            : html`<button @click=${() => this.#go("change")}>${t("key.change")}</button> ${this.#giveUpButton()}`
        }
      </div>
    `;
  }

  /** @param {LockedKey} locked */
  #locked(locked) {
    return html`
      ${this.#secret("unlock", (typed) => this.#unlock(locked, typed))}
      <div class="row">
        ${locked.recovery ? html`<button @click=${() => this.#go("recover")}>${t("key.forgotten")}</button>` : nothing}
        ${this.brief ? nothing : this.#giveUpButton()}
      </div>
    `;
  }

  #giveUpButton() {
    return html`<button @click=${() => this.#giveUp()}>${t("key.lose")}</button>`;
  }

  /**
   * Ask for what opens the key.
   * @param {"unlock" | "recover"} step
   * @param {(typed: string) => Promise<void>} work
   */
  #secret(step, work) {
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
   * Let the user choose a passphrase, for a new key or for the one that is unlocked.
   * @param {"create" | "change"} step
   */
  #choose(step) {
    const choose = (/** @type {CustomEvent<string>} */ { detail }) =>
      this.attempt(() => (step === "create" ? this.#create(detail) : this.#change(detail)));
    return html`
      <indoor-voice-passphrase
        .hass=${this.hass}
        .home=${this.home}
        .step=${step}
        .working=${this._busy}
        @choose=${choose}
        @back=${() => this.#leave()}
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
      <form @submit=${withForm(() => this.attempt(() => this.#keep()))}>
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
    return html`<button type="button" @click=${() => this.#leave()}>${t("key.back")}</button>`;
  }

  /** @param {Step} step */
  #go(step) {
    this._step = step;
    this._done = this._problem = undefined;
  }

  #leave() {
    this.#removeSheet?.();
    this.#removeSheet = this._step = this._made = undefined;
  }

  /** @param {string} code */
  #print(code) {
    this.#removeSheet?.();
    this.#removeSheet = printSheet([t("key.sheet"), code]);
  }

  /** @param {string} passphrase */
  async #create(passphrase) {
    this._made = await createKey(passphrase);
  }

  /** Use the key that was made, now that its recovery code is kept. */
  async #keep() {
    const made = this._made;
    if (!made) return undefined;
    await this.ask("key/create", { key: made.locked });
    this._locked = made.locked;
    this._found = null;
    this.#begin(made.locked, made.key);
    this.#leave();
    return t("key.created");
  }

  /**
   * @param {LockedKey} locked
   * @param {string} passphrase
   */
  async #unlock(locked, passphrase) {
    this.#begin(locked, await orProblem(unlock(locked, passphrase), "key.wrong_passphrase"));
  }

  /**
   * @param {LockedKey} locked
   * @param {string} code
   */
  async #recover(locked, code) {
    this.#begin(locked, await orProblem(recover(locked, code), "key.wrong_code"));
    this._step = "change";
  }

  /** @param {string} passphrase */
  async #change(passphrase) {
    const key = sitting.use();
    if (!this._locked || !key) throw new Problem("recordings.locked");
    const locked = await relock(this._locked, key, passphrase);
    await this.ask("key/change", { key: locked });
    this._locked = locked;
    this.#leave();
    return t("key.changed");
  }

  /**
   * Say that the key that was found, and that the user has opened, is theirs.
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
      localStorage.removeItem(this.#place);
      sitting.end();
      return t("key.lost", { count });
    });
  }
}

/**
 * Wait for a key to be opened; throws a `Problem` if the secret was wrong.
 * @param {Promise<UnlockedKey>} opening
 * @param {string} problem
 */
async function orProblem(opening, problem) {
  try {
    return await opening;
  } catch (error) {
    throw error instanceof WrongSecret ? new Problem(problem) : error;
  }
}

customElements.define("indoor-voice-key", ListeningKey);
