import "./browser.js";

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { loadTranslations, t } from "../../custom_components/indoor_voice/panel/i18n.js";
import { sentenceOf, sentenceOfSeries } from "../../custom_components/indoor_voice/panel/ledger-sentence.js";
import { Problem, problemText } from "../../custom_components/indoor_voice/panel/problem.js";

/** @import { Row, RowKind } from "../../custom_components/indoor_voice/panel/api.d.ts" */

/** @type {RowKind[]} */
const KINDS = [
  "begun",
  "paired",
  "unpaired",
  "kept",
  "dropped",
  "opened",
  "refused",
  "consent-given",
  "consent-refused",
  "consent-withdrawn",
  "consent-expired",
  "consent-bound",
  "arranged",
  "audience-changed",
  "ceiling-changed",
  "paused",
  "deleted",
  "key-created",
  "key-removed",
  "captured",
  "key-found",
  "aged",
  "clock-jumped",
];
const names = {
  me: "ada-id",
  person: (/** @type {string} */ id) => ({ "ada-id": "Ada", "ben-id": "Ben" })[id] ?? "?",
  room: (/** @type {string} */ id) => ({ "kitchen-id": "Kitchen", "study-id": "Study" })[id] ?? "?",
};

/**
 * @param {Partial<Row>} row
 * @returns {Row}
 */
const complete = (row) => ({
  seq: 1,
  time: 0,
  kind: "opened",
  actor: null,
  subjects: [],
  room: null,
  detail: {},
  ...row,
});

/**
 * Return the sentence for a row.
 * @param {Partial<Row>} row
 */
const sentence = (row) => sentenceOf(complete(row), names);

before(() => loadTranslations({ language: "en", time_format: "24" }));

test("every kind of row has a sentence, without unfilled placeholders", () => {
  for (const kind of KINDS) {
    const said = sentence({
      kind,
      actor: "ben-id",
      room: "kitchen-id",
      detail: {
        clips: 2,
        what: "person-came",
        name: "Cleo",
        person: "ben-id",
        seconds: 3,
        days: 2,
        part: "sound",
      },
    });
    assert.notEqual(said, `ledger.kind.${kind}`);
    assert.doesNotMatch(said, /[{}]|undefined|null|NaN|ledger\./, kind);
  }
});

test("a sentence names the person, or the channel if no person is known", () => {
  assert.ok(sentence({ actor: "ben-id" }).startsWith("Ben"));
  assert.ok(sentence({ actor: "ada-id" }).startsWith(t("ledger.you")));
  assert.ok(sentence({ kind: "refused", detail: { by: "ben-id" } }).startsWith("Ben"));
  assert.ok(sentence({ kind: "refused", detail: { how: "action" } }).startsWith(t("ledger.unknown.panel")));
  assert.ok(sentence({ kind: "paused", detail: { how: "voice" } }).startsWith(t("ledger.unknown.voice")));
  assert.ok(sentence({ kind: "paused" }).startsWith(t("ledger.unknown.system")));
});

test("a sentence names the room, the duration and the reason", () => {
  const said = sentence({
    actor: "ben-id",
    room: "kitchen-id",
    detail: { part: "words", seconds: 3.5, why: "review" },
  });
  assert.equal(said, "Ben read the words of a recording of 3.5 seconds in Kitchen in a review.");
  const own = sentence({ actor: "ben-id", room: "kitchen-id", detail: { part: "sound", seconds: 8, why: "own" } });
  assert.equal(own, "Ben listened to a recording of 8 seconds in Kitchen.");
  const everywhere = sentence({ kind: "consent-withdrawn", actor: "ada-id", detail: { purpose: "keep" } });
  assert.ok(everywhere.includes(t("ledger.everywhere")), everywhere);
});

test("a deletion names its reason", () => {
  for (const why of ["review", "asked", "expired", "not-wanted", "size", "key-removed"]) {
    const said = sentence({ kind: "deleted", actor: "ada-id", room: "kitchen-id", detail: { clips: 1, why } });
    assert.equal(said, `You deleted one recording in Kitchen, ${t(`ledger.why.${why}`)}.`);
    assert.doesNotMatch(said, /ledger\./);
  }
});

test("a series names the person, the rooms and how many recordings, each of them once", () => {
  const opened = (/** @type {string} */ clip, /** @type {"sound" | "words"} */ part, room = "kitchen-id") =>
    complete({ actor: "ben-id", room, detail: { clip, part, seconds: 3, why: "own" } });
  const [one, two, three] = ["1", "2", "3"].map((clip) => opened(clip, "sound"));
  assert.ok(one && two && three);
  assert.equal(sentenceOfSeries([one, two, three, one], names), "Ben listened to 3 recordings in Kitchen.");
  assert.equal(
    sentenceOfSeries([one, opened("1", "words"), opened("2", "words", "study-id")], names),
    "Ben listened to one recording and read the words of 2 recordings in Kitchen and Study.",
  );
  const read = ["1", "2", "3"].map((clip) => {
    const row = opened(clip, "words");
    return { ...row, actor: "ada-id", detail: { ...row.detail, why: "review" } };
  });
  assert.equal(sentenceOfSeries(read, names), "You read the words of 3 recordings in Kitchen in a review.");
});

test("removing somebody else's key has a sentence of its own", () => {
  const own = sentence({ kind: "key-removed", actor: "ben-id", detail: { person: "ben-id" } });
  const other = sentence({ kind: "key-removed", actor: "ada-id", detail: { person: "ben-id" } });
  assert.ok(!own.includes("Ada"));
  assert.ok(other.includes("Ben"));
  assert.notEqual(own.replace("Ben", t("ledger.you")), other);
});

test("everything that was paused or resumed is named", () => {
  const said = sentence({ kind: "paused", detail: { household: true, guests: false } });
  assert.ok(said.includes(t("ledger.pause.household_on")) && said.includes(t("ledger.pause.guests_off")), said);
});

test("an error becomes its sentence, and an unknown one a general sentence", () => {
  assert.equal(problemText(new Problem("key.wrong_code")), t("key.wrong_code"));
  assert.equal(problemText({ code: "not_allowed", message: "not-heard" }), t("refused.not-heard"));
  assert.equal(problemText({ code: "no_household", message: "x" }), t("problem.no_household"));
  for (const err of [
    new Error("odd"),
    { code: "not_allowed", message: "odd" },
    { code: "home_assistant_error", message: "odd" },
    "odd",
  ])
    assert.equal(problemText(err), t("problem.other", { message: "odd" }));
});
