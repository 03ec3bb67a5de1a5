/** The user's listening key: creates, unlocks and recovers it, changes its passphrase, and gives it up. */

import { html, nothing } from "./vendor/lit-element.js";
import { confirm } from "./confirm.js";
import { focusedIn, typedText, withForm } from "./dom.js";
import { alert, button, card, checkbox, state } from "./elements.js";
import { t } from "./i18n.js";
import { Page } from "./page.js";
import { Problem } from "./problem.js";
import { WrongSecret, recover, relock, unlock } from "./sealing.js";
import { SittingController, forgetKey, knownKey, sitting, startSitting } from "./sitting.js";
import "./new-key.js";
import "./passphrase.js";

/** @import { KeyChange, LockedKey, UnlockedKey } from "./api.d.ts" */
/** @import { NewKey } from "./new-key.js" */
/** @import { Work } from "./page.js" */
/** @import { PropertyValues } from "./vendor/lit-element.js" */
/** @typedef {"create" | "change" | "recover"} Step */

/** The place for the outcome of everything that is done to the key. */
const PLACE = "key";

class ListeningKey extends Page {
  static properties = {
    ...Page.properties,
    brief: { type: Boolean },
    _locked: { state: true },
    _found: { state: true },
    _step: { state: true },
    _newKey: { state: true },
  };

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
     * A new key, which is stored once the user has kept what opens it.
     * @type {NewKey | undefined}
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

