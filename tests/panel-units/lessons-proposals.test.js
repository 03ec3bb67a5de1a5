import assert from "node:assert/strict";
import { test } from "node:test";
import { aliasesIn } from "../../custom_components/indoor_voice/panel/lessons/aliases.js";
import { misunderstoodByMonth } from "../../custom_components/indoor_voice/panel/lessons/improvement.js";
import { proposalsFrom, rebuilt } from "../../custom_components/indoor_voice/panel/lessons/proposals.js";
import { thresholdsIn } from "../../custom_components/indoor_voice/panel/lessons/thresholds.js";
import { corrected, house, reviewed } from "./evidence.js";
import { samplesOf } from "./samples.js";

/** @import { Lesson, Teaching } from "../../custom_components/indoor_voice/panel/api.d.ts" */
/** @import { Evidence } from "../../custom_components/indoor_voice/panel/lessons/evidence.js" */
/** @import { Finding } from "../../custom_components/indoor_voice/panel/lessons/finding.js" */

const CEILING = { done: [{ name: "Ceiling light", what: /** @type {const} */ ("on") }] };

/**
 * Return a command that reached nothing, and the same in other words that reached the light on the ceiling.
 * @param {string} first
 * @param {string} second
 * @param {{ failed?: Partial<Evidence>, again?: Partial<Evidence> }} [fields]
 * @returns {Evidence[]} newest first
 */
const saidAgain = (first, second, { failed, again } = {}) => [
  reviewed("again", { heard: second, said: CEILING, time: "18:00:40", ...again }),
  reviewed("failed", { heard: first, verdict: "wrong-action", said: { done: [] }, time: "18:00:00", ...failed }),
];
/** @param {Evidence[]} evidence */
const aliases = (evidence) =>
  aliasesIn(evidence, house).map(({ kind, content, recordings }) => {
    assert.equal(kind, "alias");
    return [content.entity_id, content.alias, ...recordings];
  });

test("a command said again in other words teaches another name", () => {
  const found = ["light.ceiling", "big light", "failed", "again"];
  assert.deepEqual(aliases(saidAgain("turn on the big light", "turn on the ceiling light")), [found]);
  assert.deepEqual(aliases(saidAgain("turn on the big light", "Turn on the big lamp.")), [found], "by its alias");
  const misheard = { ...corrected("failed", "turn on the pig light", "turn on the big light"), time: "18:00:00" };
  const nothingDone = { ...misheard, words: { ...misheard.words, done: [] } };
  assert.deepEqual(aliases([...saidAgain("", "turn on the ceiling light").slice(0, 1), nothingDone]), [found]);
});

test("commands that differ in more than a name, at other times or in other rooms, teach no other name", () => {
  const [first, second] = ["turn on the big light", "turn on the ceiling light"];
  assert.deepEqual(aliases(saidAgain(first, "switch on the ceiling light")), [], "two stretches");
  assert.deepEqual(aliases(saidAgain("turn off the ceiling light", second)), [], "what is done differs");
  assert.deepEqual(aliases(saidAgain("turn on the light", second)), [], "nothing was said instead");
  assert.deepEqual(aliases(saidAgain(first, second, { again: { time: "18:01:01" } })), [], "after a minute");
  assert.deepEqual(aliases(saidAgain(first, second, { again: { room: "study" } })), []);
  assert.deepEqual(aliases(saidAgain(first, second, { again: { day: "2026-11-23" } })), []);
  assert.deepEqual(aliases(saidAgain(first, second, { again: { time: null, own: false } })), []);
});

test("the name of something else, or a thing that isn't known for sure, teaches no other name", () => {
  const second = "turn on the ceiling light";
  assert.deepEqual(aliases(saidAgain("turn on the kitchen light", second)), []);
  assert.deepEqual(aliases(saidAgain("turn on the big lamp", second)), []);
  const reached = (/** @type {string[]} */ ...names) => {
    const words = { transcript: second, language: "en", done: names.map((name) => ({ name })) };
    return aliases(saidAgain("turn on the big light", second, { again: { words } }));
  };
  assert.equal(reached("Ceiling light").length, 1);
  assert.deepEqual(reached("Ceiling light", "Kitchen light"), []);
  assert.deepEqual(reached("Unknown light"), []);
  const fan = { transcript: "turn on the fan", language: "en", done: [{ name: "Fan" }] };
  assert.deepEqual(aliases(saidAgain("turn on the blower", "", { again: { words: fan } })), [], "there are two");
});

