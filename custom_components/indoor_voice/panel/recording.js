/** One recording of the list: plays it, shows its words and deletes it. It is opened with the unlocked listening key. */

import { html, nothing } from "./vendor/lit-element.js";
import { assignedLater } from "./dom.js";
import { doneTexts } from "./done.js";
import { button, checkbox, icon } from "./elements.js";
import { formatDuration, formatLocalDate, t } from "./i18n.js";
import { openSealed, openWords } from "./opening.js";
import { Page } from "./page.js";
import { Player } from "./player.js";
import { momentIcon } from "./recording-label.js";
import { recordingStyle } from "./recordings-style.js";
import { SittingController, sitting } from "./sitting.js";

/** @import { Recording as ListedRecording } from "./api.d.ts" */
/** @import { OpenedWords } from "./opening.js" */
/** @import { Label } from "./recording-label.js" */

/** The places for the outcomes of playing it and of showing its words, which go on beside each other. */
const [SOUND, WORDS] = ["sound", "words"];

/** Dispatches "select", "read" with the opened words, "play" when it starts or stops to play, and "delete". */
class Recording extends Page {
  static properties = {
    ...Page.properties,
    recording: { attribute: false },
    label: { attribute: false },
    words: { attribute: false },
    selected: { type: Boolean },
    current: { type: Boolean },
    _playing: { state: true },
    _unfolded: { state: true },
  };

  static styles = [...Page.styles, recordingStyle];

  /** @type {Player | undefined} */
  #player;

  constructor() {
    super();
    /** @type {ListedRecording} */
    this.recording = assignedLater();
    /** @type {Label} */
    this.label = assignedLater();
    /** @type {OpenedWords | undefined} */
    this.words = undefined;
    this.selected = false;
    /** Whether it is the one that is played in a series. */
    this.current = false;
    this._playing = false;
    /** Whether all of its words are shown, and not only the first. */
    this._unfolded = false;
    new SittingController(this, () => sitting.unlocked || this.#close());
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#close();
  }

  /** Close the opened sound. */
  #close() {
    this.#player?.destroy();
    this.#player = undefined;
    this._playing = false;
  }

  /** A recording has nothing to load. */
  placeholder() {
    return nothing;
  }

  content() {
    const { title, about } = this.label;
    const { room, seconds, until, own } = this.recording;
    return html`
      <article aria-label=${t("recordings.one", { about })} aria-current=${this.current ? "true" : nothing}>
        <div>
          <div class="title">
            ${checkbox({
              label: title,
              about: t("recordings.select", { about }),
              checked: this.selected,
              onChange: (selected) => this.#dispatch("select", selected),
            })}
            <span class="quiet">${icon(momentIcon(this.recording))}</span>
          </div>
          <p class="facts quiet">
            ${this.roomName(room)} · ${formatDuration(seconds)} · ${t("recordings.until", { date: formatLocalDate(until, "medium") })}
            ${own ? nothing : html`<br />${t("recordings.not_own")}`}
          </p>
        </div>
        <div class="row">${this.#buttons(about)}</div>
        ${this.words ? this.#words(this.words) : nothing}
        <div class="wave"></div>
        ${this.answer(SOUND)} ${this.answer(WORDS)}
      </article>
    `;
  }

  /** @param {string} about */
  #buttons(about) {
    return html`
      ${button({
        label: t(this._playing ? "recordings.pause" : "recordings.play"),
        reserve: [t("recordings.pause"), t("recordings.play")],
        icon: this._playing ? "mdi:pause" : "mdi:play",
        about,
        busy: this.isBusy(SOUND),
        onClick: () => this.attempt(() => this.#toggle(), SOUND),
      })}
      ${button({
        label: t("recordings.read"),
        about,
        disabled: this.words !== undefined,
        busy: this.isBusy(WORDS),
        onClick: () => this.attempt(() => this.#read(), WORDS),
      })}
      ${button({ label: t("recordings.delete"), about, kind: "danger", onClick: () => this.#dispatch("delete") })}
    `;
  }

  /** @param {OpenedWords} words */
  #words({ transcript, done, answer, verdicts }) {
    const toggle = (/** @type {Event & { currentTarget: HTMLDetailsElement }} */ { currentTarget }) =>
      (this._unfolded = currentTarget.open);
    return html`
      <details class="words" ?open=${this._unfolded} @toggle=${toggle}>
        <summary><span>${t("recordings.said", { text: transcript })}</span></summary>
        ${doneTexts(done).map((text) => html`<p>${text}</p>`)} ${answer ? html`<p>${t("recordings.answered", { text: answer })}</p>` : nothing}
        ${verdicts.map(
          ({ verdict, words }) => html`
            <p>
              ${t("recordings.reviewed", { verdict: t(`review.verdict.${verdict}`) })}
              ${words ? t("recordings.corrected", { text: words }) : nothing}
            </p>
          `,
        )}
      </details>
    `;
  }

  /**
   * Report to the list what the user does.
   * @param {"select" | "read" | "play" | "delete"} type
   * @param {boolean | OpenedWords} [detail] whether it is selected or playing, or its opened words
   */
  #dispatch(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  async #read() {
    this._unfolded = true;
    this.#dispatch("read", await openWords((command, fields) => this.ask(command, fields), this.recording.recording));
  }

  async #toggle() {
    const player = await this.#opened();
    await player?.toggle();
  }

  /**
   * Play from the start to the end. Resolves early if the signal aborts, or the recording is closed.
   * @param {AbortSignal} signal
   */
  async playThrough(signal) {
    const player = await this.#opened();
    if (!signal.aborted) await player?.playThrough(signal);
  }

  /** Pause or go on. */
  async togglePlaying() {
    await this.#player?.toggle();
  }

  get playing() {
    return this._playing;
  }

  pause() {
    this.#player?.pause();
  }

  /** Open the sound and return its player; undefined if the user has left or locked the key meanwhile. */
  async #opened() {
    if (this.#player) return this.#player;
    const { recording } = this.recording;
    const open = () => this.ask("recordings/open", { recording, part: "sound", why: "own" });
    const { content } = await openSealed(open, "sound");
    const container = /** @type {HTMLElement} */ (this.renderRoot.querySelector(".wave"));
    const player = await Player.show(container, content);
    if (!this.isConnected || !sitting.unlocked) {
      player.destroy();
      return undefined;
    }
    player.addEventListener("change", () => this.#note(player.playing));
    this.#player = player;
    return player;
  }

  /** @param {boolean} playing */
  #note(playing) {
    if (playing === this._playing) return;
    this._playing = playing;
    this.#dispatch("play", playing);
  }
}

customElements.define("indoor-voice-recording", Recording);
