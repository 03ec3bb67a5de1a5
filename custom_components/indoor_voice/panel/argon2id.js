/** A worker that derives a key from a secret, which takes a second and much memory. */

import sodium from "./vendor/libsodium-wrappers-sumo.js";

const KEY_BYTES = 32;

self.onmessage = async ({ data: { secret, salt, ops, memoryBytes } }) => {
  try {
    await sodium.ready;
    self.postMessage(
      sodium.crypto_pwhash(KEY_BYTES, secret, salt, ops, memoryBytes, sodium.crypto_pwhash_ALG_ARGON2ID13),
    );
  } catch (err) {
    self.postMessage(String(err.message));
  }
};
