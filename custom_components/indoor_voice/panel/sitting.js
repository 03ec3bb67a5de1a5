/** The listening key that is unlocked now: in this page's memory, until it is locked or the page is left. */

import { wipe } from "./sealing.js";

const IDLE_MS = 15 * 60 * 1000;
/** How fast recordings can be played; 1 is as it was said. */
export const SPEEDS = [0.75, 1, 1.25, 1.5, 2];

class Sitting extends EventTarget {
  #key = null;
  #timer;
  #speed = 1;

  /** Whether there is an unlocked key. */
  get unlocked() {
    return this.#key !== null;
  }

  /** The unlocked key; null while it is locked. To ask for it is to use it, which keeps it unlocked. */
  get key() {
    if (this.#key) this.#wait();
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

  /** Play slower (-1) or faster (1) from now on, as far as that goes. */
  hurry(by) {
    this.speed = SPEEDS[SPEEDS.indexOf(this.#speed) + by] ?? this.#speed;
  }

  /** Begin, with a key that was just unlocked. */
  begin(key) {
    this.#key = key;
    this.#wait();
    this.dispatchEvent(new Event("change"));
  }

  /** Lock. */
  end() {
    clearTimeout(this.#timer);
    if (this.#key) wipe(this.#key);
    this.#key = null;
    this.#speed = 1;
    this.dispatchEvent(new Event("change"));
  }

  #wait() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.end(), IDLE_MS);
  }
}

export const sitting = new Sitting();

/** Calls `changed` whenever the sitting has changed, as long as its host, a LitElement, is shown. */
export class Follow {
  #changed;

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
