/** The browser's end of docs/sealing.md: listening keys, and what opens a clip. Nothing here is ever stored. */

import sodium from "./vendor/libsodium-wrappers-sumo.js";

const KEY_CONTEXT = "indoor-voice listening key 1\0";
const CLIP_CONTEXT = "indoor-voice clip 1\0";
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const CODE_BYTES = 16;
const VERDICT_BLOCK_BYTES = 512;
const SPACE = 0x20;
/** How slow a guess is: libsodium's "moderate" for what people think of; its least for 128 random bits. */
const PASSPHRASE_COST = { ops: 3, memory_bytes: 256 * 1024 ** 2 };
const CODE_COST = { ops: 2, memory_bytes: 64 * 1024 ** 2 };

/** What does not open. */
export class WrongSecret extends Error {}

const utf8 = (text) => new TextEncoder().encode(text);
const base64 = (bytes) => sodium.to_base64(bytes, sodium.base64_variants.ORIGINAL);
const unbase64 = (text) => sodium.from_base64(text, sodium.base64_variants.ORIGINAL);

function joined(...parts) {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  parts.reduce((at, part) => (bytes.set(part, at), at + part.length), 0);
  return bytes;
}

/** Make a listening key: the private half, what Home Assistant stores, and the code that opens it too. */
export async function createKey(passphrase) {
  await sodium.ready;
  const pair = sodium.crypto_box_keypair();
  const code = base32(sodium.randombytes_buf(CODE_BYTES));
  const locked = {
    public: base64(pair.publicKey),
    ...(await lock(pair.privateKey, pair.publicKey, secretOf(passphrase), PASSPHRASE_COST)),
    recovery: await lock(pair.privateKey, pair.publicKey, utf8(code), CODE_COST),
  };
  return { key: { public: pair.publicKey, private: pair.privateKey }, locked, code: code.match(/.{1,4}/g).join("-") };
}

/** Unlock a listening key with its passphrase; throws `WrongSecret`. */
export const unlock = (locked, passphrase) => unlocked(locked, locked, secretOf(passphrase));

/** Unlock a listening key with its recovery code, however it is typed; throws `WrongSecret`. */
export function recover(locked, code) {
  const misread = { 0: "O", 1: "I", 8: "B" };
  const typed = code.toUpperCase().replace(/[\s-]/g, "").replace(/[018]/g, (digit) => misread[digit]);
  return unlocked(locked, locked.recovery, utf8(typed));
}

/** Return what Home Assistant stores of an unlocked key with another passphrase; the code stays. */
export async function relock(locked, key, passphrase) {
  return { ...locked, ...(await lock(key.private, key.public, secretOf(passphrase), PASSPHRASE_COST)) };
}

/** Open one part of a clip, as `clips/open` answers it; throws `WrongSecret` for another key's, or another clip's. */
export async function openPart(opened, part, key) {
  await sodium.ready;
  try {
    const clipKey = sodium.crypto_box_seal_open(unbase64(opened.key), key.public, key.private);
    const sealed = unbase64(opened.ciphertext);
    const nonceBytes = sodium.crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
    return sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
      null,
      sealed.subarray(nonceBytes),
      utf8(`${CLIP_CONTEXT}${opened.id}\0${part}`),
      sealed.subarray(0, nonceBytes),
      clipKey,
    );
  } catch {
    throw new WrongSecret();
  }
}

/** Seal what somebody says of a clip to its readers, by their public keys; its size tells next to nothing. */
export async function sealVerdict(verdict, readers) {
  await sodium.ready;
  const content = utf8(JSON.stringify(verdict));
  const padded = joined(content, new Uint8Array(-content.length & (VERDICT_BLOCK_BYTES - 1)).fill(SPACE));
  const sealed = readers.map((reader) => [reader, base64(sodium.crypto_box_seal(padded, unbase64(reader)))]);
  return Object.fromEntries(sealed);
}

/** Open what reviewers said of a clip; what is about another clip, or sealed to another key, is left out. */
export async function openVerdicts(sealed, clip, key) {
  await sodium.ready;
  const open = (verdict) => {
    try {
      const content = sodium.crypto_box_seal_open(unbase64(verdict), key.public, key.private);
      return JSON.parse(new TextDecoder().decode(content));
    } catch {
      return {};
    }
  };
  return sealed.map(open).filter((verdict) => verdict.clip === clip);
}

/** Overwrite an unlocked key. */
export const wipe = (key) => sodium.memzero(key.private);

/** Return a passphrase of twelve syllables that can be spoken, 79 bits. */
export async function suggestion() {
  await sodium.ready;
  const pick = (letters) => letters[sodium.randombytes_uniform(letters.length)];
  const syllable = () => pick("bcdfghjklmnprstvwxyz") + pick("aeiou");
  return Array.from({ length: 6 }, () => syllable() + syllable()).join("-");
}

const secretOf = (passphrase) => utf8(passphrase.normalize("NFKC"));

async function lock(privateKey, publicKey, secret, cost) {
  const salt = sodium.randombytes_buf(sodium.crypto_pwhash_SALTBYTES);
  const nonce = sodium.randombytes_buf(sodium.crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
  const key = await argon2id(secret, salt, cost);
  const locked = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(
    privateKey,
    joined(utf8(KEY_CONTEXT), publicKey),
    null,
    nonce,
    key,
  );
  return { salt: base64(salt), ...cost, nonce: base64(nonce), locked: base64(locked) };
}

async function unlocked(locked, how, secret) {
  await sodium.ready;
  const publicKey = unbase64(locked.public);
  const derived = await argon2id(secret, unbase64(how.salt), how);
  try {
    const privateKey = sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
      null,
      unbase64(how.locked),
      joined(utf8(KEY_CONTEXT), publicKey),
      unbase64(how.nonce),
      derived,
    );
    if (!sodium.memcmp(sodium.crypto_scalarmult_base(privateKey), publicKey)) throw new WrongSecret();
    return { public: publicKey, private: privateKey };
  } catch {
    throw new WrongSecret();
  }
}

/** Derive 32 bytes beside the page, which goes on meanwhile; its memory goes with the worker. */
function argon2id(secret, salt, { ops, memory_bytes: memoryBytes }) {
  const worker = new Worker(new URL("./argon2id.js", import.meta.url), { type: "module" });
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => (data instanceof Uint8Array ? resolve(data) : reject(new Error(data)));
    worker.onerror = () => reject(new Error("The worker cannot be loaded"));
    worker.postMessage({ secret, salt, ops, memoryBytes });
  }).finally(() => worker.terminate());
}

/** RFC 4648's Base32 without padding. */
function base32(bytes) {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, "0")).join("");
  return bits.replace(/.{1,5}/g, (five) => ALPHABET[parseInt(five.padEnd(5, "0"), 2)]);
}
