/** One recording: hear it, read it, let it go. It is opened here, by the key that is unlocked. */

import { html, nothing } from "./vendor/lit-element.js";
import { Page } from "./page.js";
import { Player, opened, wordsOf } from "./player.js";
import { Follow, sitting } from "./sitting.js";
import { date, list, say } from "./words.js";

class Clip extends Page {
  static properties = {
    ...Page.properties,
    /** As `clips/list` shows it. */
    clip: { attribute: false },
    chosen: { type: Boolean },
    _words: { state: true },
    _playing: { state: true },
  };

  constructor() {
    super();
    new Follow(this, () => sitting.unlocked || this._close());
  }

  load() {}

  disconnectedCallback() {
    super.disconnectedCallback();
    this._close();
  }

  /** Forget what was opened. */
  _close() {
    this._player?.destroy();
    this._player = this._words = undefined;
    this._playing = false;
  }

  content() {
    const { room, until, own } = this.clip;
    const name = this.roomName(room);
    return html`
      <article class="card" aria-label=${say("recordings.one", { room: name })}>
        <div class="row spread">
          <label class="row">
            <input type="checkbox" .checked=${this.chosen} @change=${(event) => this._tell("choose", event.target.checked)} />
            ${name}
          </label>
          <span class="quiet">
            ${own ? nothing : say("recordings.not_own")}
            ${say("recordings.until", { date: date(Date.parse(until) / 1000) })}
          </span>
        </div>
        <div class="wave"></div>
        ${this._words ? this._text(this._words) : nothing}
        <div class="row">
          <button ?disabled=${this._busy} @click=${() => this.attempt(() => this._play())}>
            ${say(this._playing ? "recordings.pause" : "recordings.play")}
          </button>
          ${this._words
            ? nothing
            : html`
                <button ?disabled=${this._busy} @click=${() => this.attempt(() => this._read())}>
                  ${say("recordings.read")}
                </button>
              `}
          <button @click=${() => this._tell("delete", "recordings.delete_why")}>${say("recordings.delete")}</button>
          <button @click=${() => this._tell("delete", "recordings.not_meant_why")}>${say("recordings.not_meant")}</button>
        </div>
      </article>
    `;
  }

  _text({ transcript, done, answer, verdicts }) {
    return html`
      <p>${say("recordings.said", { text: transcript })}</p>
      ${done?.length ? html`<p>${say("recordings.did", { names: list(done) })}</p>` : nothing}
      ${answer ? html`<p>${say("recordings.answered", { text: answer })}</p>` : nothing}
      ${verdicts.map(
        ({ verdict, words }) => html`
          <p>
            ${say("recordings.reviewed", { verdict: say(`review.verdict.${verdict}`) })}
            ${words ? say("recordings.corrected", { text: words }) : nothing}
          </p>
        `,
      )}
    `;
  }

  _tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  _open(part) {
    return opened(() => this.ask("clips/open", { clip: this.clip.clip, part, why: "own" }), part);
  }

  async _read() {
    const { content, verdicts } = await this._open("words");
    if (!sitting.unlocked) return;
    this._words = { ...wordsOf(content), verdicts };
  }

  async _play() {
    if (!this._player) {
      const { content } = await this._open("sound");
      this._player = await Player.show(this.renderRoot.querySelector(".wave"), content);
      this._player.addEventListener("change", () => (this._playing = this._player?.playing));
      if (!this.isConnected || !sitting.unlocked) return this._close();
    }
    await this._player.toggle();
  }
}

customElements.define("indoor-voice-clip", Clip);
