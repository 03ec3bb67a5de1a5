/** Measures how much of a sound somebody has heard. */

/** Whoever has heard this much of a recording can judge it. */
const ENOUGH_SECONDS = 3;
const ENOUGH_PART = 0.9;

/** Adds up the time during which a sound plays; jumping to its end is not hearing it. */
export class HeardTime {
  #needed;
  #heard = 0;
  /**
   * When it was last told that the sound plays, in milliseconds.
   * @type {number | undefined}
   */
  #since;

  /** @param {number} seconds how long the sound is */
  constructor(seconds) {
    this.#needed = Math.min(ENOUGH_SECONDS, ENOUGH_PART * seconds);
  }

  /** Whether enough was heard to judge. */
  get enough() {
    return this.#heard >= this.#needed;
  }

  /**
   * Take note of whether the sound plays; to be called repeatedly while it does.
   * @param {boolean} playing
   * @param {number} now in milliseconds
   * @param {number} rate how fast it has played since the last call
   */
  note(playing, now, rate) {
    if (this.#since !== undefined) this.#heard += ((now - this.#since) / 1000) * rate;
    this.#since = playing ? now : undefined;
  }
}
