/** Says what a lesson is, in one plain sentence. */

import { formatList, formatMonth, t } from "./i18n.js";
import { misunderstoodByMonth } from "./lessons/improvement.js";

/** @import { HomeAssistant, MonthlyCount, Teaching } from "./api.d.ts" */

/**
 * Return what a lesson makes the assistant do.
 * @param {Teaching} teaching
 * @param {Pick<HomeAssistant, "states">} hass
 * @param {(room: string) => string} roomName
 */
export function lessonSentence({ kind, content }, hass, roomName) {
  switch (kind) {
    case "correction":
      return t("teach.lesson.correction", { heard: content.heard, meant: content.meant });
    case "alias": {
      const name = hass.states[content.entity_id]?.attributes?.friendly_name ?? content.entity_id;
      return t("teach.lesson.alias", { name, alias: content.alias });
    }
    case "names":
      return t("teach.lesson.names", { count: content.names.length, names: formatList(content.names) });
    case "threshold":
    case "verifier":
      return t(`teach.lesson.${kind}`, { room: roomName(content.room), word: content.wake_word.replaceAll("_", " ") });
  }
}

/**
 * Return how often commands were misunderstood, month by month; undefined if there were too few.
 * @param {MonthlyCount[]} counts
 */
export function improvementSentence(counts) {
  const months = misunderstoodByMonth(counts).map(({ month, oneIn = Infinity }) => {
    const few = oneIn === Infinity ? "none" : "some";
    return t(`teach.improvement.${oneIn < 2 ? "most" : few}`, { oneIn, month: formatMonth(month) });
  });
  return months.length > 0 ? t("teach.improvement.all", { months: months.join(" → ") }) : undefined;
}
