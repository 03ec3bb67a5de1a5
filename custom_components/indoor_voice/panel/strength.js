/** How hard a passphrase is to guess; docs/sealing.md says what the levels mean. */

/** A passphrase below this is refused. */
export const GOOD_BITS = 40;
const STRONG_BITS = 55;

/**
 * Return how a passphrase is called that takes so many bits to guess.
 * @param {number} bits
 */
export function strengthOf(bits) {
  if (bits < GOOD_BITS) return "weak";
  return bits < STRONG_BITS ? "good" : "strong";
}

/** Judges passphrases in a worker, which loads its word lists when it is created. */
export class Meter {
  #worker;
  #known;
  #next = "";
  /**
   * The passphrase that the worker judges now.
   * @type {string | undefined}
   */
  #asked;

  /**
   * @param {string[]} known what a guesser knows, such as names
   * @param {(bits: number) => void} tell gets the estimate for the last passphrase
   * @param {() => void} fail is called if there will be no estimate
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
   * Judge a passphrase; of those that come while another one is judged, only the last is.
   * @param {string} passphrase
   */
  judge(passphrase) {
    this.#next = passphrase;
    if (this.#asked === undefined) this.#ask();
  }

  /** End the worker, and with it the memory that holds what was typed. */
  close() {
    this.#worker.terminate();
  }

  #ask() {
    this.#asked = this.#next;
    this.#worker.postMessage({ passphrase: this.#asked, known: this.#known });
  }
}
