import "./browser.js";

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import {
  WrongSecret,
  createKey,
  openPart,
  openVerdicts,
  recover,
  relock,
  sealVerdict,
  suggestion,
  unlock,
  wipe,
} from "../../custom_components/indoor_voice/panel/sealing.js";

/** @import { LockedKey, Part, SealedPart } from "../../custom_components/indoor_voice/panel/api.d.ts" */

/**
 * A key and a recording that were locked and sealed in Python, with libsodium.
 * @typedef {object} Sealed
 * @property {string} passphrase
 * @property {string} code
 * @property {LockedKey} locked
 * @property {string} clip
 * @property {string} key
 * @property {string} words
 * @property {string} sound
 * @property {string} verdict
 * @property {{ passphrase: string, locked: LockedKey }} other
 * @property {Record<Part, string>} opened
 * @property {Record<Part | "key", string> & { opened: Record<Part, string> }} respoken what an outsider gets of it
 */

const sealed = /** @type {Sealed} */ (JSON.parse(await readFile(new URL("./sealed.json", import.meta.url), "utf8")));
const mine = await unlock(sealed.locked, sealed.passphrase);
/** @type {(name: Part) => SealedPart} */
const part = (name) => ({ id: sealed.clip, key: sealed.key, ciphertext: sealed[name], disguise: "none" });
/** @type {(name: Part) => SealedPart} */
const respoken = (name) => ({
  id: sealed.clip,
  key: sealed.respoken.key,
  ciphertext: sealed.respoken[name],
  disguise: "respoken",
});
const textOf = (/** @type {Uint8Array} */ bytes) => new TextDecoder().decode(bytes);

test("a recording sealed by Home Assistant opens with its listener's key", async () => {
  for (const name of /** @type {Part[]} */ (["words", "sound"]))
    assert.equal(textOf(await openPart(part(name), name, mine)), sealed.opened[name]);
});

test("what an outsider gets opens as what it is, and its key opens nothing of the recording as it was", async () => {
  for (const name of /** @type {Part[]} */ (["words", "sound"])) {
    assert.equal(textOf(await openPart(respoken(name), name, mine)), sealed.respoken.opened[name]);
    for (const attempt of [
      { ...respoken(name), disguise: /** @type {const} */ ("none") },
      { ...respoken(name), disguise: /** @type {const} */ ("voice") },
      { ...respoken(name), ciphertext: sealed[name] },
      { ...part(name), key: sealed.respoken.key },
    ])
      await assert.rejects(() => openPart(attempt, name, mine), WrongSecret);
  }
});

test("a part opens only as that part of that recording, and only with that key", async () => {
  const { locked, passphrase } = sealed.other;
  const other = await unlock(locked, passphrase);
  for (const attempt of [
    () => openPart(part("words"), "sound", mine),
    () => openPart({ ...part("words"), id: "f".repeat(32) }, "words", mine),
    () => openPart({ ...part("words"), ciphertext: sealed.sound }, "words", mine),
    () => openPart({ ...part("words"), key: sealed.verdict }, "words", mine),
    () => openPart({ ...part("words"), ciphertext: "" }, "words", mine),
    () => openPart(part("words"), "words", other),
  ])
    await assert.rejects(attempt, WrongSecret);
});

test("a key is unlocked by its passphrase in any Unicode normalization, and by no other", async () => {
  const decomposed = sealed.passphrase.normalize("NFKD");
  assert.notEqual(decomposed, sealed.passphrase);
  assert.deepEqual((await unlock(sealed.locked, decomposed)).private, mine.private);
  await assert.rejects(() => unlock(sealed.locked, `${sealed.passphrase} `), WrongSecret);
});

test("a key is unlocked by its recovery code, even with misread characters", async () => {
  const misread = sealed.code.toLowerCase().replaceAll("-", " ").replaceAll("o", "0").replaceAll("b", "8");
  assert.deepEqual((await recover(sealed.locked, misread)).private, mine.private);
  await assert.rejects(() => recover(sealed.locked, sealed.code.slice(1)), WrongSecret);
  await assert.rejects(() => recover({ ...sealed.locked, recovery: null }, sealed.code), WrongSecret);
});

test("the lock of one key does not unlock another", async () => {
  const { locked, passphrase } = sealed.other;
  const swapped = { ...locked, public: sealed.locked.public };
  await assert.rejects(() => unlock(swapped, passphrase), WrongSecret);
});

test("a new key is unlocked by its passphrase and its code, and changing the passphrase keeps the code", async () => {
  const { key, locked, code } = await createKey("first");
  assert.match(code, /^(?:[A-Z2-7]{4}-){6}[A-Z2-7]{2}$/);
  assert.deepEqual([locked.ops, locked.memory_bytes], [3, 256 * 1024 ** 2], "as docs/sealing.md says");
  const changed = await relock(locked, key, "second");
  assert.deepEqual((await unlock(changed, "second")).private, key.private);
  assert.deepEqual((await recover(changed, code)).private, key.private);
});

test("a verdict is readable for those to whom it is sealed, and its size reveals nothing about its words", async () => {
  const verdict = /** @type {const} */ ({ clip: sealed.clip, verdict: "wrong-words", words: "turn it off" });
  const { public: me } = sealed.locked;
  const short = (await sealVerdict(verdict, [me]))[me] ?? "";
  const long = (await sealVerdict({ ...verdict, words: "x".repeat(300) }, [me]))[me] ?? "";
  assert.equal(short.length, long.length);
  assert.deepEqual(await openVerdicts([short], sealed.clip, mine), [verdict]);
  assert.deepEqual(await sealVerdict(verdict, []), {});
});

test("invalid verdicts are left out, and don't hide valid ones", async () => {
  const elsewhere = await sealVerdict({ clip: "f".repeat(32), verdict: "right", words: null }, [sealed.locked.public]);
  const read = await openVerdicts(["", "AAAA", ...Object.values(elsewhere), sealed.verdict], sealed.clip, mine);
  assert.deepEqual(read, [{ clip: sealed.clip, verdict: "wrong-words", words: "turn off the light" }]);
});

test("wiping a key overwrites its private half", () => {
  const key = { public: mine.public, private: new Uint8Array(mine.private) };
  wipe(key);
  assert.deepEqual(key.private, new Uint8Array(32));
});

test("a suggested passphrase has twelve syllables, and is different each time", async () => {
  const suggested = await Promise.all(Array.from({ length: 20 }, () => suggestion()));
  for (const one of suggested) assert.match(one, /^(?:(?:[^aeiou-][aeiou]){2}-){5}(?:[^aeiou-][aeiou]){2}$/);
  assert.equal(new Set(suggested).size, suggested.length);
});
