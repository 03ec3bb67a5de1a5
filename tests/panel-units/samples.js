/** Makes samples for regression from a generator of numbers that is the same in regression.py. */

const MODULUS = 2 ** 31 - 1;
const FACTOR = 48_271;

/**
 * Return samples of which the first are meant for the assistant; a quarter of their features differ between the classes.
 * @param {number} features
 * @param {number} meant
 * @param {number} notMeant
 */
export function samplesOf(features, meant, notMeant) {
  let state = 1;
  const classes = Array.from({ length: meant + notMeant }, (_, index) => index < meant);
  const samples = classes.map((isMeant) =>
    Float64Array.from({ length: features }, (_, place) => {
      state = (state * FACTOR) % MODULUS;
      return (20 * state) / MODULUS - (isMeant && place % 4 === 0 ? 4 : 0);
    }),
  );
  return { samples, classes };
}