  get #person() {
    return String(this.home.person);
  }

  content() {
    const known = knownKey(this.#person);
    const isKnown = known === null || known === this._locked?.public;
    return card(
      { heading: t("key.title"), id: "key", answer: this.answer(PLACE) },
      html`
        ${this._found ? alert("warning", t(`key.found.${this._found}`)) : nothing}
        ${isKnown ? nothing : alert("error", t(this._locked ? "key.another" : "key.gone"))}
        <div class="step">${this.#state()}</div>
      `,
    );
  }

  #state() {
    if (this._step === "create") return this.#newKey();
    if (this._step === "change") return this.#passphraseForm();
    const locked = this._locked;
    if (!locked) {
      return html`
        <p>${t("key.none")}</p>
        ${button({ label: t("key.create"), kind: "primary", onClick: () => this.#openStep("create") })}
      `;
    }
    if (this._step === "recover") return this.#secretForm("recover", (typed) => this.#recover(locked, typed));
    return sitting.unlocked ? this.#unlocked(locked) : this.#locked(locked);
  }

  /** @param {LockedKey} locked */
  #unlocked(locked) {
    const take = () => this.#take(locked);
    const lock = () =>
      this.#attempt(() => {
        sitting.end();
        return t("key.locked");
      });
    return html`
      <p>${state(t("key.unlocked"), { icon: "mdi:lock-open-variant-outline", kind: "success" })}</p>
      <div class="row">
        ${this._found ? button({ label: t("key.take"), kind: "primary", ...this.#busy, onClick: take }) : nothing}
        ${button({ label: t("key.lock"), icon: "mdi:lock-outline", ...this.#busy, onClick: lock })}
        ${
          this.brief
            ? nothing
            : html`
              ${button({ label: t("key.change"), ...this.#busy, onClick: () => this.#openStep("change") })}
              ${this.#giveUpButton()}
            `
        }
      </div>
    `;
  }

  /** @param {LockedKey} locked */
  #locked(locked) {
    return this.#secretForm(
      "unlock",
      (typed) => this.#unlock(locked, typed),
      html`
        ${
          locked.recovery
            ? button({ label: t("key.forgotten"), kind: "text", onClick: () => this.#openStep("recover") })
            : nothing
        }
        ${this.brief ? nothing : this.#giveUpButton()}
      `,
    );
  }

  #giveUpButton() {
    return button({ label: t("key.lose"), kind: "danger", ...this.#busy, onClick: () => this.#giveUp() });
  }

  /**
   * Render the form that asks for the passphrase or the recovery code.
   * @param {"unlock" | "recover"} step
   * @param {(typed: string) => Promise<string | void>} work
   * @param {unknown} others what else can be done; undefined for cancelling
   */
  #secretForm(step, work, others = this.#backButton()) {
    const submit = withForm((form) => this.#attempt(() => work(typedText(form, "secret"))));
    return html`
      <p>${state(t(`key.${step}_why`), { icon: "mdi:lock-outline" })}</p>
      <form @submit=${submit}>
        <label class="field">
          <span>${t(step === "unlock" ? "key.passphrase" : "key.code")}</span>
          <input name="secret" required autocomplete="off" type=${step === "unlock" ? "password" : "text"} />
        </label>
        <div class="row">
          ${button({ label: t(`key.${step}`), kind: "primary", type: "submit", ...this.#busy })} ${others}
        </div>
      </form>
    `;
  }

  /** Render the form for a new passphrase of the unlocked key. */
  #passphraseForm() {
    const choose = (/** @type {CustomEvent<string>} */ { detail }) => this.#attempt(() => this.#change(detail));
    return html`
      <indoor-voice-passphrase
        .hass=${this.hass}
        .home=${this.home}
        .step=${"change"}
        .working=${this.#busy.busy}
        @choose=${choose}
        @back=${() => this.#closeStep()}
      ></indoor-voice-passphrase>
    `;
  }

  /** Render a new key, which is stored once the user has kept what opens it. */
  #newKey() {
    const made = (/** @type {CustomEvent<NewKey | undefined>} */ { detail }) => (this._newKey = detail);
    return html`
      <p>${t("key.new_why")}</p>
      <indoor-voice-new-key .hass=${this.hass} .home=${this.home} @made=${made}></indoor-voice-new-key>
      <form @submit=${withForm(() => this.#attempt(() => this.#storeNewKey()))}>
        <fieldset>${checkbox({ label: t("key.kept"), name: "kept", required: true })}</fieldset>
        <div class="row">
          ${button({
            label: t("key.finish"),
            kind: "primary",
            type: "submit",
            disabled: !this._newKey,
            ...this.#busy,
          })}
          ${this.#backButton()}
        </div>
      </form>
    `;
  }

  #backButton() {
    return button({ label: t("key.back"), kind: "text", ...this.#busy, onClick: () => this.#closeStep() });
  }

  get #busy() {
    return { busy: this.isBusy(PLACE) };
  }

  /** @param {Work} work */
  #attempt(work) {
    return this.attempt(work, PLACE, t("key.working"));
  }

  /** @param {PropertyValues<this>} changed */
  updated(changed) {
    super.updated(changed);
    const hasMoved = changed.has("_step");
    if (hasMoved && !focusedIn(this.renderRoot)) {
      /** @type {HTMLElement | null} */ (this.renderRoot.querySelector(".step input, .step button"))?.focus();
    }
  }

  /** @param {Step} step */
  #openStep(step) {
    this._step = step;
    this.show(undefined, PLACE);
  }

  #closeStep() {
    this._step = this._newKey = undefined;
  }

  /** Store the new key and start using it, now that the user has kept what opens it. */
  async #storeNewKey() {
    const made = this._newKey;
    if (!made) return undefined;
    await this.ask("key/create", { key: made.locked });
    this._locked = made.locked;
    this._found = null;
    startSitting(this.#person, made.locked, made.key);
    this.#closeStep();
    return t("key.created");
  }

  /**
   * @param {LockedKey} locked
   * @param {string} passphrase
   */
  async #unlock(locked, passphrase) {
    startSitting(this.#person, locked, await withProblem(unlock(locked, passphrase), "key.wrong_passphrase"));
    return t("key.opened");
  }

  /**
   * @param {LockedKey} locked
   * @param {string} code
   */
  async #recover(locked, code) {
    startSitting(this.#person, locked, await withProblem(recover(locked, code), "key.wrong_code"));
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
    const question = { title: t("key.take_title"), text: t("key.take_why"), yes: t("key.take") };
    if (this._found === "changed" && !(await confirm(this, question))) return;
    await this.#attempt(async () => {
      await this.ask("key/take", { public: locked.public });
      this._found = null;
      return t("key.created");
    });
  }

  async #giveUp() {
    const question = { title: t("key.lose_title"), text: t("key.lose_why"), yes: t("key.lose_yes") };
    if (!(await confirm(this, question))) return;
    await this.#attempt(async () => {
      const { recordings_deleted: count } = await this.ask("key/remove", {});
      this._locked = this._found = null;
      forgetKey(this.#person);
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
