/** How fast recordings are played, for this sitting. */

import { LitElement, css, html } from "./vendor/lit-element.js";
import { Follow, SPEEDS, sitting } from "./sitting.js";
import { style } from "./style.js";
import { number, say } from "./words.js";

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
    new Follow(this, () => this.requestUpdate());
  }

  render() {
    return html`
      <label class="field">
        ${say("speed.label")}
        <select .value=${String(sitting.speed)} @change=${({ target }) => (sitting.speed = Number(target.value))}>
          ${SPEEDS.map(
            (speed) => html`
              <option value=${speed} ?selected=${speed === sitting.speed}>
                ${say("speed.times", { number: number(speed) })}
              </option>
            `,
          )}
        </select>
      </label>
    `;
  }
}

customElements.define("indoor-voice-speed", Speed);
