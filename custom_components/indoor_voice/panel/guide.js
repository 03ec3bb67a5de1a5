/** The page for people who have just walked into the room: in plain words, to read or to print. It has no tab. */

import { css, html, nothing } from "./vendor/lit-element.js";
import { alert, button, card, linkButton } from "./elements.js";
import { SHEET_STYLE, guideSheet, keptRule, quoted, sayWhy, sentences } from "./guide-sheet.js";
import { formatList, t } from "./i18n.js";
import { keeping, satelliteDoing } from "./looks.js";
import { printSheet } from "./print.js";
import { reasonsOf } from "./reasons.js";
import { RoomsPage } from "./rooms-page.js";
import { entityOf } from "./satellite.js";

/** @import { RoomStatus, SatelliteConfiguration } from "./api.d.ts" */

const PATH = "/indoor-voice/guide";
/** Host names by which only the machine itself reaches Home Assistant. */
const LOCAL = /^(localhost|127\..*|\[::1\])$/;

/** Render the link to this page, for the foot of other pages. */
export const guideLink = () => html`<p><a href=${PATH}>${t("guide.link")}</a></p>`;

class Guide extends RoomsPage {
  static styles = [
    ...RoomsPage.styles,
    css`
      dt {
        font-size: var(--ha-font-size-l, 1rem);
        font-weight: var(--ha-font-weight-medium, 500);
      }
      dd {
        margin: 0 0 8px;
      }
    `,
  ];

  /**
   * The wake words of each room, as far as they are known.
   * @type {ReadonlyMap<string, string[]>}
   */
  #wakeWords = new Map();
  /**
   * Removes the printed sheet.
   * @type {(() => void) | undefined}
   */
  #removeSheet;

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#removeSheet?.();
  }

  async load() {
    await super.load();
    const ofRooms = this._now.rooms.map(async ({ room }) => {
      /** @type {[string, string[]]} */
      const found = [room, await this.#askForWakeWords(room)];
      return found;
    });
    this.#wakeWords = new Map(await Promise.all(ofRooms));
  }

  /**
   * Return the wake words of a room's satellite; none if Home Assistant doesn't know them.
   * @param {string} room
   */
  async #askForWakeWords(room) {
    const entity = entityOf(this.hass, room, "assist_satellite", "satellite");
    const message = { type: "assist_satellite/get_configuration", entity_id: entity };
    try {
      /** @type {SatelliteConfiguration} */
      const known = await this.hass.callWS(message);
      return known.available_wake_words
        .filter(({ id }) => known.active_wake_words.includes(id))
        .map(({ wake_word: words }) => words.replaceAll(/\b\w/g, (letter) => letter.toUpperCase()));
    } catch {
      return [];
    }
  }

  content() {
    const { rooms } = this._now;
    if (rooms.length === 0) return card({}, t("rooms.none"));
    return html`
      ${card(
        { heading: t("guide.microphone"), id: "microphone" },
        html`
          <p>${t("guide.listens")}</p>
          ${rooms.map(({ room }) => this.#microphone(room))}
          <h3>${t("guide.mute")}</h3>
          <p>${t("guide.mute_how")}</p>
        `,
      )}
      ${card(
        { heading: t("guide.kept"), id: "kept" },
        html`
          <p>${keptRule(this.home.debug_recordings)}</p>
          ${rooms.map((room) => this.#kept(room))}
          <p>${t("guide.stop")}</p>
          <p>${linkButton({ label: t("guide.to_rooms"), href: "/indoor-voice/rooms" })}</p>
        `,
      )}
      ${card({ heading: t("guide.say"), id: "say" }, html`<p>${sayWhy(this.#allWakeWords)}</p>${sentences()}`)}
      ${card(
        { heading: t("guide.ask"), id: "ask" },
        html`<p>${t("guide.ask_whom", { names: formatList(this.#residents) })}</p>`,
      )}
      ${this.#printing()}
    `;
  }

  /** @param {string} room */
  #microphone(room) {
    const words = this.#wakeWords.get(room) ?? [];
    return html`
      <h3>${this.roomName(room)}</h3>
      <p>${satelliteDoing(this.hass, room)}</p>
      ${words.length > 0 ? html`<p>${t("guide.wakes", { count: words.length, words: quoted(words) })}</p>` : nothing}
    `;
  }

  /** @param {RoomStatus} status */
  #kept(status) {
    const names = formatList(status.listeners.map(({ name }) => name));
    const why = status.keeps_for_seconds ? [t("guide.heard_by", { names })] : reasonsOf(status);
    return html`
      <h3>${this.roomName(status.room)}</h3>
      <p>${keeping(status)}</p>
      ${why.map((text) => html`<p>${text}</p>`)}
    `;
  }

  #printing() {
    const address = `${location.origin}${PATH}`;
    const onClick = () => this.#print(address);
    return card(
      { heading: t("guide.printing"), id: "printing" },
      html`
        <p>${t("guide.printing_why")}</p>
        ${LOCAL.test(location.hostname) ? alert("warning", t("guide.local", { address })) : nothing}
        <p>${button({ label: t("guide.print"), icon: "mdi:printer-outline", onClick })}</p>
      `,
    );
  }

  /** The names of the people who live here and have an account. */
  get #residents() {
    return this.home.people.filter((person) => person.has_account).map(({ name }) => name);
  }

  get #allWakeWords() {
    return [...new Set([...this.#wakeWords.values()].flat())];
  }

  /** @param {string} address */
  #print(address) {
    this.#removeSheet?.();
    const facts = {
      address,
      wakeWords: this.#allWakeWords,
      residents: this.#residents,
      debugRecordings: this.home.debug_recordings,
    };
    this.#removeSheet = printSheet(guideSheet(facts), { title: t("guide.microphone"), style: SHEET_STYLE });
  }
}

customElements.define("indoor-voice-guide", Guide);
