/** The confirmation dialog for actions that cannot be undone. */

import { html, render } from "./vendor/lit-element.js";
import { button } from "./elements.js";
import { t } from "./i18n.js";

/** @import { LitElement } from "./vendor/lit-element.js" */

/**
 * @typedef {object} Question
 * @property {string} title the question, such as "Delete this recording?"
 * @property {string} text what would happen
 * @property {string} yes the label of the confirming button, which repeats the verb of the title
 */

/**
 * Show a dialog inside `host` and return whether the user confirmed. Escape cancels.
 * @param {LitElement} host
 * @param {Question} question
 * @returns {Promise<boolean>}
 */
export async function confirm(host, { title, text, yes }) {
  const place = document.createElement("div");
  host.renderRoot.append(place);
  try {
    return await new Promise((resolve) => {
      const close = (/** @type {Event} */ { target }) =>
        resolve(/** @type {HTMLDialogElement} */ (target).returnValue === "yes");
      render(
        html`
          <dialog aria-labelledby="question" aria-describedby="consequence" @close=${close}>
            <form method="dialog">
              <h2 id="question">${title}</h2>
              <p id="consequence">${text}</p>
              <div class="row end">
                ${button({ label: t("confirm.no"), kind: "text", type: "submit", value: "no" })}
                ${button({ label: yes, kind: "danger", type: "submit", value: "yes" })}
              </div>
            </form>
          </dialog>
        `,
        place,
      );
      place.querySelector("dialog")?.showModal();
    });
  } finally {
    place.remove();
  }
}
