/** The recordings that I may hear: by day, the newest first. */

import { html, nothing } from "./vendor/lit-element.js";
import { repeat } from "./vendor/directives/repeat.js";
import { confirm } from "./confirm.js";
import { Page } from "./page.js";
import { day, say } from "./words.js";
import "./clip.js";
import "./key.js";
import "./speed.js";

class Recordings extends Page {
  static properties = {
    ...Page.properties,
    _clips: { state: true },
    _total: { state: true },
    _chosen: { state: true },
    _room: { state: true },
    _day: { state: true },
  };

  connectedCallback() {
    super.connectedCallback();
    this._again = () => this.attempt(() => this.load());
    // The names of clips hold on one connection.
    this._connection = this.hass.connection;
    this._connection.addEventListener("ready", this._again);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this._connection.removeEventListener("ready", this._again);
  }

  async load() {
    ({ clips: this._clips, total: this._total } = await this.ask("clips/list"));
    this._chosen = new Set();
  }

  get _shown() {
    return this._clips.filter(
      (clip) => (!this._room || clip.room === this._room) && (!this._day || clip.day === this._day),
    );
  }

  content() {
    const shown = this._shown;
    return html`
      <indoor-voice-key brief .hass=${this.hass} .home=${this.home}></indoor-voice-key>
      ${this._clips.length
        ? html`
            ${this._tools(shown)}
            ${[...new Set(shown.map((clip) => clip.day))].map((one) => this._dayOf(one, shown))}
            ${this._total > this._clips.length ? html`<p>${say("recordings.more", { count: this._total })}</p>` : nothing}
          `
        : html`<p class="card">${say("recordings.none")}</p>`}
    `;
  }

  _tools(shown) {
    const chosen = shown.filter(({ clip }) => this._chosen.has(clip));
    const remove = (clips, why) => this._delete(clips, why);
    return html`
      <section class="card row tools" aria-label=${say("recordings.tools")}>
        ${this._filter("_room", say("recordings.room"), (room) => this.roomName(room), "room")}
        ${this._filter("_day", say("recordings.day"), day, "day")}
        <indoor-voice-speed></indoor-voice-speed>
        <button ?disabled=${!chosen.length} @click=${() => remove(chosen, "recordings.delete_several_why")}>
          ${say("recordings.delete_chosen", { count: chosen.length })}
        </button>
        <button @click=${() => remove(shown, "recordings.delete_several_why")}>
          ${say("recordings.delete_shown", { count: shown.length })}
        </button>
      </section>
    `;
  }

  _filter(property, label, name, field) {
    const values = [...new Set(this._clips.map((clip) => clip[field]))];
    return html`
      <label class="field">
        ${label}
        <select @change=${({ target }) => (this[property] = target.value)}>
          <option value="">${say("recordings.any")}</option>
          ${values.map((value) => html`<option value=${value} ?selected=${value === this[property]}>${name(value)}</option>`)}
        </select>
      </label>
    `;
  }

  _dayOf(one, shown) {
    return html`
      <h2>${day(one)}</h2>
      <ul class="plain">
        ${repeat(
          shown.filter((clip) => clip.day === one),
          ({ clip }) => clip,
          (clip) => html`
            <li>
              <indoor-voice-clip
                .hass=${this.hass}
                .home=${this.home}
                .clip=${clip}
                .chosen=${this._chosen.has(clip.clip)}
                @choose=${({ detail }) => this._choose(clip.clip, detail)}
                @delete=${({ detail }) => this._delete([clip], detail)}
              ></indoor-voice-clip>
            </li>
          `,
        )}
      </ul>
    `;
  }

  _choose(clip, chosen) {
    if (chosen) this._chosen.add(clip);
    else this._chosen.delete(clip);
    this.requestUpdate();
  }

  async _delete(clips, why) {
    if (!(await confirm(this, say(why, { count: clips.length }), say("recordings.delete_yes")))) return;
    this.attempt(async () => {
      const names = clips.map(({ clip }) => clip);
      const { deleted: count } = await this.ask("clips/delete", { clips: names });
      // The names of the others hold until the next list.
      this._clips = this._clips.filter(({ clip }) => !names.includes(clip));
      this._total -= names.length;
      return say("recordings.deleted", { count });
    });
  }
}

customElements.define("indoor-voice-recordings", Recordings);
