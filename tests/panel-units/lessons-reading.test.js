import "./browser.js";

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, test } from "node:test";
import { readHalfFloats } from "../../custom_components/indoor_voice/panel/lessons/half-floats.js";
import { readHouse } from "../../custom_components/indoor_voice/panel/lessons/naming.js";
import { readEvidence } from "../../custom_components/indoor_voice/panel/lessons/reading.js";
import { Problem } from "../../custom_components/indoor_voice/panel/problem.js";
import { unlock } from "../../custom_components/indoor_voice/panel/sealing.js";
import { sitting } from "../../custom_components/indoor_voice/panel/sitting.js";

/** @import { Arrangement, Ask, HomeAssistant, LockedKey } from "../../custom_components/indoor_voice/panel/api.d.ts" */

/** @typedef {{ passphrase: string, locked: LockedKey, clip: string, key: string, verdict: string, words: string }} Sealed */

const sealed = /** @type {Sealed} */ (JSON.parse(await readFile(new URL("./sealed.json", import.meta.url), "utf8")));
const key = await unlock(sealed.locked, sealed.passphrase);
const one = {
  recording: "name",
  id: sealed.clip,
  room: "kitchen",
  day: "2026-11-22",
  time: null,
  own: false,
  key: sealed.key,
  words: sealed.words,
  features: null,
  verdicts: [sealed.verdict],
  teachable: true,
};

beforeEach(() => sitting.begin({ public: key.public, private: new Uint8Array(key.private) }));
// The timer that locks the key would keep the process alive.
afterEach(() => sitting.end());

/**
 * @param {object[][]} pages
 * @param {object[]} [asked]
 */
const answering = (pages, asked = []) =>
  /** @type {Ask} */ (
    (/** @type {string} */ _, /** @type {object} */ fields) => {
      asked.push(fields);
      const number = asked.length;
      return Promise.resolve({
        evidence: pages[number - 1] ?? [],
        next: number < pages.length ? `after ${number}` : null,
      });
    }
  );

test("all pages are read, and what can't be opened is counted", async () => {
  /** @type {object[]} */
  const asked = [];
  /** @type {number[]} */
  const counts = [];
  const foreign = { ...one, id: "f".repeat(32) };
  const ask = answering([[one, foreign], [{ ...one, verdicts: [] }], [{ ...one, features: sealed.words }]], asked);
  const { evidence, closed } = await readEvidence(ask, (count) => counts.push(count));
  assert.deepEqual(asked, [{}, { after: "after 1" }, { after: "after 2" }]);
  assert.deepEqual(counts, [2, 2, 3]);
  assert.deepEqual([evidence.length, closed], [1, 2], "features that don't open count as a recording that doesn't");
  assert.equal(evidence[0]?.words.transcript, "turn on the light");
  assert.deepEqual(evidence[0].verdicts, [{ clip: sealed.clip, verdict: "wrong-words", words: "turn off the light" }]);
});

test("reading stops once the key is locked", async () => {
  const ask = answering([[one], [one]]);
  const reading = readEvidence(ask, () => sitting.end());
  await assert.rejects(reading, Problem);
});

test("16-bit floats are read exactly", () => {
  const halves = ["0000", "8000", "3c00", "c000", "3555", "0001", "7bff", "7c00", "fc00", "7e00"];
  const bits = halves.map((digits) => Number.parseInt(digits, 16));
  const bytes = new Uint8Array(bits.flatMap((half) => [half & 255, half >> 8]));
  assert.deepEqual(
    [...readHalfFloats(bytes)],
    [0, -0, 1, -2, 0.333_251_953_125, 2 ** -24, 65_504, Infinity, -Infinity, Number.NaN],
  );
});

test("the names of the house are those of what is exposed, with aliases, areas and people", async () => {
  const entry = (/** @type {(string | null)[]} */ aliases, /** @type {boolean} */ exposed) => ({
    aliases,
    options: { conversation: { should_expose: exposed } },
  });
  const hass = /** @type {HomeAssistant} */ (
    /** @type {unknown} */ ({
      states: {
        "light.a": { state: "on", attributes: { friendly_name: "Ceiling" } },
        "light.b": { state: "on", attributes: { friendly_name: "Hidden" } },
        "light.c": { state: "on", attributes: { friendly_name: "Unregistered" } },
        "light.d": { state: "on", attributes: {} },
      },
      areas: { kitchen: { area_id: "kitchen", name: "Kitchen", aliases: ["Galley"] }, hall: { name: "Hall" } },
      floors: { attic: { floor_id: "attic", name: "Attic" } },
      callWS: () =>
        Promise.resolve({
          "light.a": entry([null, "Big light"], true),
          "light.b": entry([], false),
          "light.c": null,
          "light.d": { aliases: [], options: {} },
        }),
    })
  );
  const home = /** @type {Arrangement} */ ({ people: [{ name: "Ada" }] });
  const house = await readHouse(hass, home);
  for (const name of ["ceiling", "big light", "unregistered", "kitchen", "galley", "hall", "attic", "ada"])
    assert.ok(house.isName(name), name);
  assert.ok(!house.isName("hidden"));
  assert.equal(house.thingNamed("Ceiling")?.entityId, "light.a");
});
