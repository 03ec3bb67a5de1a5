/** Derives from corrected words which names the assistant doesn't expect. */

import { correctionsOf, isCritical } from "./evidence.js";
import { fitsLesson } from "./finding.js";
import { wordsOf } from "./words.js";

/** @import { Evidence } from "./evidence.js" */
/** @import { Finding } from "./finding.js" */
/** @import { House } from "./house.js" */

/** A lesson has at most so many names. */
const MOST_NAMES = 20;

/**
 * Return the words of names that reviewers put in where the assistant had not understood them, one in each finding.
 * Those that it understood by itself at least as often need not be expected.
 * @param {Evidence[]} evidence
 * @param {House} house
 * @returns {Finding[]}
 */
export function namesIn(evidence, house) {
  /** @type {Map<string, Set<string>>} */
  const missed = new Map();
  /** @type {Map<string, number>} */
  const understood = new Map();
  for (const one of evidence) {
    if (isCritical(one.words)) continue;
    const heard = new Set(wordsOf(one.words.transcript));
    for (const word of heard) understood.set(word, (understood.get(word) ?? 0) + 1);
    for (const corrected of correctionsOf(one)) {
      for (const word of namesAmong(wordsOf(corrected), house))
        if (!heard.has(word)) missed.set(word, (missed.get(word) ?? new Set()).add(one.recording));
    }
  }
  return [...missed].flatMap(([word, recordings]) => {
    const name = house.spelled(word);
    const isNew = recordings.size > (understood.get(word) ?? 0);
    if (!isNew || name === undefined || !fitsLesson(name)) return [];
    return [{ kind: "names", content: { names: [name] }, recordings: [...recordings] }];
  });
}

/**
 * Return the words of a sentence that belong to a name.
 * @param {string[]} words
 * @param {House} house
 */
const namesAmong = (words, house) => words.filter((_, index) => house.nameAround(words, [index, index + 1]));

/**
 * Join findings about one name each to as few as possible, with their names in the order of their letters.
 * @param {Finding[]} findings
 * @returns {Finding[]}
 */
export function joinNames(findings) {
  const byName = new Map(findings.flatMap((one) => (one.kind === "names" ? [[one.content.names[0] ?? "", one]] : [])));
  const names = [...byName.keys()].toSorted(byCodeUnits);
  /** @type {Finding[]} */
  const joined = [];
  for (let from = 0; from < names.length; from += MOST_NAMES) {
    const some = names.slice(from, from + MOST_NAMES);
    const recordings = new Set(some.flatMap((name) => byName.get(name)?.recordings ?? []));
    joined.push({ kind: "names", content: { names: some }, recordings: [...recordings] });
  }
  return joined;
}

/**
 * Compare texts in the same way in every browser and language.
 * @param {string} a
 * @param {string} b
 */
const byCodeUnits = (a, b) => (a < b ? -1 : Number(a > b));
