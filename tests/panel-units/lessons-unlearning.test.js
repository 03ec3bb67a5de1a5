/**
 * Un-learning is exact: whatever recordings are deleted, what is worked out again from the rest is what would have been
 * learned if the deleted ones had never been there.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { subjectOf } from "../../custom_components/indoor_voice/panel/lessons/finding.js";
import { proposalsFrom, rebuilt } from "../../custom_components/indoor_voice/panel/lessons/proposals.js";
import { corrected, house, reviewed } from "./evidence.js";
import { samplesOf } from "./samples.js";

/** @import { Lesson } from "../../custom_components/indoor_voice/panel/api.d.ts" */
/** @import { Finding } from "../../custom_components/indoor_voice/panel/lessons/finding.js" */

const ROUNDS = 40;
/** How far weights may be from those that were learned without the recordings that are gone. */
const TOLERANCE = 1e-6;

/**
 * Return a generator of numbers from 0 up to 1, the same each time.
 * @param {number} seed
 */
function numbersFrom(seed) {
  let state = seed;
  return () => {
    state = (state * 48_271) % (2 ** 31 - 1);
    return state / (2 ** 31 - 1);
  };
}

/** Return what a household reviewed, newest first: it teaches something of each kind. */
function reviews() {
  const { samples, classes } = samplesOf(1152, 14, 6);
  return [
    corrected("mic1", "turn on the kitchen mic", "turn on the kitchen light"),
    corrected("mic2", "turn off the kitchen mic", "turn off the kitchen light"),
    corrected("mic3", "turn on the kitchen mic please", "turn on the kitchen light please"),
    corrected("sec1", "turn on the of sec outlet", "turn on the ovosec outlet"),
    corrected("sec2", "turn off the of sec outlet", "turn off the ovosec outlet"),
    ...["1", "2"].flatMap((number) => [
      reviewed(`again${number}`, {
        heard: "turn on the ceiling light",
        said: { done: [{ name: "Ceiling light", what: "on" }] },
        time: `1${number}:00:40`,
      }),
      reviewed(`failed${number}`, {
        heard: "turn on the big sun",
        verdict: "wrong-action",
        said: { done: [] },
        time: `1${number}:00:00`,
      }),
    ]),
    ...samples.map((sample, index) =>
      reviewed(`wake${index}`, {
        features: Float32Array.from(sample),
        verdict: classes[index] ? "right" : "not-for-it",
        room: "hall",
      }),
    ),
  ];
}

/**
 * @param {Finding} finding
 * @returns {Lesson}
 */
const lessonOf = (finding) => ({
  ...finding,
  lesson: subjectOf(finding),
  by: "ben",
  approved: "2026-11-22T18:00:00+00:00",
  state: "on",
  rooms: ["kitchen"],
  sources: finding.recordings.length,
});

/**
 * Return the numbers of a verifier; nothing for other lessons.
 * @param {Finding} finding
 */
function numbersOf({ kind, content }) {
  if (kind !== "verifier") return [];
  const bytes = Buffer.from(content.weights, "base64");
  const weights = Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(4 * index));
  return [...weights, content.bias, content.threshold];
}

/**
 * Return what of a lesson must be the same to the last letter.
 * @param {Finding} finding
 */
const textOf = ({ kind, content }) =>
  JSON.stringify(kind === "verifier" ? { room: content.room, word: content.wake_word } : content);

test("what is worked out again is what would have been learned without the recordings that are gone", async () => {
  const evidence = reviews();
  const learned = (await proposalsFrom(evidence, [], house)).filter(({ hindrance }) => !hindrance);
  assert.deepEqual(
    new Set(learned.map(({ kind }) => kind)),
    new Set(["correction", "alias", "names", "threshold", "verifier"]),
  );
  const random = numbersFrom(7);
  let [compared, ended] = [0, 0];
  for (let round = 0; round < ROUNDS; round += 1) {
    const share = random() * 0.5;
    const left = evidence.filter(() => random() > share);
    const kept = new Set(left.map(({ recording }) => recording));
    const fresh = await proposalsFrom(left, [], house);
    for (const finding of learned) {
      const recordings = finding.recordings.filter((recording) => kept.has(recording));
      if (recordings.length === finding.recordings.length) continue;
      const lesson = { ...lessonOf(finding), state: /** @type {const} */ ("off"), recordings };
      const again = await rebuilt(lesson, left, house);
      const expected = fresh.find((one) => one.kind === finding.kind && subjectOf(one) === lesson.lesson);
      if (!again) {
        assert.ok(!expected || expected.hindrance || finding.kind === "names", finding.kind);
        ended += 1;
        continue;
      }
      const same = expected ?? fresh.find(({ kind }) => kind === finding.kind);
      assert.ok(same, finding.kind);
      assert.equal(textOf(again), textOf(same));
      assert.deepEqual(again.recordings.toSorted(), same.recordings.toSorted());
      const [numbers, others] = [numbersOf(again), numbersOf(same)];
      assert.equal(numbers.length, others.length);
      assert.ok(numbers.every((number, index) => Math.abs(number - (others[index] ?? Number.NaN)) <= TOLERANCE));
      compared += 1;
    }
  }
  assert.ok(compared > ROUNDS && ended > 10, `${compared} compared, ${ended} ended`);
});
