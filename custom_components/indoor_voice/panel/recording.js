/** One recording of the list: plays it, shows its text and deletes it. It is opened with the unlocked listening key. */

import { html, nothing } from "./vendor/lit-element.js";
import { assignedLater, withChecked } from "./dom.js";
import { formatList, formatLocalDate, t } from "./i18n.js";
import { openSealed, readWords } from "./opening.js";
import { Page } from "./page.js";
import { Player } from "./player.js";
import { SittingController, sitting } from "./sitting.js";

/** @import { Recording as ListedRecording, Part, SealedVerdict, Words } from "./api.d.ts" */
/** @typedef {Words & { verdicts: SealedVerdict[] }} ShownWords */

class Recording extends Page {
  static properties = {
    ...Page.properties,
    recording: { attribute: false },
    selected: { type: Boolean },
    _words: { state: true },
    _playing: { state: true },
  };

  /** @type {Player | undefined} */
  #player;

  constructor() {
    super();
    /** @type {ListedRecording} */
    this.recording = assignedLater();
    this.selected = false;
    /** @type {ShownWords | undefined} */
    this._words = undefined;
    this._playing = false;
    new SittingController(this, () => sitting.unlocked || this.#close());
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#close();
  }

  /** Close the opened sound and text. */
  #close() {
    this.#player?.destroy();
    this.#player = undefined;
    this._words = undefined;
    this._playing = false;
  }

  content() {
    const { room, until, own } = this.recording;
    const name = this.roomName(room);
    const select = withChecked((selected) => this.#dispatch("select", selected));
    return html`
      <article class="card" aria-label=${t("recordings.one", { room: name })}>
        <div class="row spread">
          <label class="row">
            <input type="checkbox" .checked=${this.selected} @change=${select} />
            ${name}
          </label>
          <span class="quiet">
            ${own ? nothing : t("recordings.not_own")}
            ${t("recordings.until", { date: formatLocalDate(until, "long") })}
          </span>
        </div>
        <div class="wave"></div>
        ${this._words ? textOf(this._words) : nothing}
        <div class="row">
          <button ?disabled=${this._busy} @click=${() => this.attempt(() => this.#play())}>
            ${t(this._playing ? "recordings.pause" : "recordings.play")}
          </button>
          ${
            this._words
              ? nothing
              : html`
                <button ?disabled=${this._busy} @click=${() => this.attempt(() => this.#read())}>
                  ${t("recordings.read")}
                </button>
              `
          }
          <button @click=${() => this.#dispatch("delete", "recordings.delete_why")}>${t("recordings.delete")}</button>
          <button @click=${() => this.#dispatch("delete", "recordings.not_meant_why")}>
            ${t("recordings.not_meant")}
          </button>
        </div>
      </article>
    `;
  }

  /**
   * Report to the list that the user has (un)selected the recording, or wants to delete it.
   * @param {"select" | "delete"} type
   * @param {boolean | string} detail whether it is selected, or the path of the question to ask before deleting it
   */
  #dispatch(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  /** @param {Part} part */
  #open(part) {
    return openSealed(
      () => this.ask("recordings/open", { recording: this.recording.recording, part, why: "own" }),
      part,
    );
  }

  async #read() {
    const { content, verdicts } = await this.#open("words");
    if (!sitting.unlocked) return;
    this._words = { ...readWords(content), verdicts };
  }

  async #play() {
    if (!this.#player) {
      const { content } = await this.#open("sound");
      const container = /** @type {HTMLElement} */ (this.renderRoot.querySelector(".wave"));
      const player = await Player.show(container, content);
      this.#player = player;
      player.addEventListener("change", () => (this._playing = this.#player?.playing ?? false));
      if (!this.isConnected || !sitting.unlocked) {
        this.#close();
        return;
      }
    }
    await this.#player.toggle();
  }
}

/** @param {ShownWords} words */
function textOf({ transcript, done, answer, verdicts }) {
  return html`
    <p>${t("recordings.said", { text: transcript })}</p>
    ${done?.length ? html`<p>${t("recordings.did", { names: formatList(done) })}</p>` : nothing}
    ${answer ? html`<p>${t("recordings.answered", { text: answer })}</p>` : nothing}
    ${verdicts.map(
      ({ verdict, words }) => html`
        <p>
          ${t("recordings.reviewed", { verdict: t(`review.verdict.${verdict}`) })}
          ${words ? t("recordings.corrected", { text: words }) : nothing}
        </p>
      `,
    )}
  `;
}

customElements.define("indoor-voice-recording", Recording);
