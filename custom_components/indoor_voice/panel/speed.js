/** Selects the playback speed for this sitting. */

import { LitElement, css } from "./vendor/lit-element.js";
import { select } from "./elements.js";
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
    return select({
      label: t("speed.label"),
      options: SPEEDS.map((speed) => ({ value: speed, label: t("speed.times", { number: formatNumber(speed) }) })),
      value: String(sitting.speed),
      onChange: (speed) => (sitting.speed = Number(speed)),
    });
  }

  updated() {
    // Once the user has chosen, a select no longer follows its options.
    const chosen = this.renderRoot.querySelector("select");
    if (chosen) chosen.value = String(sitting.speed);
  }
}

customElements.define("indoor-voice-speed", Speed);
