import assert from "node:assert/strict";
import { before, test } from "node:test";
import {
  formatDate,
  formatDay,
  formatDuration,
  formatList,
  formatLocalDate,
  formatNumber,
  formatTime,
  hasText,
  loadTranslations,
  t,
} from "../../custom_components/indoor_voice/panel/i18n.js";

const CHRISTMAS_EVE = Date.UTC(2026, 11, 24, 12) / 1000;
const TEXTS = {
  title: "Title",
  group: {
    said: "Said: “{text}”",
    counted: { zero: "None.", one: "One {thing}.", other: "{count} {thing}s." },
    few: { one: "One.", other: "{count}." },
  },
};

/**
 * @param {string} language
 * @param {string} [timeFormat]
 */
const load = (language, timeFormat = "24") => loadTranslations({ language, time_format: timeFormat });

before(() => {
  Object.assign(globalThis, { fetch: () => Promise.resolve(Response.json(TEXTS)) });
  return load("en");
});

test("a text is found by its path, and its placeholders are filled in", () => {
  assert.equal(t("title"), "Title");
  assert.equal(t("group.said", { text: "on" }), "Said: “on”");
});

test("a missing value is left out, and a value that looks like a placeholder is not replaced", () => {
  assert.equal(t("group.said"), "Said: “”");
  assert.equal(t("group.said", { text: "{text} $& {count}" }), "Said: “{text} $& {count}”");
});

test("a path without a text is returned unchanged", () => {
  for (const path of ["nothing.at.all", "title.more", "group"]) {
    assert.equal(t(path), path);
    assert.ok(!hasText(path));
  }
  assert.ok(hasText("title"));
});

test("a text has plural forms for one and several, and may have one for zero", () => {
  const forms = [0, 1, 2, 11].map((count) => t("group.counted", { count, thing: "row" }));
  assert.deepEqual(forms, ["None.", "One row.", "2 rows.", "11 rows."]);
  assert.equal(t("group.few", { count: 0 }), "0.");
});

test("a duration is formatted in the largest unit that it reaches", () => {
  const formatted = [1, 59, 60, 300, 3600, 5400, 86_400, 7 * 86_400].map((seconds) => formatDuration(seconds));
  const expected = "1 second, 59 seconds, 1 minute, 5 minutes, 1 hour, 1.5 hours, 1 day, 7 days";
  assert.deepEqual(formatted, expected.split(", "));
});

test("a local date from Home Assistant is the same date in every time zone", () => {
  const zone = process.env.TZ;
  for (const elsewhere of ["Pacific/Honolulu", "UTC", "Pacific/Auckland"]) {
    process.env.TZ = elsewhere;
    assert.equal(formatLocalDate("2026-12-24"), "Thursday, December 24, 2026");
    assert.equal(formatLocalDate("2026-12-24", "long"), "December 24, 2026");
  }
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});

test("names, numbers, dates and times are formatted as the user has chosen", async () => {
  assert.equal(formatList(["Ada", "Ben", "Cleo"]), "Ada, Ben, and Cleo");
  assert.equal(formatNumber(12_345.5), "12,345.5");
  assert.match(formatTime(CHRISTMAS_EVE), /^\d\d:\d\d$/);
  await load("en", "12");
  assert.match(formatTime(CHRISTMAS_EVE), /^\d{1,2}:\d\d\s[AP]M$/);
  await load("de", "language");
  assert.equal(formatNumber(12_345.5), "12.345,5");
  assert.equal(formatList(["Ada", "Ben"]), "Ada und Ben");
  assert.equal(formatDate(CHRISTMAS_EVE), "24. Dezember 2026");
  assert.equal(formatDay(CHRISTMAS_EVE), "Donnerstag, 24. Dezember 2026");
  await load("en");
});
