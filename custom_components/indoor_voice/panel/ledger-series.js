/** Finds openings that belong together, such as those of a whole day, so that they can be shown in one line. */

/** @import { Row } from "./api.d.ts" */

/** Openings by the same person, in the same form, belong together if none is later than this after the one before. */
const PAUSE_SECONDS = 300;
/** Fewer openings are shown one by one. */
const FEWEST = 3;

/**
 * Return whether a row belongs together with the next older one.
 * @param {Row} row
 * @param {Row} older
 */
export const belongTogether = (row, older) =>
  row.kind === "opened" &&
  older.kind === "opened" &&
  row.actor === older.actor &&
  row.detail.why === older.detail.why &&
  row.detail.disguise === older.detail.disguise &&
  row.time - older.time <= PAUSE_SECONDS;

/**
 * Group rows, newest first, into lines: each is one row, or a series of openings. No row is left out.
 * @param {Row[]} rows
 * @returns {Row[][]}
 */
export function linesOf(rows) {
  /** @type {Row[][]} */
  const series = [];
  for (const row of rows) {
    const last = series.at(-1);
    const previous = last?.at(-1);
    if (last && previous && belongTogether(previous, row)) last.push(row);
    else series.push([row]);
  }
  return series.flatMap((line) => (line.length < FEWEST ? line.map((row) => [row]) : [line]));
}
