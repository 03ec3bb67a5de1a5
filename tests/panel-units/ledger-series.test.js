import assert from "node:assert/strict";
import { test } from "node:test";
import { linesOf } from "../../custom_components/indoor_voice/panel/ledger-series.js";

/** @import { Row } from "../../custom_components/indoor_voice/panel/api.d.ts" */

let seq = 1000;

/**
 * @param {number} time
 * @param {Partial<Row>} [row]
 * @returns {Row}
 */
const opened = (time, row) => ({
  seq: seq--,
  time,
  kind: "opened",
  actor: "ben",
  subjects: [],
  room: "kitchen",
  detail: { clip: "1", part: "sound", why: "own" },
  ...row,
});

/** @param {Row[]} rows */
const lengths = (rows) => linesOf(rows).map((line) => line.length);

test("three openings by the same person belong together, two are shown one by one", () => {
  assert.deepEqual(lengths([opened(30), opened(20), opened(10)]), [3]);
  assert.deepEqual(lengths([opened(20), opened(10)]), [1, 1]);
  assert.deepEqual(lengths([]), []);
});

test("a series ends with a pause, another person, another reason or another event", () => {
  const series = [opened(3000), opened(2990), opened(2980)];
  for (const other of [
    opened(2600),
    opened(2970, { actor: "cleo" }),
    opened(2970, { detail: { clip: "1", part: "sound", why: "review" } }),
    opened(2970, { kind: "refused" }),
  ])
    assert.deepEqual(lengths([...series, other]), [3, 1]);
});

test("every row is in exactly one line, in the same order", () => {
  const rows = [];
  for (let time = 5000; time > 0; time -= 100 * ((time % 7) + 1))
    rows.push(opened(time, { actor: time % 3 ? "ben" : "cleo", kind: time % 11 ? "opened" : "kept" }));
  assert.deepEqual(linesOf(rows).flat(), rows);
});

test("refusals are never put together", () => {
  assert.deepEqual(lengths([1, 2, 3, 4].map((time) => opened(-time, { kind: "refused" }))), [1, 1, 1, 1]);
});
