/** The page "Who listened": whether the ledger is intact, its rows about the user, and a signed copy. */

import { html, nothing } from "./vendor/lit-element.js";
import { download, assignedLater } from "./dom.js";
import { formatDate, formatDay, formatNumber, formatTime, t } from "./i18n.js";
import { sentenceOf } from "./ledger-sentence.js";
import { Page } from "./page.js";

/** @import { Row, SignedHead, Totals, Verification } from "./api.d.ts" */

const PAGE_ROWS = 50;

class Ledger extends Page {
  static properties = {
    ...Page.properties,
    _rows: { state: true },
    _hasOlder: { state: true },
    _about: { state: true },
    _totals: { state: true },
    _verification: { state: true },
  };

  #wasCompared = false;

  constructor() {
    super();
    /** @type {Row[]} */
    this._rows = [];
    this._hasOlder = false;
    /** @type {"listening" | "everything"} */
    this._about = "listening";
    /** @type {Totals} */
    this._totals = assignedLater();
    /** @type {Verification} */
    this._verification = assignedLater();
  }

  async load() {
    const heads = this.#rememberedHeads();
    [this._totals, this._verification] = await Promise.all([
      this.ask("household/totals", {}),
      this.ask("ledger/verify", { heads }),
      this.#show("listening"),
    ]);
    this.#wasCompared = heads.length > 0;
    if (this._verification.ok) this.#remember(await this.ask("ledger/head", {}));
  }

  /** The item in which this browser remembers the last head, so that a truncated or restarted ledger is noticed. */
  get #storageKey() {
    return `indoor-voice.head.${this.home.person}`;
  }

  #rememberedHeads() {
    const stored = localStorage.getItem(this.#storageKey);
    return stored ? [/** @type {SignedHead} */ (JSON.parse(stored))] : [];
  }

  /** @param {SignedHead} head */
  #remember(head) {
    localStorage.setItem(this.#storageKey, JSON.stringify(head));
  }

  content() {
    return html`
      <section class="card" aria-labelledby="whole">
        <h2 id="whole">${t("ledger.whole_title")}</h2>
        ${this.#whole()}
        <h3>${t("ledger.counts_title")}</h3>
        <ul class="plain counts">
          ${this.#counts()}
        </ul>
        <button @click=${() => this.attempt(() => this.#export())}>${t("ledger.export")}</button>
      </section>
      <section class="card" aria-labelledby="rows">
        <h2 id="rows">${t("ledger.rows_title")}</h2>
        <div class="row">${this.#tab("listening")} ${this.#tab("everything")}</div>
        ${
          this._rows.length > 0
            ? this.#days()
            : html`<p>${t(this._about === "everything" ? "ledger.nothing" : "ledger.nobody")}</p>`
        }
        ${
          this._hasOlder
            ? html`<button @click=${() => this.attempt(() => this.#showOlder())}>${t("ledger.more")}</button>`
            : nothing
        }
      </section>
    `;
  }

  /** Render whether the ledger is intact, and how far back it reaches. */
  #whole() {
    const { ok, rows, first, since, reason, first_broken: row } = this._verification;
    if (!ok) return html`<p class="problem">${t(`ledger.broken.${reason}`, { row: row ?? "" })}</p>`;
    return html`
      <p class="done">
        ${t("ledger.whole", { count: rows })}
        ${
          since === null || first === null
            ? nothing
            : t("ledger.since", { row: formatNumber(first), date: formatDate(since) })
        }
        ${this.#wasCompared ? t("ledger.same") : nothing}
      </p>
    `;
  }

  #counts() {
    const { captured, kept, dropped, recordings, deleted, expired, opened, adds_up: addsUp } = this._totals;
    let notKept = 0;
    for (const count of Object.values(dropped)) notKept += count;
    const counts = { captured, kept, notKept, recordings, expired, deleted: deleted - expired, opened };
    const values = Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, formatNumber(count)]));
    const sum = (/** @type {"commands" | "recordings"} */ name) => html`
      <li class=${addsUp[name] ? "done" : "problem"}>
        ${t(`ledger.counts.${name}`, values)} ${t(addsUp[name] ? "ledger.counts.right" : "ledger.counts.wrong")}
      </li>
    `;
    return html`${sum("commands")} ${sum("recordings")}
      <li>${t("ledger.counts.opened", values)}</li>`;
  }

  /** @param {"listening" | "everything"} about */
  #tab(about) {
    return html`
      <button aria-pressed=${this._about === about} @click=${() => this.attempt(() => this.#show(about))}>
        ${t(`ledger.${about}`)}
      </button>
    `;
  }

  #days() {
    const days = [...new Set(this._rows.map(({ time }) => formatDay(time)))];
    return days.map(
      (day) => html`
        <h3>${day}</h3>
        <ul class="plain rows">
          ${this._rows.filter(({ time }) => formatDay(time) === day).map((row) => this.#row(row))}
        </ul>
      `,
    );
  }

  /** @param {Row} row */
  #row(row) {
    const names = {
      me: this.home.person,
      person: (/** @type {string} */ id) => this.nameOf(id),
      room: (/** @type {string} */ id) => this.roomName(id),
    };
    return html`
      <li>
        <time class="quiet" datetime=${new Date(row.time * 1000).toISOString()}>${formatTime(row.time)}</time>
        ${sentenceOf(row, names)}
      </li>
    `;
  }

  /**
   * Show the newest rows.
   * @param {"listening" | "everything"} about
   */
  async #show(about) {
    this._rows = await this.#page(about);
    this._about = about;
  }

  async #showOlder() {
    const older = await this.#page(this._about, this._rows.at(-1)?.seq);
    this._rows = [...this._rows, ...older];
  }

  /**
   * Fetch one page of rows, and record whether there are older ones.
   * @param {"listening" | "everything"} about
   * @param {number} [before]
   */
  async #page(about, before) {
    const older = before === undefined ? {} : { before };
    const rows = await this.ask("ledger/rows", { about, limit: PAGE_ROWS + 1, ...older });
    this._hasOlder = rows.length > PAGE_ROWS;
    return rows.slice(0, PAGE_ROWS);
  }

  async #export() {
    download("indoor-voice-ledger.json", await this.ask("ledger/copy", {}));
  }
}

customElements.define("indoor-voice-ledger", Ledger);
