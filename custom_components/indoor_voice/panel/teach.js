/** The page "Teach": what could be learned from reviewed recordings, and what was. */

import { html, nothing } from "./vendor/lit-element.js";
import { repeat } from "./vendor/directives/repeat.js";
import { assignedLater, delay } from "./dom.js";
import { button, card } from "./elements.js";
import { formatDate, t } from "./i18n.js";
import { improvementSentence, lessonSentence } from "./lesson-sentence.js";
import { subjectOf } from "./lessons/finding.js";
import { readHouse } from "./lessons/naming.js";
import { proposalsFrom, rebuilt } from "./lessons/proposals.js";
import { readEvidence } from "./lessons/reading.js";
import { Page } from "./page.js";
import { ReconnectionController } from "./reconnection.js";
import { SittingController, sitting } from "./sitting.js";
import { lessonItem, proposal, teachStyle } from "./teach-view.js";
import "./key.js";

/** @import { Answer, Fields, Lesson } from "./api.d.ts" */
/** @import { Finding } from "./lessons/finding.js" */
/** @import { House } from "./lessons/house.js" */
/** @import { Opened } from "./lessons/reading.js" */

/** The places for the outcomes of reading the evidence, and of what concerns the list of lessons. */
const [READING, LESSONS] = ["reading", "lessons"];
/** More proposals than these, those that rest on the most recordings, are not shown at once. */
const MOST_SHOWN = 50;
/** Lets the page answer the user while something is worked out. */
const breathe = () => delay(0);

class Teach extends Page {
  static properties = {
    ...Page.properties,
    _known: { state: true },
    _opened: { state: true },
    _count: { state: true },
    _findings: { state: true },
    _approved: { state: true },
    _lost: { state: true },
  };

  static styles = [...Page.styles, teachStyle];

  constructor() {
    super();
    /** @type {Answer<"lessons/list">} */
    this._known = assignedLater();
    /**
     * What was opened in this sitting. It never leaves this page.
     * @type {Opened | undefined}
     */
    this._opened = undefined;
    /** How many recordings have been opened so far. */
    this._count = 0;
    /**
     * What could be learned, once it is worked out.
     * @type {Finding[] | undefined}
     */
    this._findings = undefined;
    /**
     * The subjects of those findings that were approved since.
     * @type {ReadonlySet<string>}
     */
    this._approved = new Set();
    /**
     * The lessons that can't be worked out again.
     * @type {ReadonlySet<string>}
     */
    this._lost = new Set();
    new SittingController(this, () => (sitting.unlocked ? this.#begin() : this.#forget()));
    new ReconnectionController(this, () => {
      this.#forget();
      void this.attempt(() => this.load());
    });
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#forget();
  }

  /** Forget all that was opened. */
  #forget() {
    this._opened = undefined;
    this.#propose(undefined);
    this._lost = new Set();
  }

  /**
   * Show these findings, without the outcomes of what was done with the earlier ones.
   * @param {Finding[] | undefined} findings
   */
  #propose(findings) {
    for (const finding of this._findings ?? []) this.show(undefined, subjectOf(finding));
    this._findings = findings;
    this._approved = new Set();
  }

  async load() {
    this._known = await this.ask("lessons/list", {});
    if (sitting.unlocked) this.#begin();
  }

  /** Read the evidence, unless that was done or is under way. */
  #begin() {
    if (this._opened === undefined) void this.attempt(() => this.#read(), READING, t("teach.reading"));
  }

