/** Review: one recording at a time, and what the assistant made of it. Nothing beside it tells whose, where or when. */

import { html, nothing } from "./vendor/lit-element.js";
import { confirm } from "./confirm.js";
import { Page } from "./page.js";
import { Player, opened, wordsOf } from "./player.js";
import { sealVerdict } from "./sealing.js";
import { Follow, sitting } from "./sitting.js";
import { duration, list, say } from "./words.js";
import "./key.js";
import "./speed.js";

const VERDICTS = ["right", "wrong-words", "wrong-action", "not-for-it", "not-speech"];
const KEYS = ["1", "2", "3", "4", "5", "Space", "R", "E", "-", "+", "S", "X", "N", "Z", "Esc", "?"];
/** What was suggested only; the other stops have no next recording. */
const SUGGESTED = new Set(["batch", "rest"]);
const FINAL = new Set(["enough", "nothing"]);
/** Destroying has no undo, so its key is held. */
const HOLD_MS = 600;
/** Where this browser remembers that single keys are switched off: who speaks to the computer hits them by chance. */
const WITHOUT_KEYS = "indoor-voice.without-keys";

/** Ends what was under way as the user stopped. */
class Stopped extends Error {}

class Review extends Page {
  static properties = {
    ...Page.properties,
    _clip: { state: true },
    _words: { state: true },
    _heard: { state: true },
    _playing: { state: true },
    _holding: { state: true },
    _keys: { state: true },
    _stop: { state: true },
    _judged: { state: true },
    _guidance: { state: true },
  };

  constructor() {
    super();
    new Follow(this, () => (sitting.unlocked ? this.requestUpdate() : this._end()));
  }

  load() {}

  connectedCallback() {
    super.connectedCallback();
    this._keys = localStorage.getItem(WITHOUT_KEYS) === null;
    this._pressed = (event) => this._key(event);
    this._released = ({ key }) => key.toLowerCase() === "x" && this._release();
    this._away = () => this._release();
    this._again = () => this._end();
    // Before Home Assistant's own shortcuts, which some of these keys have.
    window.addEventListener("keydown", this._pressed, { capture: true });
    window.addEventListener("keyup", this._released);
    window.addEventListener("blur", this._away);
    // The name of a recording holds on one connection.
    this._connection = this.hass.connection;
    this._connection.addEventListener("ready", this._again);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    window.removeEventListener("keydown", this._pressed, { capture: true });
    window.removeEventListener("keyup", this._released);
    window.removeEventListener("blur", this._away);
    this._connection.removeEventListener("ready", this._again);
    this._end();
  }

  content() {
    if (!sitting.unlocked) {
      return html`
        <p class="card">${say("review.why")}</p>
        <indoor-voice-key brief .hass=${this.hass} .home=${this.home}></indoor-voice-key>
      `;
    }
    return html`
      ${this._clip ? this._question() : this._busy ? html`<p class="card">${say("loading")}</p>` : this._between()}
      ${this._guidance
        ? html`
            <section class="card" aria-labelledby="guidance">
              <h2 id="guidance">${say("review.guidance")}</h2>
              <p class="notice">${this._guidance}</p>
              <button @click=${() => (this._guidance = undefined)}>${say("review.close")}</button>
            </section>
          `
        : nothing}
      <details class="card">
        <summary>${say("review.help")}</summary>
        <label class="row">
          <input type="checkbox" .checked=${this._keys} @change=${({ target }) => this._switchKeys(target.checked)} />
          ${say("review.single_keys")}
        </label>
        <p class="quiet">${say("review.single_keys_why")}</p>
        <dl class="keys">
          ${KEYS.map((key) => html`<dt><kbd>${key}</kbd></dt> <dd>${say(`review.keys.${key}`)}</dd>`)}
        </dl>
      </details>
    `;
  }

  /** What is said before the first recording, and where it is good to stop. */
  _between() {
    const said = this._stop ? `review.stops.${this._stop}` : "review.why";
    return html`
      <section class="card" aria-label=${say("pages.review")} tabindex="-1">
        <p>${say(said, { duration: duration(this._rest ?? 0) })}</p>
        <div class="row">
          ${FINAL.has(this._stop)
            ? nothing
            : html`
                <button ?disabled=${this._busy} @click=${() => this.attempt(() => this._next(SUGGESTED.has(this._stop)))}>
                  ${say(this._stop ? "review.go_on" : "review.begin")}
                </button>
              `}
          ${this._undoButton()}
          ${this._stop ? html`<button @click=${() => this._stopAtOnce()}>${say("review.stop")}</button>` : nothing}
        </div>
      </section>
    `;
  }

