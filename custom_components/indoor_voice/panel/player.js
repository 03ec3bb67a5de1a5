/** Shows the waveform of an opened recording and plays it. */

import { HeardTime } from "./heard.js";
import { sitting } from "./sitting.js";
import { makeComfortable } from "./sound.js";
import WaveSurfer from "./vendor/wavesurfer.js";

const REPEAT_SECONDS = 2;

/** Plays a recording at the speed of the sitting. Dispatches "change" when `playing` or `heard` may have changed. */
export class Player extends EventTarget {
  #wave;
  #audibleFrom;
  #heard;
  #setSpeed = () => this.#wave.setPlaybackRate(sitting.speed, true);

  /**
   * Use `Player.show` instead.
   * @param {WaveSurfer} wave with its sound loaded
   * @param {number} audibleFrom the second at which something becomes audible
   */
  constructor(wave, audibleFrom) {
    super();
    this.#wave = wave;
    this.#audibleFrom = audibleFrom;
    this.#heard = new HeardTime(wave.getDuration() - audibleFrom);
    this.#setSpeed();
    sitting.addEventListener("change", this.#setSpeed);
    wave.on("play", () => this.#note(true));
    wave.on("timeupdate", () => this.playing && this.#note(true));
    wave.on("pause", () => this.#note(false));
  }

  /**
   * Show the waveform of a sound in a container, and return its player.
   * @param {HTMLElement} container
   * @param {Uint8Array} content a WAV file: 16 bit, mono
   */
  static async show(container, content) {
    const look = getComputedStyle(container);
    const { wave, audibleFrom } = makeComfortable(content);
    const shown = WaveSurfer.create({
      container,
      height: 64,
      normalize: true,
      waveColor: look.getPropertyValue("--secondary-text-color") || "#5e5e5e",
      progressColor: look.getPropertyValue("--primary-color") || "#03a9f4",
    });
    await shown.loadBlob(new Blob([wave], { type: "audio/wav" }));
    return new Player(shown, audibleFrom);
  }

  /** Whether the recording is playing. */
  get playing() {
    return this.#wave.isPlaying();
  }

  /** Whether enough was heard to judge the recording. */
  get heard() {
    return this.#heard.enough;
  }

  /** @param {boolean} playing */
  #note(playing) {
    this.#heard.note(playing, performance.now(), this.#wave.getPlaybackRate());
    this.dispatchEvent(new Event("change"));
  }

  /** Pause or play. A finished recording plays from the start again, without its leading silence. */
  async toggle() {
    if (this.playing) this.#wave.pause();
    else await this.#play(this.#at);
  }

  /** Play the last two seconds again. */
  async repeat() {
    await this.#play(this.#at - REPEAT_SECONDS);
  }

  pause() {
    this.#wave.pause();
  }

  /**
   * Play from the start to the end. Resolves early if the signal aborts, or the sound is forgotten.
   * @param {AbortSignal} signal
   */
  async playThrough(signal) {
    /** @type {Promise<void>} */
    const ended = new Promise((resolve) => {
      this.#wave.once("finish", () => resolve());
      this.#wave.once("destroy", () => resolve());
      signal.addEventListener("abort", () => resolve());
    });
    await this.#play(0);
    if (signal.aborted) this.pause();
    await ended;
    this.pause();
  }

  get #at() {
    const at = this.#wave.getCurrentTime();
    return at < this.#wave.getDuration() ? at : 0;
  }

  /** @param {number} from */
  async #play(from) {
    this.#wave.setTime(Math.max(this.#audibleFrom, from));
    await this.#wave.play();
  }

  /** Stop playing, and forget the sound. */
  destroy() {
    sitting.removeEventListener("change", this.#setSpeed);
    this.#wave.destroy();
  }
}