  async #read() {
    this.#forget();
    this._count = 0;
    const opened = await readEvidence(
      (command, fields) => this.ask(command, fields),
      (count) => (this._count = count),
    );
    const house = await readHouse(this.hass, this.home);
    this._known = await this.ask("lessons/list", {});
    const count = await this.#rebuild(opened, house);
    await this.#show(opened, house);
    return count > 0 ? t("teach.rebuilt", { count }) : undefined;
  }

  /**
   * Work out again the lessons that are off. Returns how many are on again.
   * @param {Opened} opened
   * @param {House} house
   */
  async #rebuild({ evidence }, house) {
    /** @type {Set<string>} */
    const lost = new Set();
    const off = this._known.lessons.filter(({ state }) => state === "off");
    for (const lesson of off) {
      const found = await rebuilt(lesson, evidence, house, breathe);
      if (found) {
        const { content, recordings } = found;
        await this.ask("lessons/rebuild", { lesson: lesson.lesson, content, recordings });
      } else lost.add(lesson.lesson);
    }
    if (lost.size < off.length) this._known = await this.ask("lessons/list", {});
    this._lost = lost;
    return off.length - lost.size;
  }

  /**
   * Show what could be learned, unless the user has left or locked the key meanwhile.
   * @param {Opened} opened
   * @param {House} house
   */
  async #show(opened, house) {
    const findings = await proposalsFrom(opened.evidence, this._known.lessons, house, breathe);
    if (!this.isConnected || !sitting.unlocked) return;
    this._opened = opened;
    this.#propose(findings);
  }

  content() {
    return html`
      <indoor-voice-key brief .hass=${this.hass} .home=${this.home}></indoor-voice-key>
      ${card(
        {
          heading: t("teach.proposals"),
          id: "proposals",
          actions: sitting.unlocked ? this.#againButton() : undefined,
          answer: this.answer(READING),
        },
        this.#proposals(),
      )}
      ${card({ heading: t("teach.lessons"), id: "lessons", answer: this.answer(LESSONS) }, this.#lessons())}
    `;
  }

  #againButton() {
    const again = () => this.attempt(() => this.#read(), READING, t("teach.reading"));
    return button({ label: t("teach.again"), busy: this.isBusy(READING), onClick: again });
  }

  #proposals() {
    const { _findings: findings, _opened: opened } = this;
    if (!findings || !opened) {
      const isReading = this.isBusy(READING) && this._count > 0;
      return html`
        <p>${t("teach.why")}</p>
        ${isReading ? html`<p class="quiet">${t("teach.opened", { count: this._count })}</p>` : nothing}
      `;
    }
    const { evidence, closed } = opened;
    const shown = findings.slice(0, MOST_SHOWN);
    return html`
      <p>${t(findings.length > 0 ? "teach.found" : "teach.none", { count: evidence.length })}</p>
      ${closed > 0 ? html`<p class="quiet">${t("teach.closed", { count: closed })}</p>` : nothing}
      ${list(
        "proposals",
        shown.map((finding) => ({ key: subjectOf(finding), content: this.#proposal(finding, opened) })),
      )}
      ${
        findings.length > shown.length
          ? html`<p class="quiet">${t("teach.more", { count: findings.length - shown.length })}</p>`
          : nothing
      }
    `;
  }

  /**
   * @param {Finding} finding
   * @param {Opened} opened
   */
  #proposal(finding, { evidence }) {
    const place = subjectOf(finding);
    const sources = evidence.filter(({ recording }) => finding.recordings.includes(recording));
    return proposal(finding, sources, {
      sentence: this.#sentence(finding),
      busy: this.isBusy(place),
      answer: this.answer(place),
      roomName: (room) => this.roomName(room),
      approve: this._approved.has(place) ? undefined : () => this.attempt(() => this.#approve(finding), place),
    });
  }

  /** @param {Finding | Lesson} teaching */
  #sentence(teaching) {
    return lessonSentence(teaching, this.hass, (room) => this.roomName(room));
  }

  #lessons() {
    const { lessons, counts } = this._known;
    const improvement = improvementSentence(counts);
    return html`
      ${improvement ? html`<p>${improvement}</p>` : nothing}
      ${lessons.length === 0 ? html`<p>${t("teach.no_lessons")}</p>` : nothing}
      ${list(
        "lessons",
        lessons.map((lesson) => ({ key: lesson.lesson, content: this.#lesson(lesson) })),
      )}
    `;
  }

  /** @param {Lesson} lesson */
  #lesson(lesson) {
    return lessonItem(lesson, {
      sentence: this.#sentence(lesson),
      busy: this.isBusy(LESSONS),
      name: this.nameOf(lesson.by),
      date: formatDate(Date.parse(lesson.approved) / 1000),
      why: lesson.state === "off" ? this.#whyOff(lesson) : undefined,
      end: () => this.attempt(() => this.#end(lesson), LESSONS),
    });
  }

  /** @param {Lesson} lesson */
  #whyOff({ lesson }) {
    const next = this._lost.has(lesson) ? "teach.lost" : "teach.waits";
    return `${t("teach.why_off")} ${t(next)}`;
  }

  /** @param {Finding} finding */
  async #approve({ kind, content, recordings }) {
    const approved = /** @type {Fields<"lessons/approve">} */ ({ kind, content, recordings });
    await this.ask("lessons/approve", approved);
    this._approved = new Set([...this._approved, subjectOf(approved)]);
    this._known = await this.ask("lessons/list", {});
    return t("teach.approved");
  }

  /** @param {Lesson} lesson */
  async #end(lesson) {
    await this.ask("lessons/end", { lesson: lesson.lesson });
    this._known = await this.ask("lessons/list", {});
    if (this._opened) await this.#show(this._opened, await readHouse(this.hass, this.home));
    return t("teach.ended", { lesson: this.#sentence(lesson) });
  }
}

/**
 * Render a list whose items stay with their keys; nothing if it is empty.
 * @param {string} label the id of its heading
 * @param {{ key: string, content: unknown }[]} items
 */
const list = (label, items) =>
  items.length > 0
    ? html`
      <ul class="plain lessons" aria-labelledby=${label}>
        ${repeat(
          items,
          ({ key }) => key,
          ({ content }) => html`<li>${content}</li>`,
        )}
      </ul>
    `
    : nothing;

customElements.define("indoor-voice-teach", Teach);
