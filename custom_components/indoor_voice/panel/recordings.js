/** The page "Recordings": the recordings that the user may hear, by day, newest first. */

import { html, nothing } from "./vendor/lit-element.js";
import { repeat } from "./vendor/directives/repeat.js";
import { confirm } from "./confirm.js";
import { button, card } from "./elements.js";
import { formatLocalDate, t } from "./i18n.js";
import { openWords } from "./opening.js";
import { Page } from "./page.js";
import { ReconnectionController } from "./reconnection.js";
import { labelsOf } from "./recording-label.js";
import { EVERYTHING, isShown } from "./recordings-filter.js";
import { listStyle } from "./recordings-style.js";
import { playingBar } from "./recordings-player.js";
import { recordingsTools } from "./recordings-tools.js";
import { Series } from "./series.js";
import { SittingController, sitting } from "./sitting.js";
import "./key.js";
import "./recording.js";

/** @import { Recording } from "./api.d.ts" */
/** @import { OpenedWords } from "./opening.js" */
/** @import { Label } from "./recording-label.js" */
/** @import { Filter } from "./recordings-filter.js" */

/**
 * What is done with several recordings, one after another.
 * @typedef {{ what: "play" | "read", place: string, series: Series }} Running
 */
/**
 * The element of one recording.
 * @typedef {HTMLElement & { recording: Recording, playing: boolean, pause: () => void,
 *   togglePlaying: () => Promise<void>, playThrough: (signal: AbortSignal) => Promise<boolean> }} RecordingElement
 */

/** The place for the outcome of what concerns all recordings that are shown. */
const TOOLS = "tools";

class Recordings extends Page {
  static properties = {
    ...Page.properties,
    _recordings: { state: true },
    _total: { state: true },
    _selected: { state: true },
    _filter: { state: true },
    _unfolded: { state: true },
    _words: { state: true },
    _running: { state: true },
  };

  static styles = [...Page.styles, listStyle];

  /** Resolves when nothing is done with several recordings any more. */
  #ended = Promise.resolve();
  /**
   * The labels of the listed recordings, by their names.
   * @type {Map<string, Label>}
   */
  #labels = new Map();

  constructor() {
    super();
    /** @type {Recording[]} */
    this._recordings = [];
    this._total = 0;
    /**
     * The names of the selected recordings.
     * @type {ReadonlySet<string>}
     */
    this._selected = new Set();
    /** @type {Filter} */
    this._filter = EVERYTHING;
    /** Whether the tools are shown. On a phone they would push the recordings off the screen. */
    this._unfolded = matchMedia("(min-width: 601px)").matches;
    /**
     * The words that were opened in this sitting, by the names of their recordings. They never leave this page.
     * @type {ReadonlyMap<string, OpenedWords>}
     */
    this._words = new Map();
    /** @type {Running | undefined} */
    this._running = undefined;
    new SittingController(this, () => (sitting.unlocked ? this.requestUpdate() : this.#close()));
    new ReconnectionController(this, () => void this.attempt(() => this.load()));
    this.addEventListener("keydown", ({ key }) => key === "Escape" && this.#stop());
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#close();
  }

  /** Stop, and forget the opened words. */
  #close() {
    this.#stop();
    this._words = new Map();
    this._filter = { ...this._filter, query: "" };
  }

  async load() {
    const { recordings, total } = await this.ask("recordings/list", {});
    this.#close();
    this.#labels = labelsOf(recordings, (room) => this.roomName(room));
    this._recordings = recordings;
    this._total = total;
    this._selected = new Set();
  }

  content() {
    const shown = this._recordings.filter((recording) => isShown(recording, this._filter, this._words));
    return html`
      <indoor-voice-key brief .hass=${this.hass} .home=${this.home}></indoor-voice-key>
      ${this._recordings.length > 0 ? this.#list(shown) : card({}, html`<p>${t("recordings.none")}</p>`)}
    `;
  }

  /** @param {Recording[]} shown */
  #list(shown) {
    const days = [...new Set(shown.map(({ day }) => day))];
    return html`
      ${this.#tools(shown)}
      ${shown.length === 0 ? card({}, html`<p>${t("recordings.none_match")}</p>`) : nothing}
      <div class="days">
        ${days.map((day) =>
          this.#day(
            day,
            shown.filter((one) => one.day === day),
          ),
        )}
      </div>
      ${this._total > this._recordings.length ? html`<p>${t("recordings.more", { count: this._total })}</p>` : nothing}
      ${this.#bar()}
    `;
  }

  /** @param {Recording[]} shown */
  #tools(shown) {
    const selected = shown.filter(({ recording }) => this._selected.has(recording));
    const searchable = this._recordings.filter((one) => isShown(one, { ...this._filter, query: "" }, this._words));
    return recordingsTools({
      recordings: this._recordings,
      filter: this._filter,
      opened: this._words.size,
      unlocked: sitting.unlocked,
      roomName: (room) => this.roomName(room),
      change: (filter) => (this._filter = { ...this._filter, ...filter }),
      unfolded: this._unfolded,
      unfold: (unfolded) => (this._unfolded = unfolded),
      buttons: html`
        ${this.#readButton(TOOLS, this.#unread(searchable), "recordings.read_rest")}
        ${button({
          label: t("recordings.delete_chosen", { count: selected.length }),
          kind: "danger",
          disabled: selected.length === 0,
          onClick: () => this.#delete(selected, TOOLS),
        })}
        ${button({
          label: t("recordings.delete_shown", { count: shown.length }),
          kind: "danger",
          disabled: shown.length === 0,
          onClick: () => this.#delete(shown, TOOLS),
        })}
      `,
      answer: this.answer(TOOLS),
    });
  }

