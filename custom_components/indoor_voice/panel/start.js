/** The page "Start": leads the administrator, and each person, from nothing kept to a first recording. */

import { html, nothing } from "./vendor/lit-element.js";
import { card, linkButton } from "./elements.js";
import { guideLink } from "./guide.js";
import { t } from "./i18n.js";
import { RoomsPage } from "./rooms-page.js";
import "./answer.js";
import "./setup.js";

class Start extends RoomsPage {
  content() {
    const { rooms, untold } = this._now;
    if (rooms.length === 0) {
      const actions = linkButton({
        label: t("start.add_satellite"),
        href: "/config/integrations/dashboard",
        kind: "primary",
      });
      return card({ label: t("pages.start"), actions: this.home.admin ? actions : undefined }, t("rooms.none"));
    }
    return html`
      ${
        this.home.admin
          ? html`<indoor-voice-setup .hass=${this.hass} .home=${this.home} .untold=${untold}></indoor-voice-setup>`
          : nothing
      }
      ${
        this.home.person
          ? html`<indoor-voice-answer .hass=${this.hass} .home=${this.home} .rooms=${rooms}></indoor-voice-answer>`
          : nothing
      }
      ${guideLink()}
    `;
  }
}

customElements.define("indoor-voice-start", Start);
