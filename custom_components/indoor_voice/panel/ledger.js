/** Who listened: what the ledger holds about me, whether it is whole, and a copy to keep. */

import { html, nothing } from "./vendor/lit-element.js";
import { Page, download } from "./page.js";
import { clock, date, dayOf, duration, hasWords, list, number, say } from "./words.js";

const SHOWN = 50;
const ALL = 500;
const LISTENING = new Set(["opened", "refused", "captured"]);

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
              ${say("ledger.whole", { count: this._whole.rows })} ${this._since()} ${this._compared ? say("ledger.same") : nothing}
            </p>`
          : html`<p class="problem">
              ${say(`ledger.broken.${this._whole.reason}`, { row: this._whole.first_broken })}
            </p>`}
        <h3>${say("ledger.counts_title")}</h3>
        <ul class="plain counts">
          ${this._counts()}
        </ul>
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
          ? this._days(rows.slice(0, this._shown))
          : html`<p>${say(this._everything ? "ledger.nothing" : "ledger.nobody")}</p>`}
        ${rows.length > this._shown || this._older
          ? html`<button @click=${() => this.attempt(() => this._more(rows.length))}>${say("ledger.more")}</button>`
          : nothing}
      </section>
    `;
  }

  /** From which row on there is a ledger: older ones were removed, or it was begun anew. */
  _since() {
    const { first, since } = this._whole;
    return since === null ? nothing : say("ledger.since", { row: number(first), date: date(since) });
  }

  /** What was counted, and whether it adds up: each command was kept or not, each recording is there or deleted. */
  _counts() {
    const { captured, kept, dropped, clips, deleted, expired, opened } = this._totals;
    const notKept = Object.values(dropped).reduce((sum, count) => sum + count, 0);
    const figures = { captured, kept, notKept, clips, expired, deleted: deleted - expired, opened };
    const written = Object.fromEntries(Object.entries(figures).map(([name, count]) => [name, number(count)]));
    return html`
      ${this._sum("commands", written, captured === kept + notKept)}
      ${this._sum("recordings", written, kept === clips + deleted)}
      <li>${say("ledger.counts.opened", written)}</li>
    `;
  }

  _sum(name, written, right) {
    return html`
      <li class=${right ? "done" : "problem"}>
        ${say(`ledger.counts.${name}`, written)} ${say(right ? "ledger.counts.right" : "ledger.counts.wrong")}
      </li>
    `;
  }

  _days(rows) {
    const days = [...new Set(rows.map((row) => dayOf(row.time)))];
    return days.map(
      (day) => html`
        <h3>${day}</h3>
        <ul class="plain rows">
          ${rows.filter((row) => dayOf(row.time) === day).map(
            (row) => html`
              <li>
                <time class="quiet" datetime=${new Date(row.time * 1000).toISOString()}>${clock(row.time)}</time>
                ${this._sentence(row)}
              </li>
            `,
          )}
        </ul>
      `,
    );
  }

  _sentence({ kind, actor, room, detail }) {
    const known = (group, name) => (hasWords(`ledger.${group}.${name}`) ? say(`ledger.${group}.${name}`) : "");
    const everywhere = kind.startsWith("consent-") ? say("ledger.everywhere") : "";
    const ofAnother = kind === "key-removed" && detail.person !== actor;
    return say(`ledger.kind.${ofAnother ? "key-removed-of" : kind}`, {
      who: this._who(kind, actor, detail),
      whom: detail.person === undefined ? "" : this.nameOf(detail.person),
      where: room === null ? everywhere : say("ledger.where", { room: this.roomName(room) }),
      seconds: detail.seconds === undefined ? "" : duration(detail.seconds),
      part: known("part", detail.part),
      why: known("why", detail.why),
      purpose: known("purpose", detail.purpose),
      change: changes(detail),
      found: known("found", detail.change),
      set_up: kind === "arranged" ? this._setUp(detail) : "",
      count: detail.clips,
      days: detail.days === undefined ? "" : number(detail.days),
    });
  }

  _setUp({ what, name = "", was = "", now = "", person }) {
    const whom = person === undefined ? "" : this.nameOf(person);
    return say(`ledger.set_up.${what}`, { name, was: was || "–", now: now || "–", whom });
  }

  /** Who did it; of whom Home Assistant does not know, by which way. Only who has an account can be refused. */
  _who(kind, actor, { how, by }) {
    if (by !== undefined) return this.nameOf(by);
    if (actor === this.home.person) return say("ledger.you");
    if (actor !== null) return this.nameOf(actor);
    return say(`ledger.unknown.${kind === "refused" ? "panel" : (how ?? "system")}`);
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
    download("indoor-voice-ledger.json", await this.ask("ledger/copy"));
  }
}

/** Return what a pause changed, in words. */
function changes(detail) {
  const names = ["household", "room", "guests"].filter((name) => name in detail);
  return list(names.map((name) => say(`ledger.pause.${name}_${detail[name] ? "on" : "off"}`)));
}

customElements.define("indoor-voice-ledger", Ledger);
