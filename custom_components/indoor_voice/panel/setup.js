/** The administrator's part of the guided start: what may be kept, who is expected where, and asking the people. */

import { html, nothing } from "./vendor/lit-element.js";
import { alert, button, card, checkbox, linkButton, select, state } from "./elements.js";
import { formatDuration, formatList, t } from "./i18n.js";
import { Page } from "./page.js";

/** @import { Arrangement } from "./api.d.ts" */

/** The places for outcomes. */
const ALLOW = "allow";
const EXPECT = "expect";
const ASK = "ask";

class Setup extends Page {
  static properties = { ...Page.properties, untold: { attribute: false }, _limit: { state: true } };

  constructor() {
    super();
    /** How many people are asked and were not told so. */
    this.untold = 0;
    /**
     * The limit that is chosen and not yet set.
     * @type {number | undefined}
     */
    this._limit = undefined;
  }

  content() {
    const allowed = this.home.retention_seconds;
    if (allowed === 0) return this.#allow(allowed);
    return html`${this.#allow(allowed)} ${this.#people()} ${this.#ask()}`;
  }

  /** @param {number} allowed */
  #allow(allowed) {
    const { retention_seconds: limits } = this.home.choices;
    const chosen = this._limit ?? (allowed || (limits.find(Boolean) ?? 0));
    const actions = button({
      label: t("setup.allow"),
      kind: allowed === 0 ? "primary" : "secondary",
      busy: this.isBusy(ALLOW),
      disabled: chosen === allowed,
      onClick: () => this.attempt(() => this.#setLimit(chosen), ALLOW),
    });
    const options = limits.filter((seconds) => allowed > 0 || seconds > 0);
    return card(
      {
        heading: t("setup.what"),
        id: "allow",
        state: allowed
          ? state(t("setup.allowed", { duration: formatDuration(allowed) }), {
              icon: "mdi:check-circle-outline",
              kind: "success",
            })
          : state(t("setup.nothing_allowed"), { icon: "mdi:minus-circle-outline" }),
        actions,
        answer: this.answer(ALLOW),
      },
      html`
        <p>${t("setup.what_why")}</p>
        ${select({
          label: t("setup.limit"),
          value: String(chosen),
          options: options.map((value) => ({ value, label: value ? formatDuration(value) : t("setup.nothing") })),
          onChange: (value) => (this._limit = Number(value)),
        })}
      `,
    );
  }

  #people() {
    const without = this.home.people.filter((person) => !person.has_account);
    const expected = new Set(this.home.rooms.flatMap((room) => room.expected));
    const blocking = without.filter(({ id }) => expected.has(id));
    return card(
      { heading: t("setup.people"), id: "people", answer: this.answer(EXPECT) },
      html`
        <p>${t("setup.people_why")}</p>
        ${
          blocking.length > 0
            ? alert(
                "warning",
                html`
                  <p>${t("setup.no_account", { names: formatList(blocking.map(({ name }) => name)) })}</p>
                  <p>${linkButton({ label: t("setup.to_people"), href: "/config/person", kind: "text" })}</p>
                `,
              )
            : nothing
        }
        ${this.home.rooms.map((room) => this.#room(room))}
      `,
    );
  }

  /** @param {Arrangement["rooms"][number]} room */
  #room(room) {
    return html`
      <fieldset ?disabled=${this.isBusy(EXPECT)}>
        <legend>${this.roomName(room.id)}</legend>
        ${this.home.people.map(({ id, name }) =>
          checkbox({
            label: name,
            about: this.roomName(room.id),
            checked: room.expected.includes(id),
            onChange: (checked) => void this.attempt(() => this.#expect(room, id, checked), EXPECT),
          }),
        )}
      </fieldset>
    `;
  }

  #ask() {
    const count = this.untold;
    const actions = count
      ? button({
          label: t("setup.ask", { count }),
          kind: "primary",
          busy: this.isBusy(ASK),
          onClick: () => this.attempt(() => this.#tellPeople(), ASK),
        })
      : undefined;
    return card(
      { heading: t("setup.asking"), id: "asking", actions, answer: this.answer(ASK) },
      html`<p>${t(count ? "setup.asking_why" : "setup.all_told")}</p>`,
    );
  }

  /** @param {number} seconds */
  async #setLimit(seconds) {
    await this.ask("setup/allow", { retention_seconds: seconds });
    this._limit = undefined;
    return t(seconds ? "setup.now_allowed" : "setup.now_nothing", { duration: formatDuration(seconds) });
  }

  /**
   * @param {Arrangement["rooms"][number]} room
   * @param {string} person
   * @param {boolean} checked
   */
  async #expect(room, person, checked) {
    const others = room.expected.filter((id) => id !== person);
    await this.ask("setup/expect", { room: room.id, people: checked ? [...others, person] : others });
    const { has_account: hasAccount = false } = this.home.people.find(({ id }) => id === person) ?? {};
    const values = { name: this.nameOf(person), room: this.roomName(room.id) };
    if (checked) return t("setup.expected", values);
    return t(hasAccount ? "setup.must_agree" : "setup.not_expected", values);
  }

  async #tellPeople() {
    const { told: count } = await this.ask("setup/ask", {});
    return t("setup.told", { count });
  }
}

customElements.define("indoor-voice-setup", Setup);
