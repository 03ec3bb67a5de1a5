/**
 * The browser's side of docs/sealing.md: creates, locks and unlocks listening keys, and opens recordings.
 *
 * Home Assistant stores a private key only in encrypted form, under a key that Argon2id derives from the passphrase. A
 * stolen disk therefore only lets a thief guess the passphrase, and each guess is slow. Somebody who can write to the
 * disk could also swap parts, recordings or keys for others, so each ciphertext authenticates what it belongs to: a
 * part names its recording and its kind, and a private key its public key. In any other place it does not open.
 */

import sodium from "./vendor/libsodium-wrappers-sumo.js";

/** @import { Lock, LockedKey, SealedPart, SealedPartKind, SealedVerdict, UnlockedKey } from "./api.d.ts" */

const KEY_CONTEXT = "indoor-voice listening key 1\0";
const RECORDING_CONTEXT = "indoor-voice clip 1\0";
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const CODE_BYTES = 16;
const VERDICT_BLOCK_BYTES = 512;
const SPACE = 0x20;
/** The cost of one guess: libsodium's "moderate" for passphrases, and "interactive" for codes of 128 random bits. */
const PASSPHRASE_COST = { ops: 3, memory_bytes: 256 * 1024 ** 2 };
const CODE_COST = { ops: 2, memory_bytes: 64 * 1024 ** 2 };

/** Thrown when a passphrase, recovery code or key does not open something. */
export class WrongSecret extends Error {}

/** @param {string} text */
const utf8 = (text) => new TextEncoder().encode(text);
/** @param {Uint8Array} bytes */
const base64 = (bytes) => sodium.to_base64(bytes, sodium.base64_variants.ORIGINAL);
/** @param {string} text */
const unbase64 = (text) => sodium.from_base64(text, sodium.base64_variants.ORIGINAL);

/** @param {Uint8Array[]} parts */
function concat(...parts) {
  return new Uint8Array(parts.flatMap((part) => [...part]));
}

/**
 * Create a listening key. Returns the unlocked key, its locked form for Home Assistant, and its recovery code.
 * @param {string} passphrase
 * @returns {Promise<{ key: UnlockedKey, locked: LockedKey, code: string }>}
 */
export async function createKey(passphrase) {
  await sodium.ready;
  const pair = sodium.crypto_box_keypair();
  const code = base32(sodium.randombytes_buf(CODE_BYTES));
  const locked = {
    public: base64(pair.publicKey),
    ...(await lock(pair.privateKey, pair.publicKey, secretOf(passphrase), PASSPHRASE_COST)),
    recovery: await lock(pair.privateKey, pair.publicKey, utf8(code), CODE_COST),
  };
  const groups = code.match(/.{1,4}/g) ?? [];
  return { key: { public: pair.publicKey, private: pair.privateKey }, locked, code: groups.join("-") };
}

/**
 * Unlock a listening key with its passphrase. Throws `WrongSecret`.
 * @param {LockedKey} locked
 * @param {string} passphrase
 */
export const unlock = (locked, passphrase) => openLock(locked, locked, secretOf(passphrase));

/**
 * Unlock a listening key with its recovery code, ignoring case, spaces and hyphens. Throws `WrongSecret`.
 * @param {LockedKey} locked
 * @param {string} code
 */
export async function recover(locked, code) {
  if (!locked.recovery) throw new WrongSecret();
  const typed = code.toUpperCase().replaceAll(/[\s-]/g, "");
  // These digits are not in the alphabet, but are easily mistaken for letters that are.
  const corrected = typed.replaceAll("0", "O").replaceAll("1", "I").replaceAll("8", "B");
  return openLock(locked, locked.recovery, utf8(corrected));
}

/**
 * Lock an unlocked key with another passphrase. The recovery code stays the same.
 * @param {LockedKey} locked
 * @param {UnlockedKey} key
 * @param {string} passphrase
 * @returns {Promise<LockedKey>}
 */
export async function relock(locked, key, passphrase) {
  return { ...locked, ...(await lock(key.private, key.public, secretOf(passphrase), PASSPHRASE_COST)) };
}

/**
 * Open one part of a recording. Throws `WrongSecret` if it is sealed to another key, or belongs to another recording,
 * part or form.
 * @param {SealedPart} opened
 * @param {SealedPartKind} part
 * @param {UnlockedKey} key
 */
export async function openPart(opened, part, key) {
  await sodium.ready;
  const form = opened.disguise === "none" ? part : `${part} ${opened.disguise}`;
  try {
    const recordingKey = sodium.crypto_box_seal_open(unbase64(opened.key), key.public, key.private);
    const sealed = unbase64(opened.ciphertext);
    const nonceBytes = sodium.crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
    return sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
      null,
      sealed.subarray(nonceBytes),
      utf8(`${RECORDING_CONTEXT}${opened.id}\0${form}`),
      sealed.subarray(0, nonceBytes),
      recordingKey,
    );
  } catch {
    throw new WrongSecret();
  }
}

