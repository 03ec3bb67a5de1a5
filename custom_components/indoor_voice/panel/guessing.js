/** A worker that estimates how many bits an attacker must guess to find a passphrase (docs/sealing.md). */

importScripts("./vendor/zxcvbn-core.js", "./vendor/zxcvbn-common.js", "./vendor/zxcvbn-en.js");

/** Only this many characters are examined, which bounds the time. The limit can only lower the estimate. */
const JUDGED_CHARACTERS = 64;
const DICE_WORD_BITS = Math.log2(7776);
const BITS_PER_LETTER = 1.5;
const SEPARATOR_BITS = 3;
/** Texts that anyone would try here, and passphrases that documents give as examples. */
const OBVIOUS = [
  "indoor voice",
  "home assistant",
  "listening key",
  "passphrase",
  "hey jarvis",
  "correct horse battery staple",
  "lorem ipsum dolor sit amet consectetur",
  // Long words that everyone knows.
  "supercalifragilisticexpialidocious",
  "pneumonoultramicroscopicsilicovolcanoconiosis",
  "antidisestablishmentarianism",
  "floccinaucinihilipilification",
  "hippopotomonstrosesquippedaliophobia",
  "honorificabilitudinitatibus",
  "llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch",
  "donaudampfschifffahrtsgesellschaftskapitan",
  "rindfleischetikettierungsgesetz",
];

const { core, "language-common": common, "language-en": english } = zxcvbnts;
const zxcvbn = new core.ZxcvbnFactory({
  dictionary: { ...common.dictionary, ...english.dictionary },
  graphs: common.adjacencyGraphs,
  maxLength: JUDGED_CHARACTERS,
});

addEventListener("message", (/** @type {MessageEvent<{ passphrase: string, known: string[] }>} */ { data }) => {
  postMessage(bitsOf(data.passphrase.normalize("NFKC").slice(0, JUDGED_CHARACTERS), guessable(data.known)));
});

/**
 * Return the smallest estimate of three attacks: guessing the text as a whole, guessing it without its separators, and
 * guessing it word by word, where each word counts once.
 * @param {string} text
 * @param {string[]} known
 */
function bitsOf(text, known) {
  const guess = (/** @type {string} */ part) => Math.log2(zxcvbn.check(part, known).guesses);
  const words = new Map(wordsOf(text).map((word) => [word.toLowerCase(), word]));
  const separators = new Set(text.match(/[^\p{L}\p{M}\p{N}]/gu));
  let wordByWord = separators.size * SEPARATOR_BITS;
  for (const word of words.values()) wordByWord += Math.min(guess(word), maxBitsOf(word));
  const joined = guess(wordsOf(text).join("")) + separators.size * SEPARATOR_BITS;
  return Math.min(guess(text), joined, wordByWord);
}

/**
 * Return the most bits that a word may count for. A word of a language without a list here is not a string of random
 * letters, so it counts no more than a word drawn by dice.
 * @param {string} word
 */
function maxBitsOf(word) {
  const isWord = /^(?:\p{Lu}+|[\p{L}\p{M}][^\p{Lu}\p{N}]*)$/u.test(word);
  return isWord ? Math.max(DICE_WORD_BITS, BITS_PER_LETTER * word.length) : Infinity;
}

/**
 * Return texts that an attacker would try, in each way they may be written: in full, without spaces, and word by word.
 * @param {string[]} known
 */
function guessable(known) {
  const texts = [...known, ...OBVIOUS].filter(Boolean).map((text) => text.normalize("NFKC"));
  const words = texts.flatMap((text) => wordsOf(text)).filter((word) => word.length > 1);
  return [...new Set([...texts, ...texts.map((text) => wordsOf(text).join("")), ...words])];
}

/**
 * @param {string} text
 * @returns {string[]}
 */
function wordsOf(text) {
  return text.match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
}
