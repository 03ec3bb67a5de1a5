/** Keyboard shortcuts of a review. Single keys can be turned off, because speech input triggers them by chance. */

/** @import { LitElement } from "./vendor/lit-element.js" */
/** @import { Verdict } from "./api.d.ts" */

/**
 * The verdicts, in the order of their keys and buttons.
 * @type {Verdict[]}
 */
export const VERDICTS = ["right", "wrong-words", "wrong-action", "not-for-it", "not-speech"];
/** The shortcuts, in the order of the help. */
export const KEYS = ["1", "2", "3", "4", "5", "Space", "R", "E", "M", "-", "+", "S", "X", "N", "L", "Z", "Esc", "?"];
/** Destroying a recording cannot be undone, so its key must be held for this long. */
const HOLD_MS = 600;
/** The item in which this browser remembers that single-key shortcuts are turned off. */
const WITHOUT_KEYS = "indoor-voice.without-keys";
/**
 * The actions of the keys that work only while a recording is shown, except verdicts.
 * @type {Record<string, Action>}
 */
const ACTIONS = {
  " ": "play",
  r: "repeat",
  e: "edit",
  m: "reveal",
  "-": "slower",
  "+": "faster",
  "=": "faster",
  s: "skip",
  x: "hold-to-destroy",
  n: "give-up",
};
/**
 * The actions of the keys that work while a warning is shown instead of the recording.
 * @type {Record<string, Action>}
 */
const WARNED_ACTIONS = { s: "skip", x: "hold-to-destroy", n: "give-up", l: "listen" };

/**
 * An action of the user in a review, by key or by button.
 * @typedef {"next" | "stop" | "end-editing" | "help" | "undo" | "play" | "repeat" | "edit" | "reveal" | "slower"
 *   | "faster" | "listen" | "skip" | "hold-to-destroy" | "ask-destroy" | "give-up" | "close-guidance" | "ignore"
 *   | Verdict} Action
 */

/**
 * The state of the review that determines what a key does.
 * @typedef {object} Situation
 * @property {boolean} begun whether there is something to stop
 * @property {boolean} shown whether a recording is shown
 * @property {boolean} warned whether a warning is shown instead of it
 * @property {boolean} heard whether enough of the recording was heard to judge it
 * @property {boolean} judged whether there is a verdict to undo
 * @property {boolean} singleKeys whether keys other than Escape and Enter do anything
 */

/**
 * The kind of element in which a key was pressed.
 * @typedef {"words" | "field" | "control" | "page"} Place
 */

/**
 * Return the action of a key, or undefined if it has none in this place and situation.
 * @param {string} key as `KeyboardEvent.key`, in lower case
 * @param {Place} place
 * @param {Situation} situation
 * @returns {Action | undefined}
 */
export function actionOf(key, place, { begun, shown, warned, heard, judged, singleKeys }) {
  if (key === "escape") return begun ? "stop" : undefined;
  if (place === "words" && key === "enter") return "end-editing";
  if (place === "words" || place === "field" || !singleKeys) return undefined;
  if (key === "?") return "help";
  if (key === "z" && judged) return "undo";
  // Space activates the focused control instead.
  const isTaken = key === " " && place === "control";
  if (!shown || isTaken) return undefined;
  return warned ? warnedAction(key) : recordingAction(key, heard);
}

/**
 * Return the action of a key while a warning is shown instead of the recording.
 * @param {string} key
 */
function warnedAction(key) {
  // Home Assistant would take a key that does nothing here for one of its own shortcuts.
  return WARNED_ACTIONS[key] ?? (recordingAction(key, true) && "ignore");
}

/**
 * Return the action of a key on the recording that is shown.
 * @param {string} key
 * @param {boolean} heard
 */
function recordingAction(key, heard) {
  const verdict = VERDICTS[Number(key) - 1];
  if (!verdict) return ACTIONS[key];
  return heard ? verdict : undefined;
}

/**
 * @param {EventTarget | undefined} target
 * @returns {Place}
 */
function placeOf(target) {
  if (!(target instanceof Element)) return "page";
  if (target.matches("[name=words]")) return "words";
  if (target.matches("input:not([type=checkbox]), select, textarea")) return "field";
  return target.matches("button, summary, a, input") ? "control" : "page";
}

/** The setting of this browser for single-key shortcuts. */
export const singleKeys = {
  get on() {
    return localStorage.getItem(WITHOUT_KEYS) === null;
  },
  set on(on) {
    if (on) localStorage.removeItem(WITHOUT_KEYS);
    else localStorage.setItem(WITHOUT_KEYS, "");
  },
};

/** Runs a review's actions by key while its element is connected. */
export class ReviewKeyboard {
  #situation;
  #run;
  #released;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #holding;

  /**
   * @param {LitElement} host
   * @param {() => Situation | undefined} situation returns undefined while all keys are disabled
   * @param {(action: Action) => void} run
   * @param {() => void} released called when the key that destroys a recording is no longer held
   */
  constructor(host, situation, run, released) {
    this.#situation = situation;
    this.#run = run;
    this.#released = released;
    host.addController(this);
  }

  hostConnected() {
    // Capture the keys before Home Assistant does, which uses some of them as shortcuts.
    globalThis.addEventListener("keydown", this.#onKeydown, { capture: true });
    globalThis.addEventListener("keyup", this.#onKeyup);
    window.addEventListener("blur", this.release);
  }

  hostDisconnected() {
    globalThis.removeEventListener("keydown", this.#onKeydown, { capture: true });
    globalThis.removeEventListener("keyup", this.#onKeyup);
    window.removeEventListener("blur", this.release);
    this.release();
  }

  /**
   * Call `work` once a key has been held long enough, unless `release` is called first.
   * @param {() => void} work
   */
  hold(work) {
    this.#holding = setTimeout(work, HOLD_MS);
  }

  release = () => {
    if (this.#holding === undefined) return;
    clearTimeout(this.#holding);
    this.#holding = undefined;
    this.#released();
  };

  #onKeydown = (/** @type {KeyboardEvent} */ event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const situation = this.#situation();
    if (!situation) return;
    const action = actionOf(event.key.toLowerCase(), placeOf(event.composedPath()[0]), situation);
    if (!action) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!event.repeat) this.#run(action);
  };

  #onKeyup = (/** @type {KeyboardEvent} */ { key }) => {
    if (key.toLowerCase() === "x") this.release();
  };
}
