/** Rows of the ledger, as sentences. */

import { formatDuration, formatList, formatNumber, hasText, t } from "./i18n.js";

/** @import { Row, RowDetail } from "./api.d.ts" */

/**
 * Who and where, by id.
 * @typedef {object} Names
 * @property {string | null} me the person who reads
 * @property {(person: string) => string} person
 * @property {(room: string) => string} room
 */

const PAUSES = /** @type {const} */ (["household", "room", "guests"]);

/**
 * Return what a row says.
 * @param {Row} row
 * @param {Names} names
 */
export function sentenceOf({ kind, actor, room, detail }, names) {
  const everywhere = kind.startsWith("consent-") ? t("ledger.everywhere") : "";
  const ofAnother = kind === "key-removed" && detail.person !== (actor ?? undefined);
  return t(`ledger.kind.${ofAnother ? "key-removed-of" : kind}`, {
    who: who({ kind, actor, detail }, names),
    whom: detail.person === undefined ? "" : names.person(detail.person),
    where: room === null ? everywhere : t("ledger.where", { room: names.room(room) }),
    seconds: detail.seconds === undefined ? "" : formatDuration(detail.seconds),
    part: known("part", detail.part),
    why: known("why", detail.why),
    purpose: known("purpose", detail.purpose),
    change: pauses(detail),
    found: known("found", detail.change),
    set_up: kind === "arranged" ? setUp(detail, names) : "",
    count: detail.clips,
    days: detail.days === undefined ? "" : formatNumber(detail.days),
  });
}

/**
 * Return who did it; where no account did, by which way it was done.
 * @param {Pick<Row, "kind" | "actor" | "detail">} row
 * @param {Names} names
 */
function who({ kind, actor, detail: { how = "system", by } }, names) {
  if (by !== undefined) return names.person(by);
  if (actor !== null && actor === names.me) return t("ledger.you");
  if (actor !== null) return names.person(actor);
  // Only an account can be refused.
  return t(`ledger.unknown.${kind === "refused" ? "panel" : how}`);
}

/**
 * @param {string} group
 * @param {string | undefined} name
 */
function known(group, name) {
  const path = `ledger.${group}.${name}`;
  return hasText(path) ? t(path) : "";
}

/**
 * Return what was changed of who lives here or which rooms there are.
 * @param {RowDetail} detail
 * @param {Names} names
 */
function setUp({ what, name, was, now, person }, names) {
  const whom = person === undefined ? "" : names.person(person);
  return t(`ledger.set_up.${what}`, { name, was: was || "–", now: now || "–", whom });
}

/**
 * Return what was paused or resumed.
 * @param {RowDetail} detail
 */
function pauses(detail) {
  const changed = PAUSES.filter((scope) => detail[scope] !== undefined);
  return formatList(changed.map((scope) => t(`ledger.pause.${scope}_${detail[scope] ? "on" : "off"}`)));
}
