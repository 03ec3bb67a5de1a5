import assert from "node:assert/strict";
import { test } from "node:test";
import { personName, roomName } from "../../custom_components/indoor_voice/panel/names.js";
import { satelliteState } from "../../custom_components/indoor_voice/panel/satellite.js";

/** @import { Device } from "../../custom_components/indoor_voice/panel/api.d.ts" */

/**
 * A room to set up: its area, if it has one, and the name of its satellite.
 * @typedef {[area: string | null, name: string]} RoomSetUp
 */

/**
 * Return the names of rooms.
 * @param {RoomSetUp[]} rooms
 */
function roomNames(...rooms) {
  const areas = { k: { area_id: "k", name: "Kitchen" } };
  const identifier = (/** @type {string} */ id) => /** @type {Device["identifiers"]} */ ([["indoor_voice", id]]);
  const devices = Object.fromEntries(
    rooms.map(([area], index) => [
      `d${index}`,
      { id: `d${index}`, area_id: area, identifiers: identifier(`r${index}`) },
    ]),
  );
  const home = { rooms: rooms.map(([, name], index) => ({ id: `r${index}`, name })) };
  return rooms.map((_, index) => roomName({ areas, devices }, home, `r${index}`));
}

test("a room has the name of its area, unless the area has several satellites", () => {
  assert.deepEqual(roomNames(["k", "Satellite"], [null, "Cellar"]), ["Kitchen", "Cellar"]);
  assert.deepEqual(roomNames(["k", "By the oven"], ["k", "Kitchen door"]), ["Kitchen (By the oven)", "Kitchen door"]);
  assert.deepEqual(roomNames(["gone", "Satellite"]), ["Satellite"]);
});

test("a removed room or person has a placeholder name", () => {
  assert.equal(roomName({ areas: {}, devices: {} }, { rooms: [] }, "x"), "a_room");
  assert.equal(personName({ people: [] }, "x"), "somebody");
  assert.equal(personName({ people: [{ id: "x", name: "Ada", may_listen: true, has_account: true }] }, "x"), "Ada");
});

test("being away or muted takes precedence over other states of a satellite", () => {
  const stateWith = (/** @type {string} */ satellite, muted = "off", onDevice = "off") => {
    const entity = (/** @type {string} */ id, /** @type {string} */ key) => ({
      entity_id: id,
      device_id: "d",
      translation_key: key,
    });
    const entities = [
      entity("assist_satellite.kitchen", "satellite"),
      entity("switch.kitchen_mute", "mute"),
      entity("binary_sensor.kitchen_muted", "muted_on_device"),
      { entity_id: "switch.elsewhere", device_id: "e", translation_key: "mute" },
    ];
    const states = {
      "assist_satellite.kitchen": { state: satellite },
      "switch.kitchen_mute": { state: muted },
      "binary_sensor.kitchen_muted": { state: onDevice },
      "switch.elsewhere": { state: "on" },
    };
    /** @type {Device} */
    const device = { id: "d", area_id: null, identifiers: [["indoor_voice", "r"]] };
    const hass = {
      devices: { d: device },
      entities: Object.fromEntries(entities.map((one) => [one.entity_id, one])),
      states,
    };
    return satelliteState(hass, "r");
  };
  assert.deepEqual(
    ["idle", "listening", "processing", "responding"].map((state) => stateWith(state)),
    ["idle", "listening", "answering", "answering"],
  );
  assert.deepEqual(
    ["unavailable", "unknown"].map((state) => stateWith(state, "on")),
    ["away", "away"],
  );
  assert.equal(stateWith("idle", "on"), "muted");
  assert.equal(stateWith("idle", "off", "on"), "muted");
  assert.equal(satelliteState({ devices: {}, entities: {}, states: {} }, "r"), "away");
});
