/** Names of people and rooms. */

import { t } from "./i18n.js";

/** @import { Arrangement, HomeAssistant } from "./api.d.ts" */

/**
 * Return the name of a person, or a placeholder for a person who is no longer in the household.
 * @param {Pick<Arrangement, "people">} home
 * @param {string} person
 */
export const personName = (home, person) => home.people.find(({ id }) => id === person)?.name ?? t("somebody");

/**
 * Return the name of a room: its area's, followed by the satellite's if the area has several satellites.
 * @param {Pick<HomeAssistant, "areas" | "devices">} hass
 * @param {{ rooms: { id: string, name: string }[] }} home
 * @param {string} room
 */
export function roomName(hass, home, room) {
  const name = home.rooms.find(({ id }) => id === room)?.name;
  if (name === undefined) return t("a_room");
  const areaOf = (/** @type {string} */ id) => deviceOf(hass, id)?.area_id ?? undefined;
  const areaId = areaOf(room);
  const area = areaId === undefined ? undefined : hass.areas[areaId];
  if (!area) return name;
  if (home.rooms.filter(({ id }) => areaOf(id) === areaId).length === 1) return area.name;
  return name.toLowerCase().includes(area.name.toLowerCase()) ? name : `${area.name} (${name})`;
}

/**
 * Return the device of a room's satellite.
 * @param {Pick<HomeAssistant, "devices">} hass
 * @param {string} room
 */
export const deviceOf = (hass, room) =>
  Object.values(hass.devices).find(({ identifiers }) =>
    identifiers.some(([domain, id]) => domain === "indoor_voice" && id === room),
  );
