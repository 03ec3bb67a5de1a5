/** The page "My consent": each question with the user's answer, the listening key, and an export of the records. */

import { html, nothing } from "./vendor/lit-element.js";
import { download, withForm } from "./dom.js";
import { formatDate, formatDuration, formatList, t } from "./i18n.js";
import { Page } from "./page.js";
import { Problem } from "./problem.js";
import "./key.js";

/** @import { Consent, Notice } from "./api.d.ts" */

/**
 * The purposes, in the order in which they are asked.
 * @type {Notice["purpose"][]}
 */
const PURPOSES = ["keep", "listen", "left-out"];

class ConsentPage extends Page {
  static properties = { ...Page.properties, _notices: { state: true }, _records: { state: true } };

  constructor() {
    super();
    /** @type {Notice[]} */
    this._notices = [];
    /** @type {Consent[]} */
    this._records = [];
  }

  async load() {
    this._notices = await this.ask("notices", {});
    await this.follow("consent/subscribe", (records) => (this._records = records));
  }

  content() {
    const notices = PURPOSES.flatMap((purpose) => this._notices.find((notice) => notice.purpose === purpose) ?? []);
    return html`
      ${notices.map((notice) => this.#purpose(notice))}
      <indoor-voice-key .hass=${this.hass} .home=${this.home}></indoor-voice-key>
      <section class="card" aria-labelledby="records">
        <h2 id="records">${t("consent.records")}</h2>
        <p>${t("consent.records_why")}</p>
        <button @click=${() => this.attempt(() => this.#export())}>${t("consent.export")}</button>
      </section>
    `;
  }

  /** @param {Notice} notice */
  #purpose(notice) {
    const { purpose } = notice;
    const records = this._records.filter((record) => record.terms.purpose === purpose);
    const live = records.filter((record) => record.live_rooms.length);
    const refused = records.some((record) => record.refused_rooms.length);
    return html`
      <section class="card" aria-labelledby="about-${purpose}" data-purpose=${purpose}>
        <h2 id="about-${purpose}">${t(`consent.${purpose}.question`)}</h2>
        ${live.map((record) => this.#live(record))}
        ${live.length > 0 ? nothing : html`<p>${t(refused ? "consent.no" : "consent.open")}</p>`} ${this.#form(notice)}
      </section>
    `;
  }

  /** @param {Consent} record */
  #live(record) {
    const { purpose, limit_seconds: limit, listeners } = record.terms;
    const values = {
      rooms: formatList(record.live_rooms.map((room) => this.roomName(room))),
      names: formatList(listeners.map((person) => this.nameOf(person))),
      duration: limit === null ? "" : formatDuration(limit),
      until: record.expires_at === null ? "" : formatDate(record.expires_at),
    };
    return html`
      <div class="row spread">
        <p>${t(`consent.${purpose}.given`, values)}</p>
        <button @click=${() => this.attempt(() => this.#withdraw(record))}>${t("consent.withdraw")}</button>
      </div>
    `;
  }

  /** @param {Notice} notice */
  #form(notice) {
    const { purpose } = notice;
    const { choices, people, person, rooms } = this.home;
    if (rooms.length === 0) return html`<p>${t("rooms.none")}</p>`;
    if (purpose === "keep" && choices.limit_seconds.length === 0) return html`<p>${t("consent.not_allowed")}</p>`;
    const others = people.filter(({ id, may_listen: mayListen }) => mayListen && id !== person);
    if (purpose === "listen" && others.length === 0) return html`<p>${t("consent.nobody_else")}</p>`;
    const named = rooms.map(({ id }) => ({ id, name: this.roomName(id) }));
    const answer = withForm((form, yesOrNo) =>
      this.attempt(() => (yesOrNo === "yes" ? this.#give(form, notice) : this.#refuse(form, notice))),
    );
    return html`
      <details>
        <summary>${t("consent.read")}</summary>
        ${paragraphs(notice.text)}
        <form @submit=${answer}>
          ${checkboxes("rooms", t("consent.rooms"), named)}
          ${purpose === "listen" ? checkboxes("listeners", t("consent.listeners"), others) : nothing}
          ${purpose === "keep" ? durations("limit", t("consent.limit"), choices.limit_seconds) : nothing}
          ${durations("valid", t("consent.valid"), choices.valid_seconds)}
          <div class="answers">
            <button name="answer" value="yes" ?disabled=${this._busy}>${t("consent.say_yes")}</button>
            <button name="answer" value="no" ?disabled=${this._busy}>${t("consent.say_no")}</button>
          </div>
        </form>
      </details>
    `;
  }

  /**
   * @param {FormData} form
   * @param {Notice} notice
   */
  async #give(form, { purpose, sha256 }) {
    if (!form.has("rooms")) throw new Problem("consent.choose_rooms");
    if (purpose === "listen" && !form.has("listeners")) throw new Problem("consent.choose_listeners");
    await this.ask("consent/give", {
      purpose,
      rooms: chosen(form, "rooms"),
      notice_sha256: sha256,
      valid_seconds: Number(form.get("valid")),
      ...(purpose === "keep" && { limit_seconds: Number(form.get("limit")) }),
      ...(purpose === "listen" && { listeners: chosen(form, "listeners") }),
    });
    return t("consent.thanks_yes");
  }

  /**
   * Refuse consent. If no room is chosen, this refuses it for all rooms, so that refusing takes one click.
   * @param {FormData} form
   * @param {Notice} notice
   */
  async #refuse(form, { purpose, sha256 }) {
    const rooms = form.has("rooms") ? chosen(form, "rooms") : this.home.rooms.map(({ id }) => id);
    await this.ask("consent/refuse", { purpose, rooms, notice_sha256: sha256 });
    return t("consent.thanks_no");
  }

  /** @param {Consent} record */
  async #withdraw({ terms, live_rooms: rooms }) {
    const { recordings_deleted: count } = await this.ask("consent/withdraw", { purpose: terms.purpose, rooms });
    return t("consent.withdrawn", { count });
  }

  async #export() {
    const call = { type: "call_service", domain: "indoor_voice", service: "export_consents", return_response: true };
    /** @type {{ response: object }} */
    const { response } = await this.hass.callWS(call);
    download("indoor-voice-consents.json", response);
  }
}

/**
 * Return the values of the checked boxes.
 * @param {FormData} form
 * @param {string} name
 */
const chosen = (form, name) => form.getAll(name).map(String);

/**
 * Render the lines of a notice as paragraphs, each with its topic in bold.
 * @param {string} text
 */
const paragraphs = (text) =>
  text
    .split("\n")
    .filter(Boolean)
    .map((line) => {
      const [, topic, rest] = /^([^:.?]+:)? ?(.*)$/.exec(line) ?? [];
      return html`<p>${topic ? html`<strong>${topic}</strong> ` : nothing}${rest}</p>`;
    });

/**
 * @param {string} name
 * @param {string} legend
 * @param {{ id: string, name: string }[]} options
 */
const checkboxes = (name, legend, options) => html`
  <fieldset>
    <legend>${legend}</legend>
    ${options.map((option) => html`<label><input type="checkbox" name=${name} value=${option.id} />${option.name}</label>`)}
  </fieldset>
`;

/**
 * @param {string} name
 * @param {string} label
 * @param {number[]} seconds
 */
const durations = (name, label, seconds) => html`
  <label class="field">
    ${label}
    <select name=${name}>
      ${seconds.map((value) => html`<option value=${value}>${formatDuration(value)}</option>`)}
    </select>
  </label>
`;

customElements.define("indoor-voice-consent", ConsentPage);
