/** My consent: for each purpose what is asked, what I answered, yes and no; and my listening key. */

import { html, nothing } from "./vendor/lit-element.js";
import { Page, Problem, download } from "./page.js";
import { date, duration, list, say } from "./words.js";
import "./key.js";

const DAY_SECONDS = 86_400;
const LIMITS_SECONDS = [1, 7, 30].map((days) => days * DAY_SECONDS);
const VALID_SECONDS = [365, 90, 30].map((days) => days * DAY_SECONDS);
const PURPOSES = ["keep", "listen", "left-out"];

class Consent extends Page {
  static properties = { ...Page.properties, _notices: { state: true }, _records: { state: true } };

  async load() {
    [this._notices, this._records] = await Promise.all([this.ask("notices"), this.ask("consent/list")]);
  }

  content() {
    return html`
      ${PURPOSES.map((purpose) => this._purpose(this._notices.find((notice) => notice.purpose === purpose)))}
      <indoor-voice-key .hass=${this.hass} .home=${this.home}></indoor-voice-key>
      <section class="card" aria-labelledby="records">
        <h2 id="records">${say("consent.records")}</h2>
        <p>${say("consent.records_why")}</p>
        <button @click=${() => this.attempt(() => this._export())}>${say("consent.export")}</button>
      </section>
    `;
  }

  _purpose(notice) {
    const { purpose } = notice;
    const live = this._records.filter((record) => record.terms.purpose === purpose && liveRooms(record, notice).length);
    return html`
      <section class="card" aria-labelledby="about-${purpose}" data-purpose=${purpose}>
        <h2 id="about-${purpose}">${say(`consent.${purpose}.question`)}</h2>
        ${live.map((record) => this._live(record, notice))}
        ${live.length ? nothing : html`<p>${this._refused(notice) ? say("consent.no") : say("consent.open")}</p>`}
        ${this._form(notice)}
      </section>
    `;
  }

  _live(record, notice) {
    const { purpose, limit_seconds: limit, listeners } = record.terms;
    const values = {
      rooms: list(liveRooms(record, notice).map((room) => this.roomName(room))),
      names: list(listeners.map((person) => this.nameOf(person))),
      duration: limit && duration(limit),
      until: date(record.events[0].time + record.valid_seconds),
    };
    return html`
      <div class="row spread">
        <p>${say(`consent.${purpose}.given`, values)}</p>
        <button @click=${() => this.attempt(() => this._withdraw(record, notice))}>${say("consent.withdraw")}</button>
      </div>
    `;
  }

  _refused({ purpose, sha256 }) {
    return this._records.some(
      ({ terms, notice, events }) =>
        terms.purpose === purpose && notice.sha256 === sha256 && events.at(-1).state === "refused",
    );
  }

  _form(notice) {
    const { purpose } = notice;
    if (!this.home.rooms.length) return html`<p>${say("rooms.none")}</p>`;
    const limits = LIMITS_SECONDS.filter((seconds) => seconds <= this.home.retention_seconds);
    if (purpose === "keep" && !limits.length) return html`<p>${say("consent.not_allowed")}</p>`;
    const others = this.home.people.filter(({ id, may_listen: may }) => may && id !== this.home.person);
    if (purpose === "listen" && !others.length) return html`<p>${say("consent.nobody_else")}</p>`;
    const rooms = this.home.rooms.map(({ id }) => ({ id, name: this.roomName(id) }));
    return html`
      <details>
        <summary>${say("consent.read")}</summary>
        ${written(notice.text)}
        <form @submit=${(event) => this._answer(event, notice)}>
          ${choice("rooms", say("consent.rooms"), rooms)}
          ${purpose === "listen" ? choice("listeners", say("consent.listeners"), others) : nothing}
          ${purpose === "keep" ? select("limit", say("consent.limit"), limits) : nothing}
          ${select("valid", say("consent.valid"), VALID_SECONDS)}
          <div class="answers">
            <button name="answer" value="yes" ?disabled=${this._busy}>${say("consent.say_yes")}</button>
            <button name="answer" value="no" ?disabled=${this._busy}>${say("consent.say_no")}</button>
          </div>
        </form>
      </details>
    `;
  }

  _answer(event, notice) {
    event.preventDefault();
    const form = new FormData(event.target);
    this.attempt(() => (event.submitter.value === "yes" ? this._give(form, notice) : this._refuse(form, notice)));
  }

  async _give(form, { purpose, sha256 }) {
    if (!form.has("rooms")) throw new Problem("consent.choose_rooms");
    if (purpose === "listen" && !form.has("listeners")) throw new Problem("consent.choose_listeners");
    await this.ask("consent/give", {
      purpose,
      rooms: form.getAll("rooms"),
      notice_sha256: sha256,
      valid_seconds: Number(form.get("valid")),
      ...(purpose === "keep" && { limit_seconds: Number(form.get("limit")) }),
      ...(purpose === "listen" && { listeners: form.getAll("listeners") }),
    });
    await this.load();
    return say("consent.thanks_yes");
  }

  /** Saying no takes no more than saying so: without rooms it is meant for all. */
  async _refuse(form, { purpose, sha256 }) {
    const rooms = form.has("rooms") ? form.getAll("rooms") : this.home.rooms.map(({ id }) => id);
    await this.ask("consent/refuse", { purpose, rooms, notice_sha256: sha256 });
    await this.load();
    return say("consent.thanks_no");
  }

  async _withdraw(record, notice) {
    const done = await this.ask("consent/withdraw", {
      purpose: notice.purpose,
      rooms: liveRooms(record, notice),
    });
    await this.load();
    return say("consent.withdrawn", { count: done.clips_deleted });
  }

  async _export() {
    const { response } = await this.hass.callWS({
      type: "call_service",
      domain: "indoor_voice",
      service: "export_consents",
      return_response: true,
    });
    download("indoor-voice-consents.json", response);
  }
}

/** Return the rooms in which a consent still gives something: `rules.live` decides, this shows. */
function liveRooms({ terms, events, notice: asked, valid_seconds: valid }, notice) {
  const [first, ...later] = events;
  if (first.state !== "given" || asked.sha256 !== notice.sha256) return [];
  if (Date.now() / 1000 >= first.time + valid) return [];
  return terms.rooms.filter((room) => !later.some(({ rooms }) => !rooms || rooms.includes(room)));
}

/** Return a notice in its own words, with what each paragraph is about in bold. */
const written = (text) =>
  text
    .split("\n")
    .filter(Boolean)
    .map((line) => {
      const [, about, rest] = /^([^:.?]+:)? ?(.*)$/.exec(line);
      return html`<p>${about ? html`<strong>${about}</strong> ` : nothing}${rest}</p>`;
    });

const choice = (name, legend, options) => html`
  <fieldset>
    <legend>${legend}</legend>
    ${options.map((option) => html`<label><input type="checkbox" name=${name} value=${option.id} />${option.name}</label>`)}
  </fieldset>
`;

const select = (name, label, seconds) => html`
  <label class="field">
    ${label}
    <select name=${name}>
      ${seconds.map((value) => html`<option value=${value}>${duration(value)}</option>`)}
    </select>
  </label>
`;

customElements.define("indoor-voice-consent", Consent);
