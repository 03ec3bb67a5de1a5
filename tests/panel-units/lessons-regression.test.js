import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { dot, fit, productsOf } from "../../custom_components/indoor_voice/panel/lessons/regression.js";
import { decide, verifiersIn } from "../../custom_components/indoor_voice/panel/lessons/verifier.js";
import { reviewed } from "./evidence.js";
import { samplesOf } from "./samples.js";

/** @import { Evidence } from "../../custom_components/indoor_voice/panel/lessons/evidence.js" */

/**
 * What scikit-learn found: regression.py wrote it.
 * @typedef {object} Expected
 * @property {number} features
 * @property {number} meant
 * @property {number} not_meant
 * @property {number[]} weights
 * @property {number} bias
 * @property {number[]} left_out the score of each sample from a model of the others
 */

const expected = /** @type {Expected[]} */ (
  JSON.parse(await readFile(new URL("./regression.json", import.meta.url), "utf8"))
);

/**
 * @param {number} actual
 * @param {number | undefined} wanted
 */
const close = (actual, wanted = Number.NaN) =>
  assert.ok(Math.abs(actual - wanted) <= 1e-6, `${actual} is not ${wanted}`);

/**
 * @param {Float64Array[]} samples
 * @param {Float64Array} coefficients
 */
const weightsOf = (samples, coefficients) =>
  Float64Array.from(samples[0] ?? [], (_, place) =>
    samples.reduce((sum, sample, index) => sum + (coefficients[index] ?? 0) * (sample[place] ?? 0), 0),
  );

test("weights, bias and the scores of leaving one out are those of scikit-learn", () => {
  for (const one of expected) {
    const { samples, classes } = samplesOf(one.features, one.meant, one.not_meant);
    const { coefficients, bias } = fit(productsOf(samples), classes);
    const weights = weightsOf(samples, coefficients);
    for (const [index, weight] of weights.entries()) if (index < one.weights.length) close(weight, one.weights[index]);
    close(bias, one.bias);
    for (const [left, sample] of samples.entries()) {
      const others = samples.filter((other) => other !== sample);
      const model = fit(
        productsOf(others),
        classes.filter((_, index) => index !== left),
      );
      close(dot(weightsOf(others, model.coefficients), sample) + model.bias, one.left_out[left]);
    }
  }
});

test("equal samples get the score 0, and no weight", () => {
  const same = Array.from({ length: 5 }, () => new Float64Array([1, 2]));
  const { coefficients, bias } = fit(productsOf(same), [true, true, true, false, false]);
  close(dot(weightsOf(same, coefficients), new Float64Array([5, 6])) + bias, 0);
});

test("classes that are far apart, and one that is alone, are fitted too", () => {
  const samples = [0, 1, 2, 3, 4, 1e6].map((value) => new Float64Array([value, -value]));
  const { coefficients, bias } = fit(
    productsOf(samples),
    samples.map((_, index) => index < 5),
  );
  const scores = samples.map((sample) => dot(weightsOf(samples, coefficients), sample) + bias);
  assert.ok(
    scores.every((score, index) => Number.isFinite(score) && score > 0 === index < 5),
    String(scores),
  );
});

/**
 * @param {number} meant
 * @param {number} notMeant
 * @returns {Evidence[]}
 */
const recordings = (meant, notMeant) => {
  const { samples, classes } = samplesOf(1152, meant, notMeant);
  return samples.map((sample, index) =>
    reviewed(`${index}`, { features: Float32Array.from(sample), verdict: classes[index] ? "right" : "not-for-it" }),
  );
};

/** @param {Evidence[]} evidence */
async function learned(evidence) {
  const [found] = await verifiersIn(evidence);
  if (found?.kind !== "verifier") return undefined;
  const bytes = Buffer.from(found.content.weights, "base64");
  const weights = Float64Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(4 * index));
  return { ...found, weights };
}

test("a verifier lets through what was meant, and stops most of the rest", async () => {
  const evidence = recordings(61, 5);
  const found = await learned(evidence);
  assert.ok(found);
  assert.deepEqual(found.tested, { through: 61, meant: 61, stopped: 5, notMeant: 5 });
  assert.equal(found.weights.length, 1152);
  const { bias, threshold, room, wake_word: wakeWord } = found.content;
  assert.deepEqual([room, wakeWord, found.recordings.length], ["kitchen", "hey_jarvis", 66]);
  for (const { features, verdicts } of evidence) {
    assert.ok(features);
    assert.equal(dot(found.weights, Float64Array.from(features)) + bias >= threshold, verdicts[0]?.verdict === "right");
  }
});

test("the order of the recordings doesn't matter", async () => {
  const evidence = recordings(12, 4);
  const [one, other] = [await learned(evidence), await learned(evidence.toReversed())];
  assert.ok(one && other);
  for (const [index, weight] of one.weights.entries()) close(weight, other.weights[index]);
  close(one.content.bias, other.content.bias);
  close(one.content.threshold, other.content.threshold);
});

test("too few recordings, and those with features that are no numbers, teach no verifier", async () => {
  assert.equal(await learned(recordings(9, 5)), undefined);
  assert.equal(await learned(recordings(20, 2)), undefined);
  const evidence = recordings(10, 4);
  assert.ok(await learned(evidence));
  const broken = (/** @type {number} */ value) => {
    const features = new Float32Array(1152);
    features[7] = value;
    return [reviewed("broken", { features }), ...evidence.slice(1)];
  };
  assert.equal(await learned(broken(Number.NaN)), undefined);
  assert.equal(await learned(broken(Infinity)), undefined);
  const other = evidence.map((one) => (one.recording === "0" ? { ...one, room: "study" } : one));
  assert.equal(await learned(other), undefined, "from another room");
  const unknown = evidence.map((one) => ({ ...one, words: { transcript: "" } }));
  assert.equal(await learned(unknown), undefined, "no wake word");
});

test("a threshold loses nothing if it can, 2 % at most, and must stop something", () => {
  const classes = (/** @type {number} */ meant) => Array.from({ length: meant + 2 }, (_, index) => index < meant);
  assert.deepEqual(decide([3, 4, 5, 0, 4.5], classes(3))?.tested, { through: 3, meant: 3, stopped: 1, notMeant: 2 });
  assert.equal(decide([3, 4, 5, 3.5, 4.5], classes(3)), undefined, "stops nothing");
  const many = [-5, ...Array.from({ length: 49 }, () => 2)];
  assert.deepEqual(decide([...many, 0, 0], classes(50))?.tested, { through: 49, meant: 50, stopped: 2, notMeant: 2 });
  assert.equal(decide([...many.slice(0, 49), 0, 0], classes(49)), undefined, "would lose more than 2 %");
});
