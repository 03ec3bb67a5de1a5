/** Makes up evidence and houses for the tests of what can be learned. */

import { House } from "../../custom_components/indoor_voice/panel/lessons/house.js";

/** @import { Evidence } from "../../custom_components/indoor_voice/panel/lessons/evidence.js" */
/** @import { SealedVerdict, Verdict, Words } from "../../custom_components/indoor_voice/panel/api.d.ts" */

/** A house with a few things, two areas and a person. */
export const house = new House(
  [
    { entityId: "light.kitchen", name: "Kitchen light", aliases: [], canHaveAliases: true },
    { entityId: "light.ceiling", name: "Ceiling light", aliases: ["Big lamp"], canHaveAliases: true },
    { entityId: "switch.ovosec", name: "Ovosec outlet", aliases: [], canHaveAliases: true },
    { entityId: "fan.one", name: "Fan", aliases: [], canHaveAliases: true },
    { entityId: "fan.two", name: "Fan", aliases: [], canHaveAliases: true },
  ],
  ["Kitchen", "Living room", "Siobhán"],
);

/**
 * What a recording is to be, where it differs from others.
 * @typedef {Partial<Evidence> & { heard?: string, meant?: string | null, verdict?: Verdict, said?: Partial<Words> }} Fields
 */

/**
 * Return a reviewed recording of a command that was understood and right, except for what is given.
 * @param {string} recording
 * @param {Fields} [given]
 * @returns {Evidence}
 */
export function reviewed(recording, given = {}) {
  const { heard = "", meant = null, verdict, said, ...fields } = given;
  /** @type {SealedVerdict} */
  const judged = { clip: recording, verdict: verdict ?? (meant === null ? "right" : "wrong-words"), words: meant };
  return {
    recording,
    room: "kitchen",
    day: "2026-11-22",
    time: "18:02:07",
    own: true,
    teachable: true,
    words: { transcript: heard, language: "en", wake_word: "hey_jarvis", done: [{ name: "Kitchen light" }], ...said },
    verdicts: [judged],
    features: undefined,
    ...fields,
  };
}

/**
 * Return a recording whose words were corrected.
 * @param {string} recording
 * @param {string} heard
 * @param {string} meant
 * @param {Partial<Evidence>} [fields]
 */
export const corrected = (recording, heard, meant, fields) => reviewed(recording, { heard, meant, ...fields });
