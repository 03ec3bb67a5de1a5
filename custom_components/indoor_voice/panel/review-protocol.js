/** The client side of a review: fetches one recording at a time and submits what the user does with it. */

import { openSealed, readWords } from "./opening.js";
import { sealVerdict } from "./sealing.js";

/** @import { Ask, Commands, Disguise, Fields, Part, Stop, Verdict, Words } from "./api.d.ts" */
/** @typedef {{ stop: Stop, mayGoOn: boolean, restSeconds: number }} Pause */
/** @typedef {{ name: string, id: string, readers: string[], words: Words, disguise: Disguise }} Shown */

/** Thrown by operations that were under way when the user stopped. Their results must not be shown. */
export class Stopped extends Error {}

/** One review, from its first recording until it is stopped. Methods reject with `Stopped` if it stops meanwhile. */
export class ReviewProtocol {
  #ask;
  #stops = 0;
  #begun = false;
  /**
   * The recording that is shown, with the public keys to which a verdict on it is sealed.
   * @type {Shown | undefined}
   */
  #shown;

  /** @param {Ask} ask */
  constructor(ask) {
    this.#ask = ask;
  }

  /** Whether there is something to stop. */
  get begun() {
    return this.#begun;
  }

  /** The words of the current recording. */
  get words() {
    return this.#shown?.words;
  }

  /** The form in which the user gets the current recording. */
  get disguise() {
    return this.#shown?.disguise ?? "none";
  }

  /**
   * Wait for an operation; reject with `Stopped` if the user stops first.
   * @template T
   * @param {Promise<T>} operation
   * @param {(late: T) => void} [discard] called with a result that arrives after the stop
   * @returns {Promise<T>}
   */
  async unlessStopped(operation, discard) {
    const stops = this.#stops;
    try {
      const result = await operation;
      if (stops === this.#stops) return result;
      discard?.(result);
    } catch (error) {
      if (stops === this.#stops) throw error;
    }
    throw new Stopped();
  }

  /**
   * @template {keyof Commands} Name
   * @param {Name} command
   * @param {Fields<Name>} fields
   */
  #command(command, fields) {
    this.#begun = true;
    return this.unlessStopped(this.#ask(command, fields));
  }

  /**
   * Show the next recording, or return why there is none for now.
   * @param {boolean} goOn whether to continue in spite of a suggested break
   * @returns {Promise<Pause | undefined>}
   */
  async next(goOn) {
    this.#shown = undefined;
    const next = await this.#command("review/next", { go_on: goOn });
    if (next.recording === undefined) {
      return { stop: next.stop, mayGoOn: next.may_go_on, restSeconds: next.rest_seconds ?? 0 };
    }
    await this.#show(next.recording);
    return undefined;
  }

  /** @param {string} name */
  async #show(name) {
    const { answer, content } = await this.#open(name, "words");
    const { id, readers, disguise } = answer;
    this.#shown = { name, id, readers, disguise, words: readWords(content) };
  }

  /**
   * @param {string} name
   * @param {Part} part
   */
  #open(name, part) {
    return this.unlessStopped(openSealed(() => this.#command("review/open", { recording: name, part }), part));
  }

  /** Return the sound of the current recording. */
  async sound() {
    const { content } = await this.#open(this.#current.name, "sound");
    return content;
  }

  /**
   * Submit a verdict on the current recording. Returns for how many seconds it can be undone.
   * @param {Verdict} verdict
   * @param {string} typed the words after the user's edits
   */
  async judge(verdict, typed) {
    const { name, id, readers, words } = this.#current;
    const corrected = typed === words.transcript ? null : typed;
    const sealed = await this.unlessStopped(sealVerdict({ clip: id, verdict, words: corrected }, readers));
    const { undo_seconds: seconds } = await this.#command("review/verdict", { recording: name, verdict, sealed });
    return seconds;
  }

  /** Undo the last verdict, and show its recording again. */
  async undo() {
    const { recording } = await this.#command("review/undo", {});
    this.#shown = undefined;
    await this.#show(recording);
  }

  /** Leave the current recording out of this review. */
  async skip() {
    await this.#command("review/skip", { recording: this.#current.name });
  }

  /** Delete the current recording for everyone. */
  async destroy() {
    await this.#command("review/destroy", { recording: this.#current.name });
  }

  /** Never show the current recording to this user again. Returns the household's guidance on whom to talk to. */
  async giveUp() {
    const { guidance } = await this.#command("review/give_up", { recording: this.#current.name });
    this.#shown = undefined;
    return guidance;
  }

  /** Stop at once. Operations that are under way reject with `Stopped`. */
  end() {
    this.#stops += 1;
    this.#shown = undefined;
    if (this.#begun) void this.#ask("review/end", {}).catch(() => undefined);
    this.#begun = false;
  }

  get #current() {
    if (!this.#shown) throw new Stopped();
    return this.#shown;
  }
}
