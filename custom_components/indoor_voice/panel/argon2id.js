/** A worker that derives a key from a secret with Argon2id, which takes about a second and a lot of memory. */

import sodium from "./vendor/libsodium-wrappers-sumo.js";

/** @typedef {{ secret: Uint8Array, salt: Uint8Array, ops: number, memoryBytes: number }} Derivation */

const KEY_BYTES = 32;

globalThis.addEventListener("message", (/** @type {MessageEvent<Derivation>} */ { data }) => void derive(data));

/**
 * Derive a key and post it, or post the message of an error.
 * @param {Derivation} derivation
 */
async function derive({ secret, salt, ops, memoryBytes }) {
  try {
    await sodium.ready;
    const key = sodium.crypto_pwhash(KEY_BYTES, secret, salt, ops, memoryBytes, sodium.crypto_pwhash_ALG_ARGON2ID13);
    globalThis.postMessage(key);
  } catch (error) {
    globalThis.postMessage(String(error));
  }
}
