import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Subscription } from "../../custom_components/indoor_voice/panel/subscription.js";

/** @import { Connection, HomeAssistant } from "../../custom_components/indoor_voice/panel/api.d.ts" */

/** A connection on which the test decides when Home Assistant answers. */
class FakeConnection extends EventTarget {
  /** @type {{ send: (event: unknown) => void, answer: (err?: Error) => void, ended: boolean }[]} */
  subscriptions = [];

  /** @type {Connection["subscribeMessage"]} */
  subscribeMessage(callback, message, options) {
    assert.deepEqual([message, options], [{ type: "indoor_voice/consent/subscribe" }, { resubscribe: false }]);
    return new Promise((resolve, reject) => {
      const subscription = {
        send: callback,
        ended: false,
        answer: (/** @type {Error | undefined} */ err) => {
          if (err) reject(err);
          else
            resolve(() => {
              subscription.ended = true;
              return Promise.resolve();
            });
        },
      };
      this.subscriptions.push(subscription);
    });
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve));
/** @type {FakeConnection} */
let connection;
/** @type {unknown[]} */
let events;
/** @type {unknown[]} */
let errors;
/** @type {Subscription<"consent/subscribe">} */
let subscription;

beforeEach(() => {
  [connection, events, errors] = [new FakeConnection(), [], []];
  const hass = /** @type {HomeAssistant} */ (/** @type {unknown} */ ({ connection }));
  subscription = new Subscription(
    hass,
    "consent/subscribe",
    (event) => events.push(event),
    (err) => errors.push(err),
  );
});

test("events are passed on, also after a reconnection", async () => {
  connection.subscriptions[0]?.answer();
  connection.subscriptions[0]?.send([1]);
  connection.dispatchEvent(new Event("ready"));
  connection.subscriptions[1]?.answer();
  connection.subscriptions[1]?.send([2]);
  await settled();
  assert.deepEqual(events, [[1], [2]]);
  assert.deepEqual(errors, []);
});

test("no event arrives after a stop, not even a pending one", async () => {
  connection.subscriptions[0]?.send([1]);
  subscription.stop();
  connection.subscriptions[0]?.send([2]);
  connection.subscriptions[0]?.answer();
  await settled();
  assert.deepEqual(events, [[1]]);
  assert.ok(connection.subscriptions[0]?.ended, "it unsubscribes even if the answer arrives late");
  connection.dispatchEvent(new Event("ready"));
  assert.equal(connection.subscriptions.length, 1);
});

test("a failure to subscribe is reported, also after a reconnection", async () => {
  connection.subscriptions[0]?.answer();
  connection.dispatchEvent(new Event("ready"));
  connection.subscriptions[1]?.answer(new Error("no_household"));
  await settled();
  assert.deepEqual(errors.map(String), ["Error: no_household"]);
});