/**
 * Seal a verdict to each of its readers. It is padded, so that its size reveals next to nothing.
 * @param {SealedVerdict} verdict
 * @param {string[]} readers their public keys
 * @returns {Promise<Record<string, string>>} the sealed verdicts by public key
 */
export async function sealVerdict(verdict, readers) {
  await sodium.ready;
  const content = utf8(JSON.stringify(verdict));
  const padded = concat(content, new Uint8Array(-content.length & (VERDICT_BLOCK_BYTES - 1)).fill(SPACE));
  const sealed = readers.map((reader) => [reader, base64(sodium.crypto_box_seal(padded, unbase64(reader)))]);
  return Object.fromEntries(sealed);
}

/**
 * Open the verdicts on a recording. Leaves out those that are about another recording or sealed to another key.
 * @param {string[]} sealed
 * @param {string} recording
 * @param {UnlockedKey} key
 * @returns {Promise<SealedVerdict[]>}
 */
export async function openVerdicts(sealed, recording, key) {
  await sodium.ready;
  return sealed.flatMap((one) => {
    try {
      const content = sodium.crypto_box_seal_open(unbase64(one), key.public, key.private);
      const verdict = /** @type {SealedVerdict} */ (JSON.parse(new TextDecoder().decode(content)));
      return verdict.clip === recording ? [verdict] : [];
    } catch {
      return [];
    }
  });
}

/**
 * Overwrite the private half of an unlocked key.
 * @param {UnlockedKey} key
 */
export const wipe = (key) => sodium.memzero(key.private);

/** Return a random passphrase of twelve pronounceable syllables (79 bits). */
export async function suggestion() {
  await sodium.ready;
  const pick = (/** @type {string} */ letters) => letters.charAt(sodium.randombytes_uniform(letters.length));
  const syllable = () => pick("bcdfghjklmnprstvwxyz") + pick("aeiou");
  return Array.from({ length: 6 }, () => syllable() + syllable()).join("-");
}

/** @param {string} passphrase */
const secretOf = (passphrase) => utf8(passphrase.normalize("NFKC"));

/**
 * @param {Uint8Array} privateKey
 * @param {Uint8Array} publicKey
 * @param {Uint8Array} secret
 * @param {{ ops: number, memory_bytes: number }} cost
 * @returns {Promise<Lock>}
 */
async function lock(privateKey, publicKey, secret, cost) {
  const salt = sodium.randombytes_buf(sodium.crypto_pwhash_SALTBYTES);
  const nonce = sodium.randombytes_buf(sodium.crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
  const key = await argon2id(secret, salt, cost);
  const locked = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(
    privateKey,
    concat(utf8(KEY_CONTEXT), publicKey),
    null,
    nonce,
    key,
  );
  return { salt: base64(salt), ...cost, nonce: base64(nonce), locked: base64(locked) };
}

/**
 * @param {LockedKey} locked
 * @param {Lock} how
 * @param {Uint8Array} secret
 * @returns {Promise<UnlockedKey>}
 */
async function openLock(locked, how, secret) {
  await sodium.ready;
  const publicKey = unbase64(locked.public);
  const derived = await argon2id(secret, unbase64(how.salt), how);
  try {
    const privateKey = sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
      null,
      unbase64(how.locked),
      concat(utf8(KEY_CONTEXT), publicKey),
      unbase64(how.nonce),
      derived,
    );
    if (!sodium.memcmp(sodium.crypto_scalarmult_base(privateKey), publicKey)) throw new WrongSecret();
    return { public: publicKey, private: privateKey };
  } catch {
    throw new WrongSecret();
  }
}

/**
 * Derive 32 bytes in a worker, so that the page stays responsive and the memory is freed with the worker.
 * @param {Uint8Array} secret
 * @param {Uint8Array} salt
 * @param {{ ops: number, memory_bytes: number }} cost
 * @returns {Promise<Uint8Array>}
 */
async function argon2id(secret, salt, { ops, memory_bytes: memoryBytes }) {
  const worker = new Worker(new URL("./argon2id.js", import.meta.url), { type: "module" });
  try {
    return await new Promise((resolve, reject) => {
      worker.addEventListener("message", (/** @type {MessageEvent<Uint8Array | string>} */ { data }) => {
        if (data instanceof Uint8Array) resolve(data);
        else reject(new Error(data));
      });
      worker.addEventListener("error", () => reject(new Error("The worker cannot be loaded")));
      worker.postMessage({ secret, salt, ops, memoryBytes });
    });
  } finally {
    worker.terminate();
  }
}

/**
 * Encode bytes as Base32 (RFC 4648) without padding.
 * @param {Uint8Array} bytes
 */
function base32(bytes) {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, "0")).join("");
  return bits.replaceAll(/.{1,5}/g, (five) => ALPHABET.charAt(Number.parseInt(five.padEnd(5, "0"), 2)));
}
