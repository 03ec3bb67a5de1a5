/** Reads and opens the evidence: the recordings that were reviewed, with the verdicts that the user may read. */

import { keyOfSitting, readWords } from "../opening.js";
import { WrongSecret, openPart, openVerdicts } from "../sealing.js";
import { readHalfFloats } from "./half-floats.js";

/** @import { Ask, SealedEvidence, SealedPart, UnlockedKey } from "../api.d.ts" */
/** @import { Evidence } from "./evidence.js" */

/** The number of features: 12 rows of 96. */
const FEATURES = 12 * 96;

/**
 * What was opened, newest first, and how many recordings the user's key no longer opens.
 * @typedef {{ evidence: Evidence[], closed: number }} Opened
 */

/**
 * Read all evidence, page by page. Throws `Problem` once the key is locked.
 * @param {Ask} ask
 * @param {(count: number) => void} onProgress called with the number of recordings so far
 * @returns {Promise<Opened>}
 */
export async function readEvidence(ask, onProgress) {
  /** @type {Evidence[]} */
  const evidence = [];
  let closed = 0;
  /** @type {string | null | undefined} */
  let after;
  while (after !== null) {
    const page = await ask("teach/evidence", after === undefined ? {} : { after });
    const opened = await Promise.all(page.evidence.map((sealed) => open(sealed, keyOfSitting())));
    // What the key still opened while it was being locked is not used.
    keyOfSitting();
    evidence.push(...opened.flatMap((one) => (one && one.verdicts.length > 0 ? [one] : [])));
    closed += opened.filter((one) => !one).length;
    onProgress(evidence.length + closed);
    after = page.next;
  }
  return { evidence, closed };
}

/**
 * Open one recording; undefined if it is sealed to another key, as one from before the user's key was replaced.
 * @param {SealedEvidence} sealed
 * @param {UnlockedKey} key
 * @returns {Promise<Evidence | undefined>}
 */
async function open(sealed, key) {
  const { recording, id, room, day, time, own, teachable } = sealed;
  /** @type {(ciphertext: string) => SealedPart} */
  const part = (ciphertext) => ({ id, key: sealed.key, ciphertext, disguise: "none" });
  try {
    const words = readWords(await openPart(part(sealed.words), "words", key));
    const verdicts = await openVerdicts(sealed.verdicts, id, key);
    const features = sealed.features && readHalfFloats(await openPart(part(sealed.features), "features", key));
    const isWhole = features && features.length === FEATURES;
    return { recording, room, day, time, own, teachable, words, verdicts, features: isWhole ? features : undefined };
  } catch (error) {
    if (error instanceof WrongSecret) return undefined;
    throw error;
  }
}
