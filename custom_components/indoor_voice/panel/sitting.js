/** The sitting: the time during which the listening key is unlocked, in the memory of this page only. */

import { wipe } from "./sealing.js";

/** @import { LockedKey, UnlockedKey } from "./api.d.ts" */
/** @import { LitElement } from "./vendor/lit-element.js" */

const IDLE_MS = 15 * 60 * 1000;
/** The playback speeds; 1 is the original speed. */
export const SPEEDS = [0.75, 1, 1.25, 1.5, 2];

/** Holds the unlocked key and the playback speed. Dispatches "change" when either changes. */
export class Sitting extends EventTarget {
  /** @type {UnlockedKey | undefined} */
  #key;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #speed = 1;

  /** Whether the key is unlocked. */
  get unlocked() {
    return this.#key !== undefined;
  }

  /** Return the unlocked key and restart its idle timer; undefined while it is locked. */
  use() {
    if (this.#key) this.#lockLater();
    return this.#key;
  }

  /** The playback speed, one of `SPEEDS`. */
  get speed() {
    return this.#speed;
  }

  set speed(speed) {
    this.#speed = speed;
    this.dispatchEvent(new Event("change"));
  }

  /**
   * Change the speed by one step, slower (-1) or faster (1), within `SPEEDS`.
   * @param {-1 | 1} by
   */
  changeSpeed(by) {
    this.speed = SPEEDS[SPEEDS.indexOf(this.#speed) + by] ?? this.#speed;
  }

  /**
   * Begin a sitting with a key that was just unlocked.
   * @param {UnlockedKey} key
   */
  begin(key) {
    this.#key = key;
    this.#lockLater();
    this.dispatchEvent(new Event("change"));
  }

  /** End the sitting: overwrite the key and reset the speed. */
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

/**
 * Start a sitting with an unlocked key, and remember it in this browser, so that a replaced key is noticed.
 * @param {string} person whose key it is
 * @param {LockedKey} locked
 * @param {UnlockedKey} key
 */
export function startSitting(person, locked, key) {
  localStorage.setItem(itemOf(person), locked.public);
  sitting.begin(key);
}

/**
 * Return the public half of the key that a person last opened in this browser.
 * @param {string} person
 */
export const knownKey = (person) => localStorage.getItem(itemOf(person));

/**
 * Forget which key a person last opened in this browser.
 * @param {string} person
 */
export const forgetKey = (person) => localStorage.removeItem(itemOf(person));

/** @param {string} person */
const itemOf = (person) => `indoor-voice.key.${person}`;

/** Calls a function whenever the sitting changes while the host element is connected. */
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
