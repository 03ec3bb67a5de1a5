/** The page "Who listened": who opened recordings, the other rows about the user, and whether the ledger is complete. */

import { css, html, nothing } from "./vendor/lit-element.js";
import { download } from "./dom.js";
import { button, card, skeleton } from "./elements.js";
import { formatDay, formatTime, t } from "./i18n.js";
import { sentenceOf, sentenceOfSeries } from "./ledger-sentence.js";
import { belongTogether, linesOf } from "./ledger-series.js";
import { whole } from "./ledger-whole.js";
import { Page } from "./page.js";

/** @import { Row, RowsAbout, SignedHead } from "./api.d.ts" */
/** @import { Check } from "./ledger-whole.js" */

const PAGE_ROWS = 50;
/** @type {Exclude<RowsAbout, "listening">[]} */
const FILTERS = ["others", "mine", "everything"];
/** The places for the outcomes of choosing a filter, of showing older rows, and of saving a copy. */
const [FILTER, OLDER, COPY] = ["filter", "older", "copy"];

class Ledger extends Page {
  static properties = {
    ...Page.properties,
    _rows: { state: true },
    _hasOlder: { state: true },
    _about: { state: true },
    _check: { state: true },
  };

  static styles = [
    ...Page.styles,
    css`
      .filters {
        margin-bottom: 8px;
      }
      .card-content > .whole {
        margin: -10px 0;
      }
      .filters + .answer {
        min-height: 0;
      }
      .whole summary .state {
        vertical-align: middle;
      }
      .rows li {
        grid-template-columns: 5.5em 1fr;
      }
      .rows details {
        margin: 0;
      }
      .rows summary {
        min-height: 24px;
        padding: 0;
      }
      .rows details .rows {
        margin: 8px 0;
        padding-inline-start: 16px;
        border-inline-start: 1px solid var(--divider-color, #e0e0e0);
      }
    `,
  ];

  constructor() {
    super();
    /** @type {Row[]} */
    this._rows = [];
    this._hasOlder = false;
    /** @type {typeof FILTERS[number]} */
    this._about = "others";
    /** @type {Check | undefined} */
    this._check = undefined;
  }

  async load() {
    await this.#show("others");
    // The rows are shown meanwhile, because checking a long ledger takes a while.
    void this.attempt(() => this.#verify(), COPY);
  }

  /** Check whether the ledger is complete, and remember its newest row if it is. */
  async #verify() {
    const heads = this.#rememberedHeads();
    const [totals, verification] = await Promise.all([
      this.ask("household/totals", {}),
      this.ask("ledger/verify", { heads }),
    ]);
    this._check = { totals, verification, wasCompared: heads.length > 0 };
    if (verification.ok) this.#remember(await this.ask("ledger/head", {}));
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

  placeholder() {
    return skeleton(1);
  }

  content() {
    const save = () => this.attempt(() => this.#export(), COPY);
    return html`
      ${card({ label: t("pages.ledger") }, whole(this._check, save, this.answer(COPY)))}
      ${card(
        {
          heading: t(`ledger.headings.${this._about}`),
          id: "rows",
          actions: this._hasOlder ? this.#olderButton() : undefined,
          answer: this._hasOlder ? this.answer(OLDER) : undefined,
        },
        html`
          <div class="row filters" role="group" aria-label=${t("ledger.filters.label")}>
            ${FILTERS.map((about) => this.#filter(about))}
          </div>
          ${this.answer(FILTER)} ${this._rows.length > 0 ? this.#days() : html`<p>${t(`ledger.none.${this._about}`)}</p>`}
        `,
      )}
    `;
  }

  /** @param {typeof FILTERS[number]} about */
  #filter(about) {
    return button({
      label: t(`ledger.filters.${about}`),
      pressed: this._about === about,
      onClick: () => this.attempt(() => this.#show(about), FILTER),
    });
  }

  #olderButton() {
    return button({
      label: t("ledger.more"),
      busy: this.isBusy(OLDER),
      onClick: () => this.attempt(() => this.#showOlder(), OLDER),
    });
  }

  #days() {
    const days = [...new Set(this._rows.map(({ time }) => formatDay(time)))];
    return days.map(
      (day) => html`
        <h3>${day}</h3>
        ${this.#list(linesOf(this._rows.filter(({ time }) => formatDay(time) === day)))}
      `,
    );
  }

  /**
   * @param {Row[][]} lines
   * @returns {unknown}
   */
  #list(lines) {
    return html`<ul class="plain rows">
      ${lines.map((line) => html`<li>${this.#line(line)}</li>`)}
    </ul>`;
  }

  /**
   * Render one row, or a series of openings with its rows on demand.
   * @param {Row[]} line
   */
  #line(line) {
    const [newest, oldest] = [line.at(0), line.at(-1)];
    if (!newest || !oldest) return nothing;
    const names = {
      me: this.home.person,
      person: (/** @type {string} */ id) => this.nameOf(id),
      room: (/** @type {string} */ id) => this.roomName(id),
    };
    const [from, to] = [formatTime(oldest.time), formatTime(newest.time)];
    const when = from === to ? from : t("ledger.series.times", { from, to });
    return html`
      <time class="quiet" datetime=${new Date(newest.time * 1000).toISOString()}>${when}</time>
      ${line.length === 1 ? html`<span>${sentenceOf(newest, names)}</span>` : this.#series(line, names)}
    `;
  }

  /**
   * @param {Row[]} line
   * @param {Parameters<typeof sentenceOf>[1]} names
   * @returns {unknown}
   */
  #series(line, names) {
    return html`
      <details>
        <summary>
          ${sentenceOfSeries(line, names)}
          <span class="quiet">${t("ledger.series.entries", { count: line.length })}</span>
        </summary>
        ${this.#list(line.map((row) => [row]))}
      </details>
    `;
  }

  /**
   * Show the newest rows.
   * @param {typeof FILTERS[number]} about
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
   * Fetch one page of rows, and record whether there are older ones. It never ends within a series, so that the count
   * of a series is that of all its openings.
   * @param {typeof FILTERS[number]} about
   * @param {number} [before]
   */
  async #page(about, before) {
    /** @type {Row[]} */
    const rows = [];
    for (;;) {
      const from = rows.at(-1)?.seq ?? before;
      const older = from === undefined ? {} : { before: from };
      const page = await this.ask("ledger/rows", { about, limit: PAGE_ROWS + 1, ...older });
      const next = page[PAGE_ROWS];
      rows.push(...page.slice(0, PAGE_ROWS));
      const last = rows.at(-1);
      if (next && last && belongTogether(last, next)) continue;
      this._hasOlder = next !== undefined;
      return rows;
    }
  }

  async #export() {
    download("indoor-voice-ledger.json", await this.ask("ledger/copy", {}));
    return t("ledger.exported");
  }
}

customElements.define("indoor-voice-ledger", Ledger);
