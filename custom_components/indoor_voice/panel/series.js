/** Goes through several recordings, one after another, until it is stopped. */

export class Series {
  #recordings;
  #changed;
  #index = 0;
  #stopped = false;
  /** Ends the work on the current recording. */
  #current = new AbortController();

  /**
   * @param {string[]} recordings their names
   * @param {() => void} changed called when another recording becomes the current one
   */
  constructor(recordings, changed) {
    this.#recordings = recordings;
    this.#changed = changed;
  }

  /** The name of the current recording. */
  get current() {
    return this.#recordings[this.#index];
  }

  /** The number of the current recording, from 1. */
  get number() {
    return this.#index + 1;
  }

  /** How many recordings there are. */
  get count() {
    return this.#recordings.length;
  }

  /** Whether it was stopped before its end. */
  get stopped() {
    return this.#stopped;
  }

  /**
   * Do `work` with each recording; its signal aborts when the recording is skipped or the series stopped.
   * @param {(recording: string, signal: AbortSignal) => Promise<void>} work
   */
  async run(work) {
    for (const [index, recording] of this.#recordings.entries()) {
      if (this.#stopped) return;
      this.#index = index;
      this.#current = new AbortController();
      this.#changed();
      await work(recording, this.#current.signal);
    }
  }

  /** Go on with the next recording. */
  skip() {
    this.#current.abort();
  }

  /** Stop at once. */
  stop() {
    this.#stopped = true;
    this.#current.abort();
  }
}
