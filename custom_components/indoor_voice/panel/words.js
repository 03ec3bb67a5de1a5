/** What the panel says: every sentence stands in translations/, with `{name}` where a value goes. */

let words = {};
let language = "en";
let hour12;

/** Load the sentences, once; dates, times and numbers are written as a user of Home Assistant wants them. */
export async function loadWords(locale) {
  language = locale.language;
  hour12 = { 12: true, 24: false }[locale.time_format];
  const answer = await fetch(new URL("./translations/en.json", import.meta.url));
  words = await answer.json();
}

/** Return a sentence by its path; one that counts has the forms of `Intl.PluralRules`, by `count`, and may have one for 0. */
export function say(path, values = {}) {
  let found = path.split(".").reduce((at, key) => at?.[key], words);
  if (typeof found === "object") {
    const form = values.count === 0 ? "zero" : new Intl.PluralRules("en").select(values.count);
    found = found[form] ?? found.other;
  }
  return (found ?? path).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/** Return whether there is such a sentence. */
export const hasWords = (path) => typeof path.split(".").reduce((at, key) => at?.[key], words) === "string";

/** Return a time, in seconds since 1970, as a time of day. */
export const clock = (seconds) => new Intl.DateTimeFormat(language, { timeStyle: "short", hour12 }).format(seconds * 1000);

/** Return a time, in seconds since 1970, as its day, written out. */
export const dayOf = (seconds) => new Intl.DateTimeFormat(language, { dateStyle: "full" }).format(seconds * 1000);

/** Return a time, in seconds since 1970, as a date. */
export const date = (seconds) => new Intl.DateTimeFormat(language, { dateStyle: "long" }).format(seconds * 1000);

/** Return a day such as 2026-11-22, written out. */
export const day = (iso) =>
  new Intl.DateTimeFormat(language, { dateStyle: "full", timeZone: "UTC" }).format(new Date(`${iso}T00:00Z`));

/** Return how long something lasts: in days, below that in hours or minutes. */
export function duration(seconds) {
  const [unit, size] = [["day", 86400], ["hour", 3600], ["minute", 60]].find(([, size]) => seconds >= size) ?? ["second", 1];
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long", maximumFractionDigits: 1 }).format(
    seconds / size,
  );
}

/** Return a number as it is written here. */
export const number = (value) => new Intl.NumberFormat(language).format(value);

/** Return names as in "Ada, Ben and Cleo". */
export const list = (names) => new Intl.ListFormat(language, { type: "conjunction" }).format(names);
