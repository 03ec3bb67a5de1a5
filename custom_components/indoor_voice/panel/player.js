/** What makes an opened recording visible and audible. */

import { Problem } from "./page.js";
import { WrongSecret, openPart, openVerdicts } from "./sealing.js";
import { sitting } from "./sitting.js";
import { comfortable } from "./sound.js";
import WaveSurfer from "./vendor/wavesurfer.js";

/** Who has heard so much of it can judge. */
const HEARD_SECONDS = 3;
const HEARD_PART = 0.9;
const REPEAT_SECONDS = 2;

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

/** Shows the wave of a sound and plays it, at the speed of the sitting; says "change" when that matters to a page. */
export class Player extends EventTarget {
  #wave;
  #begins;
  #heard = 0;
  #since;
  #speed = () => this.#wave.setPlaybackRate(sitting.speed, true);

  /** Show the wave of a sound in `container`, and return its player. */
  static async show(container, content) {
    const player = new Player();
    await player.#show(container, content);
    return player;
  }

  async #show(container, content) {
    const look = getComputedStyle(container);
    const { wave, begins } = comfortable(content);
    this.#begins = begins;
    this.#wave = WaveSurfer.create({
      container,
      height: 64,
      normalize: true,
      waveColor: look.getPropertyValue("--secondary-text-color") || "#5e5e5e",
      progressColor: look.getPropertyValue("--primary-color") || "#03a9f4",
    });
    await this.#wave.loadBlob(new Blob([wave], { type: "audio/wav" }));
    this.#speed();
    sitting.addEventListener("change", this.#speed);
    this.#wave.on("play", () => this.#count(performance.now()));
    this.#wave.on("timeupdate", () => this.playing && this.#count(performance.now()));
    this.#wave.on("pause", () => this.#count(undefined));
  }

  /** Whether it can be heard now. */
  get playing() {
    return this.#wave.isPlaying();
  }

  /** Whether enough of it was played to judge; to jump to its end is not to hear it. */
  get heard() {
    const needed = Math.min(HEARD_SECONDS, HEARD_PART * (this.#wave.getDuration() - this.#begins));
    return this.#heard >= needed;
  }

  #count(now) {
    const till = now ?? performance.now();
    if (this.#since !== undefined) this.#heard += ((till - this.#since) / 1000) * this.#wave.getPlaybackRate();
    this.#since = now;
    this.dispatchEvent(new Event("change"));
  }

  /** Play, from where something is heard, or pause. */
  async toggle() {
    if (this.playing) this.#wave.pause();
    else await this.#play(this.#at);
  }

  /** Play the last seconds again. */
  async repeat() {
    await this.#play(this.#at - REPEAT_SECONDS);
  }

  pause() {
    this.#wave.pause();
  }

  get #at() {
    const at = this.#wave.getCurrentTime();
    return at < this.#wave.getDuration() ? at : 0;
  }

  async #play(from) {
    this.#wave.setTime(Math.max(this.#begins, from));
    await this.#wave.play();
  }

  /** Be silent, and forget the sound. */
  destroy() {
    sitting.removeEventListener("change", this.#speed);
    this.#wave.destroy();
  }
}
