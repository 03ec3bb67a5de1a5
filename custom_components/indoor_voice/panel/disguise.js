/** The forms of a recording for listeners who were not expected in the room. */

import { t } from "./i18n.js";

/** @import { Disguise } from "./api.d.ts" */

/**
 * What can be chosen, what tells least of the voice first.
 * @type {Disguise[]}
 */
export const DISGUISES = ["words", "respoken", "voice", "none"];
/**
 * What they get unless somebody chooses otherwise.
 * @type {Disguise}
 */
export const DEFAULT_DISGUISE = "respoken";

/**
 * Return what a form is called within a sentence.
 * @param {Disguise} disguise
 */
export const formOf = (disguise) => t(`disguise.${disguise}.form`);

/**
 * Return the sentence that tells the user in which form they get a recording.
 * @param {Disguise} disguise
 */
export const whatYouGet = (disguise) => t("disguise.you_get", { form: formOf(disguise) });
