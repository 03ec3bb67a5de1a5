/** Derives from a command that was said again in other words what else a thing is called. */

import { correctionsOf, didRight, didWrong, isCritical } from "./evidence.js";
import { Findings, fitsLesson } from "./finding.js";
import { differences, wordsOf } from "./words.js";

/** @import { Evidence } from "./evidence.js" */
/** @import { House, Thing } from "./house.js" */
/** @import { Stretch } from "./words.js" */

/** A command was said again if that happened within this time. */
const AGAIN_MS = 60_000;

/**
 * A recording with the time of its capture, in milliseconds.
 * @typedef {{ evidence: Evidence, time: number }} Timed
 */

/**
 * Return the other names of things.
 * @param {Evidence[]} evidence newest first
 * @param {House} house
 */
export function aliasesIn(evidence, house) {
  const findings = new Findings();
  for (const recordings of byRoom(evidence)) {
    for (const [index, { evidence: failed, time }] of recordings.entries()) {
      if (!didWrong(failed) || isCritical(failed.words)) continue;
      const again = recordings.slice(index + 1).find((later) => later.time - time > AGAIN_MS || worked(later.evidence));
      if (!again || again.time - time > AGAIN_MS) continue;
      const thing = thingReached(again.evidence, house);
      const alias = thing && aliasBetween(failed, again.evidence, thing, house);
      if (!alias) continue;
      const content = { entity_id: thing.entityId, alias };
      findings.add({ kind: "alias", content }, [failed.recording, again.evidence.recording]);
    }
  }
  return findings.all;
}

/**
 * Return the recordings of each room, oldest first. Those whose time isn't known are left out.
 * @param {Evidence[]} evidence newest first
 */
function byRoom(evidence) {
  /** @type {Map<string, Timed[]>} */
  const rooms = new Map();
  for (const one of evidence.toReversed()) {
    if (one.time === null) continue;
    const timed = { evidence: one, time: Date.parse(`${one.day}T${one.time}Z`) };
    const others = rooms.get(one.room);
    if (others) others.push(timed);
    else rooms.set(one.room, [timed]);
  }
  return [...rooms.values()].map((recordings) => recordings.toSorted((a, b) => a.time - b.time));
}

/** @param {Evidence} evidence */
const worked = (evidence) => didRight(evidence) && !isCritical(evidence.words);

/**
 * Return the only thing that a command reached; undefined if it reached several, one whose name several have, or one
 * that can't have another name.
 * @param {Evidence} evidence
 * @param {House} house
 */
function thingReached({ words: { done = [] } }, house) {
  const [only] = done;
  if (only === undefined || done.length > 1) return undefined;
  const thing = house.thingNamed(typeof only === "string" ? only : only.name);
  return thing?.canHaveAliases ? thing : undefined;
}

/**
 * Return what a thing was called in a command that failed, if that is all in which it differs from the one that worked.
 * @param {Evidence} failed
 * @param {Evidence} again
 * @param {Thing} thing which the second one reached
 * @param {House} house
 */
function aliasBetween(failed, again, thing, house) {
  const [said, saidAgain] = [wordsOf(whatWasSaid(failed)), wordsOf(whatWasSaid(again))];
  const [difference, ...others] = differences(said, saidAgain);
  if (!difference || others.length > 0) return undefined;
  const { before, after } = difference;
  if (!saidAgain.slice(...after).every((word) => isIn(thing, word))) return undefined;
  const [from, to] = aroundIn(thing, saidAgain, after);
  const alias = said.slice(before[0] - (after[0] - from), before[1] + (to - after[1])).join(" ");
  const isUsable = before[0] < before[1] && after[0] < after[1] && fitsLesson(alias) && !house.isName(alias);
  return isUsable ? alias : undefined;
}

/**
 * Return the words as a reviewer corrected them, or else as they were understood.
 * @param {Evidence} evidence
 */
const whatWasSaid = (evidence) => correctionsOf(evidence)[0] ?? evidence.words.transcript;

/** @param {Thing} thing */
const namesOf = ({ name, aliases }) => [name, ...aliases].map((one) => wordsOf(one));

/**
 * Return whether a word is part of a name of a thing. Otherwise the commands differ in more than what it is called.
 * @param {Thing} thing
 * @param {string} word
 */
const isIn = (thing, word) => namesOf(thing).some((name) => name.includes(word));

/**
 * Widen a stretch of a sentence to the longest name of a thing that contains it.
 * @param {Thing} thing
 * @param {string[]} words
 * @param {Stretch} stretch
 * @returns {Stretch}
 */
function aroundIn(thing, words, [from, to]) {
  for (const name of namesOf(thing).toSorted((a, b) => b.length - a.length)) {
    for (let start = Math.max(0, to - name.length); start <= from; start++)
      if (name.every((word, index) => words[start + index] === word)) return [start, start + name.length];
  }
  return [from, to];
}
