/** Takes sentences apart into words, and compares them. */

/** A word, or a number with its decimals. Hyphens and apostrophes within a word belong to it. */
const WORD = /[\p{L}\p{M}\p{N}]+(?:['-][\p{L}\p{M}\p{N}]+|[.,]\p{N}+)*/gu;

/**
 * A stretch of words, from one index up to another.
 * @typedef {[from: number, to: number]} Stretch
 */
/**
 * One difference between two sentences. At most one of its stretches is empty.
 * @typedef {{ before: Stretch, after: Stretch }} Difference
 */

/**
 * Return the words of a text without what isn't heard: capitals and punctuation.
 * @param {string} text
 * @returns {string[]}
 */
export const wordsOf = (text) => text.toLowerCase().normalize("NFC").replaceAll("’", "'").match(WORD) ?? [];

/**
 * Return the words of a text as they are spelled, in the same order as `wordsOf`.
 * @param {string} text
 * @returns {string[]}
 */
export const spelledWordsOf = (text) => text.normalize("NFC").replaceAll("’", "'").match(WORD) ?? [];

/**
 * Return in what two sentences differ, in the order of their words: what lies between the words of a longest common
 * subsequence.
 * @param {string[]} before
 * @param {string[]} after
 */
export function differences(before, after) {
  /** @type {Difference[]} */
  const found = [];
  /** @type {[number, number]} */
  const end = [before.length, after.length];
  let [beforeFrom, afterFrom] = [0, 0];
  for (const [beforeAt, afterAt] of [...commonWords(before, after), end]) {
    const isDifferent = beforeAt > beforeFrom || afterAt > afterFrom;
    if (isDifferent) found.push({ before: [beforeFrom, beforeAt], after: [afterFrom, afterAt] });
    [beforeFrom, afterFrom] = [beforeAt + 1, afterAt + 1];
  }
  return found;
}

/**
 * Return the indices of the words of a longest common subsequence.
 * @param {string[]} before
 * @param {string[]} after
 */
function commonWords(before, after) {
  // lengths[i][j] is that of a longest common subsequence of before[i..] and after[j..].
  const lengths = Array.from({ length: before.length + 1 }, () => new Uint16Array(after.length + 1));
  const length = (/** @type {number} */ i, /** @type {number} */ j) => lengths[i]?.[j] ?? 0;
  for (let i = before.length - 1; i >= 0; i--) {
    const row = /** @type {Uint16Array} */ (lengths[i]);
    for (let j = after.length - 1; j >= 0; j--)
      row[j] = before[i] === after[j] ? length(i + 1, j + 1) + 1 : Math.max(length(i + 1, j), length(i, j + 1));
  }
  /** @type {[number, number][]} */
  const common = [];
  let [i, j] = [0, 0];
  while (i < before.length && j < after.length) {
    if (before[i] === after[j]) common.push([i++, j++]);
    else if (length(i + 1, j) >= length(i, j + 1)) i++;
    else j++;
  }
  return common;
}
