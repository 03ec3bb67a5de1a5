/** Fetches sealed parts of recordings and opens them with the listening key of this sitting. */

import { Problem } from "./problem.js";
import { WrongSecret, openPart, openVerdicts } from "./sealing.js";
import { sitting } from "./sitting.js";

/** @import { Ask, Part, SealedPart, SealedVerdict, Words } from "./api.d.ts" */
/** @typedef {Words & { verdicts: SealedVerdict[] }} OpenedWords */

/**
 * Fetch one part of a recording and open it. Throws `Problem` while the key is locked, or if it does not open the part.
 * @template {SealedPart & { verdicts?: string[] }} Sealed
 * @param {() => Promise<Sealed>} ask
 * @param {Part} part
 * @returns {Promise<{ answer: Sealed, content: Uint8Array, verdicts: SealedVerdict[] }>}
 */
export async function openSealed(ask, part) {
  const key = keyOfSitting();
  const answer = await ask();
  try {
    const content = await openPart(answer, part, key);
    return { answer, content, verdicts: await openVerdicts(answer.verdicts ?? [], answer.id, key) };
  } catch (error) {
    throw error instanceof WrongSecret ? new Problem("recordings.does_not_open") : error;
  }
}

/**
 * Open the words of one of the listed recordings, with the verdicts on them.
 * @param {Ask} ask
 * @param {string} recording its name
 * @returns {Promise<OpenedWords>}
 */
export async function openWords(ask, recording) {
  const open = () => ask("recordings/open", { recording, part: "words", why: "own" });
  const { content, verdicts } = await openSealed(open, "words");
  return { ...readWords(content), verdicts };
}

/**
 * Parse the part "words" of a recording.
 * @param {Uint8Array} content
 */
export const readWords = (content) => /** @type {Words} */ (JSON.parse(new TextDecoder().decode(content)));

/** Return the unlocked key, which stays unlocked longer by that; throws `Problem` while it is locked. */
export function keyOfSitting() {
  const key = sitting.use();
  if (!key) throw new Problem("recordings.locked");
  return key;
}
