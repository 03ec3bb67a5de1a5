/** The page "Review": one recording at a time, without any hint as to whose it is, or where and when it was made. */

import { html } from "./vendor/lit-element.js";
import { confirm } from "./confirm.js";
import { card } from "./elements.js";
import { t } from "./i18n.js";
import { hides, isMarked } from "./masking.js";
import { Page } from "./page.js";
import { Player } from "./player.js";
import { ReconnectionController } from "./reconnection.js";
import { ReviewKeyboard, singleKeys } from "./review-keyboard.js";
import { ReviewProtocol, Stopped } from "./review-protocol.js";
import { reviewStyle, reviewView } from "./review-view.js";
import { silenceHidden } from "./silencing.js";
import { SittingController, sitting } from "./sitting.js";
import "./key.js";

/** @import { Verdict, Words } from "./api.d.ts" */
/** @import { Work } from "./page.js" */
/** @import { Action } from "./review-keyboard.js" */
/** @import { ReviewState } from "./review-view.js" */

/** The place for the outcome of what the user does: that of the page, which takes the next action without a pause. */
const HERE = "";

class Review extends Page {
  static properties = {
    ...Page.properties,
    _words: { state: true },
    _between: { state: true },
    _warned: { state: true },
    _revealed: { state: true },
    _heard: { state: true },
    _playing: { state: true },
    _holding: { state: true },
    _keys: { state: true },
    _pause: { state: true },
    _judged: { state: true },
    _guidance: { state: true },
  };

  static styles = [...Page.styles, reviewStyle];

