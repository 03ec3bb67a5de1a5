/** How the states of rooms and satellites look, wherever they are shown. */

import { state } from "./elements.js";
import { formatDuration, t } from "./i18n.js";
import { satelliteState } from "./satellite.js";

/** @import { HomeAssistant, RoomStatus } from "./api.d.ts" */

/** @typedef {NonNullable<Parameters<typeof state>[1]>} Look */

/** @type {Look} */
const STOPPED = { icon: "mdi:cancel" };
/** @type {Look} */
const KEEPING = { icon: "mdi:record-circle-outline", kind: "info" };
/** @type {Record<ReturnType<typeof satelliteState>, Look>} */
const SATELLITES = {
  idle: { icon: "mdi:microphone-outline", kind: "success" },
  listening: { icon: "mdi:microphone", kind: "info" },
  answering: { icon: "mdi:volume-high", kind: "info" },
  muted: { icon: "mdi:microphone-off" },
  away: { icon: "mdi:lan-disconnect", kind: "warning" },
};

/**
 * Render that something stops the keeping.
 * @param {string} text
 */
export const stopped = (text) => state(text, STOPPED);

/**
 * Render whether a room keeps recordings, and for how long.
 * @param {Pick<RoomStatus, "keeps_for_seconds">} status
 */
export const keeping = ({ keeps_for_seconds: seconds }) =>
  seconds ? state(t("rooms.keeps", { duration: formatDuration(seconds) }), KEEPING) : stopped(t("rooms.keeps_nothing"));

/**
 * Render what the satellite of a room is doing.
 * @param {HomeAssistant} hass
 * @param {string} room
 */
export function satelliteDoing(hass, room) {
  const now = satelliteState(hass, room);
  return state(t(`rooms.state.${now}`), SATELLITES[now]);
}
