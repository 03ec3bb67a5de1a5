/** Makes recordings pleasant to hear, one after the other: all equally loud, none with a sudden beginning. */

/** How loud the loudest tenth of a second becomes, of full scale (-20 dBFS), and what no sample exceeds (-6 dBFS). */
const LOUDNESS = 0.1;
const PEAK = 0.5;
/** What is softer is made louder up to so much: more would only be noise. */
const GAIN = 8;
const WINDOW_SECONDS = 0.1;
/** Silence is what has less than this part of the loudest loudness, at the beginning. */
const SILENCE = 0.1;
const LEAD_SECONDS = 0.1;
const FADE_SECONDS = 0.15;
const FULL_SCALE = 32768;

/**
 * Return a recording (WAV: 16 bit, one channel) at a comfortable loudness and faded in, and `begins`, the second of it
 * in which the silence before the first sound is over, but for a moment.
 */
export function comfortable(file) {
  const wave = file.slice();
  const [rate, samples] = samplesOf(wave);
  const loudness = loudnessOf(samples, Math.round(rate * WINDOW_SECONDS));
  const loudest = Math.max(...loudness);
  if (!loudest) return { wave, begins: 0 };
  const peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0) / FULL_SCALE;
  const gain = Math.min(GAIN, LOUDNESS / loudest, PEAK / peak);
  const heard = loudness.findIndex((one) => one >= loudest * SILENCE) * WINDOW_SECONDS;
  const begins = Math.max(0, heard - LEAD_SECONDS);
  const [from, fade] = [Math.round(begins * rate), Math.round(FADE_SECONDS * rate)];
  samples.forEach((sample, at) => {
    const rise = at < from ? 1 : Math.min(1, (at - from) / fade);
    samples[at] = Math.round(sample * gain * rise);
  });
  return { wave, begins };
}

/** Return the sample rate of a WAV file, and its samples, which change when they are changed. */
function samplesOf(wave) {
  const view = new DataView(wave.buffer);
  const name = (at) => String.fromCharCode(...wave.subarray(at, at + 4));
  let at = 12;
  while (at + 8 < wave.length && name(at) !== "data") at += 8 + view.getUint32(at + 4, true);
  return [view.getUint32(24, true), new Int16Array(wave.buffer, at + 8, (wave.length - at - 8) >> 1)];
}

/** Return the root mean square of each window, of full scale. */
function loudnessOf(samples, window) {
  return Array.from({ length: Math.ceil(samples.length / window) }, (_, index) => {
    const part = samples.subarray(index * window, (index + 1) * window);
    return Math.sqrt(part.reduce((sum, sample) => sum + sample * sample, 0) / part.length) / FULL_SCALE;
  });
}