test("only a failed command followed by one that worked teaches another name", () => {
  const [first, second] = ["turn on the big light", "turn on the ceiling light"];
  const verdict = (/** @type {"right" | "wrong-words"} */ one) => [{ clip: "", verdict: one, words: null }];
  assert.deepEqual(aliases(saidAgain(first, second, { failed: { verdicts: verdict("right") } })), []);
  assert.deepEqual(aliases(saidAgain(first, second, { again: { verdicts: verdict("wrong-words") } })), []);
  const marks = [/** @type {const} */ ("health")];
  const critical = { transcript: first, done: [], language: "en", marks };
  assert.deepEqual(aliases(saidAgain(first, second, { failed: { words: critical } })), []);
});

/**
 * @param {number} meant
 * @param {number} notMeant
 * @param {Partial<Evidence>} [fields]
 */
const judged = (meant, notMeant, fields) => [
  ...Array.from({ length: meant }, (_, index) => reviewed(`yes${index}`, { heard: "turn on", ...fields })),
  ...Array.from({ length: notMeant }, (_, index) =>
    reviewed(`no${index}`, { verdict: index % 2 ? "not-for-it" : "not-speech", ...fields }),
  ),
];

test("a threshold needs three recordings that were not meant, and a fifth of those of the room", () => {
  const recordings = (/** @type {Evidence[]} */ evidence) => thresholdsIn(evidence).map((one) => one.recordings.length);
  assert.deepEqual(recordings(judged(12, 3)), [3]);
  assert.deepEqual(recordings(judged(13, 3)), []);
  assert.deepEqual(recordings(judged(0, 2)), []);
  assert.deepEqual(recordings([...judged(2, 2), ...judged(0, 2, { room: "study" })]), []);
  const disputed = judged(0, 3).map((one) => ({
    ...one,
    verdicts: [...one.verdicts, { clip: "", verdict: /** @type {const} */ ("right"), words: null }],
  }));
  assert.deepEqual(recordings(disputed), []);
  assert.deepEqual(thresholdsIn(judged(1, 3))[0]?.content, { room: "kitchen", wake_word: "hey_jarvis", stricter: 1 });
});

/** @param {Teaching} teaching */
function about({ kind, content }) {
  if (kind === "correction") return content.meant;
  return kind === "names" ? content.names.join(",") : kind;
}

/** @param {Finding[]} findings */
const told = (findings) =>
  findings.map((one) => [about(one), one.hindrance ?? "none", one.recordings.join(",")].join(" | "));

/**
 * @param {Evidence[]} evidence
 * @param {Lesson[]} [lessons]
 */
const proposed = async (evidence, lessons = []) => told(await proposalsFrom(evidence, lessons, house));

/**
 * @param {Teaching} teaching
 * @param {Partial<Lesson>} [fields]
 */
const lesson = (teaching, fields) =>
  /** @type {Lesson} */ ({
    ...teaching,
    lesson: "1",
    by: "ada",
    approved: "2026-11-22T18:02:07+00:00",
    state: "on",
    rooms: ["kitchen"],
    sources: 1,
    recordings: [],
    ...fields,
  });

const [HEARD, MEANT] = ["turn on the living rim", "turn on the living room"];
const CORRECTION = /** @type {const} */ ({ heard: "living rim", meant: "living room", language: "en" });

/** @param {Evidence[]} evidence */
const corrections = async (...evidence) =>
  told((await proposalsFrom(evidence, [], house)).filter(({ kind }) => kind === "correction"));

