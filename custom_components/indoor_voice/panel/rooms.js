/** The page "Rooms": what each room keeps, who can hear it and why, and what would change that. */

import { html, nothing } from "./vendor/lit-element.js";
import { formOf } from "./disguise.js";
import { button, card, linkButton } from "./elements.js";
import { guideLink } from "./guide.js";
import { t } from "./i18n.js";
import { keeping, satelliteDoing, stopped } from "./looks.js";
import { reasonsOf } from "./reasons.js";
import { RoomsPage } from "./rooms-page.js";

/** @import { Pause, RoomStatus } from "./api.d.ts" */

class Rooms extends RoomsPage {
  content() {
    if (this._now.rooms.length === 0) return card({}, t("rooms.none"));
    return html`${this.#household()} ${this._now.rooms.map((room) => this.#room(room))} ${guideLink()}`;
  }

  #household() {
    const { totals, pauses } = this._now;
    return card(
      {
        heading: t("rooms.house"),
        id: "house",
        actions: html`${this.#householdButton()} ${this.#guestButtons()}`,
        answer: this.answer("house"),
      },
      html`
        ${pauses.household ? html`<p>${stopped(t("rooms.paused.household"))}</p>` : nothing}
        ${pauses.guests ? html`<p>${stopped(t("rooms.paused.guests"))}</p>` : nothing}
        <p>${t("rooms.totals", { count: totals.recordings })}</p>
      `,
    );
  }

  #householdButton() {
    const paused = !this._now.pauses.household;
    return this.#button("house", paused ? "rooms.pause_house" : "rooms.resume_house", { scope: "household", paused });
  }

  #guestButtons() {
    if (this._now.pauses.guests) {
      return this.#button("house", "rooms.resume_guests", { scope: "guests", paused: false });
    }
    return html`
      ${this.#button("house", "rooms.guests_tonight", { scope: "guests", paused: true, until: "morning" })}
      ${this.#button("house", "rooms.guests", { scope: "guests", paused: true })}
    `;
  }

  /** @param {RoomStatus} status */
  #room(status) {
    const { room, listeners, disguise } = status;
    const form = formOf(disguise);
    return card(
      {
        heading: this.roomName(room),
        id: `room-${room}`,
        state: satelliteDoing(this.hass, room),
        actions: this.#roomButtons(status),
        answer: this.answer(room),
      },
      html`
        <p>${keeping(status)}</p>
        <p>${t("rooms.recordings", { count: status.recordings })}</p>
        <h3>${t("rooms.who")}</h3>
        ${
          listeners.length > 0
            ? html`
              <ul>
                ${listeners.map(({ name, because }) => html`<li>${t(`rooms.because.${because}`, { name, form })}</li>`)}
              </ul>
            `
            : html`<p>${t("rooms.nobody")}</p>`
        }
        <h3>${t("rooms.change")}</h3>
        <ul>
          ${whatWouldChange(status).map((text) => html`<li>${text}</li>`)}
        </ul>
      `,
    );
  }

  /** @param {RoomStatus} status */
  #roomButtons(status) {
    const { room } = status;
    const mayAnswer = status.waits_for_me && !status.why_not.includes("not-allowed");
    const paused = !status.why_not.includes("room-paused");
    const about = this.roomName(room);
    return html`
      ${
        mayAnswer
          ? linkButton({ label: t("rooms.answer"), about, href: "/indoor-voice/consent", kind: "primary" })
          : nothing
      }
      ${this.#button(room, paused ? "rooms.pause_room" : "rooms.resume_room", { scope: "room", room, paused }, about)}
    `;
  }

  /**
   * Render a button that starts or ends a pause, if the user may do that.
   * @param {string} place
   * @param {string} text the path of the label
   * @param {Pause} pause the change that the button makes
   * @param {string} [about]
   */
  #button(place, text, pause, about) {
    if (!this.maySet(pause)) return nothing;
    const onClick = () => this.attempt(() => this.setPause(pause, about), place);
    return button({ label: t(text), about, busy: this.isBusy(place), onClick });
  }
}

/**
 * Return the sentences that explain what would change whether a room keeps recordings.
 * @param {RoomStatus} status
 */
function whatWouldChange(status) {
  const reasons = reasonsOf(status);
  return reasons.length > 0 ? reasons : [t("rooms.changes.anyone"), t("rooms.changes.voice")];
}

customElements.define("indoor-voice-rooms", Rooms);