  /**
   * @param {string} day
   * @param {Recording[]} recordings of that day
   */
  #day(day, recordings) {
    const own = recordings.filter(({ own: isOwn }) => isOwn);
    const date = formatLocalDate(day);
    return card(
      { label: date },
      html`
        <div class="day row">
          <h2>${date}</h2>
          ${own.length > 1 ? this.#seriesButton({ what: "play", place: day, recordings: own, about: date }) : nothing}
          ${own.length > 1 ? this.#readButton(day, this.#unread(own), "recordings.read_all", date) : nothing}
          ${this.answer(day)}
        </div>
        <ul class="plain">
          ${repeat(
            recordings,
            ({ recording }) => recording,
            (recording) => html`<li>${this.#item(recording)}</li>`,
          )}
        </ul>
      `,
    );
  }

  /** @param {Recording} recording */
  #item(recording) {
    const name = recording.recording;
    const select = (/** @type {CustomEvent<boolean>} */ { detail }) => this.#select(name, detail);
    const play = (/** @type {CustomEvent<boolean>} */ { detail }) =>
      detail ? this.#playOnly(name) : this.requestUpdate();
    const read = (/** @type {CustomEvent<OpenedWords>} */ { detail }) => this.#keepWords(name, detail);
    return html`
      <indoor-voice-recording
        .hass=${this.hass}
        .home=${this.home}
        .recording=${recording}
        .label=${this.#labels.get(name)}
        .words=${this._words.get(name)}
        .selected=${this._selected.has(name)}
        .current=${this._running?.what === "play" && this._running.series.current === name}
        @select=${select}
        @read=${read}
        @play=${play}
        @delete=${() => this.#delete([recording], recording.day)}
      ></indoor-voice-recording>
    `;
  }

  #bar() {
    if (this._running?.what !== "play") return nothing;
    const { series, place } = this._running;
    const stop = () => {
      this.#stop();
      /** @type {HTMLElement | null} */ (this.renderRoot.querySelector(`[data-series="${place}"] button`))?.focus();
    };
    const element = this.#element(series.current);
    const { number, count } = series;
    const title = this.#labels.get(series.current ?? "")?.title ?? "";
    const room = element ? this.roomName(element.recording.room) : "";
    return playingBar(t("recordings.playing", { number, count, title, room }), element?.playing ?? false, {
      pause: () => void element?.togglePlaying(),
      skip: () => series.skip(),
      stop,
    });
  }

  /** @param {Recording[]} recordings */
  #unread(recordings) {
    return recordings.filter(({ recording, own }) => own && !this._words.has(recording));
  }

  /**
   * Render the button that opens the words of several recordings.
   * @param {string} place
   * @param {Recording[]} recordings
   * @param {string} label the path of its text
   * @param {string} [about]
   */
  #readButton(place, recordings, label, about) {
    return this.#seriesButton({
      what: "read",
      place,
      recordings,
      about,
      label: t(label, { count: recordings.length }),
    });
  }

  /**
   * Render the button that goes through several recordings, and stops that.
   * @param {{ what: "play" | "read", place: string, recordings: Recording[], about?: string | undefined,
   *   label?: string }} series
   */
  #seriesButton({ what, place, recordings, about, label = t("recordings.play_all") }) {
    const runs = this._running?.what === what && this._running.place === place;
    const icon = runs ? "mdi:stop" : "mdi:playlist-play";
    return html`<span data-series=${what === "play" ? place : nothing}
      >${button({
        label: runs ? t("recordings.stop") : label,
        about,
        icon: what === "play" ? icon : undefined,
        disabled: !runs && recordings.length === 0,
        reserve: [label, t("recordings.stop")],
        onClick: () => (runs ? this.#stop() : this.#begin(what, place, recordings)),
      })}</span
    >`;
  }

  /**
   * Go through several recordings. Each that is opened is recorded in the ledger, as when it is opened alone.
   * @param {"play" | "read"} what
   * @param {string} place
   * @param {Recording[]} recordings
   */
  async #begin(what, place, recordings) {
    await this.#end();
    const names = recordings.map(({ recording }) => recording);
    const series = new Series(names, () => this.requestUpdate());
    let warned = 0;
    const play = async (/** @type {string} */ name, /** @type {AbortSignal} */ signal) => {
      if ((await this.#element(name)?.playThrough(signal)) === false) warned += 1;
    };
    const work = async () => {
      this._running = { what, place, series };
      try {
        await series.run(what === "play" ? play : (name) => this.#read(name));
      } finally {
        this._running = undefined;
      }
      if (series.stopped) return t("recordings.stopped");
      const done = t(`recordings.${what}_done`, { count: series.count - warned });
      return warned ? `${done} ${t("critical.not_played", { count: warned })}` : done;
    };
    this.#ended = this.attempt(work, place, t(`recordings.${what}_progress`));
    await this.#ended;
  }

  #stop() {
    this._running?.series.stop();
  }

  /** Stop, and wait until that has happened. */
  async #end() {
    this.#stop();
    await this.#ended;
  }

  /** @param {string} name */
  async #read(name) {
    this.#keepWords(name, await openWords((command, fields) => this.ask(command, fields), name));
  }

  /**
   * @param {string} name
   * @param {OpenedWords} words
   */
  #keepWords(name, words) {
    // The user may have left or locked the key meanwhile.
    if (this.isConnected && sitting.unlocked) this._words = new Map([...this._words, [name, words]]);
  }

  /** @param {string | undefined} name */
  #element(name) {
    return this.#elements.find(({ recording }) => recording.recording === name);
  }

  get #elements() {
    return /** @type {RecordingElement[]} */ ([...this.renderRoot.querySelectorAll("indoor-voice-recording")]);
  }

  /**
   * Pause all recordings but one. A series ends when the user plays another recording.
   * @param {string} name
   */
  #playOnly(name) {
    this.requestUpdate();
    if (this._running?.what === "play") {
      if (this._running.series.current === name) this.#element(name)?.scrollIntoView({ block: "nearest" });
      else this.#stop();
    }
    for (const element of this.#elements) if (element.recording.recording !== name) element.pause();
  }

  /**
   * @param {string} recording
   * @param {boolean} selected
   */
  #select(recording, selected) {
    const others = [...this._selected].filter((one) => one !== recording);
    this._selected = new Set(selected ? [...others, recording] : others);
  }

  /**
   * @param {Recording[]} recordings
   * @param {string} place
   */
  async #delete(recordings, place) {
    const count = recordings.length;
    const question = {
      title: t("recordings.delete_title", { count }),
      text: t("recordings.delete_why"),
      yes: t("recordings.delete"),
    };
    if (!(await confirm(this, question))) return;
    await this.#end();
    await this.attempt(async () => {
      const names = recordings.map(({ recording }) => recording);
      const { deleted } = await this.ask("recordings/delete", { recordings: names });
      // The names of the remaining recordings stay valid until the next list.
      this._recordings = this._recordings.filter(({ recording }) => !names.includes(recording));
      this._total -= names.length;
      return t("recordings.deleted", { count: deleted });
    }, place);
  }
}

customElements.define("indoor-voice-recordings", Recordings);