  #review = new ReviewProtocol((command, fields) => this.ask(command, fields));
  #keyboard = new ReviewKeyboard(
    this,
    () => this.#situation(),
    (action) => this.#run(action),
    () => (this._holding = false),
  );
  /**
   * Actions that run at once, even while another one is under way.
   * @type {Partial<Record<Action, () => unknown>>}
   */
  #atOnce = {
    stop: () => this.#stop(),
    "end-editing": () => this.#focusShown(),
    help: () => this.#toggleHelp(),
    reveal: () => this.#reveal(),
    edit: () => this.#edit(),
    slower: () => sitting.changeSpeed(-1),
    faster: () => sitting.changeSpeed(1),
    "hold-to-destroy": () => this.#holdToDestroy(),
    "ask-destroy": () => this.#askDestroy(),
    ignore: () => undefined,
    "close-guidance": () => (this._guidance = undefined),
  };
  /**
   * Actions that run one at a time. All other actions are verdicts.
   * @type {Partial<Record<Action, Work>>}
   */
  #inTurn = {
    next: () => this.#next(this._pause !== undefined && this._pause.stop !== "given_up"),
    listen: () => this.#listen(),
    play: () => this.#play(),
    repeat: () => this.#player?.repeat(),
    skip: () => this.#skip(),
    undo: () => this.#undo(),
    "give-up": () => this.#giveUp(),
  };
  /** @type {Player | undefined} */
  #player;
  /**
   * The sound as it was recorded.
   * @type {Uint8Array | undefined}
   */
  #sound;
  /** Whether the next recording plays by itself, as it does once the user has played one. */
  #autoplay = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #undoable;

  constructor() {
    super();
    /** @type {Words | undefined} */
    this._words = undefined;
    /** Whether the last recording is finished, and the next one is being fetched. */
    this._between = false;
    /** Whether a warning is shown instead of the recording. */
    this._warned = false;
    /** Whether the user has asked for the numbers and codes that are hidden. */
    this._revealed = false;
    this._heard = false;
    this._playing = false;
    this._holding = false;
    this._keys = singleKeys.on;
    /** @type {ReviewState["pause"]} */
    this._pause = undefined;
    this._judged = false;
    /** @type {string | undefined} */
    this._guidance = undefined;
    new SittingController(this, () => (sitting.unlocked ? this.requestUpdate() : this.#forget()));
    new ReconnectionController(this, () => this.#forget());
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#forget();
  }

  content() {
    if (!sitting.unlocked) {
      return html`
        ${card({}, html`<p>${t("review.why")}</p>`)}
        <indoor-voice-key brief .hass=${this.hass} .home=${this.home}></indoor-voice-key>
      `;
    }
    const state = {
      words: this._words,
      disguise: this.#review.disguise,
      between: this._between,
      warned: this._warned,
      revealed: this._revealed,
      troubled: this.home.guidance,
      canRepeat: this.#player !== undefined,
      playing: this._playing,
      heard: this._heard,
      holding: this._holding,
      busy: this.isBusy(HERE),
      judged: this._judged,
      singleKeys: this._keys,
      pause: this._pause,
      guidance: this._guidance,
      answer: this.answer(HERE),
    };
    const switchKeys = (/** @type {boolean} */ on) => {
      singleKeys.on = on;
      this._keys = on;
    };
    return reviewView(state, (action) => this.#run(action), switchKeys);
  }

  /** Return the state that determines what a key does; undefined while all keys are disabled. */
  #situation() {
    if (!sitting.unlocked || this.renderRoot.querySelector("dialog")) return undefined;
    return {
      begun: this.#review.begun,
      shown: this._words !== undefined,
      warned: this._warned,
      heard: this._heard,
      judged: this._judged,
      singleKeys: this._keys,
    };
  }

  /** @param {Action} action */
  #run(action) {
    const atOnce = this.#atOnce[action];
    if (atOnce) atOnce();
    else void this.attempt(this.#inTurn[action] ?? (() => this.#judge(/** @type {Verdict} */ (action))), HERE);
  }

  #toggleHelp() {
    const help = this.renderRoot.querySelector("details");
    if (!help) return;
    help.open = !help.open;
    if (help.open) help.scrollIntoView({ block: "nearest" });
  }

  get #field() {
    return /** @type {HTMLInputElement} */ (this.renderRoot.querySelector("[name=words]"));
  }

  /** The words after the user's edits. */
  get #typed() {
    return hides(this._words) && !this._revealed ? (this._words?.transcript ?? "") : this.#field.value.trim();
  }

  #edit() {
    this.#field.focus();
    this.#field.setSelectionRange(this.#field.value.length, this.#field.value.length);
  }

  /**
   * Run work as `Page` does; work during which the user stopped reports only that.
   * @param {Work} work
   * @param {string} [place]
   */
  attempt(work, place) {
    return super.attempt(async () => {
      try {
        return await this.#review.unlessStopped(Promise.resolve(work()));
      } catch (error) {
        if (error instanceof Stopped) return t("review.stopped");
        throw error;
      }
    }, place);
  }

  /** Move the focus to the new content, for screen readers. */
  async #focusShown() {
    await this.updateComplete;
    /** @type {HTMLElement | null} */ (this.renderRoot.querySelector("h2[tabindex], p[tabindex]"))?.focus();
  }

  /** @param {boolean} goOn whether to continue in spite of a suggested break */
  async #next(goOn) {
    this.#clear();
    this._pause = await this.#review.next(goOn);
    this._words = this.#review.words;
    this._warned = isMarked(this._words);
    this._heard = this.#review.disguise === "words";
    await this.#focusShown();
  }

  /** Show the next recording, and play it if the user has played one before and it needs no warning. */
  async #advance() {
    this._between = true;
    try {
      await this.#next(false);
    } finally {
      this._between = false;
    }
    if (this._words && !this._warned && this.#autoplay) await this.#play();
  }

  /** Show and play a recording in spite of the warning. */
  async #listen() {
    this._warned = false;
    await this.#focusShown();
    await this.#play();
  }

  /** Show the numbers and codes that are hidden, and play them from now on. */
  #reveal() {
    if (!hides(this._words) || this._revealed) return;
    this._revealed = true;
    this.#player?.destroy();
    this.#player = undefined;
    this._playing = false;
    this.#field.focus();
  }

  async #play() {
    if (this.#review.disguise === "words") return;
    this.#player ??= await this.#showSound();
    this.#autoplay = true;
    await this.#player.toggle();
  }

  async #showSound() {
    this.#sound ??= await this.#review.sound();
    const words = this._revealed ? undefined : this._words;
    const content = words ? silenceHidden(this.#sound, words) : this.#sound;
    const container = /** @type {HTMLElement} */ (this.renderRoot.querySelector(".wave"));
    const player = await this.#review.unlessStopped(Player.show(container, content), (late) => late.destroy());
    player.addEventListener("change", () => {
      this._playing = player.playing;
      this._heard ||= player.heard;
    });
    return player;
  }

  /** @param {Verdict} verdict */
  async #judge(verdict) {
    const seconds = await this.#review.judge(verdict, this.#typed);
    await this.#advance();
    this._judged = true;
    this.#undoable = setTimeout(() => (this._judged = false), seconds * 1000);
    return t("review.saved");
  }

  /** Undo the last verdict, and show its recording again, which counts as heard. */
  async #undo() {
    await this.#review.undo();
    this.#clear();
    this._words = this.#review.words;
    this._heard = true;
    await this.#focusShown();
    return t("review.undone");
  }

  async #skip() {
    await this.#review.skip();
    await this.#advance();
    return t("review.skipped");
  }

  async #destroy() {
    await this.#review.destroy();
    await this.#advance();
    return t("review.destroyed");
  }

  /** Destroy the recording unless the key is released too early. */
  #holdToDestroy() {
    this._holding = true;
    this.#keyboard.hold(() => void this.attempt(() => this.#destroy(), HERE));
  }

  async #askDestroy() {
    this.#player?.pause();
    const question = { title: t("review.destroy_title"), text: t("review.destroy_why"), yes: t("review.destroy_yes") };
    if (await confirm(this, question)) await this.attempt(() => this.#destroy(), HERE);
  }

  /** Never show this recording to the user again, and show the guidance. The next recording doesn't start by itself. */
  async #giveUp() {
    this._guidance = await this.#review.giveUp();
    this.#clear();
    this._pause = { stop: "given_up", mayGoOn: true, restSeconds: 0 };
    this.#autoplay = false;
    await this.#focusShown();
  }

  /** Remove the current recording from the page. */
  #clear() {
    this.#keyboard.release();
    clearTimeout(this.#undoable);
    this.#player?.destroy();
    this.#player = this.#sound = undefined;
    this._words = undefined;
    this._warned = this._revealed = false;
    this._heard = this._playing = this._judged = false;
  }

  /** End the review. Results of operations that are under way are not shown. */
  #forget() {
    this.#review.end();
    this.#clear();
    this._between = false;
    this._pause = undefined;
    this.#autoplay = false;
  }

  async #stop() {
    this.#forget();
    this.show({ kind: "success", text: t("review.stopped") }, HERE);
    await this.#focusShown();
  }
}

customElements.define("indoor-voice-review", Review);
