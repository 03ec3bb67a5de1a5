/** Turns errors into sentences for the user. */

import { hasText, t } from "./i18n.js";

/** @import { CommandError } from "./api.d.ts" */

/** An error whose message is the path of the text that describes it. */
export class Problem extends Error {}

/**
 * Return the sentence that describes an error.
 * @param {unknown} err thrown by the panel or by Home Assistant's frontend
 */
export function problemText(err) {
  if (err instanceof Problem) return t(err.message);
  const { code, message, translation_key: key } = /** @type {Partial<CommandError>} */ (err ?? {});
  if (code === "not_allowed" && hasText(`refused.${message}`)) return t(`refused.${message}`);
  if (code === "no_household") return t("problem.no_household");
  return t(hasText(`problem.${key}`) ? `problem.${key}` : "problem.other");
}
