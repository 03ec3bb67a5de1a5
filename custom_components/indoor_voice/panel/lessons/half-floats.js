/** Reads 16-bit floats, for which most browsers have no arrays yet. */

const BYTES = 2;
/** It stands for what is no finite number. */
const MOST_EXPONENT = 31;

/**
 * Return 16-bit floats (IEEE 754, little-endian) as 32-bit ones, which have the same values.
 * @param {Uint8Array} bytes
 */
export function readHalfFloats(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float32Array.from({ length: bytes.length / BYTES }, (_, index) =>
    numberOf(view.getUint16(BYTES * index, true)),
  );
}

/** @param {number} half */
function numberOf(half) {
  const sign = half >> 15 ? -1 : 1;
  const exponent = (half >> 10) & MOST_EXPONENT;
  const fraction = half % 1024;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === MOST_EXPONENT) return fraction ? Number.NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
