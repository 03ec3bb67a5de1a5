/** The keys of a review. Single keys can be switched off: speech input presses them by chance. */

/** @import { LitElement } from "./vendor/lit-element.js" */
/** @import { Verdict } from "./api.d.ts" */

/**
 * The verdicts, in the order of their keys and buttons.
 * @type {Verdict[]}
 */
export const VERDICTS = ["right", "wrong-words", "wrong-action", "not-for-it", "not-speech"];
/** The keys, in the order in which the help lists them. */
export const KEYS = ["1", "2", "3", "4", "5", "Space", "R", "E", "-", "+", "S", "X", "N", "Z", "Esc", "?"];
/** Destroying cannot be undone, so its key is held. */
const HOLD_MS = 600;
/** Where this browser remembers that single keys are switched off. */
const WITHOUT_KEYS = "indoor-voice.without-keys";
/**
 * What the keys do while a recording is shown.
 * @type {Record<string, Action>}
 */
const ACTIONS = {
  " ": "play",
  r: "repeat",
  e: "edit",
  "-": "slower",
  "+": "faster",
  "=": "faster",
  s: "skip",
  x: "hold-to-destroy",
  n: "give-up",
};

/**
 * What the user does in a review, by key or by button.
 * @typedef {"next" | "stop" | "end-editing" | "help" | "undo" | "play" | "repeat" | "edit" | "slower" | "faster"
 *   | "skip" | "hold-to-destroy" | "ask-destroy" | "give-up" | "close-guidance" | Verdict} Action
 */

/**
 * What of the review decides what a key does.
 * @typedef {object} Situation
 * @property {boolean} begun whether there is something to stop
 * @property {boolean} shown whether a recording is shown
 * @property {boolean} heard whether enough of it was heard to judge
 * @property {boolean} judged whether there is a verdict to undo
 * @property {boolean} singleKeys whether keys other than Escape and Enter do anything
 */

/**
 * Where a key was pressed.
 * @typedef {"words" | "field" | "control" | "page"} Place
 */

/**
 * Return what a key does; undefined if it does nothing here.
 * @param {string} key as `KeyboardEvent.key`, in lower case
 * @param {Place} place
 * @param {Situation} situation
 * @returns {Action | undefined}
 */
export function actionOf(key, place, { begun, shown, heard, judged, singleKeys }) {
  if (key === "escape") return begun ? "stop" : undefined;
  if (place === "words" && key === "enter") return "end-editing";
  if (place === "words" || place === "field" || !singleKeys) return undefined;
  if (key === "?") return "help";
  if (key === "z" && judged) return "undo";
  // Space presses the control that has the focus.
  const isTaken = key === " " && place === "control";
  return shown && !isTaken ? recordingAction(key, heard) : undefined;
}

/**
 * Return what a key does with the recording that is shown.
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

/** Whether single keys work in this browser. */
export const singleKeys = {
  get on() {
    return localStorage.getItem(WITHOUT_KEYS) === null;
  },
  set on(on) {
    if (on) localStorage.removeItem(WITHOUT_KEYS);
    else localStorage.setItem(WITHOUT_KEYS, "");
  },
};

/** Runs a review's actions by key, as long as its element is connected. */
export class ReviewKeyboard {
  #situation;
  #run;
  #released;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #holding;

  /**
   * @param {LitElement} host
   * @param {() => Situation | undefined} situation returns undefined while keys do nothing at all
   * @param {(action: Action) => void} run
   * @param {() => void} released is called when the key that destroys is not held any more
   */
  constructor(host, situation, run, released) {
    this.#situation = situation;
    this.#run = run;
    this.#released = released;
    host.addController(this);
  }

  hostConnected() {
    // Before Home Assistant's own shortcuts, some of which use the same keys.
    globalThis.addEventListener("keydown", this.#press, { capture: true });
    globalThis.addEventListener("keyup", this.#lift);
    window.addEventListener("blur", this.release);
  }

  hostDisconnected() {
    globalThis.removeEventListener("keydown", this.#press, { capture: true });
    globalThis.removeEventListener("keyup", this.#lift);
    window.removeEventListener("blur", this.release);
    this.release();
  }

  /**
   * Call `work` once a key has been held long enough; `release` prevents it.
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

  #press = (/** @type {KeyboardEvent} */ event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const situation = this.#situation();
    if (!situation) return;
    const action = actionOf(event.key.toLowerCase(), placeOf(event.composedPath()[0]), situation);
    if (!action) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!event.repeat) this.#run(action);
  };

  #lift = (/** @type {KeyboardEvent} */ { key }) => {
    if (key.toLowerCase() === "x") this.release();
  };
}
