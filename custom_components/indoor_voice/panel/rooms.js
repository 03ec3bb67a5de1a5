/** The page "Rooms": what each room keeps, who can hear it and why, and what would change that. */

import { html, nothing } from "./vendor/lit-element.js";
import { assignedLater } from "./dom.js";
import { formatDuration, t } from "./i18n.js";
import { Page } from "./page.js";
import { satelliteState } from "./satellite.js";

/** @import { Pause, RoomStatus, RoomsEvent } from "./api.d.ts" */

class Rooms extends Page {
  static properties = { ...Page.properties, _now: { state: true } };

  constructor() {
    super();
    /** @type {RoomsEvent} */
    this._now = assignedLater();
  }

  load() {
    return this.follow("rooms/subscribe", (event) => (this._now = event));
  }

  content() {
    if (this._now.rooms.length === 0) return html`<p class="card">${t("rooms.none")}</p>`;
    return html`${this.#household()} ${this._now.rooms.map((room) => this.#room(room))}`;
  }

  #household() {
    const { totals, pauses } = this._now;
    return html`
      <section class="card" aria-labelledby="house">
        <h2 id="house">${t("rooms.house")}</h2>
        <p>${t("rooms.totals", { count: totals.recordings })}</p>
        <div class="row">
          ${
            pauses.household
              ? this.#resumeButton("rooms.resume_house", { scope: "household", paused: false })
              : this.#button("rooms.pause_house", { scope: "household", paused: true })
          }
          ${
            pauses.guests
              ? this.#resumeButton("rooms.resume_guests", { scope: "guests", paused: false })
              : html`
                ${this.#button("rooms.guests_tonight", { scope: "guests", paused: true, until: "morning" })}
                ${this.#button("rooms.guests", { scope: "guests", paused: true })}
              `
          }
        </div>
      </section>
    `;
  }

  /** @param {RoomStatus} status */
  #room(status) {
    const { room, listeners, paused } = status;
    const mayAnswer = status.waits_for_me && !status.why_not.includes("ceiling");
    return html`
      <section class="card" aria-labelledby="room-${room}">
        <div class="row spread">
          <h2 id="room-${room}">${this.roomName(room)}</h2>
          <span class="chip">${t(`rooms.state.${satelliteState(this.hass, room)}`)}</span>
        </div>
        <p>
          ${
            status.keeps_for_seconds
              ? t("rooms.keeps", { duration: formatDuration(status.keeps_for_seconds) })
              : t("rooms.keeps_nothing")
          }
          ${t("rooms.recordings", { count: status.recordings })}
        </p>
        <h3>${t("rooms.who")}</h3>
        ${
          listeners.length > 0
            ? html`
              <ul>
                ${listeners.map(({ name, because }) => html`<li>${t(`rooms.because.${because}`, { name })}</li>`)}
              </ul>
            `
            : html`<p>${t("rooms.nobody")}</p>`
        }
        <h3>${t("rooms.change")}</h3>
        <ul>
          ${whatWouldChange(status).map((key) => html`<li>${t(`rooms.changes.${key}`)}</li>`)}
        </ul>
        <div class="row">
          ${mayAnswer ? html`<a class="button" href="/indoor-voice/consent">${t("rooms.answer")}</a>` : nothing}
          ${
            paused === "room"
              ? this.#resumeButton("rooms.resume_room", { scope: "room", room, paused: false })
              : this.#button("rooms.pause_room", { scope: "room", room, paused: true })
          }
        </div>
      </section>
    `;
  }

  /**
   * @param {string} text the path of the label
   * @param {Pause} pause the change that the button makes
   */
  #button(text, pause) {
    const set = () =>
      this.attempt(async () => {
        await this.ask("pause/set", pause);
      });
    return html`<button @click=${set}>${t(text)}</button>`;
  }

  /**
   * Render a button that ends a pause, which only people who live here may do.
   * @param {string} text
   * @param {Pause} pause
   */
  #resumeButton(text, pause) {
    return this.home.person ? this.#button(text, pause) : nothing;
  }
}

/**
 * Return the keys of the texts that explain what would change whether a room keeps recordings.
 * @param {RoomStatus} status
 */
const whatWouldChange = ({ why_not: whyNot }) => (whyNot.length > 0 ? whyNot : ["anyone", "voice"]);

customElements.define("indoor-voice-rooms", Rooms);
