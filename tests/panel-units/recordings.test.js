import "./browser.js";

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { doneTexts } from "../../custom_components/indoor_voice/panel/done.js";
import { loadTranslations } from "../../custom_components/indoor_voice/panel/i18n.js";
import { labelsOf, momentIcon } from "../../custom_components/indoor_voice/panel/recording-label.js";
import { EVERYTHING, isShown } from "../../custom_components/indoor_voice/panel/recordings-filter.js";
import { Series } from "../../custom_components/indoor_voice/panel/series.js";

/** @import { Recording, What, Words } from "../../custom_components/indoor_voice/panel/api.d.ts" */

/** @type {What[]} */
const WHAT = [
  "on",
  "off",
  "toggled",
  "stopped",
  "opened",
  "closed",
  "locked",
  "unlocked",
  "set",
  "started",
  "pressed",
  "asked",
];

/**
 * @param {string} name
 * @param {Partial<Recording>} [fields]
 * @returns {Recording}
 */
const recording = (name, fields) => ({
  recording: name,
  room: "kitchen",
  day: "2026-11-22",
  until: "2026-11-29",
  time: "18:02:07",
  seconds: 3,
  disguise: "none",
  own: true,
  ...fields,
});

before(() => loadTranslations({ language: "en", time_format: "24" }));

test("what was done is told with the name, and what happened if that is known", () => {
  assert.deepEqual(doneTexts([{ name: "Kitchen light", what: "on" }, { name: "Vacuum" }, "Lamp"]), [
    "Kitchen light: turned on",
    "Vacuum",
    "Lamp",
  ]);
  assert.deepEqual(doneTexts(), []);
  const texts = doneTexts(WHAT.map((what) => ({ name: "It", what })));
  assert.equal(new Set(texts).size, WHAT.length);
  assert.ok(texts.every((text) => text.startsWith("It: ")));
});

test("no two recordings have the same label", () => {
  const rooms = (/** @type {string} */ room) => (room === "kitchen" ? "Kitchen" : "Study");
  const listed = [
    recording("a"),
    recording("b", { time: "18:02:40" }),
    recording("a again"),
    recording("c", { time: "07:30:00" }),
    recording("d", { time: "07:30:00", day: "2026-11-21" }),
    recording("e", { time: null, own: false, room: "study" }),
    recording("f", { time: null, own: false, room: "study" }),
    recording("g", { time: null, own: false, room: "study", day: "2026-11-21" }),
  ];
  const labels = labelsOf(listed, rooms);
  assert.equal(new Set([...labels.values()].map(({ about }) => about)).size, listed.length);
  assert.equal(labels.get("a")?.title, "18:02:07", "another one was made in the same minute");
  assert.equal(labels.get("a again")?.title, "18:02:07 (2)");
  assert.deepEqual(labels.get("c"), { title: "07:30", about: "07:30, Kitchen, November 22, 2026" });
  assert.deepEqual(labels.get("f"), { title: "Recording 2", about: "Recording 2, Study, November 22, 2026" });
});

test("only the user's own recordings have an icon of their time of day", () => {
  const icons = ["00:30:00", "05:00:00", "12:00:00", "18:02:07", "23:59:59"].map((time) =>
    momentIcon(recording("a", { time })),
  );
  assert.equal(new Set(icons).size, 4);
  assert.equal(icons[0], icons[4]);
  assert.ok(!icons.includes(momentIcon(recording("a", { time: null }))));
});

test("a search finds what was said, done and answered, but only in words that are open", () => {
  /** @type {Words} */
  const words = { transcript: "Öffne the Blinds", done: [{ name: "Café lamp", what: "off" }], answer: "Done." };
  const opened = new Map([["a", words]]);
  const finds = (/** @type {string} */ query) =>
    ["a", "b"].filter((name) => isShown(recording(name), { ...EVERYTHING, query }, opened));
  for (const query of ["blinds", "offne", "CAFE", "lamp: turned off", "done", " blinds  done "])
    assert.deepEqual(finds(query), ["a"], query);
  assert.deepEqual(finds("kettle"), []);
  assert.deepEqual(finds("blinds kettle"), []);
  assert.deepEqual(finds("  "), ["a", "b"]);
  assert.ok(!isShown(recording("a"), { ...EVERYTHING, room: "study", query: "blinds" }, opened));
  assert.ok(!isShown(recording("a"), { ...EVERYTHING, day: "2026-11-21" }, opened));
});

test("a series goes through all recordings, can skip one, and stops at once", async () => {
  /** @type {string[]} */
  const done = [];
  /** @type {number[]} */
  const steps = [];
  const series = new Series(["a", "b", "c", "d"], () => steps.push(series.number));
  await series.run((name, signal) => {
    const ended = new Promise((/** @type {(value: void) => void} */ resolve) => {
      signal.addEventListener("abort", () => resolve());
      if (name === "a") resolve();
    });
    if (name === "b") series.skip();
    if (name === "c") series.stop();
    done.push(name);
    return ended;
  });
  assert.deepEqual(done, ["a", "b", "c"]);
  assert.deepEqual(steps, [1, 2, 3]);
  assert.deepEqual([series.current, series.count, series.stopped], ["c", 4, true]);
});
