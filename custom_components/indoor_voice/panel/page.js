/** What all pages of the panel do: ask Home Assistant, and say what went wrong. */

import { LitElement, html, nothing } from "./vendor/lit-element.js";
import { style } from "./style.js";
import { hasWords, say } from "./words.js";

/**
 * A page; `hass` is Home Assistant's state and connection, `home` what `indoor_voice/household/arrangement` answers.
 * Whoever extends it gives `load`, which fetches what it shows, and `content`, which shows it.
 */
export class Page extends LitElement {
  static properties = {
    hass: { attribute: false },
    home: { attribute: false },
    _loaded: { state: true },
    _busy: { state: true },
    _problem: { state: true },
    _done: { state: true },
  };

  static styles = style;

  connectedCallback() {
    super.connectedCallback();
    this.attempt(async () => {
      await this.load();
      this._loaded = true;
    });
  }

  /** Send a command of ours and return its answer. */
  ask(command, fields = {}) {
    return this.hass.callWS({ type: `indoor_voice/${command}`, ...fields });
  }

  /** Do something for the user, once at a time; what it returns is said, and what goes wrong too. */
  async attempt(work) {
    if (this._busy) return;
    this._busy = true;
    this._problem = this._done = undefined;
    try {
      this._done = await work();
    } catch (err) {
      this._problem = problemOf(err);
    } finally {
      this._busy = false;
    }
  }

  /** Return a person's name by id. */
  nameOf(person) {
    return this.home.people.find(({ id }) => id === person)?.name ?? say("somebody");
  }

  /** Return a room's name by id: its area's where that has one satellite, with its own among several. */
  roomName(room) {
    const name = this.home.rooms.find(({ id }) => id === room)?.name;
    if (name === undefined) return say("a_room");
    const areaOf = (id) => deviceOf(this.hass, id)?.area_id;
    const area = this.hass.areas[areaOf(room)];
    if (!area) return name;
    if (this.home.rooms.filter(({ id }) => areaOf(id) === area.area_id).length === 1) return area.name;
    return name.toLowerCase().includes(area.name.toLowerCase()) ? name : `${area.name} (${name})`;
  }

  render() {
    return html`
      <div role="status">
        ${this._done ? html`<p class="card done">${this._done}</p>` : nothing}
        ${this._busy && !this._loaded ? html`<p class="hidden">${say("loading")}</p>` : nothing}
      </div>
      <div role="alert">${this._problem ? html`<p class="card problem">${this._problem}</p>` : nothing}</div>
      ${this._loaded ? this.content() : nothing}
    `;
  }
}

/** Return the device that is a room's satellite. */
export const deviceOf = (hass, room) =>
  Object.values(hass.devices).find(({ identifiers }) =>
    identifiers.some(([domain, id]) => domain === "indoor_voice" && id === room),
  );

/** An error that is ours to say, by the path of its sentence. */
export class Problem extends Error {}

/** Return what went wrong, as a sentence. */
export function problemOf(err) {
  if (err instanceof Problem) return say(err.message);
  if (err?.code === "not_allowed" && hasWords(`refused.${err.message}`)) return say(`refused.${err.message}`);
  if (err?.code === "no_household") return say("problem.no_household");
  if (hasWords(`problem.${err?.translation_key}`)) return say(`problem.${err.translation_key}`);
  return say("problem.other");
}

/** Offer a file to keep, with `content` as JSON. */
export function download(name, content) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([JSON.stringify(content, null, 2)], { type: "application/json" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
