/** Derives from corrected words which words the assistant mishears, and for which. */

import { correctionsOf } from "./evidence.js";
import { Findings, fitsLesson } from "./finding.js";
import { differences, wordsOf } from "./words.js";

/** @import { Evidence } from "./evidence.js" */
/** @import { House } from "./house.js" */
/** @import { Difference, Stretch } from "./words.js" */

/** Where more words than this differ, another sentence was said, and no words were misheard. */
const MOST_WORDS = 6;

/**
 * Return the corrections of words.
 * @param {Evidence[]} evidence
 * @param {House} house
 */
export function correctionsIn(evidence, house) {
  const findings = new Findings();
  for (const one of evidence) {
    const { language, transcript } = one.words;
    if (!language) continue;
    const said = wordsOf(transcript);
    for (const corrected of correctionsOf(one)) {
      for (const [heard, meant] of misheardPhrases(said, wordsOf(corrected), house))
        findings.add({ kind: "correction", content: { heard, meant, language } }, [one.recording]);
    }
  }
  return findings.all;
}

/**
 * Return the phrases that were misheard in a sentence, with what was meant.
 * @param {string[]} heard
 * @param {string[]} meant
 * @param {House} house
 */
function misheardPhrases(heard, meant, house) {
  const different = differences(heard, meant);
  /** @type {[heard: string, meant: string][]} */
  const phrases = [];
  for (const stretch of widened(different, meant, house)) {
    const before = heard.slice(indexBefore(different, stretch[0]), indexBefore(different, stretch[1]));
    const after = meant.slice(...stretch);
    const texts = /** @type {[string, string]} */ ([before.join(" "), after.join(" ")]);
    if (Math.max(before.length, after.length) <= MOST_WORDS && texts.every((text) => fitsLesson(text)))
      phrases.push(texts);
  }
  return phrases;
}

/**
 * Return the stretches of the meant words that differ, each widened so that it can be told from the same words
 * elsewhere: to the name that contains it, or else by a neighbouring word.
 * @param {Difference[]} different
 * @param {string[]} meant
 * @param {House} house
 */
function widened(different, meant, house) {
  /** @type {Stretch[]} */
  const stretches = [];
  for (const difference of different) {
    const wide = house.nameAround(meant, difference.after) ?? withNeighbour(difference, meant.length);
    if (!wide) continue;
    const [from, to] = withDifferences(wide, different);
    const last = stretches.at(-1);
    if (last && from < last[1]) stretches.splice(-1, 1, [Math.min(last[0], from), Math.max(last[1], to)]);
    else stretches.push([from, to]);
  }
  return stretches;
}

/**
 * Widen a difference by the word before it, or the one after it at the start of a sentence. Words that were only missed
 * need both, since nothing else would be left of what was heard. Words that were only added say nothing about what was
 * misheard.
 * @param {Difference} difference
 * @param {number} length of the sentence
 * @returns {Stretch | undefined}
 */
function withNeighbour({ before, after: [from, to] }, length) {
  if (before[0] < before[1] && from < to) return from > 0 ? [from - 1, to] : [from, Math.min(to + 1, length)];
  return from < to && from > 0 && to < length ? [from - 1, to + 1] : undefined;
}

/**
 * Widen a stretch to the whole of each difference that it cuts.
 * @param {Stretch} stretch
 * @param {Difference[]} different
 * @returns {Stretch}
 */
function withDifferences([from, to], different) {
  const cut = different.filter(({ after }) => after[0] < to && after[1] > from).map(({ after }) => after);
  return [Math.min(from, ...cut.map(([start]) => start)), Math.max(to, ...cut.map(([, end]) => end))];
}

/**
 * Return the index in the heard words that belongs to an index in the meant words. It is not within a difference.
 * @param {Difference[]} different
 * @param {number} index
 */
function indexBefore(different, index) {
  const last = different.findLast(({ after: [from] }) => from < index);
  return last ? index - last.after[1] + last.before[1] : index;
}
