/** The user's own part of the guided start: one form for all that they are asked, or what has come of it. */

import { css, html, nothing } from "./vendor/lit-element.js";
import { withForm } from "./dom.js";
import { button, card, checkbox, linkButton, state } from "./elements.js";
import { formatDuration, t } from "./i18n.js";
import { Page } from "./page.js";
import { Problem } from "./problem.js";
import { checkboxes, chosen, durations, paragraphs } from "./question.js";
import { reasonsOf } from "./reasons.js";
import { startSitting } from "./sitting.js";
import "./new-key.js";

/** @import { LockedKey, Notice, RoomStatus } from "./api.d.ts" */
/** @import { NewKey } from "./new-key.js" */

/** The place for the outcome of the answer. */
const ANSWER = "answer";

class Answer extends Page {
  static properties = {
    ...Page.properties,
    rooms: { attribute: false },
    _notices: { state: true },
    _locked: { state: true },
    _made: { state: true },
    _listens: { state: true },
  };

  static styles = [
    ...Page.styles,
    css`
      .notice-text {
        max-height: 16em;
        overflow-y: auto;
        padding: 0 12px;
        border: 1px solid var(--divider-color, #e0e0e0);
        border-radius: var(--ha-border-radius-md, 8px);
      }
      h3 {
        margin-top: 24px;
      }
    `,
  ];

  constructor() {
    super();
    /** @type {RoomStatus[]} */
    this.rooms = [];
    /** @type {Notice[]} */
    this._notices = [];
    /** @type {LockedKey | null} */
    this._locked = null;
    /** @type {NewKey | undefined} */
    this._made = undefined;
    /** Whether the user wants a listening key. */
    this._listens = true;
  }

  async load() {
    [this._notices, this._locked] = await Promise.all([this.ask("notices", {}), this.ask("key/get", {})]);
  }

  content() {
    const mine = this.rooms.filter(({ members }) => members.some(({ id }) => id === this.home.person));
    if (mine.length === 0) return card({ label: t("start.yours") }, t("start.not_expected"));
    const open = mine.filter((room) => isOpen(room));
    if (open.length > 0) return this.#question(open);
    if (mine.every((room) => room.why_not.includes("not-allowed"))) {
      return card({ heading: t("start.question"), id: "yours" }, t("start.nothing_allowed"));
    }
    return this.#outcome(mine);
  }

