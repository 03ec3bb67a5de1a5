/** Rates how hard a passphrase is to guess. docs/sealing.md explains the levels. */

/** The least that a passphrase needs to be accepted. */
export const GOOD_BITS = 40;
const STRONG_BITS = 55;

/**
 * Return the strength level for a number of bits that must be guessed.
 * @param {number} bits
 */
export function strengthOf(bits) {
  if (bits < GOOD_BITS) return "weak";
  return bits < STRONG_BITS ? "good" : "strong";
}

/** Estimates passphrases in a worker, which loads its word lists when it is created. */
export class Meter {
  #worker;
  #known;
  #next = "";
  /**
   * The passphrase that the worker is estimating.
   * @type {string | undefined}
   */
  #asked;

  /**
   * @param {string[]} known names and other texts that an attacker would know
   * @param {(bits: number) => void} tell called with the estimate for the latest passphrase
   * @param {() => void} fail called if the worker can't be loaded or fails
   */
  constructor(known, tell, fail) {
    this.#known = known;
    this.#worker = new Worker(new URL("./guessing.js", import.meta.url));
    this.#worker.addEventListener("error", fail);
    this.#worker.addEventListener("message", (/** @type {MessageEvent<number>} */ { data }) => {
      const asked = this.#asked;
      this.#asked = undefined;
      if (asked === this.#next) tell(data);
      else this.#ask();
    });
  }

  /**
   * Estimate a passphrase. Of those that arrive while the worker is busy, only the last is estimated.
   * @param {string} passphrase
   */
  judge(passphrase) {
    this.#next = passphrase;
    if (this.#asked === undefined) this.#ask();
  }

  /** End the worker, which also frees the memory that holds the typed passphrase. */
  close() {
    this.#worker.terminate();
  }

  #ask() {
    this.#asked = this.#next;
    this.#worker.postMessage({ passphrase: this.#asked, known: this.#known });
  }
}
