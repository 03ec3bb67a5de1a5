import "./browser.js";

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { loadTranslations } from "../../custom_components/indoor_voice/panel/i18n.js";
import { improvementSentence, lessonSentence } from "../../custom_components/indoor_voice/panel/lesson-sentence.js";

/** @import { Teaching } from "../../custom_components/indoor_voice/panel/api.d.ts" */

const HASS = { states: { "light.ceiling": { state: "on", attributes: { friendly_name: "Ceiling light" } } } };

before(() => loadTranslations({ language: "en", time_format: "24" }));

/** @param {Teaching} teaching */
const sentence = (teaching) => lessonSentence(teaching, HASS, () => "Kitchen");

test("each lesson is one plain sentence", () => {
  const correction = { heard: "kitchen mic", meant: "kitchen light", language: "en" };
  assert.equal(sentence({ kind: "correction", content: correction }), "Understand “kitchen mic” as “kitchen light”");
  const alias = { entity_id: "light.ceiling", alias: "big light" };
  assert.equal(sentence({ kind: "alias", content: alias }), "Call Ceiling light also “big light”");
  const gone = { entity_id: "light.gone", alias: "big light" };
  assert.equal(sentence({ kind: "alias", content: gone }), "Call light.gone also “big light”");
  assert.equal(sentence({ kind: "names", content: { names: ["Ovosec"] } }), "Expect this name: Ovosec");
  const names = { names: ["Ovosec", "Tradfri"] };
  assert.equal(sentence({ kind: "names", content: names }), "Expect these names: Ovosec and Tradfri");
  const wakeWord = { room: "5a7e", wake_word: "hey_jarvis" };
  assert.equal(
    sentence({ kind: "threshold", content: { ...wakeWord, stricter: 1 } }),
    "Wake a little less easily for “hey jarvis” in Kitchen",
  );
  assert.equal(
    sentence({ kind: "verifier", content: { ...wakeWord, weights: "", bias: 0, threshold: 0 } }),
    "Learn how “hey jarvis” sounds in Kitchen",
  );
});

test("how much it helped is told month by month", () => {
  const months = [
    { month: "2026-10", commands: 60, misunderstood: 10 },
    { month: "2026-11", commands: 140, misunderstood: 10 },
    { month: "2026-12", commands: 30, misunderstood: 0 },
  ];
  assert.equal(
    improvementSentence(months),
    "Misunderstood: 1 in 6 in October → 1 in 14 in November → none in December",
  );
  const bad = { month: "2026-10", commands: 30, misunderstood: 25 };
  assert.equal(improvementSentence([bad]), "Misunderstood: most in October");
  assert.equal(improvementSentence([{ month: "2026-10", commands: 19, misunderstood: 1 }]), undefined);
});
