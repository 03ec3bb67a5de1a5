import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { SPEEDS, Sitting, SittingController, sitting } from "../../custom_components/indoor_voice/panel/sitting.js";

const MINUTE_MS = 60_000;

const newKey = () => ({ public: new Uint8Array(32), private: new Uint8Array(32).fill(7) });

test("a key is locked and overwritten after a quarter of an hour without use", async (t) => {
  const { default: sodium } =
    await import("../../custom_components/indoor_voice/panel/vendor/libsodium-wrappers-sumo.js");
  await sodium.ready;
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const [one, key] = [new Sitting(), newKey()];
  one.begin(key);
  t.mock.timers.tick(14 * MINUTE_MS);
  assert.equal(one.use(), key, "this counts as use");
  t.mock.timers.tick(14 * MINUTE_MS);
  assert.ok(one.unlocked);
  t.mock.timers.tick(MINUTE_MS);
  assert.ok(!one.unlocked);
  assert.equal(one.use(), undefined);
  assert.deepEqual(key.private, new Uint8Array(32));
  t.mock.timers.tick(20 * MINUTE_MS);
});

test("the speed changes within its limits, and is reset with each sitting", () => {
  const one = new Sitting();
  for (let index = 0; index < 9; index++) one.changeSpeed(1);
  assert.equal(one.speed, SPEEDS.at(-1));
  for (let index = 0; index < 9; index++) one.changeSpeed(-1);
  assert.equal(one.speed, SPEEDS[0]);
  one.end();
  assert.equal(one.speed, 1);
});

test("an element is notified of changes while it is connected", () => {
  const changed = mock.fn();
  /** @type {SittingController[]} */
  const controllers = [];
  const host = /** @type {import("../../custom_components/indoor_voice/panel/vendor/lit-element.js").LitElement} */ (
    /** @type {unknown} */ ({ addController: (/** @type {SittingController} */ one) => controllers.push(one) })
  );
  new SittingController(host, changed);
  const [controller] = controllers;
  sitting.speed = 2;
  assert.equal(changed.mock.callCount(), 0);
  controller?.hostConnected();
  sitting.speed = 1.5;
  assert.equal(changed.mock.callCount(), 1);
  controller?.hostDisconnected();
  sitting.end();
  assert.equal(changed.mock.callCount(), 1);
});
