/** The base class of the panel's pages: sends commands to Home Assistant and shows their outcome. */

import { LitElement, html, nothing } from "./vendor/lit-element.js";
import { assignedLater } from "./dom.js";
import { t } from "./i18n.js";
import { personName, roomName } from "./names.js";
import { problemText } from "./problem.js";
import { style } from "./style.js";
import { Subscription } from "./subscription.js";

/** @import { Answer, Arrangement, Commands, Fields, HomeAssistant, Subscriptions } from "./api.d.ts" */
/** @typedef {() => Promise<string | void> | string | void} Work */

/** A page or part of a page. Subclasses override `load`, which fetches the data, and `content`, which renders it. */
export class Page extends LitElement {
  static properties = {
    hass: { attribute: false },
    home: { attribute: false },
    _loaded: { state: true },
    _busy: { state: true },
    _problem: { state: true },
    _done: { state: true },
  };

  static styles = [style];

  /** @type {{ stop: () => void }[]} */
  #subscriptions = [];

  constructor() {
    super();
    /** @type {HomeAssistant} */
    this.hass = assignedLater();
    /** @type {Arrangement} */
    this.home = assignedLater();
    this._loaded = false;
    this._busy = false;
    /** @type {string | undefined} */
    this._problem = undefined;
    /** @type {string | undefined} */
    this._done = undefined;
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
        this._problem = problemText(err);
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- as Home Assistant rejects
        reject(err);
      };
      this.#subscriptions.push(new Subscription(this.hass, command, receive, fail));
    });
  }

  /**
   * Run one piece of work at a time and show the sentence that it returns, or the error. Does nothing while busy.
   * @param {Work} work
   */
  async attempt(work) {
    if (this._busy) return;
    this._busy = true;
    this._problem = this._done = undefined;
    try {
      this._done = (await work()) ?? undefined;
    } catch (error) {
      this._problem = problemText(error);
    } finally {
      this._busy = false;
    }
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
    return html`
      <div role="status">
        ${this._done ? html`<p class="card done">${this._done}</p>` : nothing}
        ${this._busy && !this._loaded ? html`<p class="hidden">${t("loading")}</p>` : nothing}
      </div>
      <div role="alert">${this._problem ? html`<p class="card problem">${this._problem}</p>` : nothing}</div>
      ${this._loaded ? this.content() : nothing}
    `;
  }
}
