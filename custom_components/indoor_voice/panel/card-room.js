/** What the dashboard card shows of a room, and its buttons: the page "Rooms" for one room, made small. */

import { css, html, nothing } from "./vendor/lit-element.js";
import { lastListened } from "./card-listened.js";
import { confirm } from "./confirm.js";
import { alert, bones, button, linkButton } from "./elements.js";
import { formatDate, formatTime, t } from "./i18n.js";
import { sentenceOf } from "./ledger-sentence.js";
import { keeping, satelliteDoing } from "./looks.js";
import { problemText } from "./problem.js";
import { reasonsOf } from "./reasons.js";
import { RoomsPage } from "./rooms-page.js";
import { entityOf } from "./satellite.js";

/** @import { CSSResultArray } from "./vendor/lit-element.js" */
/** @import { Pause, RoomStatus, RoomsEvent, Row } from "./api.d.ts" */

/** The place for the outcome of every button. */
const BUTTONS = "buttons";
/** The page that says more. */
const PAGE = "/indoor-voice/rooms";

class CardRoom extends RoomsPage {
  static properties = {
    ...RoomsPage.properties,
    room: { attribute: false },
    _listened: { state: true },
  };

  static styles = /** @type {CSSResultArray} */ ([
    ...RoomsPage.styles,
    css`
      p {
        margin: 8px 0 0;
      }
      h3 {
        margin-top: 12px;
      }
      h3 + p {
        margin-top: 0;
      }
      .buttons {
        margin-top: var(--gap);
      }
      .bottom {
        display: flex;
        align-items: center;
        justify-content: end;
        column-gap: 8px;
        margin-bottom: -8px;
      }
      .bottom > a {
        flex: none;
      }
    `,
  ]);

  /** How many recordings had been opened when the ledger was last read. */
  #opened = -1;

  constructor() {
    super();
    this.room = "";
    /**
     * The last time that somebody else listened; null if nobody has.
     * @type {Row | null | undefined}
     */
    this._listened = undefined;
  }

  /** @param {RoomsEvent} event */
  receive(event) {
    super.receive(event);
    void this.#readLedger(event.totals.opened);
  }

  /**
   * Look up who listened last, if a recording was opened since. The ledger is only for people who live here.
   * @param {number} opened
   */
  async #readLedger(opened) {
    if (!this.home.person || opened === this.#opened) return;
    this.#opened = opened;
    try {
      this._listened = (await lastListened((command, fields) => this.ask(command, fields), this.room)) ?? null;
    } catch (error) {
      this.show({ kind: "error", text: problemText(error) });
    }
  }

  placeholder() {
    return bones();
  }

  content() {
    const status = this._now.rooms.find(({ room }) => room === this.room);
    if (!status) return alert("warning", t("card.no_satellite"));
    return html`
      <section aria-labelledby="room">
        <div class="row spread">
          <h2 id="room">${this.roomName(this.room)}</h2>
          ${satelliteDoing(this.hass, this.room)}
        </div>
        ${this.home.debug_recordings ? alert("error", t("unsealed.title")) : nothing}
        <p>${keeping(status)}</p>
        ${mainReasons(status).map((text) => html`<p>${text}</p>`)}
        ${status.recordings > 0 ? html`<p>${t("rooms.recordings", { count: status.recordings })}</p>` : nothing}
        ${this.#lastListened(status)}
        <div class="row buttons">${this.#buttons(status)}</div>
        <div class="bottom">
          ${this.answer(BUTTONS)}
          ${linkButton({ label: t("card.more"), about: this.roomName(this.room), href: PAGE, kind: "text" })}
        </div>
      </section>
    `;
  }

