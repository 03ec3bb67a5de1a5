/** Explains why a room keeps nothing, in the words of the panel. */

import { formatList, t } from "./i18n.js";

/** @import { DropReason, Named, RoomStatus } from "./api.d.ts" */

/**
 * Return a sentence for each reason why the next turn in a room wouldn't be kept; empty if it would be.
 * @param {RoomStatus} status
 */
export const reasonsOf = (status) =>
  status.why_not.flatMap((reason) =>
    textsOf(reason, status).map((key) => t(`rooms.changes.${key}`, { names: namesIn(key, status) })),
  );

/**
 * @param {DropReason} reason
 * @param {RoomStatus} status
 */
function textsOf(reason, status) {
  if (reason !== "not-wanted") return [reason];
  const others = status.waiting_for.length > 0 ? "waiting" : "others";
  return [...(status.waits_for_me ? ["me"] : []), ...(status.waits_for_others ? [others] : [])];
}

/**
 * @param {string} key
 * @param {RoomStatus} status
 */
function namesIn(key, status) {
  /** @type {Record<string, Named[]>} */
  const people = {
    "no-account": status.without_account,
    "no-key": status.listeners,
    waiting: status.waiting_for,
  };
  return formatList((people[key] ?? []).map(({ name }) => name));
}
