/** Works out what could be learned from reviewed recordings. It sends nothing. */

import { aliasesIn } from "./aliases.js";
import { correctionsIn } from "./corrections.js";
import { subjectOf, withinLimit } from "./finding.js";
import { withHindrances } from "./hindrances.js";
import { joinNames, namesIn } from "./names.js";
import { thresholdsIn } from "./thresholds.js";
import { verifiersIn } from "./verifier.js";

/** @import { Lesson, LessonKind, Teaching } from "../api.d.ts" */
/** @import { Evidence } from "./evidence.js" */
/** @import { Finding } from "./finding.js" */
/** @import { House } from "./house.js" */

/** @typedef {() => Promise<void>} Breathe */

/** @type {LessonKind[]} */
const ORDER = ["correction", "alias", "names", "threshold", "verifier"];

/**
 * Return what could be learned and has not been learned yet. Where recordings of which everybody agrees to teach are
 * enough, it rests on these only; otherwise it can't be approved.
 * @param {Evidence[]} evidence newest first
 * @param {Lesson[]} lessons
 * @param {House} house
 * @param {Breathe} [breathe] awaited now and then, so that the page stays responsive
 * @returns {Promise<Finding[]>}
 */
export async function proposalsFrom(evidence, lessons, house, breathe) {
  const known = new Set(lessons.flatMap((lesson) => subjectsOf(lesson)));
  const isNew = (/** @type {Finding} */ finding) => !known.has(subjectOf(finding));
  const teachable = evidence.filter((one) => one.teachable);
  const offered = await findingsIn(teachable, house, isNew, breathe);
  for (const finding of offered) known.add(subjectOf(finding));
  const rest = teachable.length < evidence.length ? await findingsIn(evidence, house, isNew, breathe) : [];
  const all = [...offered, ...rest.map((finding) => ({ ...finding, hindrance: /** @type {const} */ ("consent") }))];
  const judged = withHindrances(all, lessons, house);
  return ORDER.flatMap((kind) => {
    const ofKind = judged.filter((finding) => finding.kind === kind);
    const sorted = kind === "names" ? joinNamesByHindrance(ofKind) : ofKind.toSorted(byWeight);
    return sorted.map((finding) => withinLimit(finding));
  });
}

/**
 * Return what results for a lesson that is off from those of its recordings that are left; undefined if it no longer
 * results from them, or if the other recordings speak against it by now.
 * @param {Lesson} lesson
 * @param {Evidence[]} evidence newest first
 * @param {House} house
 * @param {Breathe} [breathe]
 * @returns {Promise<Finding | undefined>}
 */
export async function rebuilt(lesson, evidence, house, breathe) {
  const teachable = evidence.filter((one) => one.teachable);
  const left = teachable.filter((one) => lesson.recordings.includes(one.recording));
  const subjects = new Set(subjectsOf(lesson));
  const isSame = (/** @type {Finding} */ finding) => subjects.has(subjectOf(finding));
  const found = withHindrances(await findingsIn(left, house, isSame, breathe), [], house);
  // Others may contradict a correction, or have understood a name. A verifier depends on its own recordings only.
  const ofAll = withHindrances(await findingsIn(teachable, house, isNoVerifier, breathe), [], house);
  const supported = new Set(ofAll.flatMap((finding) => (finding.hindrance ? [] : subjectOf(finding))));
  const holds = found.filter(
    (finding) => !finding.hindrance && (finding.kind === "verifier" || supported.has(subjectOf(finding))),
  );
  const [same] = lesson.kind === "names" ? joinNames(holds) : holds;
  return same && withinLimit(same);
}

/** @param {Finding} finding */
const isNoVerifier = ({ kind }) => kind !== "verifier";

/**
 * Return what a lesson is about. One that has several names is about each.
 * @param {Teaching} lesson
 */
const subjectsOf = (lesson) =>
  lesson.kind === "names"
    ? lesson.content.names.map((name) => subjectOf({ kind: "names", content: { names: [name] } }))
    : [subjectOf(lesson)];

/**
 * Return what the evidence shows, with one finding for each name.
 * @param {Evidence[]} evidence
 * @param {House} house
 * @param {(finding: Finding) => boolean} isWanted asked about verifiers before the long work, with no content yet
 * @param {Breathe} [breathe]
 */
async function findingsIn(evidence, house, isWanted, breathe = () => Promise.resolve()) {
  const found = [
    ...correctionsIn(evidence, house),
    ...aliasesIn(evidence, house),
    ...namesIn(evidence, house),
    ...thresholdsIn(evidence),
  ];
  const isVerifierWanted = (/** @type {string} */ room, /** @type {string} */ wakeWord) =>
    isWanted({
      kind: "verifier",
      content: { room, wake_word: wakeWord, weights: "", bias: 0, threshold: 0 },
      recordings: [],
    });
  const verifiers = await verifiersIn(evidence, { isWanted: isVerifierWanted, breathe });
  return [...found.filter((finding) => isWanted(finding)), ...verifiers];
}

/**
 * Join names, but not those that can be approved with those that can't.
 * @param {Finding[]} findings
 */
function joinNamesByHindrance(findings) {
  const hindered = joinNames(findings.filter(({ hindrance }) => hindrance));
  return [
    ...joinNames(findings.filter(({ hindrance }) => !hindrance)),
    ...hindered.map((finding) => ({ ...finding, hindrance: /** @type {const} */ ("consent") })),
  ];
}

/**
 * Put first what rests on more recordings.
 * @param {Finding} a
 * @param {Finding} b
 */
const byWeight = (a, b) => b.recordings.length - a.recordings.length;
