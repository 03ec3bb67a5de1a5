/** Says what a command did: what happened to what. */

import { hasText, t } from "./i18n.js";

/** @import { Words } from "./api.d.ts" */

/**
 * Return one sentence for each thing that was reached, such as "Kitchen light: turned on".
 * @param {Words["done"]} done
 */
export const doneTexts = (done = []) =>
  done.map((one) => {
    const { name, what = "" } = typeof one === "string" ? { name: one } : one;
    return hasText(`done.${what}`) ? t(`done.${what}`, { name }) : name;
  });
