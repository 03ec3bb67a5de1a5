/** Measures how much of a recording has been heard. */

/** A recording can be judged after this many seconds, or this part of it if that is less. */
const ENOUGH_SECONDS = 3;
const ENOUGH_PART = 0.9;

/** Adds up the time during which a sound plays. Skipping to its end does not count as hearing it. */
export class HeardTime {
  #needed;
  #heard = 0;
  /**
   * The last time at which the sound was known to be playing, in milliseconds.
   * @type {number | undefined}
   */
  #since;

  /** @param {number} seconds the length of the sound */
  constructor(seconds) {
    this.#needed = Math.min(ENOUGH_SECONDS, ENOUGH_PART * seconds);
  }

  /** Whether enough was heard to judge the recording. */
  get enough() {
    return this.#heard >= this.#needed;
  }

  /**
   * Record whether the sound is playing. Must be called repeatedly while it is.
   * @param {boolean} playing
   * @param {number} now in milliseconds
   * @param {number} rate the playback rate since the last call
   */
  note(playing, now, rate) {
    if (this.#since !== undefined) this.#heard += ((now - this.#since) / 1000) * rate;
    this.#since = playing ? now : undefined;
  }
}
