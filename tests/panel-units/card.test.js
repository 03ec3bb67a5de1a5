import assert from "node:assert/strict";
import { test } from "node:test";
import { newConfig } from "../../custom_components/indoor_voice/panel/card-editor.js";
import { lastListened } from "../../custom_components/indoor_voice/panel/card-listened.js";
import { entityOf, roomOf } from "../../custom_components/indoor_voice/panel/satellite.js";

/** @import { Ask, HomeAssistant, Row } from "../../custom_components/indoor_voice/panel/api.d.ts" */

const entity = (/** @type {string} */ id, platform = "indoor_voice", device = "d1", key = "satellite") => ({
  entity_id: id,
  platform,
  device_id: device,
  translation_key: key,
});
const ENTITIES = Object.fromEntries(
  [
    entity("assist_satellite.other", "esphome", "d3"),
    entity("assist_satellite.kitchen"),
    entity("switch.kitchen_mute", "indoor_voice", "d1", "mute"),
    entity("button.kitchen_mute", "indoor_voice", "d1", "mute"),
    entity("assist_satellite.study", "indoor_voice", "d2"),
  ].map((one) => [one.entity_id, one]),
);
const DEVICES = Object.fromEntries(
  [
    { id: "d1", identifiers: [["indoor_voice", "kitchen"]] },
    { id: "d2", identifiers: [["indoor_voice", "study"]] },
    { id: "d3", identifiers: [["esphome", "other"]] },
  ].map((one) => [one.id, one]),
);
const hass = /** @type {HomeAssistant} */ (/** @type {unknown} */ ({ entities: ENTITIES, devices: DEVICES }));

test("a new card shows a satellite that the dashboard doesn't show yet", () => {
  assert.deepEqual(newConfig(hass), { entity: "assist_satellite.kitchen" });
  assert.deepEqual(newConfig(hass, ["assist_satellite.other", "assist_satellite.study"]), {
    entity: "assist_satellite.study",
  });
  assert.deepEqual(newConfig(hass, []), { entity: "assist_satellite.kitchen" });
  const without = /** @type {HomeAssistant} */ ({ ...hass, entities: {} });
  assert.deepEqual(newConfig(without), { entity: "" });
});

test("a room is found by any entity of its satellite, and its entities by domain and key", () => {
  assert.equal(roomOf(hass, "switch.kitchen_mute"), "kitchen");
  assert.equal(roomOf(hass, "assist_satellite.other"), undefined);
  assert.equal(roomOf(hass, "assist_satellite.gone"), undefined);
  assert.equal(entityOf(hass, "kitchen", "switch", "mute"), "switch.kitchen_mute");
  assert.equal(entityOf(hass, "study", "switch", "mute"), undefined);
  assert.equal(entityOf(hass, "gone", "switch", "mute"), undefined);
});

/**
 * Return a function that answers with pages of a ledger, and the pages that were asked for.
 * @param {Pick<Row, "seq" | "kind" | "room">[]} ledger the newest row first
 */
function ledgerOf(ledger) {
  /** @type {unknown[]} */
  const asked = [];
  const ask = (/** @type {string} */ command, /** @type {{ before?: number, limit: number }} */ fields) => {
    asked.push([command, fields]);
    const older = ledger.filter(({ seq }) => seq < (fields.before ?? Infinity));
    return Promise.resolve(older.slice(0, fields.limit));
  };
  return { ask: /** @type {Ask} */ (/** @type {unknown} */ (ask)), asked };
}

test("the one who listened last is the newest row about an opening in the room, however old", async () => {
  const refused = Array.from({ length: 150 }, (_, index) => {
    return { seq: 200 - index, kind: /** @type {const} */ ("refused"), room: "kitchen" };
  });
  const elsewhere = { seq: 300, kind: /** @type {const} */ ("opened"), room: "study" };
  const newest = { seq: 40, kind: /** @type {const} */ ("opened"), room: "kitchen" };
  const older = { ...newest, seq: 30 };
  const { ask, asked } = ledgerOf([elsewhere, ...refused, newest, older]);
  assert.equal(await lastListened(ask, "kitchen"), newest);
  assert.deepEqual(asked, [
    ["ledger/rows", { about: "others", limit: 100 }],
    ["ledger/rows", { about: "others", limit: 100, before: 102 }],
  ]);
});

test("nobody listened last if the whole ledger has no such row", async () => {
  const rows = Array.from({ length: 100 }, (_, index) => {
    return { seq: 100 - index, kind: /** @type {const} */ ("opened"), room: "study" };
  });
  assert.equal(await lastListened(ledgerOf(rows).ask, "kitchen"), undefined);
  assert.equal(await lastListened(ledgerOf([]).ask, "kitchen"), undefined);
});
