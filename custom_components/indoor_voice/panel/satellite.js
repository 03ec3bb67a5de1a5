/** A room's satellite: its entities, and the state that is derived from theirs. */

import { deviceOf } from "./names.js";

/** @import { HomeAssistant } from "./api.d.ts" */

/**
 * Return the id of the room whose satellite has an entity.
 * @param {Pick<HomeAssistant, "devices" | "entities">} hass
 * @param {string} entity
 */
export function roomOf(hass, entity) {
  const device = hass.devices[hass.entities[entity]?.device_id ?? ""];
  return device?.identifiers.find(([domain]) => domain === "indoor_voice")?.[1];
}

/**
 * Return the ids of the entities of a room's satellite.
 * @param {Pick<HomeAssistant, "devices" | "entities">} hass
 * @param {string} room
 */
export function entitiesOf(hass, room) {
  const device = deviceOf(hass, room);
  if (!device) return [];
  return Object.values(hass.entities).flatMap((entity) => (entity.device_id === device.id ? [entity.entity_id] : []));
}

/**
 * Return the id of one of the entities of a room's satellite.
 * @param {Pick<HomeAssistant, "devices" | "entities">} hass
 * @param {string} room
 * @param {string} domain
 * @param {string} key its translation key
 */
export const entityOf = (hass, room, domain, key) =>
  entitiesOf(hass, room).find((id) => id.startsWith(`${domain}.`) && hass.entities[id]?.translation_key === key);

/**
 * Return the current state of a room's satellite.
 * @param {Pick<HomeAssistant, "devices" | "entities" | "states">} hass
 * @param {string} room
 * @returns {"away" | "muted" | "idle" | "listening" | "answering"}
 */
export function satelliteState(hass, room) {
  const stateOf = (/** @type {string} */ domain, /** @type {string} */ key) =>
    hass.states[entityOf(hass, room, domain, key) ?? ""]?.state;
  const state = stateOf("assist_satellite", "satellite");
  if (!state || state === "unavailable" || state === "unknown") return "away";
  if (stateOf("switch", "mute") === "on" || stateOf("binary_sensor", "muted_on_device") === "on") return "muted";
  return state === "idle" || state === "listening" ? state : "answering";
}
