/** A person's listening key: make it, unlock it for this sitting, change its passphrase, recover it, give it up. */

import { html, nothing } from "./vendor/lit-element.js";
import { confirm } from "./confirm.js";
import { Page, Problem } from "./page.js";
import { WrongSecret, createKey, recover, relock, suggestion, unlock } from "./sealing.js";
import { Follow, sitting } from "./sitting.js";
import { GOOD_BITS, Meter, STRONG_BITS } from "./strength.js";
import { say } from "./words.js";

class ListeningKey extends Page {
  static properties = {
    ...Page.properties,
    /** Show only what unlocks it. */
    brief: { type: Boolean },
    _locked: { state: true },
    _found: { state: true },
    _step: { state: true },
    _made: { state: true },
    _passphrase: { state: true },
    /** How many bits somebody would have to guess; undefined while that is not known. */
    _bits: { state: true },
  };

  constructor() {
    super();
    new Follow(this, () => this.requestUpdate());
    this._passphrase = "";
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this._leave();
  }

  async load() {
    [this._locked, this._found] = await Promise.all([this.ask("key/get"), this.ask("key/found")]);
  }

  /** Where this browser remembers the key that was opened here: who puts another in its place is found out by it. */
  get _place() {
    return `indoor-voice.key.${this.home.person}`;
  }

  /** Take a key into use that its person has opened. */
  _begin(key) {
    localStorage.setItem(this._place, this._locked.public);
    sitting.begin(key);
  }

  content() {
    const known = localStorage.getItem(this._place);
    return html`
      <section class="card" aria-labelledby="key">
        <h2 id="key">${say("key.title")}</h2>
        ${this._found ? html`<p class="problem">${say(`key.found.${this._found}`)}</p>` : nothing}
        ${known === null || known === this._locked?.public
          ? nothing
          : html`<p class="problem">${say(this._locked ? "key.another" : "key.gone")}</p>`}
        ${this._state()}
      </section>
    `;
  }

  _state() {
    if (this._made) return this._code();
    if (this._step === "create" || this._step === "change") return this._choose();
    if (this._step === "recover") return this._secret("recover", (typed) => this._recover(typed));
    if (!this._locked) {
      return html`
        <p>${say("key.none")}</p>
        <button @click=${() => this._go("create")}>${say("key.create")}</button>
      `;
    }
    if (sitting.unlocked) {
      return html`
        <p>${say("key.unlocked")}</p>
        <div class="row">
          ${this._found
            ? html`<button @click=${() => this.attempt(() => this._take())}>${say("key.take")}</button>`
            : nothing}
          <button @click=${() => sitting.end()}>${say("key.lock")}</button>
          ${this.brief
            ? nothing
            : html`<button @click=${() => this._go("change")}>${say("key.change")}</button> ${this._lose()}`}
        </div>
      `;
    }
    return html`
      ${this._secret("unlock", (typed) => this._unlock(typed))}
      <div class="row">
        ${this._locked.recovery
          ? html`<button @click=${() => this._go("recover")}>${say("key.forgotten")}</button>`
          : nothing}
        ${this.brief ? nothing : this._lose()}
      </div>
    `;
  }

  _lose() {
    return html`<button @click=${() => this._remove()}>${say("key.lose")}</button>`;
  }

  /** Ask for what unlocks the key. */
  _secret(step, work) {
    const submit = (event) => {
      event.preventDefault();
      const typed = new FormData(event.target).get("secret");
      this.attempt(() => work(typed));
    };
    return html`
      <p>${say(`key.${step}_why`)}</p>
      <form @submit=${submit}>
        <label class="field">
          ${say(step === "unlock" ? "key.passphrase" : "key.code")}
          <input name="secret" required autocomplete="off" type=${step === "unlock" ? "password" : "text"} />
        </label>
        <div class="row">
          <button ?disabled=${this._busy}>${this._busy ? say("key.working") : say(`key.${step}`)}</button>
          ${step === "recover" ? this._back() : nothing}
        </div>
      </form>
    `;
  }

  /** Let a passphrase be chosen, of a new key or of the one that is unlocked. */
  _choose() {
    const submit = (event) => {
      event.preventDefault();
      this.attempt(() => (this._step === "create" ? this._create() : this._change()));
    };
    return html`
      <p>${say("key.choose_why")}</p>
      <form @submit=${submit}>
        <label class="field">
          ${say("key.passphrase")}
          <input
            type="text"
            required
            autocomplete="off"
            autocapitalize="none"
            spellcheck="false"
            aria-describedby="strength"
            .value=${this._passphrase}
            @input=${({ target }) => this._type(target.value)}
          />
        </label>
        <p id="strength" aria-live="polite">
          <meter min="0" max="80" low=${GOOD_BITS} value=${this._bits ?? 0} aria-hidden="true"></meter>
          ${say(`key.strength.${this._strength()}`)}
        </p>
        <div class="row">
          <button type="button" @click=${async () => this._type(await suggestion())}>
            ${say("key.suggest")}
          </button>
          <button ?disabled=${this._busy || !(this._bits >= GOOD_BITS)}>
            ${this._busy ? say("key.working") : say(`key.${this._step}`)}
          </button>
          ${this._back()}
        </div>
      </form>
    `;
  }

