import assert from "node:assert/strict";
import { test } from "node:test";
import { correctionsIn } from "../../custom_components/indoor_voice/panel/lessons/corrections.js";
import { joinNames, namesIn } from "../../custom_components/indoor_voice/panel/lessons/names.js";
import { differences, wordsOf } from "../../custom_components/indoor_voice/panel/lessons/words.js";
import { corrected, house, reviewed } from "./evidence.js";

/** @import { Evidence } from "../../custom_components/indoor_voice/panel/lessons/evidence.js" */

/** @param {Evidence[]} evidence */
const phrases = (...evidence) =>
  correctionsIn(evidence, house).map(({ kind, content }) => {
    assert.equal(kind, "correction");
    return `${content.heard} > ${content.meant}`;
  });
/** @param {Evidence[]} evidence */
const names = (...evidence) =>
  joinNames(namesIn(evidence, house)).map(({ kind, content }) => (kind === "names" ? content.names : []));

test("words are compared without case and punctuation", () => {
  assert.deepEqual(wordsOf("Turn ON — the “Wi-Fi”, it’s 21.5 °C!"), [
    "turn",
    "on",
    "the",
    "wi-fi",
    "it's",
    "21.5",
    "c",
  ]);
  assert.deepEqual(wordsOf("Siobha\u0301n"), wordsOf("SIOBHÁN"));
  assert.deepEqual(wordsOf(" … "), []);
});

test("differences are what lies between the common words", () => {
  const between = (/** @type {string} */ a, /** @type {string} */ b) => differences(wordsOf(a), wordsOf(b));
  assert.deepEqual(between("a b c", "a b c"), []);
  assert.deepEqual(between("a x c", "a y z c"), [{ before: [1, 2], after: [1, 3] }]);
  assert.deepEqual(between("a c", "a b c d"), [
    { before: [1, 1], after: [1, 2] },
    { before: [2, 2], after: [3, 4] },
  ]);
  assert.deepEqual(between("", "a"), [{ before: [0, 0], after: [0, 1] }]);
});

test("a correction covers the name that contains it", () => {
  assert.deepEqual(phrases(corrected("a", "Turn on the kitchen mic.", "turn on the kitchen light")), [
    "kitchen mic > kitchen light",
  ]);
  assert.deepEqual(phrases(corrected("a", "turn on the kitten mic", "turn on the kitchen light")), [
    "kitten mic > kitchen light",
  ]);
  assert.deepEqual(phrases(corrected("a", "turn on kitchen um light", "turn on kitchen light")), [
    "kitchen um light > kitchen light",
  ]);
  assert.deepEqual(phrases(corrected("a", "kitten mic um on", "kitchen light on")), ["kitten mic um > kitchen light"]);
});

test("a correction that is in no name has a neighbouring word", () => {
  assert.deepEqual(phrases(corrected("a", "set a time for tea", "set a timer for tea")), ["a time > a timer"]);
  assert.deepEqual(phrases(corrected("a", "sat a timer", "set a timer")), ["sat a > set a"]);
  assert.deepEqual(phrases(corrected("a", "turn on lights", "turn on the lights")), ["on lights > on the lights"]);
});

test("two separate differences are two corrections, and one name is one", () => {
  assert.deepEqual(phrases(corrected("a", "sat me a time", "set me a timer")), ["sat me > set me", "a time > a timer"]);
  assert.deepEqual(phrases(corrected("a", "sat a time", "set a timer")), ["sat a time > set a timer"], "they overlap");
  assert.deepEqual(phrases(corrected("a", "lift room", "living room")), ["lift room > living room"]);
});

test("there is nothing to learn where another sentence was said, or nothing was misheard", () => {
  assert.deepEqual(phrases(corrected("a", "one two three four five six seven", "turn on the kitchen light")), []);
  assert.deepEqual(phrases(corrected("a", "Turn on the kitchen light!", "turn on the Kitchen light")), []);
  assert.deepEqual(phrases(corrected("a", "turn off", "please turn off")), []);
  assert.deepEqual(phrases(corrected("a", "", "turn off")), []);
  assert.deepEqual(phrases(corrected("a", "turn on the lamp", "turn the lamp")), [], "a word too many");
  assert.deepEqual(phrases(corrected("a", "Turn on the Gaggia.", "Turn the Gaggia off.")), []);
  assert.deepEqual(phrases(corrected("a", `a ${"x".repeat(101)}`, "a timer")), []);
});

test("recordings with the same difference support one correction", () => {
  const found = correctionsIn(
    [corrected("a", "the kitchen mic on", "the kitchen light on"), corrected("b", "Kitchen mic!", "Kitchen light!")],
    house,
  );
  assert.deepEqual(
    found.map(({ recordings }) => recordings),
    [["a", "b"]],
  );
});

test("words that were not meant for the assistant, right for somebody, critical or in no known language teach nothing", () => {
  const [heard, meant] = ["the kitchen mic", "the kitchen light"];
  const one = corrected("a", heard, meant);
  const right = { clip: "a", verdict: /** @type {const} */ ("right"), words: null };
  assert.deepEqual(phrases({ ...one, verdicts: [...one.verdicts, right] }), []);
  assert.deepEqual(phrases(reviewed("a", { heard, meant, verdict: "not-for-it" })), []);
  assert.deepEqual(phrases(reviewed("a", { heard, meant, said: { spans: [[0, 3]] } })), []);
  assert.deepEqual(phrases(reviewed("a", { heard, meant, said: { marks: ["health"] } })), []);
  const { language, ...unknown } = one.words;
  assert.equal(language, "en");
  assert.deepEqual(phrases({ ...one, words: unknown }), []);
});

test("names are words of names that were corrected into the text, as they are spelled", () => {
  assert.deepEqual(names(corrected("a", "turn on the of sec outlet", "turn on the ovosec outlet")), [["Ovosec"]]);
  assert.deepEqual(
    names(corrected("a", "call siobhan", "call siobhán"), corrected("b", "the of a sec outlet", "the ovosec outlet")),
    [["Ovosec", "Siobhán"]],
  );
  assert.deepEqual(names(corrected("a", "turn on the outline", "turn on the outlet")), [], "not the name of anything");
});

test("a name that is understood as often as not need not be expected", () => {
  const evidence = [
    corrected("a", "turn on the kitchen mic", "turn on the kitchen light"),
    reviewed("b", { heard: "turn off the kitchen light" }),
  ];
  assert.deepEqual(names(...evidence), []);
  assert.deepEqual(names(...evidence.slice(0, 1)), [["light"]]);
});
