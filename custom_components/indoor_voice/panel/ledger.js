/** Who listened: what the ledger holds about me, whether it is whole, and a copy to keep. */

import { html, nothing } from "./vendor/lit-element.js";
import { Page, download } from "./page.js";
import { duration, hasWords, list, say, time } from "./words.js";

const SHOWN = 50;
const ALL = 500;
const LISTENING = new Set(["opened", "refused"]);

class Ledger extends Page {
  static properties = {
    ...Page.properties,
    _rows: { state: true },
    _totals: { state: true },
    _whole: { state: true },
    _everything: { state: true },
    _older: { state: true },
  };

  async load() {
    const heads = this._heads();
    [this._rows, this._totals, this._whole] = await Promise.all([
      this.ask("ledger/rows", { limit: ALL }),
      this.ask("household/totals"),
      this.ask("ledger/verify", { heads }),
    ]);
    this._compared = heads.length > 0;
    this._shown = SHOWN;
    this._older = this._rows.length === ALL;
    if (this._whole.ok) this._remember(await this.ask("ledger/head"));
  }

  /** Where this browser remembers the head it saw last: who cuts rows off, or begins anew, is found out by it. */
  get _place() {
    return `indoor-voice.head.${this.home.person}`;
  }

  _heads() {
    const kept = localStorage.getItem(this._place);
    return kept ? [JSON.parse(kept)] : [];
  }

  _remember(head) {
    localStorage.setItem(this._place, JSON.stringify(head));
  }

  content() {
    const rows = this._rows.filter(({ kind }) => this._everything || LISTENING.has(kind));
    return html`
      <section class="card" aria-labelledby="whole">
        <h2 id="whole">${say("ledger.whole_title")}</h2>
        ${this._whole.ok
          ? html`<p class="done">
              ${say("ledger.whole", { count: this._whole.rows })} ${this._compared ? say("ledger.same") : nothing}
            </p>`
          : html`<p class="problem">
              ${say(`ledger.broken.${this._whole.reason}`, { row: this._whole.first_broken })}
            </p>`}
        <p>${this._counts()}</p>
        <button @click=${() => this.attempt(() => this._export())}>${say("ledger.export")}</button>
      </section>
      <section class="card" aria-labelledby="rows">
        <h2 id="rows">${say("ledger.rows_title")}</h2>
        <div class="row">
          ${[false, true].map(
            (everything) => html`
              <button aria-pressed=${Boolean(this._everything) === everything} @click=${() => this._show(everything)}>
                ${say(everything ? "ledger.everything" : "ledger.listening")}
              </button>
            `,
          )}
        </div>
        ${rows.length
          ? html`<ol class="plain">
              ${rows.slice(0, this._shown).map((row) => this._row(row))}
            </ol>`
          : html`<p>${say(this._everything ? "ledger.nothing" : "ledger.nobody")}</p>`}
        ${rows.length > this._shown || this._older
          ? html`<button @click=${() => this.attempt(() => this._more(rows.length))}>${say("ledger.more")}</button>`
          : nothing}
      </section>
    `;
  }

  _counts() {
    const { captured, kept, opened, deleted, dropped } = this._totals;
    const not_kept = Object.values(dropped).reduce((sum, count) => sum + count, 0);
    return say("ledger.counts", { captured, kept, opened, deleted, not_kept });
  }

  _row(row) {
    return html`
      <li>
        <p>
          <time class="quiet" datetime=${new Date(row.time * 1000).toISOString()}>${time(row.time)}</time><br />
          ${this._sentence(row)}
        </p>
      </li>
    `;
  }

  _sentence({ kind, actor, room, detail }) {
    const values = {
      who: actor === null ? say("ledger.itself") : actor === this.home.person ? say("ledger.you") : this.nameOf(actor),
      room: room === null ? say("ledger.everywhere") : this.roomName(room),
      seconds: detail.seconds === undefined ? "" : duration(detail.seconds),
      part: hasWords(`ledger.part.${detail.part}`) ? say(`ledger.part.${detail.part}`) : "",
      why: hasWords(`ledger.why.${detail.why}`) ? say(`ledger.why.${detail.why}`) : "",
      purpose: hasWords(`ledger.purpose.${detail.purpose}`) ? say(`ledger.purpose.${detail.purpose}`) : "",
      change: changes(detail),
      count: detail.clips,
    };
    return say(`ledger.kind.${kind}`, values);
  }

  _show(everything) {
    this._everything = everything;
    this._shown = SHOWN;
  }

  async _more(count) {
    if (count <= this._shown && this._older) {
      const older = await this.ask("ledger/rows", { limit: ALL, before: this._rows.at(-1).seq });
      this._rows = [...this._rows, ...older];
      this._older = older.length === ALL;
    }
    this._shown += SHOWN;
    this.requestUpdate();
  }

  async _export() {
    const rows = [];
    for (let page = await this.ask("ledger/rows", { limit: ALL }); page.length; ) {
      rows.push(...page);
      page = await this.ask("ledger/rows", { limit: ALL, before: rows.at(-1).seq });
    }
    const [head, verification] = [await this.ask("ledger/head"), await this.ask("ledger/verify")];
    download("indoor-voice-ledger.json", { rows, head, verification });
  }
}

/** Return what a pause changed, in words. */
function changes(detail) {
  const names = ["household", "room", "guests"].filter((name) => name in detail);
  return list(names.map((name) => say(`ledger.pause.${name}_${detail[name] ? "on" : "off"}`)));
}

customElements.define("indoor-voice-ledger", Ledger);
