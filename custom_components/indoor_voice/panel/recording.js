/** One recording of the list: plays it, shows its words and deletes it. It is opened with the unlocked listening key. */

import { html, nothing } from "./vendor/lit-element.js";
import { whatYouGet } from "./disguise.js";
import { assignedLater } from "./dom.js";
import { doneTexts } from "./done.js";
import { alert, button, checkbox, footer, icon } from "./elements.js";
import { formatDuration, formatLocalDate, t } from "./i18n.js";
import { MASK, hides, isMarked, masked } from "./masking.js";
import { openSealed, openWords } from "./opening.js";
import { Page } from "./page.js";
import { Player } from "./player.js";
import { momentIcon } from "./recording-label.js";
import { recordingStyle } from "./recordings-style.js";
import { silenceHidden } from "./silencing.js";
import { SittingController, sitting } from "./sitting.js";
import { warningText, withMasks } from "./warning.js";

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
    _opened: { state: true },
    _accepted: { state: true },
    _revealed: { state: true },
  };

  static styles = [...Page.styles, recordingStyle];

  /** @type {Player | undefined} */
  #player;
  /**
   * The sound as it was recorded.
   * @type {Uint8Array | undefined}
   */
  #sound;

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
    /**
     * The words that were opened before playing, because of what may be in them.
     * @type {OpenedWords | undefined}
     */
    this._opened = undefined;
    /** Whether the user wants to listen in spite of the warning. */
    this._accepted = false;
    /** Whether the user has asked for the numbers and codes that are hidden. */
    this._revealed = false;
    new SittingController(this, () => sitting.unlocked || this.#close());
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#close();
  }

  /** Close the opened sound and words. */
  #close() {
    this.#stopPlaying();
    this.#sound = undefined;
    this._opened = undefined;
    this._accepted = this._revealed = false;
  }

  #stopPlaying() {
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
    const { room, seconds, until, own, disguise } = this.recording;
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
            ${own ? nothing : html`<br />${t("recordings.not_own")} ${whatYouGet(disguise)}`}
          </p>
        </div>
        <div class="row">${this.#buttons(about)}</div>
        ${this.#critical(about)} ${this.words ? this.#words(this.words) : nothing}
        <div class="wave"></div>
        ${this.answer(SOUND)} ${this.answer(WORDS)}
      </article>
    `;
  }

  /** @param {string} about */
  #buttons(about) {
    return html`
      ${this.recording.disguise === "words" ? nothing : this.#playButton(about)}
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

  /** @param {string} about */
  #playButton(about) {
    return button({
      label: t(this._playing ? "recordings.pause" : "recordings.play"),
      reserve: [t("recordings.pause"), t("recordings.play")],
      icon: this._playing ? "mdi:pause" : "mdi:play",
      about,
      busy: this.isBusy(SOUND),
      onClick: () => this.attempt(() => this.#toggle(), SOUND),
    });
  }

  /**
   * Render the warning until the user listens in spite of it, and then whether something is hidden.
   * @param {string} about
   */
  #critical(about) {
    const words = this.words ?? this._opened;
    if (!words || !isMarked(words)) return nothing;
    if (this._accepted) return hides(words) && !this._revealed ? this.#hiddenParts(about) : nothing;
    const guidance = this.home.guidance;
    return html`
      <div class="critical">
        ${alert(
          "warning",
          html`
            <p id="warning" tabindex="-1">${warningText(words)} ${t("critical.no_protection")}</p>
            ${guidance ? html`<p>${t("review.guidance")}: <span class="notice">${guidance}</span></p>` : nothing}
          `,
        )}
        ${footer(html`
          ${button({ label: t("review.destroy_yes"), about, kind: "danger", onClick: () => this.#dispatch("delete") })}
          ${button({ label: t("critical.listen"), about, onClick: () => this.attempt(() => this.#accept(), SOUND) })}
        `)}
        ${hides(words) && !this._revealed && this.words ? this.#hiddenParts(about) : nothing}
      </div>
    `;
  }

  /** @param {string} about */
  #hiddenParts(about) {
    return html`
      <div class="critical hidden-parts">
        <span class="quiet">${t("critical.hidden_parts")}</span>
        ${button({ label: t("critical.show"), about, onClick: () => this.#reveal() })}
      </div>
    `;
  }

  async #accept() {
    this._accepted = true;
    await this.#toggle();
  }

  /** Show the numbers and codes that are hidden, and play them from now on. */
  #reveal() {
    this._revealed = true;
    this.#note(false);
    this.#stopPlaying();
  }

  /** @param {OpenedWords} words */
  #words(words) {
    const { transcript, done, answer, verdicts } = words;
    const hidden = hides(words) && !this._revealed;
    const said = masked(transcript, hidden ? words.spans : []);
    const answered = answer && masked(answer, hidden ? words.answer_spans : []);
    const toggle = (/** @type {Event & { currentTarget: HTMLDetailsElement }} */ { currentTarget }) =>
      (this._unfolded = currentTarget.open);
    return html`
      <details class="words" ?open=${this._unfolded} @toggle=${toggle}>
        <summary><span>${withMasks(t("recordings.said", { text: said }))}</span></summary>
        ${doneTexts(done).map((text) => html`<p>${text}</p>`)} ${answered ? html`<p>${withMasks(t("recordings.answered", { text: answered }))}</p>` : nothing}
        ${verdicts.map(
          ({ verdict, words: corrected }) => html`
            <p>
              ${t("recordings.reviewed", { verdict: t(`review.verdict.${verdict}`) })}
              ${corrected ? withMasks(t("recordings.corrected", { text: hidden ? MASK : corrected })) : nothing}
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
    if (!(await this.#mayPlay())) return this.#focusWarning();
    const player = await this.#openedPlayer();
    await player?.toggle();
  }

  /** Open the words before the sound: they tell whether there must be a warning first. */
  async #mayPlay() {
    const opened =
      this.words ??
      this._opened ??
      (await openWords((command, fields) => this.ask(command, fields), this.recording.recording));
    // The user may have left or locked the key meanwhile.
    if (!this.isConnected || !sitting.unlocked) return false;
    this._opened = opened;
    return this._accepted || !isMarked(opened);
  }

  async #focusWarning() {
    await this.updateComplete;
    /** @type {HTMLElement | null} */ (this.renderRoot.querySelector("#warning"))?.focus();
  }

  /**
   * Play from the start to the end. Resolves early if the signal aborts, or the recording is closed. Resolves with
   * whether it may be played: with a warning, it isn't until the user wants it.
   * @param {AbortSignal} signal
   */
  async playThrough(signal) {
    if (!(await this.#mayPlay())) return false;
    const player = await this.#openedPlayer();
    if (!signal.aborted) await player?.playThrough(signal);
    return true;
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
  async #openedPlayer() {
    if (this.#player) return this.#player;
    const { recording } = this.recording;
    const open = () => this.ask("recordings/open", { recording, part: "sound", why: "own" });
    if (!this.#sound) {
      const { content: sound } = await openSealed(open, "sound");
      this.#sound = sound;
    }
    const hidden = this._revealed ? undefined : this._opened;
    const content = hidden ? silenceHidden(this.#sound, hidden) : this.#sound;
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
