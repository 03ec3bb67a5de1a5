/**
 * Learns how a wake word sounds in a room, from recordings that were meant for the assistant and others that were not.
 *
 * What is learned can only make waking stricter. How well it does is found out by leaving out each recording in turn
 * and asking a model that was made of the others.
 */

import { dot, fit, productsOf } from "./regression.js";
import { byWakeWord } from "./thresholds.js";

/** @import { Evidence } from "./evidence.js" */
/** @import { Finding } from "./finding.js" */
/** @import { Products } from "./regression.js" */
/** @import { Group } from "./thresholds.js" */
/** @typedef {{ recording: string, features: Float32Array }} Sample */

/**
 * What leaving out each recording in turn has shown: how many of those that were meant would have been let through, and
 * how many of the others would have been stopped.
 * @typedef {{ through: number, meant: number, stopped: number, notMeant: number }} Tested
 */

const LEAST_MEANT = 10;
const LEAST_NOT_MEANT = 3;
/** More recordings than these, the newest ones, make it slower and hardly better. */
const MOST_MEANT = 120;
const MOST_NOT_MEANT = 40;
/** At most this part of the recordings that were meant may be lost. */
const MOST_LOST = 0.02;
/** How far the threshold is below the lowest score that passes, as a part of the distance of the average scores. */
const MARGIN = 0.1;

/**
 * Return the verifiers that would have helped.
 * @param {Evidence[]} evidence newest first
 * @param {{ isWanted?: (room: string, wakeWord: string) => boolean, breathe?: () => Promise<void> }} [options] `breathe`
 *   is awaited now and then, so that the page stays responsive
 */
export async function verifiersIn(evidence, { isWanted = () => true, breathe = () => Promise.resolve() } = {}) {
  /** @type {Finding[]} */
  const found = [];
  for (const group of byWakeWord(evidence)) {
    const verifier = isWanted(group.room, group.wakeWord) ? await verifierOf(group, breathe) : undefined;
    if (verifier) found.push(verifier);
  }
  return found;
}

/**
 * @param {Group} group
 * @param {() => Promise<void>} breathe
 * @returns {Promise<Finding | undefined>}
 */
async function verifierOf({ room, wakeWord, meant, notMeant }, breathe) {
  const [positive, negative] = [samplesOf(meant), samplesOf(notMeant)];
  if (positive.length < LEAST_MEANT || negative.length < LEAST_NOT_MEANT) return undefined;
  const samples = [...positive.slice(0, MOST_MEANT), ...negative.slice(0, MOST_NOT_MEANT)];
  const classes = samples.map((sample) => positive.includes(sample));
  const vectors = samples.map(({ features }) => Float64Array.from(features));
  const mean = meanOf(vectors);
  const centred = vectors.map((vector) => vector.map((value, index) => value - (mean[index] ?? 0)));
  const products = productsOf(centred);
  const scores = await scoresOfLeftOut(products, classes, breathe);
  const decided = decide(scores, classes);
  if (!decided) return undefined;
  const { coefficients, bias } = fit(products, classes);
  const weights = combined(centred, coefficients);
  return {
    kind: "verifier",
    content: {
      wake_word: wakeWord,
      room,
      weights: base64(weights),
      bias: bias - dot(weights, mean),
      threshold: decided.threshold,
    },
    recordings: samples.map(({ recording }) => recording),
    tested: decided.tested,
  };
}

/**
 * Return the recordings with features that are all numbers.
 * @param {Evidence[]} evidence
 * @returns {Sample[]}
 */
const samplesOf = (evidence) =>
  evidence.flatMap(({ recording, features }) =>
    features?.every((value) => Number.isFinite(value)) ? [{ recording, features }] : [],
  );

/** @param {Float64Array[]} vectors */
function meanOf(vectors) {
  const even = new Float64Array(vectors.length).fill(1 / vectors.length);
  return combined(vectors, even);
}

/**
 * Return the sum of vectors, each multiplied by its coefficient.
 * @param {Float64Array[]} vectors at least one
 * @param {Float64Array} coefficients
 */
function combined(vectors, coefficients) {
  const sum = new Float64Array(vectors[0]?.length ?? 0);
  for (const [index, vector] of vectors.entries()) {
    const coefficient = coefficients[index] ?? 0;
    for (const [place, value] of vector.entries()) sum[place] = (sum[place] ?? 0) + coefficient * value;
  }
  return sum;
}

/**
 * Return the score that each sample gets from a model of the others.
 * @param {Products} products
 * @param {boolean[]} classes
 * @param {() => Promise<void>} breathe
 */
async function scoresOfLeftOut(products, classes, breathe) {
  /** @type {number[]} */
  const scores = [];
  for (const [left, row] of products.entries()) {
    await breathe();
    const others = products.toSpliced(left, 1).map((other) => without(other, left));
    const { coefficients, bias } = fit(others, classes.toSpliced(left, 1));
    scores.push(dot(coefficients, without(row, left)) + bias);
  }
  return scores;
}

/**
 * @param {Float64Array} numbers
 * @param {number} left the index of the one that is left out
 */
const without = (numbers, left) => numbers.filter((_, index) => index !== left);

/**
 * Choose the threshold, and return how well it does; undefined if it stops nothing without losing too much.
 * @param {number[]} scores
 * @param {boolean[]} classes
 * @returns {{ threshold: number, tested: Tested } | undefined}
 */
export function decide(scores, classes) {
  const meant = scores.filter((_, index) => classes[index]).toSorted((a, b) => a - b);
  const notMeant = scores.filter((_, index) => !classes[index]);
  const margin = MARGIN * Math.max(0, average(meant) - average(notMeant));
  for (const lowest of meant.slice(0, Math.floor(MOST_LOST * meant.length) + 1)) {
    const threshold = lowest - margin;
    const stopped = notMeant.filter((score) => score < threshold).length;
    const through = meant.filter((score) => score >= threshold).length;
    if (stopped > 0) return { threshold, tested: { through, meant: meant.length, stopped, notMeant: notMeant.length } };
  }
  return undefined;
}

/** @param {number[]} numbers */
const average = (numbers) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;

/**
 * Encode numbers as 32-bit floats in little-endian order, as base64.
 * @param {Float64Array} numbers
 */
function base64(numbers) {
  const view = new DataView(new ArrayBuffer(4 * numbers.length));
  for (const [index, number] of numbers.entries()) view.setFloat32(4 * index, number, true);
  return btoa(String.fromCodePoint(...new Uint8Array(view.buffer)));
}