test("what contradicts itself is shown, and can't be approved", async () => {
  const one = corrected("a", "set a time", "set a timer");
  assert.deepEqual(await corrections(one, corrected("b", "start a time", "start a rhyme")), [
    "a timer | contradiction | a",
    "a rhyme | contradiction | b",
  ]);
  assert.deepEqual(
    await corrections(
      corrected("c", "turn on the lift", "turn on the fan"),
      corrected("d", "turn off the lift", "turn off the lamp"),
    ),
    ["fan | contradiction | c", "the lamp | contradiction | d"],
  );
  assert.deepEqual(await corrections(one, corrected("b", "what time", "what thyme")), [
    "a timer | none | a",
    "what thyme | none | b",
  ]);
  const twice = { clip: "a", verdict: /** @type {const} */ ("wrong-words"), words: "set a rhyme" };
  assert.deepEqual(await corrections({ ...one, verdicts: [...one.verdicts, twice] }), [
    "a timer | contradiction | a",
    "a rhyme | contradiction | a",
  ]);
});

test("a name that was given to two things is learned for neither", async () => {
  const kitchen = { transcript: "turn on the kitchen light", language: "en", done: [{ name: "Kitchen light" }] };
  const evidence = [
    ...saidAgain("turn on the big light", "turn on the ceiling light"),
    ...saidAgain("turn on the big light", "", {
      failed: { recording: "other failed", day: "2026-11-21" },
      again: { recording: "other again", day: "2026-11-21", words: kitchen },
    }),
  ];
  assert.deepEqual(await proposed(evidence), [
    "alias | contradiction | other failed,other again",
    "alias | contradiction | failed,again",
  ]);
});

test("what was learned is not proposed again, and neither is its contrary", async () => {
  const evidence = [corrected("a", HEARD, MEANT)];
  assert.deepEqual(await proposed(evidence), ["living room | none | a", "room | none | a"]);
  const known = lesson({ kind: "correction", content: CORRECTION });
  assert.deepEqual(await proposed(evidence, [known]), ["room | none | a"]);
  const contrary = lesson({ kind: "correction", content: { ...CORRECTION, meant: "kitchen" } });
  assert.deepEqual((await proposed(evidence, [contrary]))[0], "living room | contradiction | a");
  const name = lesson({ kind: "names", content: { names: ["Ovosec", "room"] } });
  assert.deepEqual(await proposed(evidence, [name, known]), []);
});

test("what was heard is not replaced if it is itself the name of something", async () => {
  const [found] = await proposed([corrected("a", "turn on the kitchen light", "turn on the ceiling light")]);
  assert.equal(found, "ceiling light | name | a");
});

test("a proposal rests on recordings of which everybody agrees to teach, or can't be approved", async () => {
  const [teachable, other] = [corrected("a", HEARD, MEANT), corrected("b", HEARD, MEANT, { teachable: false })];
  assert.deepEqual(await proposed([other, teachable]), ["living room | none | a", "room | none | a"]);
  assert.deepEqual(await proposed([other]), ["living room | consent | b", "room | consent | b"]);
  const [no, ...rest] = judged(0, 3);
  assert.ok(no);
  assert.deepEqual(await proposed([{ ...no, teachable: false }, ...rest]), ["threshold | consent | no0,no1,no2"]);
});

test("what contradicts counts even if it can't be learned itself", async () => {
  const one = corrected("a", "set a time", "set a timer");
  const other = corrected("b", "start a time", "start a rhyme", { teachable: false });
  assert.deepEqual(await corrections(one, other), ["a timer | contradiction | a", "a rhyme | contradiction | b"]);
});

/**
 * @param {Teaching} teaching
 * @param {string[]} recordings
 */
const off = (teaching, recordings) => lesson(teaching, { state: "off", recordings });

test("a lesson is worked out again from those of its recordings that are left", async () => {
  const evidence = [corrected("a", HEARD, MEANT), corrected("b", HEARD, MEANT), corrected("c", HEARD, MEANT)];
  const again = await rebuilt(off({ kind: "correction", content: CORRECTION }, ["a", "b"]), evidence, house);
  assert.deepEqual([again?.content, again?.recordings], [CORRECTION, ["a", "b"]]);
  assert.equal(await rebuilt(off({ kind: "correction", content: CORRECTION }, []), evidence, house), undefined);
  const withdrawn = evidence.map((one) => ({ ...one, teachable: one.recording === "b" }));
  const rest = await rebuilt(off({ kind: "correction", content: CORRECTION }, ["a", "b"]), withdrawn, house);
  assert.deepEqual(rest?.recordings, ["b"]);
});

