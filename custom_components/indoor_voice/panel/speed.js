/** Selects the playback speed for this sitting. */

import { LitElement, css, html } from "./vendor/lit-element.js";
import { withValue } from "./dom.js";
import { formatNumber, t } from "./i18n.js";
import { SPEEDS, SittingController, sitting } from "./sitting.js";
import { style } from "./style.js";

class Speed extends LitElement {
  static styles = [
    style,
    css`
      .field {
        margin: 0;
      }
    `,
  ];

  constructor() {
    super();
    new SittingController(this, () => this.requestUpdate());
  }

  render() {
    const choose = withValue((value) => (sitting.speed = Number(value)));
    return html`
      <label class="field">
        ${t("speed.label")}
        <select .value=${String(sitting.speed)} @change=${choose}>
          ${SPEEDS.map(
            (speed) => html`
              <option value=${speed} ?selected=${speed === sitting.speed}>
                ${t("speed.times", { number: formatNumber(speed) })}
              </option>
            `,
          )}
        </select>
      </label>
    `;
  }
}

customElements.define("indoor-voice-speed", Speed);
