import assert from "node:assert/strict";
import { test } from "node:test";
import { KEYS, VERDICTS, actionOf } from "../../custom_components/indoor_voice/panel/review-keyboard.js";

/** @import { Verdict } from "../../custom_components/indoor_voice/panel/api.d.ts" */
/** @import { Place, Situation } from "../../custom_components/indoor_voice/panel/review-keyboard.js" */

/** @type {Situation} */
const HEARD = { begun: true, shown: true, warned: false, heard: true, judged: true, singleKeys: true };
const WARNED = { ...HEARD, warned: true };
const ALL_KEYS = [
  "1",
  "2",
  "3",
  "4",
  "5",
  " ",
  "r",
  "e",
  "m",
  "-",
  "+",
  "=",
  "s",
  "x",
  "n",
  "l",
  "z",
  "?",
  "escape",
  "enter",
];

/**
 * Return the actions of all keys in a place.
 * @param {Place} place
 * @param {Partial<Situation>} [change]
 */
const actions = (place, change = {}) =>
  ALL_KEYS.map((key) => actionOf(key, place, { ...HEARD, ...change })).filter(Boolean);

test("each verdict has the key of its number", () => {
  assert.deepEqual(
    ["1", "2", "3", "4", "5"].map((key) => actionOf(key, "page", HEARD)),
    VERDICTS,
  );
});

test("every key in the help has an action", () => {
  const names = new Map([
    ["space", " "],
    ["esc", "escape"],
  ]);
  for (const listed of KEYS) {
    const key = listed.toLowerCase();
    assert.ok(actionOf(names.get(key) ?? key, "page", listed === "L" ? WARNED : HEARD), listed);
  }
});

test("a recording can't be judged before it was heard, and only a verdict can be undone", () => {
  const unheard = actions("page", { heard: false, judged: false });
  assert.ok(!unheard.includes("undo"));
  assert.deepEqual(
    unheard.filter((action) => VERDICTS.includes(/** @type {Verdict} */ (action))),
    [],
  );
  assert.ok(unheard.includes("play"));
});

test("while there is a warning, no key plays the recording, shows its words or judges it by chance", () => {
  const acting = actions("page", WARNED).filter((action) => action !== "ignore");
  assert.deepEqual(acting, ["skip", "hold-to-destroy", "give-up", "listen", "undo", "help", "stop"]);
});

test("while words are edited, keys type letters, Enter ends editing and Escape stops", () => {
  assert.deepEqual(actions("words"), ["stop", "end-editing"]);
  assert.deepEqual(actions("field"), ["stop"]);
});

test("without single-key shortcuts, only Escape works, and Enter while words are edited", () => {
  assert.deepEqual(actions("page", { singleKeys: false }), ["stop"]);
  assert.deepEqual(actions("words", { singleKeys: false }), ["stop", "end-editing"]);
});

test("Space activates a focused button, and otherwise plays", () => {
  assert.equal(actionOf(" ", "control", HEARD), undefined);
  assert.equal(actionOf(" ", "page", HEARD), "play");
  assert.equal(actionOf("s", "control", HEARD), "skip");
});

test("between recordings, only help, undo and stop work", () => {
  assert.deepEqual(actions("page", { shown: false }), ["undo", "help", "stop"]);
  assert.deepEqual(actions("page", { shown: false, begun: false, judged: false }), ["help"]);
});
