/** The unlocked listening key: in this page's memory until it is locked or the page is left. */

import { wipe } from "./sealing.js";

/** @import { UnlockedKey } from "./api.d.ts" */
/** @import { LitElement } from "./vendor/lit-element.js" */

const IDLE_MS = 15 * 60 * 1000;
/** The speeds at which recordings can be played; 1 is the original speed. */
export const SPEEDS = [0.75, 1, 1.25, 1.5, 2];

/** Holds the key and the playback speed; dispatches "change" whenever either changes. */
export class Sitting extends EventTarget {
  /** @type {UnlockedKey | undefined} */
  #key;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #speed = 1;

  /** Whether there is an unlocked key. */
  get unlocked() {
    return this.#key !== undefined;
  }

  /** Return the unlocked key in order to use it, which keeps it unlocked for longer; undefined while it is locked. */
  use() {
    if (this.#key) this.#lockLater();
    return this.#key;
  }

  /** How fast recordings are played: one of `SPEEDS`. */
  get speed() {
    return this.#speed;
  }

  set speed(speed) {
    this.#speed = speed;
    this.dispatchEvent(new Event("change"));
  }

  /**
   * Play slower (-1) or faster (1) from now on, down or up to the last of `SPEEDS`.
   * @param {-1 | 1} by
   */
  changeSpeed(by) {
    this.speed = SPEEDS[SPEEDS.indexOf(this.#speed) + by] ?? this.#speed;
  }

  /**
   * Begin, with a key that was just unlocked.
   * @param {UnlockedKey} key
   */
  begin(key) {
    this.#key = key;
    this.#lockLater();
    this.dispatchEvent(new Event("change"));
  }

  /** Lock the key. */
  end() {
    clearTimeout(this.#timer);
    if (this.#key) wipe(this.#key);
    this.#key = undefined;
    this.#speed = 1;
    this.dispatchEvent(new Event("change"));
  }

  #lockLater() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.end(), IDLE_MS);
  }
}

export const sitting = new Sitting();

/** Calls a function whenever the sitting has changed, as long as the host element is connected. */
export class SittingController {
  #changed;

  /**
   * @param {LitElement} host
   * @param {() => void} changed
   */
  constructor(host, changed) {
    this.#changed = changed;
    host.addController(this);
  }

  hostConnected() {
    sitting.addEventListener("change", this.#changed);
  }

  hostDisconnected() {
    sitting.removeEventListener("change", this.#changed);
  }
}
