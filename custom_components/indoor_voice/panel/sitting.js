/** The listening key that is unlocked now: in this page's memory, until it is locked or the page is left. */

import { wipe } from "./sealing.js";

const IDLE_MS = 15 * 60 * 1000;

class Sitting extends EventTarget {
  #key = null;
  #timer;

  /** Whether there is an unlocked key. */
  get unlocked() {
    return this.#key !== null;
  }

  /** The unlocked key; null while it is locked. To ask for it is to use it, which keeps it unlocked. */
  get key() {
    if (this.#key) this.#wait();
    return this.#key;
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
    this.dispatchEvent(new Event("change"));
  }

  #wait() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.end(), IDLE_MS);
  }
}

export const sitting = new Sitting();