  /** @param {RoomStatus} status */
  #lastListened(status) {
    const row = this._listened;
    const hasNothing = status.keeps_for_seconds === 0 && status.recordings === 0;
    if (row === undefined || (row === null && hasNothing)) return nothing;
    if (row === null) return html`<h3>${t("card.listened")}</h3><p>${t("card.nobody_listened")}</p>`;
    const names = {
      me: this.home.person,
      person: (/** @type {string} */ id) => this.nameOf(id),
      room: (/** @type {string} */ id) => this.roomName(id),
    };
    return html`
      <h3>${t("card.listened")}</h3>
      <p>
        <time class="quiet" datetime=${new Date(row.time * 1000).toISOString()}
          >${formatDate(row.time)}, ${formatTime(row.time)}</time
        ><br />${sentenceOf(row, names)}
      </p>
    `;
  }

  /** @param {RoomStatus} status */
  #buttons(status) {
    const { room } = this;
    const isPaused = status.why_not.includes("room-paused");
    const { guests } = this._now.pauses;
    return html`
      ${this.#muteButton()}
      ${this.#pauseButton(isPaused ? "resume_room" : "pause_room", { scope: "room", room, paused: !isPaused })}
      ${
        guests
          ? this.#pauseButton("resume_guests", { scope: "guests", paused: false })
          : this.#pauseButton("guests_tonight", { scope: "guests", paused: true, until: "morning" })
      }
      ${status.recordings > 0 ? this.#deleteButton() : nothing}
    `;
  }

  #muteButton() {
    const entity = entityOf(this.hass, this.room, "switch", "mute");
    if (!entity) return nothing;
    const mutes = this.hass.states[entity]?.state !== "on";
    return this.#button({
      label: t(mutes ? "card.mute" : "card.unmute"),
      icon: mutes ? "mdi:microphone-off" : "mdi:microphone",
      reserve: [t("card.mute"), t("card.unmute")],
      disabled: !this.#isAvailable(entity),
      work: async () => {
        await this.#act("switch", mutes ? "turn_on" : "turn_off", entity);
        return t(mutes ? "card.muted" : "card.unmuted");
      },
    });
  }

  /**
   * Render a button that starts or ends a pause, if the user may do that.
   * @param {string} text the name of the label
   * @param {Pause} pause
   */
  #pauseButton(text, pause) {
    if (!this.maySet(pause)) return nothing;
    return this.#button({
      label: t(`rooms.${text}`),
      work: () => this.setPause(pause, this.roomName(this.room)),
    });
  }

  #deleteButton() {
    const entity = entityOf(this.hass, this.room, "button", "delete_last");
    if (!entity) return nothing;
    return button({
      label: t("card.delete"),
      about: this.roomName(this.room),
      kind: "danger",
      busy: this.isBusy(BUTTONS),
      disabled: !this.#isAvailable(entity),
      onClick: () => this.#deleteLast(entity),
    });
  }

  /** @param {string} entity */
  async #deleteLast(entity) {
    const question = {
      title: t("card.delete_title", { room: this.roomName(this.room) }),
      text: t("recordings.delete_why"),
      yes: t("recordings.delete"),
    };
    if (!(await confirm(this, question))) return;
    await this.attempt(async () => {
      await this.#act("button", "press", entity);
      return t("card.deleted");
    }, BUTTONS);
  }

  /** @param {Omit<Parameters<typeof button>[0], "onClick"> & { work: () => Promise<string> }} options */
  #button({ work, ...options }) {
    return button({
      ...options,
      about: this.roomName(this.room),
      busy: this.isBusy(BUTTONS),
      onClick: () => this.attempt(work, BUTTONS),
    });
  }

  /**
   * Perform an action on an entity.
   * @param {string} domain
   * @param {string} service
   * @param {string} entity
   */
  async #act(domain, service, entity) {
    const call = { type: "call_service", domain, service, target: { entity_id: entity } };
    await this.hass.callWS(call);
  }

  /**
   * Return whether an entity can be used: Home Assistant silently ignores actions on unavailable ones.
   * @param {string} entity
   */
  #isAvailable(entity) {
    return (this.hass.states[entity]?.state ?? "unavailable") !== "unavailable";
  }
}

/**
 * Return the sentences for the reason that counts; the page has the others.
 * @param {RoomStatus} status
 */
const mainReasons = (status) => reasonsOf({ ...status, why_not: status.why_not.slice(0, 1) });

customElements.define("indoor-voice-card-room", CardRoom);