  _question() {
    const { done, answer } = this._words ?? {};
    const shut = !this._heard || this._busy;
    return html`
      <section class="card" aria-labelledby="question">
        <h2 id="question" tabindex="-1">${say("review.title")}</h2>
        <div class="wave"></div>
        <div class="row tools">
          ${this._button(this._playing ? "pause" : "play", () => this._play(), "Space")}
          ${this._player ? this._button("repeat", () => this._player.repeat(), "R") : nothing}
          <indoor-voice-speed></indoor-voice-speed>
        </div>
        <label class="field wide">
          ${say("review.heard")}
          <input name="words" maxlength="1000" autocomplete="off" .value=${this._words?.transcript ?? ""} />
        </label>
        <p>${done?.length ? say("review.did", { names: list(done) }) : say("review.did_nothing")}</p>
        ${answer ? html`<p>${say("review.answered", { text: answer })}</p>` : nothing}
        <fieldset ?disabled=${shut}>
          <legend>${say(this._heard ? "review.verdicts" : "review.hear_first")}</legend>
          <div class="row verdicts">
            ${VERDICTS.map(
              (verdict, at) => html`
                <button
                  aria-keyshortcuts=${this._keys ? at + 1 : nothing}
                  ?disabled=${shut}
                  @click=${() => this.attempt(() => this._judge(verdict))}
                >
                  ${this._keys ? `${at + 1} · ` : ""}${say(`review.verdict.${verdict}`)}
                </button>
              `,
            )}
          </div>
        </fieldset>
        <div class="row">
          ${this._button("skip", () => this._skip(), "S")} ${this._undoButton()}
          <button class=${this._holding ? "holding" : ""} @click=${() => this._askDestroy()}>
            ${say(this._holding ? "review.hold" : "review.destroy")}
          </button>
          ${this._button("give_up", () => this._giveUp(), "N")}
          <button aria-keyshortcuts="Escape" @click=${() => this._stopAtOnce()}>${say("review.stop")}</button>
        </div>
      </section>
    `;
  }

  _button(name, work, key) {
    return html`
      <button
        aria-keyshortcuts=${this._keys ? key : nothing}
        ?disabled=${this._busy}
        @click=${() => this.attempt(work)}
      >
        ${say(`review.${name}`)}
      </button>
    `;
  }

  _undoButton() {
    return this._judged ? this._button("undo", () => this._undo(), "Z") : nothing;
  }

  _switchKeys(on) {
    this._keys = on;
    if (on) localStorage.removeItem(WITHOUT_KEYS);
    else localStorage.setItem(WITHOUT_KEYS, "");
  }

