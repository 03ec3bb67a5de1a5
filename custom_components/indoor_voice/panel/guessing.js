/** A worker that estimates how many bits of a passphrase somebody would have to guess, as docs/sealing.md says. */

importScripts("./vendor/zxcvbn-core.js", "./vendor/zxcvbn-common.js", "./vendor/zxcvbn-en.js");

/** What is beyond is not looked at, which bounds the time; the estimate can only be too low by that. */
const JUDGED_LETTERS = 64;
const DICE_WORD_BITS = Math.log2(7776);
const BITS_PER_LETTER = 1.5;
const SEPARATOR_BITS = 3;
/** What anybody tries here, and the passphrases that documents give as examples. */
const OBVIOUS = [
  "indoor voice",
  "home assistant",
  "listening key",
  "passphrase",
  "hey jarvis",
  "correct horse battery staple",
  "lorem ipsum dolor sit amet consectetur",
  // What everybody knows for a long word.
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

const { core, "language-common": common, "language-en": english } = self.zxcvbnts;
const zxcvbn = new core.ZxcvbnFactory({
  dictionary: { ...common.dictionary, ...english.dictionary },
  graphs: common.adjacencyGraphs,
  maxLength: JUDGED_LETTERS,
});

self.onmessage = ({ data: { passphrase, known } }) => {
  self.postMessage(bitsOf(passphrase.normalize("NFKC").slice(0, JUDGED_LETTERS), expected(known)));
};

/** Return the least of the ways to guess: as one text, with what parts it left out, and word by word, each once. */
function bitsOf(text, known) {
  const bits = (part) => Math.log2(zxcvbn.check(part, known).guesses);
  const words = new Map(wordsOf(text).map((word) => [word.toLowerCase(), word]));
  const separators = new Set(text.match(/[^\p{L}\p{M}\p{N}]/gu));
  const each = [...words.values()].map((word) => Math.min(bits(word), mostOf(word)));
  return Math.min(
    bits(text),
    bits(wordsOf(text).join("")) + separators.size * SEPARATOR_BITS,
    each.reduce((sum, one) => sum + one, separators.size * SEPARATOR_BITS),
  );
}

/** A word of a language without a list here is not one of random letters: it counts no more than one drawn by dice. */
function mostOf(word) {
  const isWord = /^(?:\p{Lu}+|[\p{L}\p{M}][^\p{Lu}\p{N}]*)$/u.test(word);
  return isWord ? Math.max(DICE_WORD_BITS, BITS_PER_LETTER * word.length) : Infinity;
}

/** Return what is expected, as it may be written: in full, word by word, and without spaces. */
function expected(known) {
  const texts = [...known, ...OBVIOUS].filter((text) => text).map((text) => text.normalize("NFKC"));
  const words = texts.flatMap(wordsOf).filter((word) => word.length > 1);
  return [...new Set([...texts, ...texts.map((text) => wordsOf(text).join("")), ...words])];
}

function wordsOf(text) {
  return text.match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
}
