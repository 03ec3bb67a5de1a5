/** Makes recordings comfortable to hear one after the other: equally loud, and without a sudden start. */

/** The target loudness of the loudest tenth of a second (-20 dBFS), and the limit for every sample (-6 dBFS). */
const LOUDNESS = 0.1;
const PEAK = 0.5;
/** The most that a quiet recording is amplified: beyond this, it would only become noisier. */
const GAIN = 8;
const WINDOW_SECONDS = 0.1;
/** At the start, windows quieter than this part of the loudest window count as silence. */
const SILENCE = 0.1;
const LEAD_SECONDS = 0.1;
const FADE_SECONDS = 0.15;
const FULL_SCALE = 32_768;

/**
 * Return a copy of a recording at a comfortable loudness, faded in.
 * @param {Uint8Array} file a WAV file: 16 bit, mono
 * @returns {{ wave: Uint8Array<ArrayBuffer>, audibleFrom: number }} the file, and the second before the first sound
 */
export function makeComfortable(file) {
  const wave = new Uint8Array(file);
  const { rate, samples } = samplesOf(wave);
  const loudness = loudnessOf(samples, Math.round(rate * WINDOW_SECONDS));
  const loudest = Math.max(...loudness);
  if (!loudest) return { wave, audibleFrom: 0 };
  let peak = 0;
  for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
  const gain = Math.min(GAIN, LOUDNESS / loudest, (PEAK * FULL_SCALE) / peak);
  const heard = loudness.findIndex((one) => one >= loudest * SILENCE) * WINDOW_SECONDS;
  const audibleFrom = Math.max(0, heard - LEAD_SECONDS);
  const [from, fade] = [Math.round(audibleFrom * rate), Math.round(FADE_SECONDS * rate)];
  for (const [at, sample] of samples.entries()) {
    const rise = at < from ? 1 : Math.min(1, (at - from) / fade);
    samples[at] = Math.round(sample * gain * rise);
  }
  return { wave, audibleFrom };
}

/**
 * Return the sample rate of a WAV file, and its samples as a view of the file's bytes.
 * @param {Uint8Array<ArrayBuffer>} wave
 */
export function samplesOf(wave) {
  const view = new DataView(wave.buffer);
  const name = (/** @type {number} */ at) => String.fromCodePoint(...wave.subarray(at, at + 4));
  let at = 12;
  while (at + 8 < wave.length && name(at) !== "data") at += 8 + view.getUint32(at + 4, true);
  return { rate: view.getUint32(24, true), samples: new Int16Array(wave.buffer, at + 8, (wave.length - at - 8) >> 1) };
}

/**
 * Return the root mean square of each window, as a part of full scale.
 * @param {Int16Array} samples
 * @param {number} window in samples
 */
export function loudnessOf(samples, window) {
  return Array.from({ length: Math.ceil(samples.length / window) }, (_, index) => {
    const part = samples.subarray(index * window, (index + 1) * window);
    let squares = 0;
    for (const sample of part) squares += sample * sample;
    return Math.sqrt(squares / part.length) / FULL_SCALE;
  });
}
