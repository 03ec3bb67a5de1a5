/** What was found in the evidence: something that could be learned, with the recordings that it rests on. */

/** @import { Teaching } from "../api.d.ts" */
/** @import { Tested } from "./verifier.js" */

/**
 * Why something can't be approved: the same was corrected in several ways, what was heard is itself the name of
 * something, or somebody who was heard doesn't agree to teach.
 * @typedef {"contradiction" | "name" | "consent"} Hindrance
 */
/**
 * @typedef {Teaching & { recordings: string[], hindrance?: Hindrance, tested?: Tested }} Finding
 */

/** The length of a text in a lesson, in UTF-16 code units, is at most this. */
const MOST_CHARACTERS = 100;
/** A lesson rests on at most so many recordings. */
const MOST_RECORDINGS = 1000;

/**
 * Return whether a text can be part of a lesson.
 * @param {string} text
 */
export const fitsLesson = (text) => text.length > 0 && text.length <= MOST_CHARACTERS;

/**
 * Return a finding that rests on no more recordings than a lesson can.
 * @param {Finding} finding
 * @returns {Finding}
 */
export const withinLimit = (finding) => ({ ...finding, recordings: finding.recordings.slice(0, MOST_RECORDINGS) });

/**
 * Return what a lesson is about, so that two about the same are recognised: it is equal for lessons that would replace
 * each other.
 * @param {Teaching} teaching
 */
export function subjectOf(teaching) {
  const { kind, content } = teaching;
  switch (kind) {
    case "correction":
      return JSON.stringify([kind, content.language, content.heard, content.meant]);
    case "alias":
      return JSON.stringify([kind, content.entity_id, content.alias]);
    case "names":
      return JSON.stringify([kind, ...content.names]);
    case "threshold":
    case "verifier":
      return JSON.stringify([kind, content.room, content.wake_word]);
  }
}

/** Gathers findings: those about the same become one, which rests on the recordings of all. */
export class Findings {
  /** @type {Map<string, Teaching & { recordings: Set<string> }>} */
  #bySubject = new Map();

  /**
   * @param {Teaching} teaching
   * @param {string[]} recordings
   */
  add(teaching, recordings) {
    const subject = subjectOf(teaching);
    const found = this.#bySubject.get(subject) ?? { ...teaching, recordings: new Set() };
    for (const recording of recordings) found.recordings.add(recording);
    this.#bySubject.set(subject, found);
  }

  /** @returns {Finding[]} */
  get all() {
    return [...this.#bySubject.values()].map((found) => ({ ...found, recordings: [...found.recordings] }));
  }
}
