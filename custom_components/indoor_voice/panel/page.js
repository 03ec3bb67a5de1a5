/** The base class of the panel's pages: sends commands to Home Assistant and shows their outcome. */

import { LitElement, html, nothing } from "./vendor/lit-element.js";
import { assignedLater, delay, focusIsLost, focusedIn, isShown } from "./dom.js";
import { answerPlace, skeleton } from "./elements.js";
import { t } from "./i18n.js";
import { personName, roomName } from "./names.js";
import { problemText } from "./problem.js";
import { style } from "./style.js";
import { Subscription } from "./subscription.js";

/** @import { Answer, Arrangement, Commands, Fields, HomeAssistant, Subscriptions } from "./api.d.ts" */
/** @import { CSSResultArray, PropertyValues } from "./vendor/lit-element.js" */
/** @import { Outcome } from "./elements.js" */
/** @typedef {() => Promise<string | void> | string | void} Work */

/** How long an action takes at least, so that the second click of a double click can't reverse the first. */
const DOUBLE_CLICK_MS = 400;
/** How long an action may take before the page says that it is under way. */
const PATIENCE_MS = 800;
/** The place for outcomes above the content of a page, for what belongs to no other place. */
const TOP = "";

/**
 * A page or part of a page. Subclasses override `load`, which fetches the data, and `content`, which renders it.
 *
 * What the user does runs in `attempt`, which is given a place: a name for the card or row that was clicked. The
 * content renders `answer(place)` there, and its buttons are busy while `isBusy(place)`.
 */
export class Page extends LitElement {
  static properties = {
    hass: { attribute: false },
    home: { attribute: false },
    _loaded: { state: true },
    _busyPlaces: { state: true },
    _outcomes: { state: true },
  };

  static styles = /** @type {CSSResultArray} */ ([style]);

  /** @type {{ stop: () => void }[]} */
  #subscriptions = [];
  /**
   * The places that the content has rendered.
   * @type {Set<string>}
   */
  #places = new Set();
  /**
   * The control that was used last, and the place for its outcome, which takes the focus if the control goes away.
   * @type {{ control: Element, place: string } | undefined}
   */
  #used;

  constructor() {
    super();
    /** @type {HomeAssistant} */
    this.hass = assignedLater();
    /** @type {Arrangement} */
    this.home = assignedLater();
    this._loaded = false;
    /**
     * The places at which something is under way.
     * @type {ReadonlySet<string>}
     */
    this._busyPlaces = new Set();
    /**
     * The outcomes by place.
     * @type {ReadonlyMap<string, Outcome>}
     */
    this._outcomes = new Map();
  }

  connectedCallback() {
    super.connectedCallback();
    void this.attempt(async () => {
      await this.load();
      this._loaded = true;
    });
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    for (const subscription of this.#subscriptions.splice(0)) subscription.stop();
  }

  /**
   * Fetch the data that the page shows.
   * @returns {Promise<void> | void}
   */
  load() {
    return undefined;
  }

  /**
   * Render the page, once it is loaded.
   * @returns {unknown}
   */
  content() {
    return nothing;
  }

  /**
   * Render what stands in for the page while it is loaded.
   * @returns {unknown}
   */
  placeholder() {
    return skeleton();
  }

  /**
   * Send a command and return its answer; rejects with a `CommandError` if it is refused.
   * @template {keyof Commands} Command
   * @param {Command} command
   * @param {Fields<Command>} fields
   * @returns {Promise<Answer<Command>>}
   */
  ask(command, fields) {
    return this.hass.callWS({ type: `indoor_voice/${command}`, ...fields });
  }

  /**
   * Call `onEvent` with each event of a subscription while the page is shown; resolves after the first one.
   * @template {keyof Subscriptions} Command
   * @param {Command} command
   * @param {(event: Subscriptions[Command]) => void} onEvent
   * @returns {Promise<void>}
   */
  follow(command, onEvent) {
    return new Promise((resolve, reject) => {
      const receive = (/** @type {Subscriptions[Command]} */ event) => {
        onEvent(event);
        resolve();
      };
      const fail = (/** @type {unknown} */ err) => {
        this.show({ kind: "error", text: problemText(err) });
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- as Home Assistant rejects
        reject(err);
      };
      this.#subscriptions.push(new Subscription(this.hass, command, receive, fail));
    });
  }

  /**
   * Run one piece of work at a time for each place, and show the sentence that it returns, or the error, at that
   * place. Does nothing while the place is busy.
   * @param {Work} work
   * @param {string} [place]
   * @param {string} [progress] what to show if it takes long
   */
  async attempt(work, place = TOP, progress = t("working")) {
    if (this.isBusy(place)) return;
    this.#setBusy(place, true);
    this.show(undefined, place);
    const control = focusedIn(this.renderRoot);
    if (control) this.#used = { control, place };
    const patience = setTimeout(
      () => this._loaded && this.show({ kind: "progress", text: progress }, place),
      PATIENCE_MS,
    );
    const doubleClick = place === TOP ? undefined : delay(DOUBLE_CLICK_MS);
    try {
      const text = await work();
      this.show(text ? { kind: "success", text } : undefined, place);
    } catch (error) {
      this.show({ kind: "error", text: problemText(error) }, place);
    } finally {
      clearTimeout(patience);
    }
    await doubleClick;
    this.#setBusy(place, false);
  }

  /**
   * Return whether something is under way at a place.
   * @param {string} [place]
   */
  isBusy(place = TOP) {
    return this._busyPlaces.has(place);
  }

  /**
   * @param {string} place
   * @param {boolean} busy
   */
  #setBusy(place, busy) {
    const others = [...this._busyPlaces].filter((other) => other !== place);
    this._busyPlaces = new Set(busy ? [...others, place] : others);
  }

  /**
   * Show an outcome at a place, or remove the one that is shown.
   * @param {Outcome | undefined} outcome
   * @param {string} [place]
   */
  show(outcome, place = TOP) {
    const outcomes = new Map(this._outcomes);
    if (outcome) outcomes.set(place, outcome);
    else outcomes.delete(place);
    this._outcomes = outcomes;
  }

  /**
   * Render the place for the outcomes of `attempt` with the same place.
   * @param {string} place
   */
  answer(place) {
    this.#places.add(place);
    return answerPlace(place, this._outcomes.get(place));
  }

  /**
   * Return the name of a person.
   * @param {string} person its id
   */
  nameOf(person) {
    return personName(this.home, person);
  }

  /**
   * Return the name of a room.
   * @param {string} room its id
   */
  roomName(room) {
    return roomName(this.hass, this.home, room);
  }

  render() {
    this.#places.clear();
    const content = this._loaded ? this.content() : nothing;
    // The outcome of an action whose card is gone is shown at the top.
    const orphan = [...this._outcomes].findLast(([place]) => !this.#places.has(place))?.[1];
    return html`
      <div class="top">${answerPlace(TOP, orphan)}</div>
      ${content}
      ${
        this._loaded || orphan
          ? nothing
          : html`<p class="hidden" role="status">${t("loading")}</p> ${this.placeholder()}`
      }
    `;
  }

  /** @param {PropertyValues<this>} changed */
  updated(changed) {
    super.updated(changed);
    const used = this.#used;
    if (!used || isShown(used.control)) return;
    this.#used = undefined;
    if (!focusIsLost() && focusedIn(this.renderRoot) !== used.control) return;
    /** @type {NodeListOf<HTMLElement>} */
    const places = this.renderRoot.querySelectorAll("[data-place]");
    ([...places].find(({ dataset }) => dataset["place"] === used.place) ?? places[0])?.focus();
  }
}
