import assert from "node:assert/strict";
import { test } from "node:test";
import { MASK, hides, isMarked, masked } from "../../custom_components/indoor_voice/panel/masking.js";
import { silenceHidden } from "../../custom_components/indoor_voice/panel/silencing.js";

/** @typedef {[number, number]} Span */

const RATE = 16_000;
const HEADER = 44;

/**
 * Return a WAV file of speech and pauses: a tone for each positive number of seconds, hiss for each negative one.
 * @param {number[]} parts
 */
function sound(...parts) {
  const seconds = parts.reduce((sum, one) => sum + Math.abs(one), 0);
  const file = new Uint8Array(HEADER + 2 * Math.round(seconds * RATE));
  const view = new DataView(file.buffer);
  new TextEncoder().encodeInto("RIFF    WAVEfmt ", file);
  view.setUint32(16, 16, true);
  view.setUint32(24, RATE, true);
  new TextEncoder().encodeInto("data", file.subarray(36));
  view.setUint32(40, file.length - HEADER, true);
  const samples = new Int16Array(file.buffer, HEADER);
  let at = 0;
  for (const part of parts) {
    const end = at + Math.round(Math.abs(part) * RATE);
    for (; at < end && at < samples.length; at += 1) samples[at] = part > 0 ? 8000 * Math.sin(at * 0.2) : (at % 7) - 3;
  }
  return file;
}

/**
 * Return whether anything is left of each tenth of a second.
 * @param {Uint8Array<ArrayBuffer>} file
 */
function left(file) {
  const samples = new Int16Array(file.buffer, HEADER);
  return Array.from({ length: Math.floor(samples.length / (RATE / 10)) }, (_, index) =>
    samples.subarray((index * RATE) / 10, ((index + 1) * RATE) / 10).some((sample) => sample !== 0),
  );
}

/**
 * Return the words of a recording, with a span for the part in brackets.
 * @param {string} text
 */
function words(text) {
  const [start, end] = [text.indexOf("["), text.indexOf("]") - 1];
  return { transcript: text.replaceAll(/[[\]]/g, ""), spans: /** @type {Span[]} */ (start < 0 ? [] : [[start, end]]) };
}

test("masks replace the spans, however long they are, and nothing else", () => {
  assert.equal(
    masked("PIN 4821, or 12345678!", [
      [4, 8],
      [13, 21],
    ]),
    `PIN ${MASK}, or ${MASK}!`,
  );
  assert.equal(masked("😀 PIN 4821", [[7, 11]]), `😀 PIN ${MASK}`);
  assert.equal(masked("Turn on the light."), "Turn on the light.");
});

test("a recording without marks needs no warning, as those of an earlier version", () => {
  assert.ok(!isMarked(undefined) && !hides(undefined));
  assert.ok(!isMarked({ transcript: "Turn on the light." }));
  assert.ok(isMarked({ transcript: "Help me.", marks: ["distress"] }));
  assert.ok(!hides({ transcript: "Help me.", marks: ["distress"] }));
  assert.ok(hides({ transcript: "What is the code?", answer: "4821", answer_spans: [[0, 4]] }));
});

test("a number at the end is silenced to the end, and the start of a long sentence is left", () => {
  const file = sound(-0.5, 5, -0.5);
  const heard = left(
    silenceHidden(file, words("Please remind me tomorrow evening that the code for the lock is [4821]")),
  );
  assert.deepEqual(
    heard.slice(6, 20),
    Array.from({ length: 14 }, () => true),
  );
  assert.deepEqual(
    heard.slice(38),
    Array.from({ length: heard.length - 38 }, () => false),
  );
});

test("a number at the start is silenced from the start, whether a wake word comes before it or not", () => {
  const heard = left(
    silenceHidden(sound(-0.3, 0.8, -0.2, 5), words("[4821] is the code which you need to open the door downstairs")),
  );
  assert.deepEqual(
    heard.slice(0, 25),
    Array.from({ length: 25 }, () => false),
  );
  assert.equal(heard.at(-2), true);
});

test("everything is silenced where the sound doesn't go with the words, or has no pauses", () => {
  const spoken = words("The code is [4821] for the front door");
  for (const file of [sound(-0.5, 14, -0.5), sound(-1, 0.3, -1), sound(4), sound(-4)])
    assert.ok(!left(silenceHidden(file, spoken)).includes(true));
});

test("without a span nothing is silenced, and the original file is never changed", () => {
  const file = sound(-0.5, 3, -0.5);
  const before = new Uint8Array(file);
  assert.deepEqual(silenceHidden(file, words("Turn on the light")), before);
  silenceHidden(file, words("The code is [4821]"));
  assert.deepEqual(file, before);
});
