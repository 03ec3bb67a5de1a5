/**
 * Silences the numbers and codes of a recording.
 *
 * Nobody knows where in the sound a word is. It is estimated from its place in the transcript: both run from the first
 * to the last speech, except that the sound may begin with the wake word. The margins are wide, because what is left
 * of a number does more harm than what is lost of a sentence.
 */

import { loudnessOf, samplesOf } from "./sound.js";

/** @import { Words } from "./api.d.ts" */

const WINDOW_SECONDS = 0.02;
/** Speech is this much louder than the quietest twentieth of the sound, and than this part of its loudest moments. */
const ABOVE_QUIET = 3;
const PART_OF_LOUD = 0.08;
/** Where the loud moments are not this much louder than the quiet ones, speech can't be told from noise. */
const CLEAR = 5;
/** How long a wake word may be, in seconds of speech. */
const WAKE_WORD_SECONDS = [0, 1.2];
/** How many letters a digit sounds like, at least ("forty-one" for 41) and at most ("seven" for 7). */
const LETTERS_OF_DIGIT = [2.5, 6];
/** How many letters a second of speech has, without pauses; outside of this, the transcript is not of this sound. */
const LETTERS_A_SECOND = { least: 7, most: 32 };
/** How much is silenced on both sides: this, and this part of all speech. */
const MARGIN_SECONDS = 0.35;
const MARGIN_PART = 0.1;

/**
 * Return a copy of a recording without what its words hide.
 * @param {Uint8Array} file a WAV file: 16 bit, mono
 * @param {Words} words
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function silenceHidden(file, { transcript, spans = [] }) {
  const wave = new Uint8Array(file);
  if (spans.length === 0) return wave;
  const { rate, samples } = samplesOf(wave);
  const speech = speechIn(samples, Math.round(rate * WINDOW_SECONDS));
  for (const span of spans) {
    const [from, to] = placeOf(transcript, span, speech);
    samples.fill(0, Math.max(0, Math.floor(from * rate)), Math.ceil(to * rate));
  }
  return wave;
}

/**
 * Return the numbers of the windows with speech; none if speech can't be told from noise.
 * @param {Int16Array} samples
 * @param {number} window in samples
 */
function speechIn(samples, window) {
  const loudness = loudnessOf(samples, window);
  const sorted = loudness.toSorted((one, other) => one - other);
  const quiet = sorted[Math.floor(sorted.length * 0.05)] ?? 0;
  const loud = sorted[Math.floor(sorted.length * 0.95)] ?? 0;
  if (loud <= quiet * CLEAR) return [];
  const threshold = Math.max(quiet * ABOVE_QUIET, loud * PART_OF_LOUD);
  return loudness.flatMap((one, index) => (one >= threshold ? [index] : []));
}

/**
 * Return from which second to which a part of the transcript may be heard; everything if that is not safe to say.
 * @param {string} transcript
 * @param {[start: number, end: number]} span
 * @param {number[]} speech
 * @returns {[from: number, to: number]}
 */
function placeOf(transcript, [start, end], speech) {
  const spoken = speech.length * WINDOW_SECONDS;
  const places = LETTERS_OF_DIGIT.flatMap((digit) => {
    const length = (/** @type {string} */ text) => lettersOf(text, digit);
    const [before, within] = [length(transcript.slice(0, start)), length(transcript.slice(start, end))];
    const after = length(transcript.slice(end));
    const all = before + within + after;
    return WAKE_WORD_SECONDS.map((wake) => ({
      pace: all / spoken,
      from: before ? wake + (Math.max(0, spoken - wake) * before) / all : 0,
      to: after ? wake + (Math.max(0, spoken - wake) * (before + within)) / all : Infinity,
    }));
  });
  const { least, most } = LETTERS_A_SECOND;
  if (!places.some(({ pace }) => pace >= least && pace <= most)) return [0, Infinity];
  const margin = MARGIN_SECONDS + spoken * MARGIN_PART;
  const from = Math.min(...places.map((place) => place.from)) - margin;
  const to = Math.max(...places.map((place) => place.to)) + margin;
  const second = (/** @type {number} */ at) => (speech[Math.round(at / WINDOW_SECONDS)] ?? Infinity) * WINDOW_SECONDS;
  return [from <= 0 ? 0 : second(from), second(to)];
}

/**
 * Return how many letters a text sounds like; pauses are no speech.
 * @param {string} text
 * @param {number} digit how many a digit has
 */
function lettersOf(text, digit) {
  let letters = 0;
  for (const character of text) {
    if (/\p{Number}/u.test(character)) letters += digit;
    else if (/[\p{Letter}\s]/u.test(character)) letters += 1;
  }
  return text.trim() ? letters : 0;
}
