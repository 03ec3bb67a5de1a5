/**
 * The card for dashboards. Home Assistant loads this module with each of its pages, so it is small, imports nothing, and
 * loads the rest only when a card is shown or edited.
 */

/** @import { CardConfig, HomeAssistant } from "./frontend.d.ts" */
/** @import { CardFrame } from "./card-frame.js" */

const TYPE = "indoor-voice-card";

export class IndoorVoiceCard extends HTMLElement {
  /** @type {HomeAssistant | undefined} */
  #hass;
  #entity = "";
  /** @type {CardFrame | undefined} */
  #frame;
  #hasBegun = false;

  /**
   * @param {HomeAssistant} hass
   * @param {string[]} [unused]
   */
  static async getStubConfig(hass, unused) {
    const { newConfig } = await import("./card-editor.js");
    return newConfig(hass, unused);
  }

  static async getConfigForm() {
    const { form } = await import("./card-editor.js");
    return form;
  }

  /** @param {HomeAssistant} hass */
  set hass(hass) {
    this.#hass = hass;
    void this.#show();
  }

  /** @param {CardConfig} config */
  setConfig({ entity = "" }) {
    this.#entity = entity;
    void this.#show();
  }

  connectedCallback() {
    this.style.display = "block";
    void this.#show();
  }

  getCardSize() {
    return 7;
  }

  getGridOptions() {
    return { columns: 12, min_columns: 6, rows: "auto", fixed_rows: true };
  }

  async #show() {
    if (!this.#hass || !this.isConnected) return;
    if (!this.#hasBegun) {
      this.#hasBegun = true;
      try {
        const { createFrame } = await import("./card-frame.js");
        this.#frame = await createFrame(this.#hass.locale);
        this.replaceChildren(this.#frame);
      } catch {
        // After an update, the files of the earlier version are gone.
        this.textContent = "Indoor Voice can't be loaded. Reload the page.";
      }
    }
    if (this.#frame) Object.assign(this.#frame, { entity: this.#entity, hass: this.#hass });
  }
}

// Home Assistant 2026.10 may load this module before it replaces `customElements`, which it does before it defines this.
await customElements.whenDefined("home-assistant");
// After an update, a page that wasn't reloaded still has the earlier version.
if (!customElements.get(TYPE)) {
  customElements.define(TYPE, IndoorVoiceCard);
  (globalThis.customCards ??= []).push({
    type: TYPE,
    // Not in translations/, which pages without a card needn't load.
    name: "Indoor Voice",
    description: "What a room keeps, and buttons that mute it, stop the keeping and delete the last recording.",
    preview: true,
    documentationURL: "https://github.com/indoor-voice/indoor-voice/blob/main/docs/use.md#a-card-for-dashboards",
    getEntitySuggestion: ({ entities }, entity) =>
      entities[entity]?.platform === "indoor_voice" && entity.startsWith("assist_satellite.")
        ? { config: { type: `custom:${TYPE}`, entity } }
        : null,
  });
}
