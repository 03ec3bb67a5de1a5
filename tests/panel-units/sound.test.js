import assert from "node:assert/strict";
import { test } from "node:test";
import { HeardTime } from "../../custom_components/indoor_voice/panel/heard.js";
import { makeComfortable } from "../../custom_components/indoor_voice/panel/sound.js";

const RATE = 16_000;

/**
 * Return a WAV file that has another chunk before its samples.
 * @param {Int16Array} samples
 */
function wav(samples) {
  const file = new Uint8Array(56 + samples.length * 2);
  const view = new DataView(file.buffer);
  const write = (/** @type {number} */ at, /** @type {string} */ text) =>
    new TextEncoder().encodeInto(text, file.subarray(at));
  for (const [at, text] of /** @type {const} */ ([
    [0, "RIFF"],
    [8, "WAVE"],
    [12, "fmt "],
    [36, "LIST"],
    [48, "data"],
  ]))
    write(at, text);
  view.setUint32(16, 16, true);
  view.setUint32(24, RATE, true);
  view.setUint32(40, 4, true);
  view.setUint32(52, samples.length * 2, true);
  new Int16Array(file.buffer, 56).set(samples);
  return file;
}

/**
 * Return one second of a tone, after some silence.
 * @param {number} amplitude
 * @param {number} silenceSeconds
 */
const tone = (amplitude, silenceSeconds = 1) =>
  Int16Array.from({ length: RATE * (1 + silenceSeconds) }, (_, at) =>
    at < RATE * silenceSeconds ? 0 : Math.round(amplitude * Math.sin(at * 0.2)),
  );

/** @param {Int16Array} samples */
function played(samples) {
  const { wave, audibleFrom } = makeComfortable(wav(samples));
  return { audibleFrom, samples: new Int16Array(wave.buffer, 56) };
}

/** @param {Int16Array} samples */
const loudness = (samples) => Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / samples.length) / 32_768;

test("loud and quiet recordings are played equally loud, but the gain is limited", () => {
  for (const amplitude of [30_000, 3000, 700]) {
    const heard = loudness(played(tone(amplitude)).samples.subarray(-RATE / 2));
    assert.ok(Math.abs(heard - 0.1) < 0.005, `${amplitude}: ${heard}`);
  }
  const whisper = played(tone(50)).samples.subarray(-RATE / 2);
  assert.ok(Math.abs(loudness(whisper) / loudness(tone(50).subarray(-RATE / 2)) - 8) < 0.2);
});

test("clicks are limited to half of full scale", () => {
  const samples = tone(2000);
  samples[RATE + 8000] = 32_767;
  const { samples: heard } = played(samples);
  assert.ok(Math.max(...heard.map((sample) => Math.abs(sample))) <= 16_384);
});

test("it audibleFrom just before something is heard, and fades in", () => {
  const { audibleFrom, samples } = played(tone(20_000));
  assert.ok(audibleFrom >= 0.85 && audibleFrom <= 0.95, String(audibleFrom));
  const from = Math.round(audibleFrom * RATE);
  const first = loudness(samples.subarray(from + RATE * 0.1, from + RATE * 0.11));
  assert.ok(first < loudness(samples.subarray(from + RATE * 0.3, from + RATE * 0.31)) * 0.9);
  assert.equal(played(tone(20_000, 0)).audibleFrom, 0);
});

test("silence stays silent, and the original file is not changed", () => {
  assert.deepEqual(played(new Int16Array(RATE)), { audibleFrom: 0, samples: new Int16Array(RATE) });
  const file = wav(tone(3000));
  const before = new Uint8Array(file);
  makeComfortable(file);
  assert.deepEqual(file, before);
});

test("hearing three seconds is enough to judge, or nearly all of a short recording", () => {
  for (const [seconds, needed] of /** @type {const} */ ([
    [10, 3],
    [2, 1.8],
  ])) {
    const heard = new HeardTime(seconds);
    heard.note(true, 0, 1);
    heard.note(true, needed * 1000 - 50, 1);
    assert.ok(!heard.enough);
    heard.note(false, needed * 1000 + 1, 1);
    assert.ok(heard.enough);
  }
});

test("pauses do not count as hearing, and a faster sound is heard sooner", () => {
  const heard = new HeardTime(10);
  heard.note(true, 0, 1);
  heard.note(false, 1000, 1);
  heard.note(true, 60_000, 2);
  assert.ok(!heard.enough);
  heard.note(true, 60_900, 2);
  assert.ok(!heard.enough);
  heard.note(true, 61_100, 2);
  assert.ok(heard.enough);
});
