/** What makes an opened recording visible and audible. */

import { Problem } from "./page.js";
import { WrongSecret, openPart, openVerdicts } from "./sealing.js";
import { sitting } from "./sitting.js";
import WaveSurfer from "./vendor/wavesurfer.js";

/** Ask for a part of a recording by `ask`, and open it with the key of this sitting; throws `Problem`. */
export async function opened(ask, part) {
  const { key } = sitting;
  if (!key) throw new Problem("recordings.locked");
  const answer = await ask();
  try {
    const content = await openPart(answer, part, key);
    return { answer, content, verdicts: await openVerdicts(answer.verdicts ?? [], answer.id, key) };
  } catch (err) {
    throw err instanceof WrongSecret ? new Problem("recordings.does_not_open") : err;
  }
}

/** Return the words of a recording, as they were opened. */
export const wordsOf = (content) => JSON.parse(new TextDecoder().decode(content));

/** Show the wave of a sound in `container`, and return what plays it. */
export async function player(container, content) {
  const look = getComputedStyle(container);
  const wave = WaveSurfer.create({
    container,
    height: 64,
    waveColor: look.getPropertyValue("--secondary-text-color") || "#5e5e5e",
    progressColor: look.getPropertyValue("--primary-color") || "#03a9f4",
  });
  await wave.loadBlob(new Blob([content], { type: "audio/wav" }));
  return wave;
}
