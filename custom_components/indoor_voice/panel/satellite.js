/** The state of a room's satellite, derived from the states of its entities. */

import { deviceOf } from "./names.js";

/** @import { HomeAssistant } from "./api.d.ts" */

/**
 * Return the current state of a room's satellite.
 * @param {Pick<HomeAssistant, "devices" | "entities" | "states">} hass
 * @param {string} room
 * @returns {"away" | "muted" | "idle" | "listening" | "answering"}
 */
export function satelliteState(hass, room) {
  const device = deviceOf(hass, room);
  const entities = Object.values(hass.entities).filter(({ device_id: id }) => device && id === device.id);
  const stateOf = (/** @type {string} */ domain, /** @type {string} */ key) => {
    const entity = entities.find(
      ({ entity_id: id, translation_key: itsKey }) => id.startsWith(`${domain}.`) && itsKey === key,
    );
    return entity && hass.states[entity.entity_id]?.state;
  };
  const state = stateOf("assist_satellite", "satellite");
  if (!state || state === "unavailable" || state === "unknown") return "away";
  if (stateOf("switch", "mute") === "on" || stateOf("binary_sensor", "muted_on_device") === "on") return "muted";
  return state === "idle" || state === "listening" ? state : "answering";
}