  _key(event) {
    if (!sitting.unlocked || event.ctrlKey || event.metaKey || event.altKey) return;
    if (this.renderRoot.querySelector("dialog")) return;
    const key = event.key.toLowerCase();
    const [target] = event.composedPath();
    let work;
    if (key === "escape") work = this._begun && (() => this._stopAtOnce());
    else if (target.matches?.("input:not([type=checkbox]), select, textarea"))
      work = key === "enter" && target.name === "words" && (() => this._focus());
    else if (this._keys) work = this._workOf(key, target);
    if (!work) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!event.repeat) work();
  }

  _workOf(key, target) {
    if (key === "?") return () => this._help();
    if (key === "z" && this._judged) return () => this.attempt(() => this._undo());
    // Space presses what has the focus.
    if (!this._clip || (key === " " && target.matches?.("button, summary, a, input"))) return undefined;
    const verdict = VERDICTS[Number(key) - 1];
    if (verdict) return () => this._heard && this.attempt(() => this._judge(verdict));
    return {
      " ": () => this.attempt(() => this._play()),
      r: () => this.attempt(() => this._player?.repeat()),
      e: () => this._edit(),
      "-": () => sitting.hurry(-1),
      "+": () => sitting.hurry(1),
      "=": () => sitting.hurry(1),
      s: () => this.attempt(() => this._skip()),
      x: () => this._grip(),
      n: () => this.attempt(() => this._giveUp()),
    }[key];
  }

  _help() {
    const help = this.renderRoot.querySelector("details");
    help.open = !help.open;
    if (help.open) help.scrollIntoView({ block: "nearest" });
  }

  _edit() {
    const words = this.renderRoot.querySelector("[name=words]");
    words.focus();
    words.setSelectionRange(words.value.length, words.value.length);
  }

  /** Destroy, unless the key is released before. */
  _grip() {
    this._holding = setTimeout(() => this.attempt(() => this._destroy()), HOLD_MS);
  }

  _release() {
    clearTimeout(this._holding);
    this._holding = undefined;
  }

  /** What ends after the user has stopped says nothing else any more. */
  attempt(work) {
    const stops = this._stops;
    const stopped = () => stops !== this._stops;
    return super.attempt(async () => {
      try {
        const said = await work();
        return stopped() ? say("review.stopped") : said;
      } catch (err) {
        if (!stopped()) throw err;
        return say("review.stopped");
      }
    });
  }

  /** Wait for what was begun; throws `Stopped` if the user stopped meanwhile, who then is shown nothing more. */
  async _unlessStopped(begun) {
    const stops = this._stops;
    const result = await begun;
    if (stops !== this._stops) throw new Stopped();
    return result;
  }

  _do(command, fields) {
    this._begun = true;
    return this._unlessStopped(this.ask(`review/${command}`, fields));
  }

  async _next(goOn = false) {
    this._clear();
    const { clip, stop, rest_seconds: rest } = await this._do("next", { go_on: goOn });
    [this._stop, this._rest] = [stop, rest];
    if (clip) await this._show(clip);
    else await this._focus();
  }

  /** Show a recording: its words at once, its sound when it is played, by itself after the first of a sitting. */
  async _show(clip) {
    const { answer, content } = await this._open(clip, "words");
    this._words = wordsOf(content);
    [this._id, this._readers] = [answer.id, answer.readers];
    this._clip = clip;
    await this._focus();
  }

  /** Let those hear and read where it goes on who do not see it. */
  async _focus() {
    await this.updateComplete;
    this.renderRoot.querySelector("[tabindex='-1']")?.focus();
  }

  _open(clip, part) {
    return this._unlessStopped(opened(() => this._do("open", { clip, part }), part));
  }

  async _play() {
    if (!this._player) {
      const stops = this._stops;
      const { content } = await this._open(this._clip, "sound");
      const player = await Player.show(this.renderRoot.querySelector(".wave"), content);
      if (stops !== this._stops) return player.destroy();
      this._player = player;
      player.addEventListener("change", () => {
        this._playing = player.playing;
        this._heard ||= player.heard;
      });
    }
    this._plays = true;
    await this._player.toggle();
  }

  async _judge(verdict) {
    const typed = this.renderRoot.querySelector("[name=words]").value.trim();
    const words = typed === this._words.transcript ? null : typed;
    const sealed = await sealVerdict({ clip: this._id, verdict, words }, this._readers);
    const { undo_seconds: seconds } = await this._do("verdict", { clip: this._clip, verdict, sealed });
    await this._goOn();
    this._judged = true;
    this._undoable = setTimeout(() => (this._judged = false), seconds * 1000);
    return say("review.saved");
  }

  /** Show the next recording, and play it where one was played before. */
  async _goOn() {
    await this._next();
    if (this._clip && this._plays) await this._play();
  }

  /** Show the last one again, which was heard. */
  async _undo() {
    const { clip } = await this._do("undo");
    this._clear();
    await this._show(clip);
    this._heard = true;
    return say("review.undone");
  }

  async _skip() {
    await this._do("skip", { clip: this._clip });
    await this._goOn();
    return say("review.skipped");
  }

  async _destroy() {
    await this._do("destroy", { clip: this._clip });
    await this._goOn();
    return say("review.destroyed");
  }

  async _askDestroy() {
    this._player?.pause();
    if (await confirm(this, say("review.destroy_why"), say("review.destroy"))) this.attempt(() => this._destroy());
  }

  /** Let go of a recording that troubles; nothing else begins by itself. */
  async _giveUp() {
    const { guidance } = await this._do("give_up", { clip: this._clip });
    this._clear();
    [this._stop, this._plays, this._guidance] = ["given_up", false, guidance];
    await this._focus();
  }

  /** Forget what was shown. */
  _clear() {
    this._release();
    clearTimeout(this._undoable);
    this._player?.destroy();
    this._player = this._clip = this._words = this._id = this._readers = undefined;
    this._heard = this._playing = this._judged = false;
  }

  /** Stop; what is still under way is shown no more. */
  _end() {
    this._stops = (this._stops ?? 0) + 1;
    this._clear();
    this._stop = this._plays = undefined;
    if (this._begun) this.ask("review/end").catch(() => undefined);
    this._begun = false;
  }

  async _stopAtOnce() {
    this._end();
    this._problem = undefined;
    this._done = say("review.stopped");
    await this._focus();
  }
}

customElements.define("indoor-voice-review", Review);
