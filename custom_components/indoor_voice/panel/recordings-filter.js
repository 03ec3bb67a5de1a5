/** Decides which of the listed recordings are shown. What is searched for never leaves the browser. */

import { doneTexts } from "./done.js";

/** @import { Recording, Words } from "./api.d.ts" */

/**
 * The choices of the user; an empty text stands for all.
 * @typedef {{ room: string, day: string, query: string }} Filter
 */

/**
 * Shows everything.
 * @type {Filter}
 */
export const EVERYTHING = { room: "", day: "", query: "" };

/**
 * Return whether a recording is shown. A query finds only recordings whose words are open.
 * @param {Recording} recording
 * @param {Filter} filter
 * @param {ReadonlyMap<string, Words>} words the opened words, by the names of their recordings
 */
export function isShown({ recording, room, day }, filter, words) {
  const chosen = (!filter.room || room === filter.room) && (!filter.day || day === filter.day);
  return chosen && (!filter.query.trim() || contains(words.get(recording), filter.query));
}

/**
 * @param {Words | undefined} words
 * @param {string} query
 */
function contains(words, query) {
  if (!words) return false;
  const { transcript, done, answer = "" } = words;
  const text = plain([transcript, answer, ...doneTexts(done)].join("\n"));
  return plain(query)
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/**
 * Return a text without what people leave out when they search: capitals, accents and spaces around it.
 * @param {string} text
 */
const plain = (text) =>
  text
    .normalize("NFKD")
    .replaceAll(/\p{Mark}/gu, "")
    .toLowerCase()
    .trim();
