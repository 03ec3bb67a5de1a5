/** Renders the warning before a recording in which something may be critical, and texts with masks. */

import { html } from "./vendor/lit-element.js";
import { formatList, t } from "./i18n.js";
import { MASK } from "./masking.js";

/** @import { Words } from "./api.d.ts" */

/**
 * Render a text in which masks are read out as what they are.
 * @param {string} text
 */
export const withMasks = (text) =>
  text
    .split(MASK)
    .map((part, index) =>
      index === 0 ? part : html`<span class="mask" role="img" aria-label=${t("critical.hidden")}>${MASK}</span>${part}`,
    );

/**
 * Return the warning: what may be in the recording.
 * @param {Words} words
 */
export const warningText = ({ marks = [] }) =>
  t("critical.may_contain", { list: formatList(marks.map((mark) => t(`critical.marks.${mark}`))) });
