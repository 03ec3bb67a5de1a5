/** Asks Home Assistant what the things, areas, floors and people in this house are called. */

import { House } from "./house.js";

/** @import { Arrangement, HomeAssistant } from "../api.d.ts" */

/**
 * An entity in Home Assistant's registry. Among its aliases, null stands for its name.
 * @typedef {object} Registered
 * @property {(string | null)[]} aliases
 * @property {{ conversation?: { should_expose?: boolean } }} options
 */

/**
 * Return the names of everything that is exposed to the assistant, and of the areas, floors and people.
 * @param {HomeAssistant} hass
 * @param {Arrangement} home
 */
export async function readHouse(hass, home) {
  const { states } = hass;
  const message = { type: "config/entity_registry/get_entries", entity_ids: Object.keys(states) };
  /** @type {Record<string, Registered | null>} */
  const entries = await hass.callWS(message);
  const things = Object.entries(states).flatMap(([entityId, { attributes }]) => {
    const entry = entries[entityId];
    const name = attributes?.friendly_name;
    if (name === undefined || entry?.options.conversation?.should_expose === false) return [];
    const aliases = entry?.aliases.flatMap((alias) => alias ?? []) ?? [];
    return [{ entityId, name, aliases, canHaveAliases: Boolean(entry) }];
  });
  const places = [...Object.values(hass.areas), ...Object.values(hass.floors ?? {})];
  const placeNames = places.flatMap(({ name, aliases = [] }) => [name, ...aliases]);
  return new House(things, [...placeNames, ...home.people.map(({ name }) => name)]);
}
