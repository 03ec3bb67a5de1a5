/** The frame of the dashboard card: finds the room of its satellite, follows the household, and shows problems. */

import { css, html } from "./vendor/lit-element.js";
import "./card-room.js";
import { alert, bones } from "./elements.js";
import { HouseholdElement } from "./household-element.js";
import { loadTranslations, t } from "./i18n.js";
import { entitiesOf, roomOf } from "./satellite.js";
import { style } from "./style.js";

/** @import { PropertyValues } from "./vendor/lit-element.js" */
/** @import { Locale } from "./api.d.ts" */

/** The parts of `hass` that change rarely and are shown. */
const PARTS = /** @type {const} */ (["areas", "config", "devices", "entities"]);

export class CardFrame extends HouseholdElement {
  static properties = { ...HouseholdElement.properties, entity: { attribute: false } };

  static styles = [
    style,
    css`
      .card-content {
        overflow-wrap: anywhere;
      }
    `,
  ];

  constructor() {
    super();
    this.entity = "";
  }

  /**
   * Ignore the many changes of `hass` that are about other devices.
   * @param {PropertyValues<this>} changed
   */
  shouldUpdate(changed) {
    const before = changed.get("hass");
    if (changed.size > 1 || !before) return true;
    const now = this.hass;
    if (PARTS.some((part) => before[part] !== now[part])) return true;
    const room = roomOf(now, this.entity);
    return room !== undefined && entitiesOf(now, room).some((id) => before.states[id] !== now.states[id]);
  }

  /** @param {PropertyValues<this>} changed */
  updated(changed) {
    // A household that was not there is back at the latest when the satellite's entities change.
    if (!this.isFollowing && changed.has("hass")) this.follow();
  }

  render() {
    return html`<ha-card><div class="card-content">${this.#content()}</div></ha-card>`;
  }

  #content() {
    const room = roomOf(this.hass, this.entity);
    if (this._problem) return html`<div role="alert">${alert("error", this._problem)}</div>`;
    if (!this._home) return bones();
    if (!this._home.rooms.some(({ id }) => id === room)) return alert("warning", t("card.no_satellite"));
    return html`
      <indoor-voice-card-room .hass=${this.hass} .home=${this._home} .room=${room}></indoor-voice-card-room>
    `;
  }
}

customElements.define("indoor-voice-card-frame", CardFrame);

/**
 * The loading of the texts, which all cards share.
 * @type {Promise<void> | undefined}
 */
let texts;

/**
 * Create the frame of a card, once the texts are loaded.
 * @param {Locale} locale
 */
export async function createFrame(locale) {
  texts ??= loadTranslations(locale);
  await texts;
  return new CardFrame();
}
