/** What reviewed recordings say, once they are opened. */

import { hides, isMarked } from "../masking.js";

/** @import { SealedVerdict, Verdict, Words } from "../api.d.ts" */

/**
 * A reviewed recording, opened.
 * @typedef {object} Evidence
 * @property {string} recording its name
 * @property {string} room
 * @property {string} day
 * @property {string | null} time
 * @property {boolean} own
 * @property {boolean} teachable
 * @property {Words} words
 * @property {SealedVerdict[]} verdicts at least one
 * @property {Float32Array | undefined} features what the wake word sounded like, if that is known
 */

/** @type {ReadonlySet<Verdict>} */
const NOT_MEANT = new Set(["not-for-it", "not-speech"]);

/**
 * Return whether a recording was meant for the assistant; undefined if its reviewers disagree.
 * @param {Evidence} evidence
 */
export function wasMeant({ verdicts }) {
  const no = verdicts.filter(({ verdict }) => NOT_MEANT.has(verdict)).length;
  if (no === 0) return true;
  return no === verdicts.length ? false : undefined;
}

/**
 * Return whether the assistant did what was meant.
 * @param {Evidence} evidence
 */
export const didRight = ({ words, verdicts }) =>
  verdicts.every(({ verdict }) => verdict === "right") && (words.done ?? []).length > 0;

/**
 * Return whether it was meant for the assistant, which did nothing or something else.
 * @param {Evidence} evidence
 */
export function didWrong(evidence) {
  const { words, verdicts } = evidence;
  if (!wasMeant(evidence) || verdicts.some(({ verdict }) => verdict === "right")) return false;
  const didNothing = (words.done ?? []).length === 0;
  return didNothing || Boolean(words.reported) || verdicts.some(({ verdict }) => verdict === "wrong-action");
}

/**
 * Return what was said according to the reviewers who corrected it. There is nothing to learn from the words of a
 * recording that wasn't meant for the assistant, or from those that a reviewer found right.
 * @param {Evidence} evidence
 * @returns {string[]}
 */
export function correctionsOf(evidence) {
  const { words, verdicts } = evidence;
  if (!wasMeant(evidence) || isCritical(words)) return [];
  if (verdicts.some(({ verdict, words: corrected }) => verdict === "right" && corrected === null)) return [];
  return [...new Set(verdicts.flatMap(({ words: corrected }) => corrected ?? []))];
}

/**
 * Return whether words are critical, such as the number of a card: then they are neither shown nor learned from.
 * @param {Words} words
 */
export const isCritical = (words) => isMarked(words) || hides(words);
