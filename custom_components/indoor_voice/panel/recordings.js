/** The page "Recordings": the recordings that the user may hear, by day, newest first. */

import { html, nothing } from "./vendor/lit-element.js";
import { repeat } from "./vendor/directives/repeat.js";
import { confirm } from "./confirm.js";
import { withValue } from "./dom.js";
import { formatLocalDate, t } from "./i18n.js";
import { Page } from "./page.js";
import "./recording.js";
import "./key.js";
import "./speed.js";

/** @import { Recording, Connection } from "./api.d.ts" */

class Recordings extends Page {
  static properties = {
    ...Page.properties,
    _recordings: { state: true },
    _total: { state: true },
    _selected: { state: true },
    _room: { state: true },
    _day: { state: true },
  };

  /** @type {Connection | undefined} */
  #connection;
  #reload = () => void this.attempt(() => this.load());

  constructor() {
    super();
    /** @type {Recording[]} */
    this._recordings = [];
    this._total = 0;
    /**
     * The names of the selected recordings.
     * @type {Set<string>}
     */
    this._selected = new Set();
    /** The room and the day to which the list is filtered; empty means all. */
    this._room = "";
    this._day = "";
  }

  connectedCallback() {
    super.connectedCallback();
    // The names of recordings are valid only on the connection that listed them.
    this.#connection = this.hass.connection;
    this.#connection.addEventListener("ready", this.#reload);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#connection?.removeEventListener("ready", this.#reload);
  }

  async load() {
    ({ recordings: this._recordings, total: this._total } = await this.ask("recordings/list", {}));
    this._selected = new Set();
  }

  content() {
    const shown = this._recordings.filter(
      ({ room, day }) => (!this._room || room === this._room) && (!this._day || day === this._day),
    );
    return html`
      <indoor-voice-key brief .hass=${this.hass} .home=${this.home}></indoor-voice-key>
      ${this._recordings.length > 0 ? this.#list(shown) : html`<p class="card">${t("recordings.none")}</p>`}
    `;
  }

  /** @param {Recording[]} shown */
  #list(shown) {
    const days = [...new Set(shown.map(({ day }) => day))];
    return html`
      ${this.#tools(shown)} ${days.map((day) => this.#day(day, shown))}
      ${this._total > this._recordings.length ? html`<p>${t("recordings.more", { count: this._total })}</p>` : nothing}
    `;
  }

  /** @param {Recording[]} shown */
  #tools(shown) {
    const selected = shown.filter(({ recording }) => this._selected.has(recording));
    const rooms = [...new Set(this._recordings.map(({ room }) => room))].map((room) => [room, this.roomName(room)]);
    const days = [...new Set(this._recordings.map(({ day }) => day))].map((day) => [day, formatLocalDate(day)]);
    return html`
      <section class="card row tools" aria-label=${t("recordings.tools")}>
        ${filter(t("recordings.room"), rooms, this._room, (room) => (this._room = room))}
        ${filter(t("recordings.day"), days, this._day, (day) => (this._day = day))}
        <indoor-voice-speed></indoor-voice-speed>
        <button
          ?disabled=${selected.length === 0}
          @click=${() => this.#delete(selected, "recordings.delete_several_why")}
        >
          ${t("recordings.delete_chosen", { count: selected.length })}
        </button>
        <button @click=${() => this.#delete(shown, "recordings.delete_several_why")}>
          ${t("recordings.delete_shown", { count: shown.length })}
        </button>
      </section>
    `;
  }

  /**
   * @param {string} day
   * @param {Recording[]} shown
   */
  #day(day, shown) {
    return html`
      <h2>${formatLocalDate(day)}</h2>
      <ul class="plain">
        ${repeat(
          shown.filter((recording) => recording.day === day),
          ({ recording }) => recording,
          (recording) => this.#item(recording),
        )}
      </ul>
    `;
  }

  /** @param {Recording} recording */
  #item(recording) {
    const select = (/** @type {CustomEvent<boolean>} */ { detail }) => this.#select(recording.recording, detail);
    const remove = (/** @type {CustomEvent<string>} */ { detail }) => this.#delete([recording], detail);
    return html`
      <li>
        <indoor-voice-recording
          .hass=${this.hass}
          .home=${this.home}
          .recording=${recording}
          .selected=${this._selected.has(recording.recording)}
          @select=${select}
          @delete=${remove}
        ></indoor-voice-recording>
      </li>
    `;
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
   * @param {string} question the path of the text of the confirmation dialog
   */
  async #delete(recordings, question) {
    if (!(await confirm(this, t(question, { count: recordings.length }), t("recordings.delete_yes")))) return;
    await this.attempt(async () => {
      const names = recordings.map(({ recording }) => recording);
      const { deleted: count } = await this.ask("recordings/delete", { recordings: names });
      // The names of the remaining recordings stay valid until the next list.
      this._recordings = this._recordings.filter(({ recording }) => !names.includes(recording));
      this._total -= names.length;
      return t("recordings.deleted", { count });
    });
  }
}

/**
 * @param {string} label
 * @param {string[][]} options a value and a label each
 * @param {string} chosen
 * @param {(value: string) => void} choose
 */
function filter(label, options, chosen, choose) {
  return html`
    <label class="field">
      ${label}
      <select @change=${withValue(choose)}>
        <option value="">${t("recordings.any")}</option>
        ${options.map(([value, name]) => html`<option value=${value} ?selected=${value === chosen}>${name}</option>`)}
      </select>
    </label>
  `;
}

customElements.define("indoor-voice-recordings", Recordings);
