/** Derives from verdicts where the assistant wakes too easily. */

import { wasMeant } from "./evidence.js";

/** @import { Evidence } from "./evidence.js" */
/** @import { Finding } from "./finding.js" */

/** So many recordings, and at least this part of those that were judged, must not have been meant for the assistant. */
const LEAST_RECORDINGS = 3;
const LEAST_PART = 1 / 5;

/**
 * Return the wake words that should be a little harder to say in a room.
 * @param {Evidence[]} evidence
 * @returns {Finding[]}
 */
export const thresholdsIn = (evidence) =>
  byWakeWord(evidence).flatMap(({ room, wakeWord, meant, notMeant }) => {
    const judged = meant.length + notMeant.length;
    if (notMeant.length < LEAST_RECORDINGS || notMeant.length < LEAST_PART * judged) return [];
    const content = { room, wake_word: wakeWord, stricter: 1 };
    return [{ kind: "threshold", content, recordings: notMeant.map(({ recording }) => recording) }];
  });

/**
 * The recordings of one room that began with one wake word, by whether they were meant for the assistant.
 * @typedef {{ room: string, wakeWord: string, meant: Evidence[], notMeant: Evidence[] }} Group
 */

/**
 * Group recordings by room and wake word. Leaves out those about which their reviewers disagree.
 * @param {Evidence[]} evidence
 */
export function byWakeWord(evidence) {
  /** @type {Map<string, Group>} */
  const groups = new Map();
  for (const one of evidence) {
    const { wake_word: wakeWord } = one.words;
    const isMeant = wasMeant(one);
    if (!wakeWord || isMeant === undefined) continue;
    const key = JSON.stringify([one.room, wakeWord]);
    const group = groups.get(key) ?? { room: one.room, wakeWord, meant: [], notMeant: [] };
    (isMeant ? group.meant : group.notMeant).push(one);
    groups.set(key, group);
  }
  return [...groups.values()];
}
