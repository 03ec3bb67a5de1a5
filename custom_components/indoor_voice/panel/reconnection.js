/** Notices that Home Assistant's connection was made again. */

/** @import { Connection, HomeAssistant } from "./api.d.ts" */
/** @import { LitElement } from "./vendor/lit-element.js" */

/**
 * Calls a function whenever the connection was made again while the host element is connected. The names of recordings
 * are valid only on the connection that listed them.
 */
export class ReconnectionController {
  #host;
  #reconnected;
  /** @type {Connection | undefined} */
  #connection;

  /**
   * @param {LitElement & { hass: HomeAssistant }} host
   * @param {() => void} reconnected
   */
  constructor(host, reconnected) {
    this.#host = host;
    this.#reconnected = reconnected;
    host.addController(this);
  }

  hostConnected() {
    this.#connection = this.#host.hass.connection;
    this.#connection.addEventListener("ready", this.#reconnected);
  }

  hostDisconnected() {
    this.#connection?.removeEventListener("ready", this.#reconnected);
  }
}
