/** Keeps a WebSocket subscription alive across reconnections. */

/** @import { HomeAssistant, Subscriptions } from "./api.d.ts" */

/**
 * One subscription of Indoor Voice's WebSocket API.
 * @template {keyof Subscriptions} Command
 */
export class Subscription {
  #connection;
  #command;
  #onEvent;
  #onError;
  /**
   * Ends the subscription on the current connection.
   * @type {(() => Promise<void>) | undefined}
   */
  #unsubscribe;
  #stopped = false;
  #subscribe = () => void this.#begin();

  /**
   * Subscribe, until `stop` is called.
   * @param {HomeAssistant} hass
   * @param {Command} command
   * @param {(event: Subscriptions[Command]) => void} onEvent
   * @param {(err: unknown) => void} onError called with the error if subscribing fails
   */
  constructor(hass, command, onEvent, onError) {
    this.#connection = hass.connection;
    this.#command = command;
    this.#onEvent = onEvent;
    this.#onError = onError;
    this.#connection.addEventListener("ready", this.#subscribe);
    this.#subscribe();
  }

  /** End the subscription; no event arrives afterwards. */
  stop() {
    this.#stopped = true;
    this.#connection.removeEventListener("ready", this.#subscribe);
    void this.#end();
  }

  async #end() {
    try {
      await this.#unsubscribe?.();
    } catch {
      // It ended with its connection, or with the household.
    }
  }

  async #begin() {
    const onEvent = (/** @type {unknown} */ event) => {
      if (!this.#stopped) this.#onEvent(/** @type {Subscriptions[Command]} */ (event));
    };
    try {
      // Home Assistant's client would resubscribe by itself, but does not report it if that fails.
      const options = { resubscribe: false };
      const message = { type: `indoor_voice/${this.#command}` };
      this.#unsubscribe = await this.#connection.subscribeMessage(onEvent, message, options);
      if (this.#stopped) await this.#end();
    } catch (error) {
      if (!this.#stopped) this.#onError(error);
    }
  }
}
