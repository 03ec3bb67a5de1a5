/** The base class of the pages that show the present state of the rooms. */

import { assignedLater } from "./dom.js";
import { t } from "./i18n.js";
import { Page } from "./page.js";

/** @import { Pause, RoomsEvent } from "./api.d.ts" */

/** A page that is rendered again whenever the state of a room changes. */
export class RoomsPage extends Page {
  static properties = { ...Page.properties, _now: { state: true } };

  constructor() {
    super();
    /** @type {RoomsEvent} */
    this._now = assignedLater();
  }

  /** @returns {Promise<void> | void} */
  load() {
    return this.follow("rooms/subscribe", (event) => this.receive(event));
  }

  /**
   * Show the present state.
   * @param {RoomsEvent} event
   */
  receive(event) {
    this._now = event;
  }

  /**
   * Return whether the user may make a change: ending a pause is only for people who live here.
   * @param {Pause} pause
   */
  maySet(pause) {
    return pause.paused || this.home.person !== null;
  }

  /**
   * Start or end a pause, and return the sentence that says so.
   * @param {Pause} pause
   * @param {string | undefined} room the name of the room that it is about
   */
  async setPause(pause, room) {
    await this.ask("pause/set", pause);
    return t(`rooms.done.${pause.scope}_${pause.paused ? "on" : "off"}`, { room });
  }
}
