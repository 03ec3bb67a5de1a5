/** What a review asks Home Assistant, one recording at a time. */

import { openSealed, readWords } from "./opening.js";
import { sealVerdict } from "./sealing.js";

/** @import { Ask, Commands, Fields, Part, Stop, Verdict, Words } from "./api.d.ts" */
/** @typedef {{ stop: Stop, mayGoOn: boolean, restSeconds: number }} Pause */
/** @typedef {{ name: string, id: string, readers: string[], words: Words }} Shown */

/** Thrown where something was under way when the user stopped: nothing may be shown any more. */
export class Stopped extends Error {}

/** One review, from the first recording to the stop. Its methods reject with `Stopped` if it ends meanwhile. */
export class ReviewProtocol {
  #ask;
  #stops = 0;
  #begun = false;
  /**
   * The recording that is shown, and those to whom a verdict is sealed.
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

  /** The words of the recording that is shown. */
  get words() {
    return this.#shown?.words;
  }

  /**
   * Wait for what was begun, unless the user stops first.
   * @template T
   * @param {Promise<T>} begun
   * @param {(late: T) => void} [discard] gets what comes after the stop
   * @returns {Promise<T>}
   */
  async unlessStopped(begun, discard) {
    const stops = this.#stops;
    try {
      const result = await begun;
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
  #do(command, fields) {
    this.#begun = true;
    return this.unlessStopped(this.#ask(command, fields));
  }

  /**
   * Show the next recording; returns why there is none for now.
   * @param {boolean} goOn whether to go over a pause that was only suggested
   * @returns {Promise<Pause | undefined>}
   */
  async next(goOn) {
    this.#shown = undefined;
    const next = await this.#do("review/next", { go_on: goOn });
    if (next.recording === undefined) {
      return { stop: next.stop, mayGoOn: next.may_go_on, restSeconds: next.rest_seconds ?? 0 };
    }
    await this.#show(next.recording);
    return undefined;
  }

  /** @param {string} name */
  async #show(name) {
    const { answer, content } = await this.#open(name, "words");
    this.#shown = { name, id: answer.id, readers: answer.readers, words: readWords(content) };
  }

  /**
   * @param {string} name
   * @param {Part} part
   */
  #open(name, part) {
    return this.unlessStopped(openSealed(() => this.#do("review/open", { recording: name, part }), part));
  }

  /** Return the sound of the recording that is shown. */
  async sound() {
    const { content } = await this.#open(this.#current.name, "sound");
    return content;
  }

  /**
   * Say what the assistant made of the recording; returns for how many seconds that can be undone.
   * @param {Verdict} verdict
   * @param {string} typed the words as they were edited
   */
  async judge(verdict, typed) {
    const { name, id, readers, words } = this.#current;
    const corrected = typed === words.transcript ? null : typed;
    const sealed = await this.unlessStopped(sealVerdict({ clip: id, verdict, words: corrected }, readers));
    const { undo_seconds: seconds } = await this.#do("review/verdict", { recording: name, verdict, sealed });
    return seconds;
  }

  /** Take the last verdict back, and show its recording again. */
  async undo() {
    const { recording } = await this.#do("review/undo", {});
    this.#shown = undefined;
    await this.#show(recording);
  }

  /** Leave the recording out of this review. */
  async skip() {
    await this.#do("review/skip", { recording: this.#current.name });
  }

  /** Delete the recording for everybody. */
  async destroy() {
    await this.#do("review/destroy", { recording: this.#current.name });
  }

  /** Never be shown the recording again; returns whom to talk to about it. */
  async giveUp() {
    const { guidance } = await this.#do("review/give_up", { recording: this.#current.name });
    this.#shown = undefined;
    return guidance;
  }

  /** Stop at once; whatever is under way rejects with `Stopped`. */
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
