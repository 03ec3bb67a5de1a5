/** Renders what is playing while several recordings are played, with the buttons for that. */

import { html } from "./vendor/lit-element.js";
import { button } from "./elements.js";
import { t } from "./i18n.js";

/**
 * Render the bar at the bottom of the page.
 * @param {string} what which recording it is
 * @param {boolean} playing whether it is playing, and not paused
 * @param {{ pause: () => void, skip: () => void, stop: () => void }} actions
 */
export const playingBar = (what, playing, { pause, skip, stop }) => html`
  <section class="playing" aria-label=${t("recordings.playing_title")}>
    <span>${what}</span>
    <span class="row">
      ${button({
        label: t(playing ? "recordings.pause" : "recordings.go_on"),
        icon: playing ? "mdi:pause" : "mdi:play",
        kind: "text",
        reserve: [t("recordings.pause"), t("recordings.go_on")],
        onClick: pause,
      })}
      ${button({ label: t("recordings.next"), icon: "mdi:skip-next", kind: "text", onClick: skip })}
      ${button({ label: t("recordings.stop"), icon: "mdi:stop", onClick: stop })}
    </span>
  </section>
`;
