import "./browser.js";

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, test } from "node:test";
import { ReviewProtocol, Stopped } from "../../custom_components/indoor_voice/panel/review-protocol.js";
import { openVerdicts, unlock } from "../../custom_components/indoor_voice/panel/sealing.js";
import { sitting } from "../../custom_components/indoor_voice/panel/sitting.js";

/** @import { Ask, LockedKey, Part } from "../../custom_components/indoor_voice/panel/api.d.ts" */

/** @typedef {{ passphrase: string, locked: LockedKey, clip: string, key: string, verdict: string } & Record<Part, string>} Sealed */

const sealed = /** @type {Sealed} */ (JSON.parse(await readFile(new URL("./sealed.json", import.meta.url), "utf8")));
const key = await unlock(sealed.locked, sealed.passphrase);

/**
 * The commands that were sent, in order.
 * @type {[command: string, fields: Record<string, unknown>][]}
 */
const requests = [];
/**
 * Answers to commands, which replace the usual ones in turn.
 * @type {Record<string, unknown[]>}
 */
let answers = {};
/**
 * Must resolve before a command is answered.
 * @type {Promise<void>}
 */
let blocked = Promise.resolve();

const ask = /** @type {Ask} */ (
  async (/** @type {string} */ command, /** @type {Record<string, unknown>} */ fields) => {
    requests.push([command, fields]);
    await blocked;
    const name = `name-${requests.length}`;
    const opened = {
      id: sealed.clip,
      key: sealed.key,
      ciphertext: sealed[fields["part"] === "sound" ? "sound" : "words"],
      disguise: "none",
    };
    return (
      answers[command]?.shift() ??
      {
        "review/next": { recording: name },
        "review/undo": { recording: name },
        "review/open": { ...opened, readers: [sealed.locked.public] },
        "review/verdict": { undo_seconds: 10 },
        "review/give_up": { guidance: "Talk to Ada" },
      }[command] ??
      null
    );
  }
);
const commands = () => requests.map(([command]) => command);

/** Return a promise and the function that resolves it. */
function withResolvers() {
  /** @type {() => void} */
  let resolve = () => undefined;
  const promise = /** @type {Promise<void>} */ (new Promise((done) => (resolve = done)));
  return { promise, resolve };
}

/** @type {ReviewProtocol} */
let review;

beforeEach(() => {
  requests.length = 0;
  answers = {};
  blocked = Promise.resolve();
  sitting.begin({ public: key.public, private: new Uint8Array(key.private) });
  review = new ReviewProtocol(ask);
});

// The timer that locks the key would keep the process alive.
afterEach(() => sitting.end());

test("a recording is opened by its current name, and its sound only on request", async () => {
  assert.equal(await review.next(false), undefined);
  assert.equal(review.words?.transcript, "turn on the light");
  assert.deepEqual(requests, [
    ["review/next", { go_on: false }],
    ["review/open", { recording: "name-1", part: "words" }],
  ]);
  assert.equal(new TextDecoder().decode(await review.sound()), "RIFF and so on");
});

test("a verdict is sealed to its readers, and includes words only if they were corrected", async () => {
  for (const [typed, words] of [
    ["turn on the light", null],
    ["turn it off", "turn it off"],
  ]) {
    await review.next(false);
    assert.equal(await review.judge("wrong-words", typed ?? ""), 10);
    const [, fields] = requests.at(-1) ?? [];
    assert.ok(!JSON.stringify(fields).includes("turn"), "Home Assistant learns none of the words");
    const [one] = Object.values(/** @type {Record<string, string>} */ (fields?.["sealed"]));
    const [verdict] = await openVerdicts([one ?? ""], sealed.clip, key);
    assert.deepEqual(verdict, { clip: sealed.clip, verdict: "wrong-words", words });
  }
});

test("a break says whether the user may continue, and no recording is shown", async () => {
  await review.next(false);
  answers["review/next"] = [
    { stop: "rest", may_go_on: true, rest_seconds: 300 },
    { stop: "nothing", may_go_on: false },
  ];
  assert.deepEqual(await review.next(false), { stop: "rest", mayGoOn: true, restSeconds: 300 });
  assert.equal(review.words, undefined);
  assert.deepEqual(await review.next(true), { stop: "nothing", mayGoOn: false, restSeconds: 0 });
  assert.deepEqual(requests.at(-1), ["review/next", { go_on: true }]);
  await assert.rejects(review.skip(), Stopped);
});

test("after the user stops, pending results are not shown and nothing else is requested", async () => {
  for (const work of [
    () => review.next(false),
    () => review.sound(),
    () => review.judge("right", ""),
    () => review.undo(),
    () => review.giveUp(),
  ]) {
    await review.next(false);
    const { promise, resolve: release } = withResolvers();
    blocked = promise;
    const pending = work();
    const before = commands().length;
    review.end();
    release();
    await assert.rejects(pending, Stopped);
    assert.equal(review.words, undefined);
    assert.ok(!review.begun);
    const after = commands().slice(before);
    assert.deepEqual(after, ["review/end"]);
  }
});

test("a result that arrives after the stop is discarded", async () => {
  await review.next(false);
  /** @type {string[]} */
  const discarded = [];
  const showing = review.unlessStopped(Promise.resolve("player"), (late) => discarded.push(late));
  review.end();
  await assert.rejects(showing, Stopped);
  assert.deepEqual(discarded, ["player"]);
});

test("errors are passed on while the review goes on", async () => {
  answers["review/next"] = [Promise.reject(new Error("gone"))];
  await assert.rejects(review.next(false), /gone/);
  sitting.end();
  await assert.rejects(review.next(false), { message: "recordings.locked" });
});

test("undoing shows the recording again, under a new name", async () => {
  await review.next(false);
  await review.judge("right", "turn on the light");
  await review.undo();
  assert.equal(review.words?.transcript, "turn on the light");
  await review.destroy();
  const shown = requests.findLast(([command]) => command === "review/open")?.[1]["recording"];
  assert.deepEqual(requests.at(-1), ["review/destroy", { recording: shown }]);
});

test("giving up a recording returns the guidance and closes the recording", async () => {
  await review.next(false);
  assert.equal(await review.giveUp(), "Talk to Ada");
  assert.equal(review.words, undefined);
});

test("ending a review that has not begun sends nothing", () => {
  review.end();
  assert.deepEqual(commands(), []);
});
