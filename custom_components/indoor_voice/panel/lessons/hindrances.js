/** Finds what can't be learned, because it contradicts something else or would change the name of something. */

import { subjectOf } from "./finding.js";

/** @import { Teaching } from "../api.d.ts" */
/** @import { Finding } from "./finding.js" */
/** @import { House } from "./house.js" */

/**
 * Mark the findings that contradict each other or a lesson, and corrections of what is itself a name.
 * @param {Finding[]} findings
 * @param {Teaching[]} lessons
 * @param {House} house
 * @returns {Finding[]}
 */
export function withHindrances(findings, lessons, house) {
  const contradicting = contradictingSubjects([...findings, ...lessons]);
  return findings.map((finding) => {
    if (contradicting.has(subjectOf(finding))) return { ...finding, hindrance: "contradiction" };
    const isName = finding.kind === "correction" && house.isName(finding.content.heard);
    return isName ? { ...finding, hindrance: "name" } : finding;
  });
}

/**
 * Return the subjects of those that contradict another one.
 * @param {Teaching[]} teachings
 */
function contradictingSubjects(teachings) {
  /**
   * Those that say what the same words stand for.
   * @type {Map<string, Map<string, Teaching>>}
   */
  const byWords = new Map();
  for (const one of teachings) {
    const words = wordsKey(one);
    if (words === undefined) continue;
    const others = byWords.get(words) ?? new Map([[subjectOf(one), one]]);
    byWords.set(words, others.set(subjectOf(one), one));
  }
  /** @type {Set<string>} */
  const found = new Set();
  for (const one of teachings) {
    const rivals = one.kind === "correction" ? rivalsOf(one, byWords) : [...(byWords.get(wordsKey(one) ?? "") ?? [])];
    const others = rivals.filter(([subject]) => subject !== subjectOf(one));
    if (others.length > 0)
      for (const subject of [subjectOf(one), ...others.map(([other]) => other)]) found.add(subject);
  }
  return found;
}

/**
 * Return what identifies the words that a lesson is about; undefined if it is about none.
 * @param {Teaching} teaching
 */
function wordsKey({ kind, content }) {
  if (kind === "correction") return JSON.stringify([kind, content.language, content.heard]);
  return kind === "alias" ? JSON.stringify([kind, content.alias]) : undefined;
}

/**
 * Return the corrections of a part of what was heard, or of all of it, after which it would not be what was meant.
 * @param {Extract<Teaching, { kind: "correction" }>} correction
 * @param {Map<string, Map<string, Teaching>>} byWords
 */
function rivalsOf({ kind, content: { language, heard, meant } }, byWords) {
  const words = heard.split(" ");
  /** @type {[string, Teaching][]} */
  const rivals = [];
  for (let from = 0; from < words.length; from++) {
    for (let to = from + 1; to <= words.length; to++) {
      const part = { language, heard: words.slice(from, to).join(" "), meant: "" };
      for (const [subject, other] of byWords.get(wordsKey({ kind, content: part }) ?? "") ?? []) {
        if (other.kind !== "correction") continue;
        const corrected = [...words.slice(0, from), other.content.meant, ...words.slice(to)].join(" ");
        if (corrected !== meant) rivals.push([subject, other]);
      }
    }
  }
  return rivals;
}
