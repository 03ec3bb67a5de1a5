/** Errors, and the sentences that tell the user about them. */

import { hasText, t } from "./i18n.js";

/** @import { CommandError } from "./api.d.ts" */

/** An error whose message is the path of a sentence. */
export class Problem extends Error {}

/**
 * Return what went wrong, as a sentence.
 * @param {unknown} err what was thrown, here or by Home Assistant's frontend
 */
export function problemText(err) {
  if (err instanceof Problem) return t(err.message);
  const { code, message, translation_key: key } = /** @type {Partial<CommandError>} */ (err ?? {});
  if (code === "not_allowed" && hasText(`refused.${message}`)) return t(`refused.${message}`);
  if (code === "no_household") return t("problem.no_household");
  return t(hasText(`problem.${key}`) ? `problem.${key}` : "problem.other");
}
