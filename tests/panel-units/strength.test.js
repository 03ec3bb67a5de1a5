import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mock, test } from "node:test";
import { createContext, runInContext } from "node:vm";
import { GOOD_BITS, Meter, strengthOf } from "../../custom_components/indoor_voice/panel/strength.js";
import { PANEL } from "./browser.js";

/** @typedef {{ passphrase: string, known: string[] }} Question */

/** Run the worker's scripts in this process, and return a function that returns its estimates. */
function startWorker() {
  /** @type {(event: { data: Question }) => void} */
  let ask = () => undefined;
  let answer = Number.NaN;
  const load = (/** @type {string} */ name) => runInContext(readFileSync(new URL(name, PANEL), "utf8"), scope);
  const scope = createContext({
    addEventListener: (/** @type {string} */ _, /** @type {typeof ask} */ listener) => (ask = listener),
    postMessage: (/** @type {number} */ bits) => (answer = bits),
    importScripts: (/** @type {string[]} */ ...names) => names.map((name) => load(name)),
  });
  load("guessing.js");
  return (/** @type {string} */ passphrase, /** @type {string[]} */ ...known) => {
    ask({ data: { passphrase, known } });
    return answer;
  };
}

const bitsOf = startWorker();
const strength = (/** @type {string} */ passphrase, /** @type {string[]} */ ...known) =>
  strengthOf(bitsOf(passphrase, ...known));

test("passphrases that anyone would try are weak", () => {
  for (const passphrase of [
    "",
    "a",
    "P@ssw0rd!2024",
    "correct horse battery staple",
    "qwertyuiop[]",
    "24 December 1985",
  ])
    assert.equal(strength(passphrase), "weak", passphrase);
});

test("four unrelated words are good, and five are strong", () => {
  assert.equal(strength("seven copper otters yodel"), "good");
  assert.equal(strength("unranked basil tipoff clover gauging"), "strong");
  assert.equal(strength("seven copper otters"), "weak");
});

test("names from this home add nothing", () => {
  const names = ["Bernadette Okafor", "Scullery", "Haus am See"];
  assert.equal(strength("Bernadette Scullery Okafor Haus", ...names), "weak");
  assert.ok(bitsOf("bernadetteokafor scullery", ...names) < bitsOf("bernadetteokafor scullery"));
});

test("a repeated word counts once, regardless of case", () => {
  assert.ok(bitsOf("otters otters OTTERS Otters") < bitsOf("otters") + GOOD_BITS / 4);
});

test("characters after the 64th are ignored", () => {
  const long = "unranked basil tipoff ".repeat(3);
  assert.equal(bitsOf(long.slice(0, 64)), bitsOf(`${long.slice(0, 64)} and much more`));
});

test("of the passphrases that arrive while the worker is busy, only the last is estimated", () => {
  /** @type {SlowWorker[]} */
  const workers = [];
  class SlowWorker extends EventTarget {
    postMessage = mock.fn((/** @type {Question} */ { passphrase }) => passphrase);
    terminate = mock.fn();

    constructor() {
      super();
      workers.push(this);
    }
  }
  Object.assign(globalThis, { Worker: SlowWorker });
  const [tell, fail] = [mock.fn(), mock.fn()];
  const meter = new Meter(["Ben"], tell, fail);
  for (const typed of ["a", "ab", "abc"]) meter.judge(typed);
  const [worker] = workers;
  assert.ok(worker);
  const asked = () => worker.postMessage.mock.calls.map(({ result }) => result);
  assert.deepEqual(asked(), ["a"]);
  worker.dispatchEvent(new MessageEvent("message", { data: 1 }));
  assert.deepEqual(asked(), ["a", "abc"]);
  assert.equal(tell.mock.callCount(), 0, "the estimate is for an outdated passphrase");
  worker.dispatchEvent(new MessageEvent("message", { data: 3 }));
  assert.deepEqual(tell.mock.calls[0]?.arguments, [3]);
  worker.dispatchEvent(new Event("error"));
  assert.equal(fail.mock.callCount(), 1);
  meter.close();
  assert.equal(worker.terminate.mock.callCount(), 1);
});