  /** @param {RoomStatus[]} mine */
  #outcome(mine) {
    const saidNo = mine.every((room) => room.declined_by_me);
    const actions = html`
      ${saidNo ? nothing : linkButton({ label: t("start.to_recordings"), href: "/indoor-voice/recordings", kind: "primary" })}
      ${linkButton({ label: t(saidNo ? "start.reconsider" : "start.change"), href: "/indoor-voice/consent", kind: "text" })}
    `;
    return card(
      { heading: t(saidNo ? "start.said_no" : "start.done"), id: "yours", actions, answer: this.answer(ANSWER) },
      saidNo
        ? html`<p>${t("start.said_no_what")}</p>`
        : html`<ul class="plain">${mine.map((room) => this.#room(room))}</ul>`,
    );
  }

  /** @param {RoomStatus} room */
  #room(room) {
    const name = this.roomName(room.room);
    const reasons = reasonsOf(room);
    if (reasons.length === 0) {
      const duration = formatDuration(room.keeps_for_seconds);
      return html`
        <li>
          ${state(t("start.next_is_kept", { name, duration }), { icon: "mdi:check-circle-outline", kind: "success" })}
        </li>
      `;
    }
    return html`
      <li>
        ${state(t("start.not_yet", { name }), { icon: "mdi:minus-circle-outline" })}
        <ul>${reasons.map((reason) => html`<li>${reason}</li>`)}</ul>
      </li>
    `;
  }

  /** @param {RoomStatus[]} open the rooms about which the user is asked */
  #question(open) {
    const { choices, people, person } = this.home;
    const others = people.filter(({ id, may_listen: mayListen }) => mayListen && id !== person);
    const yes = withForm((form) => this.attempt(() => this.#agree(form, open), ANSWER, t("start.working")));
    const no = () => this.attempt(() => this.#refuse(open.map(({ room }) => room)), ANSWER);
    const busy = this.isBusy(ANSWER);
    const rooms = open.map(({ room }) => ({ id: room, name: this.roomName(room) }));
    return card(
      { heading: t("start.question"), id: "yours", answer: this.answer(ANSWER) },
      html`
        <p>${t("start.summary")}</p>
        ${this.#notice("keep")}
        <form @submit=${yes}>
          ${
            rooms.length === 1
              ? html`<p>${t("start.only_room", { name: rooms[0]?.name })}</p>`
              : html`${checkboxes("rooms", t("consent.rooms"), rooms)}<p>${t("start.other_rooms")}</p>`
          }
          ${durations("limit", t("consent.limit"), choices.limit_seconds)}
          ${others.length > 0 ? this.#listeners(others) : nothing} ${this._locked ? nothing : this.#key()}
          <div class="answers">
            ${button({ label: t("start.yes"), type: "submit", busy })} ${button({ label: t("start.no"), busy, onClick: no })}
          </div>
        </form>
      `,
    );
  }

  /** @param {{ id: string, name: string }[]} others */
  #listeners(others) {
    return html`
      <h3>${t("start.listeners")}</h3>
      <p>${t("start.listeners_why")}</p>
      ${this.#notice("listen")} ${checkboxes("listeners", t("consent.listeners"), others)}
    `;
  }

  #key() {
    const made = (/** @type {CustomEvent<NewKey | undefined>} */ { detail }) => (this._made = detail);
    return html`
      <h3>${t("start.key")}</h3>
      <p>${t("key.new_why")}</p>
      ${
        this._listens
          ? html`
            <indoor-voice-new-key .hass=${this.hass} .home=${this.home} @made=${made}></indoor-voice-new-key>
            <fieldset>${checkbox({ label: t("key.kept"), name: "kept", required: true })}</fieldset>
          `
          : nothing
      }
      ${checkbox({
        label: t("start.no_key"),
        name: "no_key",
        checked: !this._listens,
        onChange: (none) => (this._listens = !none),
      })}
    `;
  }

  /** @param {Notice["purpose"]} purpose */
  #notice(purpose) {
    const notice = this._notices.find((one) => one.purpose === purpose);
    return html`
      <div class="notice-text" role="region" tabindex="0" aria-label=${t(`consent.${purpose}.question`)}>
        ${paragraphs(notice?.text ?? "")}
      </div>
    `;
  }

  /** @param {Notice["purpose"]} purpose */
  #sha256(purpose) {
    return this._notices.find((one) => one.purpose === purpose)?.sha256 ?? "";
  }

  /**
   * Store the key first and give the permission to keep last, so that nothing is kept before all of it is done.
   * @param {FormData} form
   * @param {RoomStatus[]} open
   */
  async #agree(form, open) {
    const asked = open.map(({ room }) => room);
    const rooms = asked.length === 1 ? asked : chosen(form, "rooms");
    if (rooms.length === 0) throw new Problem("consent.choose_rooms");
    const valid = Math.max(...this.home.choices.valid_seconds);
    if (!this._locked && this._listens) await this.#storeKey();
    const listeners = chosen(form, "listeners");
    if (listeners.length > 0) {
      const listen = { purpose: /** @type {const} */ ("listen"), notice_sha256: this.#sha256("listen") };
      await this.ask("consent/give", { ...listen, rooms, listeners, valid_seconds: valid });
    }
    await this.ask("consent/give", {
      purpose: "keep",
      rooms,
      notice_sha256: this.#sha256("keep"),
      limit_seconds: Number(form.get("limit")),
      valid_seconds: valid,
    });
    const others = asked.filter((room) => !rooms.includes(room));
    if (others.length > 0) await this.#refuse(others);
    return t("start.agreed");
  }

  async #storeKey() {
    if (!this._made) throw new Problem("start.key_not_ready");
    const { key, locked } = this._made;
    await this.ask("key/create", { key: locked });
    this._locked = locked;
    startSitting(String(this.home.person), locked, key);
  }

  /** @param {string[]} rooms */
  async #refuse(rooms) {
    await this.ask("consent/refuse", { purpose: "keep", rooms, notice_sha256: this.#sha256("keep") });
    return t("start.refused");
  }
}

/**
 * Return whether the user has not answered about a room in which something may be kept.
 * @param {RoomStatus} room
 */
export const isOpen = (room) => room.waits_for_me && !room.declined_by_me && !room.why_not.includes("not-allowed");

customElements.define("indoor-voice-answer", Answer);