  /** Take a passphrase that is being typed, and have it judged. */
  _type(passphrase) {
    this._passphrase = passphrase;
    this._bits = undefined;
    this._meter ??= new Meter(
      this._known(),
      (bits) => (this._bits = bits),
      () => (this._problem = say("key.not_judged")),
    );
    this._meter.judge(passphrase);
  }

  _strength() {
    if (!this._passphrase) return "none";
    if (this._bits === undefined) return "judging";
    if (this._bits < GOOD_BITS) return "weak";
    return this._bits < STRONG_BITS ? "good" : "strong";
  }

  /** Return what somebody in this home would try first. */
  _known() {
    const named = [this.home.people, this.home.rooms, Object.values(this.hass.areas)].flat();
    return [this.hass.user.name, this.hass.config.location_name, ...named.map(({ name }) => name)];
  }

  /** Show the recovery code, once; the key counts only after that. */
  _code() {
    const submit = (event) => {
      event.preventDefault();
      this.attempt(() => this._keep());
    };
    return html`
      <p>${say("key.code_why")}</p>
      <p><code class="big">${this._made.code}</code></p>
      <button @click=${() => this._print()}>${say("key.print")}</button>
      <form @submit=${submit}>
        <fieldset>
          <label><input type="checkbox" required name="kept" />${say("key.code_kept")}</label>
        </fieldset>
        <div class="row">
          <button ?disabled=${this._busy}>${say("key.finish")}</button>
          ${this._back()}
        </div>
      </form>
    `;
  }

  _back() {
    return html`<button type="button" @click=${() => this._leave()}>${say("key.back")}</button>`;
  }

  _go(step) {
    this._step = step;
    this._done = this._problem = undefined;
  }

  /** Print the code on a sheet of its own, which is gone when the code is. */
  _print() {
    this._sheet?.remove();
    this._sheet = document.createElement("iframe");
    // Not hidden altogether: browsers print nothing of what has no place.
    Object.assign(this._sheet.style, { position: "fixed", width: 0, height: 0, border: 0, visibility: "hidden" });
    document.body.append(this._sheet);
    const page = this._sheet.contentDocument.body;
    for (const text of [say("key.sheet"), this._made.code])
      page.append(Object.assign(document.createElement("p"), { textContent: text }));
    this._sheet.contentWindow.print();
  }

  _leave() {
    this._sheet?.remove();
    this._meter?.close();
    this._step = this._made = this._sheet = this._meter = this._bits = undefined;
    this._passphrase = "";
  }

  async _create() {
    this._made = await createKey(this._passphrase);
  }

  async _keep() {
    await this.ask("key/create", { key: this._made.locked });
    this._locked = this._made.locked;
    this._found = null;
    this._begin(this._made.key);
    this._leave();
    return say("key.created");
  }

  async _unlock(passphrase) {
    this._begin(await opened(unlock(this._locked, passphrase), "key.wrong_passphrase"));
  }

  async _recover(code) {
    this._begin(await opened(recover(this._locked, code), "key.wrong_code"));
    this._step = "change";
  }

  async _change() {
    const locked = await relock(this._locked, sitting.key, this._passphrase);
    await this.ask("key/change", { key: locked });
    this._locked = locked;
    this._leave();
    return say("key.changed");
  }

  /** Say that the key that was found, and opened, is one's own. */
  async _take() {
    if (this._found === "changed" && !(await confirm(this, say("key.take_why"), say("key.take")))) return undefined;
    await this.ask("key/take", { public: this._locked.public });
    this._found = null;
    return say("key.created");
  }

  async _remove() {
    if (!(await confirm(this, say("key.lose_why"), say("key.lose_yes")))) return;
    this.attempt(async () => {
      const { clips_deleted: count } = await this.ask("key/remove");
      this._locked = this._found = null;
      localStorage.removeItem(this._place);
      sitting.end();
      return say("key.lost", { count });
    });
  }
}

async function opened(attempt, wrong) {
  try {
    return await attempt;
  } catch (err) {
    throw err instanceof WrongSecret ? new Problem(wrong) : err;
  }
}

customElements.define("indoor-voice-key", ListeningKey);
