/** Tells what may be critical in a recording, and hides its numbers and codes in texts. */

/** @import { Words } from "./api.d.ts" */

/** What stands for a number or code, however long it is. */
export const MASK = "••••";

/**
 * Return whether the user is warned before the recording is played.
 * @param {Words | undefined} words
 */
export const isMarked = (words) => (words?.marks?.length ?? 0) > 0;

/**
 * Return whether something in the words is hidden until the user asks for it.
 * @param {Words | undefined} words
 */
export const hides = (words) => [...(words?.spans ?? []), ...(words?.answer_spans ?? [])].length > 0;

/**
 * Return a text with a mask for each span; everything else stays as it is.
 * @param {string} text
 * @param {[start: number, end: number][]} [spans] in their order
 */
export function masked(text, spans = []) {
  let [result, at] = ["", 0];
  for (const [start, end] of spans) {
    result += `${text.slice(at, start)}${MASK}`;
    at = end;
  }
  return result + text.slice(at);
}
