/** Names recordings, so that each can be told apart, by its time if that is known. */

import { formatLocalDate, formatLocalTime, t } from "./i18n.js";

/** @import { Recording } from "./api.d.ts" */

/**
 * How a recording is called.
 * @typedef {object} Label
 * @property {string} title what is shown: its time, or its number within the day
 * @property {string} about its title, room and date, which no other recording in the list has
 */

/**
 * Return the labels of listed recordings, by their names.
 * @param {Recording[]} recordings
 * @param {(room: string) => string} roomName
 * @returns {Map<string, Label>}
 */
export function labelsOf(recordings, roomName) {
  const shared = new Counter();
  for (const recording of recordings) shared.count(minuteOf(recording));
  const used = new Counter();
  const labels = new Map();
  for (const recording of recordings) {
    const { day, time, room } = recording;
    const minute = minuteOf(recording);
    const exact = time === null ? "" : formatLocalTime(time, shared.of(minute) > 1 ? "medium" : "short");
    const number = used.count(exact ? `${day} ${exact}` : day);
    const repeated = number > 1 ? t("recordings.repeated", { title: exact, number }) : exact;
    const title = exact ? repeated : t("recordings.number", { number });
    const about = t("recordings.about", { title, room: roomName(room), date: formatLocalDate(day, "long") });
    labels.set(recording.recording, { title, about });
  }
  return labels;
}

/** @param {Recording} recording */
const minuteOf = ({ day, time }) => `${day} ${time?.slice(0, 5) ?? ""}`;

/** Counts texts. */
class Counter {
  /** @type {Map<string, number>} */
  #counts = new Map();

  /** @param {string} text */
  of(text) {
    return this.#counts.get(text) ?? 0;
  }

  /** @param {string} text */
  count(text) {
    const count = this.of(text) + 1;
    this.#counts.set(text, count);
    return count;
  }
}

/** The icons of the times of day, by the hour at which each begins. */
const MOMENTS = /** @type {const} */ ([
  [22, "mdi:weather-night"],
  [18, "mdi:weather-sunset-down"],
  [10, "mdi:weather-sunny"],
  [5, "mdi:weather-sunset-up"],
  [0, "mdi:weather-night"],
]);

/**
 * Return the icon of the time of day of a recording, or a general one if its time is not known.
 * @param {Recording} recording
 */
export function momentIcon({ time }) {
  const hour = Number(time?.slice(0, 2));
  return MOMENTS.find(([begins]) => hour >= begins)?.[1] ?? "mdi:waveform";
}
