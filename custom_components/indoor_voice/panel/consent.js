/** The page "My consent": each question with the user's answer, the listening key, and an export of the records. */

import { css, html, nothing } from "./vendor/lit-element.js";
import { DEFAULT_DISGUISE, DISGUISES, formOf } from "./disguise.js";
import { download, withForm } from "./dom.js";
import { button, card, state } from "./elements.js";
import { formatDate, formatDuration, formatList, t } from "./i18n.js";
import { Page } from "./page.js";
import { Problem } from "./problem.js";
import { checkboxes, choice, chosen, durations, paragraphs } from "./question.js";
import "./key.js";

/** @import { Consent, Disguise, Notice } from "./api.d.ts" */

/**
 * The purposes, in the order in which they are asked.
 * @type {Notice["purpose"][]}
 */
const PURPOSES = ["keep", "listen", "left-out", "teach"];

class ConsentPage extends Page {
  static properties = { ...Page.properties, _notices: { state: true }, _records: { state: true } };

  static styles = [
    ...Page.styles,
    css`
      .live {
        flex-wrap: nowrap;
        justify-content: space-between;
        margin: 8px 0;
      }
      @media (max-width: 600px) {
        .live {
          flex-wrap: wrap;
        }
      }
    `,
  ];

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
    const save = button({
      label: t("consent.export"),
      icon: "mdi:download",
      busy: this.isBusy("records"),
      onClick: () => this.attempt(() => this.#export(), "records"),
    });
    return html`
      ${notices.map((notice) => this.#purpose(notice))}
      <indoor-voice-key .hass=${this.hass} .home=${this.home}></indoor-voice-key>
      ${card(
        { heading: t("consent.records"), id: "records", actions: save, answer: this.answer("records") },
        t("consent.records_why"),
      )}
    `;
  }

  /** @param {Notice} notice */
  #purpose(notice) {
    const { purpose } = notice;
    const records = this._records.filter((record) => record.terms.purpose === purpose);
    const live = records.filter((record) => record.live_rooms.length);
    const refused = records.some((record) => record.refused_rooms.length);
    const none = refused
      ? state(t("consent.no"), { icon: "mdi:close-circle-outline" })
      : state(t("consent.open"), { icon: "mdi:help-circle-outline" });
    return html`
      <div data-purpose=${purpose}>
        ${card(
          { heading: t(`consent.${purpose}.question`), id: `about-${purpose}`, answer: this.answer(purpose) },
          html`
            ${live.map((record) => this.#live(record))} ${live.length > 0 ? nothing : html`<p>${none}</p>`}
            ${this.#form(notice)}
          `,
        )}
      </div>
    `;
  }

  /** @param {Consent} record */
  #live(record) {
    const { purpose, limit_seconds: limit, listeners, disguise } = record.terms;
    const values = {
      rooms: formatList(record.live_rooms.map((room) => this.roomName(room))),
      names: formatList(listeners.map((person) => this.nameOf(person))),
      duration: limit === null ? "" : formatDuration(limit),
      form: formOf(disguise ?? DEFAULT_DISGUISE),
      until: record.expires_at === null ? "" : formatDate(record.expires_at),
    };
    const withdraw = button({
      label: t("consent.withdraw"),
      about: t(`consent.${purpose}.about`, values),
      busy: this.isBusy(purpose),
      onClick: () => this.attempt(() => this.#withdraw(record), purpose),
    });
    return html`
      <div class="row live">
        ${state(t(`consent.${purpose}.given`, values), { icon: "mdi:check-circle-outline", kind: "success" })} ${withdraw}
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
      this.attempt(async () => {
        const done = await (yesOrNo === "yes" ? this.#give(form, notice) : this.#refuse(form, notice));
        this.#close(purpose);
        return done;
      }, purpose),
    );
    const rest = { busy: this.isBusy(purpose), about: t(`consent.${purpose}.question`) };
    return html`
      <details>
        <summary>${t("consent.read")}<span class="hidden">: ${rest.about}</span></summary>
        ${paragraphs(notice.text)}
        <form @submit=${answer}>
          ${checkboxes("rooms", t("consent.rooms"), named)}
          ${purpose === "listen" ? html`${checkboxes("listeners", t("consent.listeners"), others)} ${disguises()}` : nothing}
          ${purpose === "keep" ? durations("limit", t("consent.limit"), choices.limit_seconds) : nothing}
          ${durations("valid", t("consent.valid"), choices.valid_seconds)}
          <div class="answers">
            ${button({ label: t("consent.say_yes"), type: "submit", name: "answer", value: "yes", ...rest })}
            ${button({ label: t("consent.say_no"), type: "submit", name: "answer", value: "no", ...rest })}
          </div>
        </form>
      </details>
    `;
  }

  /**
   * Close a question that was answered.
   * @param {Notice["purpose"]} purpose
   */
  #close(purpose) {
    const details = this.renderRoot.querySelector(`[data-purpose="${purpose}"] details`);
    if (details instanceof HTMLDetailsElement) details.open = false;
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
      ...(purpose === "listen" && {
        listeners: chosen(form, "listeners"),
        disguise: /** @type {Disguise} */ (form.get("disguise")),
      }),
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
    return t("consent.exported");
  }
}

/** Render the choice of what listeners get who are not expected in the room. */
const disguises = () =>
  choice(
    "disguise",
    t("disguise.question"),
    DISGUISES.map((value) => ({ value, label: t(`disguise.${value}.choice`) })),
    DEFAULT_DISGUISE,
  );

customElements.define("indoor-voice-consent", ConsentPage);
