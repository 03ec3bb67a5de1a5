/** What things, areas and people in this house are called. */

import { spelledWordsOf, wordsOf } from "./words.js";

/** @import { Stretch } from "./words.js" */

/**
 * Something that can be reached by voice.
 * @typedef {object} Thing
 * @property {string} entityId
 * @property {string} name as Home Assistant shows it
 * @property {string[]} aliases
 * @property {boolean} canHaveAliases
 */

export class House {
  #things;
  /**
   * The names as lists of words, by their first word.
   * @type {Map<string, string[][]>}
   */
  #namesByFirstWord = new Map();
  /**
   * All names, as normalised text.
   * @type {Set<string>}
   */
  #names = new Set();
  /**
   * The words of all names as they are spelled there, by the normalised word.
   * @type {Map<string, string>}
   */
  #spelling = new Map();

  /**
   * @param {Thing[]} things
   * @param {string[]} others the names of areas, floors and people
   */
  constructor(things, others) {
    this.#things = things;
    for (const name of [...things.flatMap((thing) => [thing.name, ...thing.aliases]), ...others]) this.#add(name);
  }

  /** @param {string} name */
  #add(name) {
    const words = wordsOf(name);
    const [first] = words;
    const text = words.join(" ");
    if (first === undefined || this.#names.has(text)) return;
    this.#names.add(text);
    this.#namesByFirstWord.set(first, [...(this.#namesByFirstWord.get(first) ?? []), words]);
    for (const word of spelledWordsOf(name)) {
      const [normalised = ""] = wordsOf(word);
      if (!this.#spelling.has(normalised)) this.#spelling.set(normalised, word);
    }
  }

  /**
   * Return whether a phrase is the whole name of something.
   * @param {string} phrase its words, normalised
   */
  isName(phrase) {
    return this.#names.has(phrase);
  }

  /**
   * Return a word as it is spelled in a name; undefined if it is in none.
   * @param {string} word normalised
   */
  spelled(word) {
    return this.#spelling.get(word);
  }

  /**
   * Return where the longest name is that contains a stretch of a sentence.
   * @param {string[]} words of the sentence
   * @param {Stretch} stretch an empty one must lie within the name
   * @returns {Stretch | undefined}
   */
  nameAround(words, [from, to]) {
    /** @type {Stretch | undefined} */
    let longest;
    for (let start = 0; start <= from; start++) {
      for (const name of this.#namesByFirstWord.get(words[start] ?? "") ?? []) {
        const end = start + name.length;
        const contains = from === to ? start < from && end > to : end >= to;
        const isLonger = !longest || name.length > longest[1] - longest[0];
        if (contains && isLonger && name.every((word, index) => words[start + index] === word)) longest = [start, end];
      }
    }
    return longest;
  }

  /**
   * Return the only thing that has a name; undefined if there is none or several.
   * @param {string} name as Home Assistant shows it
   */
  thingNamed(name) {
    const named = this.#things.filter((thing) => thing.name === name);
    return named.length === 1 ? named[0] : undefined;
  }
}