test("names are worked out again as far as they still result", async () => {
  const evidence = [corrected("a", HEARD, MEANT), corrected("b", "the of sec outlet", "the ovosec outlet")];
  const again = await rebuilt(off({ kind: "names", content: { names: ["Ovosec", "room"] } }, ["b"]), evidence, house);
  assert.deepEqual([again?.content, again?.recordings], [{ names: ["Ovosec"] }, ["b"]]);
  const proposal = (await proposalsFrom(evidence, [], house)).find(({ kind }) => kind === "names");
  const whole = await rebuilt(
    off({ kind: "names", content: { names: ["Ovosec", "room"] } }, ["a", "b"]),
    evidence,
    house,
  );
  assert.deepEqual(whole, proposal, "the same as when it was approved");
});

test("a threshold and an alias are worked out again, or not", async () => {
  const threshold = off({ kind: "threshold", content: { room: "kitchen", wake_word: "hey_jarvis", stricter: 1 } }, [
    "no0",
    "no1",
    "no2",
  ]);
  assert.equal((await rebuilt(threshold, judged(12, 4), house))?.recordings.length, 3);
  assert.equal(await rebuilt(threshold, judged(12, 2), house), undefined);
  assert.equal(await rebuilt(threshold, judged(20, 4), house), undefined, "it wakes rightly too often by now");
  const alias = off({ kind: "alias", content: { entity_id: "light.ceiling", alias: "big light" } }, [
    "failed",
    "again",
  ]);
  const both = saidAgain("turn on the big light", "turn on the ceiling light");
  assert.equal((await rebuilt(alias, both, house))?.kind, "alias");
  assert.equal(await rebuilt(alias, both.slice(1), house), undefined);
});

test("a verifier that is worked out again is that of the recordings that are left", async () => {
  const { samples, classes } = samplesOf(1152, 12, 4);
  const evidence = samples.map((sample, index) =>
    reviewed(`${index}`, { features: Float32Array.from(sample), verdict: classes[index] ? "right" : "not-speech" }),
  );
  const find = async (/** @type {Evidence[]} */ some) =>
    (await proposalsFrom(some, [], house)).find(({ kind }) => kind === "verifier");
  const [whole, left] = [await find(evidence), await find(evidence.slice(1))];
  assert.ok(whole && left);
  assert.notDeepEqual(whole.content, left.content);
  const again = await rebuilt(off(whole, whole.recordings), evidence.slice(1), house);
  assert.deepEqual(again, left);
});

test("ten thousand verdicts take less than two seconds", async () => {
  const evidence = Array.from({ length: 10_000 }, (_, index) => {
    const time = new Date(index * 1000).toISOString().slice(11, 19);
    const heard = `please turn on the living rim number ${index % 700} and the rest of it`;
    const room = `room ${index % 5}`;
    return index % 3
      ? corrected(`${index}`, heard, heard.replace("rim", "room"), { time, room })
      : reviewed(`${index}`, { heard, time, room, verdict: index % 2 ? "wrong-action" : "right" });
  }).toReversed();
  const before = process.cpuUsage();
  const found = await proposalsFrom(evidence, [], house);
  assert.ok(found.length > 0);
  assert.ok(found.every(({ recordings }) => recordings.length <= 1000));
  // Not the time that passed, in which a busy machine does other things, too.
  const seconds = process.cpuUsage(before).user / 1e6;
  assert.ok(seconds < 2, `it took ${seconds} s`);
});

test("the improvement is told by months with enough commands", () => {
  const counts = [
    { month: "2026-11", commands: 140, misunderstood: 10 },
    { month: "2026-09", commands: 19, misunderstood: 9 },
    { month: "2026-10", commands: 60, misunderstood: 10 },
    { month: "2026-12", commands: 20, misunderstood: 0 },
  ];
  assert.deepEqual(misunderstoodByMonth(counts), [
    { month: "2026-10", oneIn: 6 },
    { month: "2026-11", oneIn: 14 },
    { month: "2026-12", oneIn: undefined },
  ]);
  assert.deepEqual(misunderstoodByMonth([]), []);
});
