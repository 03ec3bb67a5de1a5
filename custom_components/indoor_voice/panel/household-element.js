/** The base class of the elements that follow the household: the panel, and the frame of the card. */

import { LitElement } from "./vendor/lit-element.js";
import { assignedLater } from "./dom.js";
import { problemText } from "./problem.js";
import { Subscription } from "./subscription.js";

/** @import { Arrangement, HomeAssistant } from "./api.d.ts" */

/** Subscribes when `follow` is called, and again when it is connected again. */
export class HouseholdElement extends LitElement {
  static properties = {
    hass: { attribute: false },
    _home: { state: true },
    _problem: { state: true },
  };

  /** @type {Subscription<"household/subscribe"> | undefined} */
  #subscription;

  constructor() {
    super();
    /** @type {HomeAssistant} */
    this.hass = assignedLater();
    /** @type {Arrangement | undefined} */
    this._home = undefined;
    /** @type {string | undefined} */
    this._problem = undefined;
  }

  connectedCallback() {
    super.connectedCallback();
    if (this.hasUpdated) this.follow();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#unfollow();
  }

  /** Whether there is a subscription; there is none after it failed. */
  get isFollowing() {
    return this.#subscription !== undefined;
  }

  follow() {
    const fail = (/** @type {unknown} */ err) => {
      this.#unfollow();
      this._home = undefined;
      this._problem = problemText(err);
    };
    this.#subscription = new Subscription(this.hass, "household/subscribe", (home) => this.receive(home), fail);
  }

  /**
   * Show the household as it is now.
   * @param {Arrangement} home
   */
  receive(home) {
    this._home = home;
    this._problem = undefined;
  }

  #unfollow() {
    this.#subscription?.stop();
    this.#subscription = undefined;
  }
}
