/** Review: one recording at a time, and what the assistant made of it. Nothing beside it tells whose, where or when. */

import { html, nothing } from "./vendor/lit-element.js";
import { confirm } from "./confirm.js";
import { Page } from "./page.js";
import { opened, player, wordsOf } from "./player.js";
import { sealVerdict } from "./sealing.js";
import { sitting } from "./sitting.js";
import { duration, list, say } from "./words.js";
import "./key.js";

const VERDICTS = ["right", "wrong-words", "wrong-action", "not-for-it", "not-speech"];
const KEYS = ["1", "2", "3", "4", "5", "Space", "R", "E", "S", "X", "N", "Z", "Esc"];
/** Who has heard so much of it can judge. */
const HEARD_SECONDS = 3;
const REPEAT_SECONDS = 2;
/** Destroying has no undo, so its key is held. */
const HOLD_MS = 600;

class Review extends Page {
  static properties = {
    ...Page.properties,
    _clip: { state: true },
    _words: { state: true },
    _heard: { state: true },
    _playing: { state: true },
    _stop: { state: true },
    _judged: { state: true },
    _guidance: { state: true },
  };

  load() {}

  connectedCallback() {
    super.connectedCallback();
    this._pressed = (event) => this._key(event);
    this._released = ({ key }) => key.toLowerCase() === "x" && clearTimeout(this._hold);
    this._changed = () => (sitting.unlocked ? this.requestUpdate() : this._end());
    this._again = () => this._end();
    // Before Home Assistant's own shortcuts, which some of these keys have.
    window.addEventListener("keydown", this._pressed, { capture: true });
    window.addEventListener("keyup", this._released);
    sitting.addEventListener("change", this._changed);
    // The name of a recording holds on one connection.
    this._connection = this.hass.connection;
    this._connection.addEventListener("ready", this._again);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    window.removeEventListener("keydown", this._pressed, { capture: true });
    window.removeEventListener("keyup", this._released);
    sitting.removeEventListener("change", this._changed);
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
        <dl>
          ${KEYS.map((key) => html`<dt><kbd>${key}</kbd></dt> <dd>${say(`review.keys.${key}`)}</dd>`)}
        </dl>
      </details>
    `;
  }

  /** What is said before the first recording, and where it is good to stop. */
  _between() {
    const ends = this._stop === "enough" || this._stop === "nothing";
    return html`
      <section class="card" aria-label=${say("pages.review")}>
        <p>${this._stop ? say(`review.stops.${this._stop}`, { duration: duration(this._rest ?? 0) }) : say("review.why")}</p>
        <div class="row">
          ${ends
            ? nothing
            : html`
                <button ?disabled=${this._busy} @click=${() => this.attempt(() => this._next(Boolean(this._stop)))}>
                  ${say(this._stop ? "review.go_on" : "review.begin")}
                </button>
              `}
          ${this._undoButton()}
        </div>
      </section>
    `;
  }

  _question() {
    const { done, answer } = this._words ?? {};
    return html`
      <section class="card" aria-labelledby="question">
        <h2 id="question" tabindex="-1">${say("review.title")}</h2>
        <div class="wave"></div>
        <div class="row">
          ${this._button(this._playing ? "pause" : "play", () => this._play(), "Space")}
          ${this._wave ? this._button("repeat", () => this._repeat(), "R") : nothing}
        </div>
        <label class="field">
          ${say("review.heard")}
          <input name="words" maxlength="1000" autocomplete="off" .value=${this._words?.transcript ?? ""} />
        </label>
        <p>${done?.length ? say("review.did", { names: list(done) }) : say("review.did_nothing")}</p>
        ${answer ? html`<p>${say("review.answered", { text: answer })}</p>` : nothing}
        <fieldset ?disabled=${!this._heard || this._busy}>
          <legend>${say(this._heard ? "review.verdicts" : "review.hear_first")}</legend>
          <div class="row">
            ${VERDICTS.map(
              (verdict, at) => html`
                <button
                  aria-keyshortcuts=${at + 1}
                  ?disabled=${!this._heard || this._busy}
                  @click=${() => this.attempt(() => this._judge(verdict))}
                >
                  ${at + 1} · ${say(`review.verdict.${verdict}`)}
                </button>
              `,
            )}
          </div>
        </fieldset>
        <div class="row">
          ${this._button("skip", () => this._finish("skip"), "S")} ${this._undoButton()}
          <button @click=${() => this._askDestroy()}>${say("review.destroy")}</button>
          ${this._button("give_up", () => this._giveUp(), "N")}
          <button aria-keyshortcuts="Escape" @click=${() => this._end()}>${say("review.stop")}</button>
        </div>
      </section>
    `;
  }

  _button(name, work, key) {
    return html`
      <button aria-keyshortcuts=${key} ?disabled=${this._busy} @click=${() => this.attempt(work)}>
        ${say(`review.${name}`)}
      </button>
    `;
  }

  _undoButton() {
    return this._judged ? this._button("undo", () => this._undo(), "Z") : nothing;
  }

  _key(event) {
    const [target] = event.composedPath();
    const asked = this._clip || (this._judged && event.key.toLowerCase() === "z");
    if (!asked || event.ctrlKey || event.metaKey || event.altKey || this.renderRoot.querySelector("dialog")) return;
    if (target.matches?.("input, select, textarea")) {
      if (event.key === "Escape") target.blur();
      return;
    }
    // Space presses the button that has the focus.
    if (event.key === " " && target.matches?.("button, summary, a")) return;
    const verdict = VERDICTS[Number(event.key) - 1];
    const work = {
      " ": () => this.attempt(() => this._play()),
      r: () => this.attempt(() => this._repeat()),
      e: () => this.renderRoot.querySelector("[name=words]").focus(),
      s: () => this.attempt(() => this._finish("skip")),
      x: () => (this._hold = setTimeout(() => this.attempt(() => this._destroy()), HOLD_MS)),
      n: () => this.attempt(() => this._giveUp()),
      z: () => this._judged && this.attempt(() => this._undo()),
      escape: () => this._end(),
      "?": () => (this.renderRoot.querySelector("details").open = true),
    }[event.key.toLowerCase()];
    if (!work && !verdict) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (event.repeat) return;
    if (work) work();
    else if (this._heard) this.attempt(() => this._judge(verdict));
  }

  async _next(goOn = false) {
    this._clear();
    const { clip, stop, rest_seconds: rest } = await this.ask("review/next", { go_on: goOn });
    [this._stop, this._rest] = [stop, rest];
    if (clip) await this._show(clip);
  }

  /** Show a recording: its words at once, its sound when it is played, by itself after the first of a sitting. */
  async _show(clip) {
    const { answer, content } = await this._open(clip, "words");
    this._words = wordsOf(content);
    [this._id, this._readers] = [answer.id, answer.readers];
    this._clip = clip;
    await this.updateComplete;
    this.renderRoot.querySelector("#question").focus();
    if (this._plays) await this._play();
  }

  _open(clip, part) {
    return opened(() => this.ask("review/open", { clip, part }), part);
  }

  async _play() {
    if (!this._wave) {
      const { content } = await this._open(this._clip, "sound");
      this._wave = await player(this.renderRoot.querySelector(".wave"), content);
      this._wave.on("play", () => (this._playing = true));
      this._wave.on("pause", () => (this._playing = false));
      this._wave.on("finish", () => (this._heard = true));
      this._wave.on("timeupdate", (seconds) => (this._heard ||= seconds >= HEARD_SECONDS));
    }
    this._plays = true;
    await this._wave.playPause();
  }

  async _repeat() {
    if (!this._wave) return;
    this._wave.setTime(Math.max(0, this._wave.getCurrentTime() - REPEAT_SECONDS));
    await this._wave.play();
  }

  async _judge(verdict) {
    const typed = this.renderRoot.querySelector("[name=words]").value.trim();
    const words = typed === this._words.transcript ? null : typed;
    const sealed = await sealVerdict({ clip: this._id, verdict, words }, this._readers);
    const { undo_seconds: seconds } = await this.ask("review/verdict", { clip: this._clip, verdict, sealed });
    await this._next();
    this._judged = true;
    this._undoable = setTimeout(() => (this._judged = false), seconds * 1000);
    return say("review.saved");
  }

  async _undo() {
    const { clip } = await this.ask("review/undo");
    this._clear();
    await this._show(clip);
    return say("review.undone");
  }

  async _finish(command, said) {
    const answer = await this.ask(`review/${command}`, { clip: this._clip });
    await this._next();
    return said && { said: say(said), answer };
  }

  async _destroy() {
    return (await this._finish("destroy", "review.destroyed")).said;
  }

  async _askDestroy() {
    if (await confirm(this, say("review.destroy_why"), say("review.destroy"))) this.attempt(() => this._destroy());
  }

  async _giveUp() {
    const { said, answer } = await this._finish("give_up", "review.given_up");
    this._guidance = answer.guidance;
    return said;
  }

  /** Forget what was shown. */
  _clear() {
    clearTimeout(this._hold);
    clearTimeout(this._undoable);
    this._wave?.destroy();
    this._wave = this._clip = this._words = this._id = this._readers = undefined;
    this._heard = this._playing = this._judged = false;
  }

  /** Stop at once. */
  _end() {
    const began = this._clip || this._judged;
    this._clear();
    this._stop = this._plays = undefined;
    if (began) this.ask("review/end").catch(() => undefined);
  }
}

customElements.define("indoor-voice-review", Review);
