/**
 * Looks up the panel's texts and formats times, numbers and lists.
 *
 * Every text is in translations/, with a placeholder such as `{name}` for each value.
 */

/** @import { Locale } from "./api.d.ts" */
/** @typedef {string | { [key: string]: Texts }} Texts */
/** @typedef {Record<string, string | number | undefined>} Values */

const UNITS = /** @type {const} */ ([
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
]);

/** @type {Texts} */
let texts = {};
let language = "en";
/** @type {boolean | undefined} */
let hour12;

/**
 * Load the texts, and format dates, times and numbers as the user has chosen in Home Assistant from now on.
 * @param {Locale} locale
 */
export async function loadTranslations(locale) {
  language = locale.language;
  hour12 = { 12: true, 24: false }[locale.time_format];
  const answer = await fetch(new URL("./translations/en.json", import.meta.url));
  texts = /** @type {Texts} */ (await answer.json());
}

/**
 * @param {string} path
 * @returns {Texts | undefined}
 */
function find(path) {
  /** @type {Texts | undefined} */
  let found = texts;
  for (const key of path.split(".")) found = typeof found === "object" ? found[key] : undefined;
  return found;
}

/**
 * Return the text at a path, with its placeholders filled in. A text with plural forms has one for each category of
 * `Intl.PluralRules`, chosen by `values.count`, and may have one for zero.
 * @param {string} path
 * @param {Values} [values]
 */
export function t(path, values = {}) {
  let found = find(path);
  if (typeof found === "object") {
    const count = Number(values["count"]);
    found = found[count === 0 ? "zero" : new Intl.PluralRules("en").select(count)] ?? found["other"];
  }
  const text = typeof found === "string" ? found : path;
  return text.replaceAll(/\{(\w+)\}/g, (_, /** @type {string} */ name) => String(values[name] ?? ""));
}

/**
 * Return whether there is a text at a path.
 * @param {string} path
 */
export const hasText = (path) => typeof find(path) === "string";

/**
 * Format the time of day, in the browser's time zone.
 * @param {number} seconds since 1970
 */
export const formatTime = (seconds) =>
  new Intl.DateTimeFormat(language, { timeStyle: "short", hour12 }).format(seconds * 1000);

/**
 * Format the date with the day of the week, in the browser's time zone.
 * @param {number} seconds since 1970
 */
export const formatDay = (seconds) => new Intl.DateTimeFormat(language, { dateStyle: "full" }).format(seconds * 1000);

/**
 * Format the date, in the browser's time zone.
 * @param {number} seconds since 1970
 */
export const formatDate = (seconds) => new Intl.DateTimeFormat(language, { dateStyle: "long" }).format(seconds * 1000);

/**
 * Format a local date from Home Assistant, such as 2026-11-22; it stays the same in every time zone.
 * @param {string} date
 * @param {"full" | "long" | "medium"} [dateStyle] with or without the day of the week, or short
 */
export const formatLocalDate = (date, dateStyle = "full") =>
  new Intl.DateTimeFormat(language, { dateStyle, timeZone: "UTC" }).format(new Date(`${date}T00:00Z`));

/**
 * Format a month from Home Assistant, such as 2026-11.
 * @param {string} month
 */
export const formatMonth = (month) =>
  new Intl.DateTimeFormat(language, { month: "long", timeZone: "UTC" }).format(new Date(`${month}-01T00:00Z`));

/**
 * Format a local time of day from Home Assistant, such as 18:02:07; it stays the same in every time zone.
 * @param {string} time
 * @param {"short" | "medium"} [timeStyle] without or with the seconds
 */
export const formatLocalTime = (time, timeStyle = "short") =>
  new Intl.DateTimeFormat(language, { timeStyle, hour12, timeZone: "UTC" }).format(new Date(`1970-01-01T${time}Z`));

/**
 * Format a duration in the largest unit that it reaches: days, hours, minutes or seconds.
 * @param {number} seconds
 */
export function formatDuration(seconds) {
  const [unit, size] = UNITS.find(([, unitSeconds]) => seconds >= unitSeconds) ?? /** @type {const} */ (["second", 1]);
  const style = /** @type {const} */ ({ style: "unit", unitDisplay: "long", maximumFractionDigits: 1 });
  return new Intl.NumberFormat(language, { ...style, unit }).format(seconds / size);
}

/**
 * Format a number.
 * @param {number} value
 */
export const formatNumber = (value) => new Intl.NumberFormat(language).format(value);

/**
 * Format a list of names, such as "Ada, Ben and Cleo".
 * @param {string[]} names
 */
export const formatList = (names) => new Intl.ListFormat(language, { type: "conjunction" }).format(names);
