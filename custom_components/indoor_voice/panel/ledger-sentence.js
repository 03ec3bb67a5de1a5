/** Turns rows of the ledger into sentences. */

import { formatDuration, formatList, formatNumber, hasText, t } from "./i18n.js";

/** @import { Part, Row, RowDetail } from "./api.d.ts" */

/**
 * Looks up names by id.
 * @typedef {object} Names
 * @property {string | null} me the person who is reading
 * @property {(person: string) => string} person
 * @property {(room: string) => string} room
 */

const PAUSES = /** @type {const} */ (["household", "room", "guests"]);

/**
 * Return the sentence for a row.
 * @param {Row} row
 * @param {Names} names
 */
export function sentenceOf({ kind, actor, room, detail }, names) {
  const everywhere = kind.startsWith("consent-") ? t("ledger.everywhere") : "";
  return t(`ledger.kind.${textOf({ kind, actor, detail })}`, {
    who: actorName({ kind, actor, detail }, names),
    whom: detail.person === undefined ? "" : names.person(detail.person),
    where: room === null ? everywhere : t("ledger.where", { room: names.room(room) }),
    seconds: detail.seconds === undefined ? "" : formatDuration(detail.seconds),
    form: optionalText("form", detail.disguise),
    why: optionalText(kind === "opened" ? "opened" : "why", detail.why),
    purpose: optionalText("purpose", detail.purpose),
    change: pauseChanges(detail),
    found: optionalText("found", detail.change),
    set_up: kind === "arranged" ? arrangementChange(detail, names) : "",
    lesson: optionalText("lesson", detail.kind),
    count: detail.clips,
    days: detail.days === undefined ? "" : formatNumber(detail.days),
  });
}

/**
 * Return the sentence for several openings by the same person and for the same reason. Each recording counts once,
 * however often it was opened.
 * @param {Row[]} rows
 * @param {Names} names
 */
export function sentenceOfSeries(rows, names) {
  const [first] = rows;
  if (!first) return "";
  const opened = (/** @type {Part} */ part) => {
    const details = rows.flatMap(({ detail }) => (detail.part === part ? [detail] : []));
    const together = details.reduce((sum, { clips }) => sum + (clips ?? 0), 0);
    return together + new Set(details.flatMap(({ clip }) => clip ?? [])).size;
  };
  const [sound, words] = [opened("sound"), opened("words")];
  const rooms = [...new Set(rows.flatMap(({ room }) => (room === null ? [] : [names.room(room)])))];
  const part = sound > 0 ? "sound" : "words";
  return t(`ledger.series.${sound > 0 && words > 0 ? "both" : part}`, {
    who: actorName(first, names),
    sound: t("ledger.recordings", { count: sound }),
    words: t("ledger.recordings", { count: words }),
    form: optionalText("form", first.detail.disguise),
    where: rooms.length > 0 ? t("ledger.where", { room: formatList(rooms) }) : "",
    why: optionalText("opened", first.detail.why),
  });
}

/**
 * Return which of the texts for a kind of row applies.
 * @param {Pick<Row, "kind" | "actor" | "detail">} row
 */
function textOf({ kind, actor, detail }) {
  if (kind === "opened") return detail.why === "teach" ? "opened-to-teach" : `opened-${detail.part ?? "sound"}`;
  const ofAnother = kind === "key-removed" && detail.person !== (actor ?? undefined);
  return ofAnother ? "key-removed-of" : kind;
}

/**
 * Return the name of the person who caused a row, or the way in which it was caused if that wasn't a person.
 * @param {Pick<Row, "kind" | "actor" | "detail">} row
 * @param {Names} names
 */
function actorName({ kind, actor, detail: { how = "system", by } }, names) {
  if (by !== undefined) return names.person(by);
  if (actor !== null && actor === names.me) return t("ledger.you");
  if (actor !== null) return names.person(actor);
  // Only an account can be refused, so it was somebody in the panel.
  return t(`ledger.unknown.${kind === "refused" ? "panel" : how}`);
}

/**
 * Return a text of the ledger, or an empty string if there is none.
 * @param {string} group
 * @param {string | undefined} name
 */
function optionalText(group, name) {
  const path = `ledger.${group}.${name}`;
  return hasText(path) ? t(path) : "";
}

/**
 * Return what was changed about the people or rooms.
 * @param {RowDetail} detail
 * @param {Names} names
 */
function arrangementChange({ what, name, was, now, person }, names) {
  const whom = person === undefined ? "" : names.person(person);
  return t(`ledger.set_up.${what}`, { name, was: was || "–", now: now || "–", whom });
}

/**
 * Return which pauses were started or ended.
 * @param {RowDetail} detail
 */
function pauseChanges(detail) {
  const changed = PAUSES.filter((scope) => detail[scope] !== undefined);
  return formatList(changed.map((scope) => t(`ledger.pause.${scope}_${detail[scope] ? "on" : "off"}`)));
}
