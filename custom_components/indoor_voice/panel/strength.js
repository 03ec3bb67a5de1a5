/** How hard a passphrase is to guess; what the levels mean stands in docs/sealing.md. */

/** Below this a passphrase is refused. */
export const GOOD_BITS = 40;
export const STRONG_BITS = 55;

/** Judges passphrases beside the page, which goes on meanwhile; its lists are loaded with the first one. */
export class Meter {
  #worker;
  #known;
  #next = "";
  #asked;

  /** `known` are texts that whoever guesses knows, such as names; `tell` gets the bits, `fail` that none will come. */
  constructor(known, tell, fail) {
    this.#known = known;
    this.#worker = new Worker(new URL("./guessing.js", import.meta.url));
    this.#worker.onerror = fail;
    this.#worker.onmessage = ({ data }) => {
      const asked = this.#asked;
      this.#asked = undefined;
      if (asked === this.#next) tell(data);
      else this.#ask();
    };
  }

  /** Judge a passphrase; of those that are typed while another is judged, only the last one is. */
  judge(passphrase) {
    this.#next = passphrase;
    if (this.#asked === undefined) this.#ask();
  }

  /** Forget what was typed, with the worker's memory. */
  close() {
    this.#worker.terminate();
  }

  #ask() {
    this.#asked = this.#next;
    this.#worker.postMessage({ passphrase: this.#asked, known: this.#known });
  }
}
