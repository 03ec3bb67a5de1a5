/** The rooms: what is kept of each, who may hear it and why, and what would change that. */

import { html, nothing } from "./vendor/lit-element.js";
import { Page, deviceOf } from "./page.js";
import { duration, say } from "./words.js";

const REFRESH_MS = 10_000;
const MORNING_HOUR = 6;

class Rooms extends Page {
  static properties = { ...Page.properties, _rooms: { state: true }, _totals: { state: true } };

  connectedCallback() {
    super.connectedCallback();
    this._timer = setInterval(() => this._busy || this.load().catch(() => undefined), REFRESH_MS);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearInterval(this._timer);
  }

  async load() {
    [this._rooms, this._totals] = await Promise.all([this.ask("rooms"), this.ask("household/totals")]);
  }

  _pause(fields) {
    this.attempt(async () => {
      await this.ask("pause/set", fields);
      await this.load();
    });
  }

  content() {
    if (!this._rooms.length) return html`<p class="card">${say("rooms.none")}</p>`;
    return html`${this._house()} ${this._rooms.map((room) => this._room(room))}`;
  }

  _house() {
    const by = (reason) => this._rooms.some(({ paused }) => paused === reason);
    return html`
      <section class="card" aria-labelledby="house">
        <h2 id="house">${say("rooms.house")}</h2>
        <p>${say("rooms.totals", { count: this._totals.clips })}</p>
        <div class="row">
          ${by("household")
            ? this._resume("rooms.resume_house", { scope: "household" })
            : html`
                <button @click=${() => this._pause({ scope: "household", paused: true })}>
                  ${say("rooms.pause_house")}
                </button>
              `}
          ${by("guests")
            ? this._resume("rooms.resume_guests", { scope: "guests" })
            : html`
                <button @click=${() => this._pause({ scope: "guests", paused: true, until: morning() })}>
                  ${say("rooms.guests_tonight")}
                </button>
                <button @click=${() => this._pause({ scope: "guests", paused: true })}>
                  ${say("rooms.guests")}
                </button>
              `}
        </div>
      </section>
    `;
  }

  _room(room) {
    return html`
      <section class="card" aria-labelledby="room-${room.room}">
        <div class="row spread">
          <h2 id="room-${room.room}">${this.roomName(room.room)}</h2>
          <span class="chip">${say(`rooms.state.${stateOf(this.hass, room.room)}`)}</span>
        </div>
        <p>
          ${room.keeps_for_seconds
            ? say("rooms.keeps", { duration: duration(room.keeps_for_seconds) })
            : say("rooms.keeps_nothing")}
          ${say("rooms.clips", { count: room.clips })}
        </p>
        <h3>${say("rooms.who")}</h3>
        ${room.listeners.length
          ? html`<ul>
              ${room.listeners.map(({ name, because }) => html`<li>${say(`rooms.because.${because}`, { name })}</li>`)}
            </ul>`
          : html`<p>${say("rooms.nobody")}</p>`}
        <h3>${say("rooms.change")}</h3>
        <ul>
          ${this._changes(room).map((sentence) => html`<li>${sentence}</li>`)}
        </ul>
        <div class="row">
          ${room.waits_for_me && this.home.retention_seconds
            ? html`<a class="button" href="/indoor-voice/consent">${say("rooms.answer")}</a>`
            : nothing}
          ${room.paused === "room"
            ? this._resume("rooms.resume_room", { scope: "room", room: room.room })
            : html`
                <button @click=${() => this._pause({ scope: "room", room: room.room, paused: true })}>
                  ${say("rooms.pause_room")}
                </button>
              `}
        </div>
      </section>
    `;
  }

  /** What is allowed again only by the people who live here. */
  _resume(words, fields) {
    if (!this.home.person) return nothing;
    return html`<button @click=${() => this._pause({ ...fields, paused: false })}>${say(words)}</button>`;
  }

  _changes(room) {
    if (room.keeps_for_seconds) return [say("rooms.changes.anyone"), say("rooms.changes.voice")];
    const sentences = [];
    if (!this.home.retention_seconds) sentences.push(say("rooms.changes.ceiling"));
    if (room.paused) sentences.push(say(`rooms.changes.${room.paused}`));
    if (room.waits_for_me) sentences.push(say("rooms.changes.me"));
    if (!room.listeners.length) sentences.push(say("rooms.changes.nobody"));
    return sentences.length ? sentences : [say("rooms.changes.others")];
  }
}

/** Return what a room's satellite does: away, muted, idle, listening or answering. */
function stateOf(hass, room) {
  const device = deviceOf(hass, room);
  const entities = Object.values(hass.entities).filter(({ device_id: id }) => device && id === device.id);
  const state = (domain, key) =>
    hass.states[
      entities.find(({ entity_id: id, translation_key: its }) => id.startsWith(`${domain}.`) && its === key)?.entity_id
    ]?.state;
  const satellite = state("assist_satellite", "satellite");
  if (!satellite || satellite === "unavailable" || satellite === "unknown") return "away";
  if (state("switch", "mute") === "on" || state("binary_sensor", "muted_on_device") === "on") return "muted";
  return { idle: "idle", listening: "listening" }[satellite] ?? "answering";
}

/** Return the next time that it is six in the morning here, in seconds since 1970. */
function morning() {
  const next = new Date();
  if (next.getHours() >= MORNING_HOUR) next.setDate(next.getDate() + 1);
  return next.setHours(MORNING_HOUR, 0, 0, 0) / 1000;
}

customElements.define("indoor-voice-rooms", Rooms);
