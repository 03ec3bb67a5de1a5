/** The confirmation dialog for actions that cannot be undone. */

import { html, render } from "./vendor/lit-element.js";
import { t } from "./i18n.js";

/** @import { LitElement } from "./vendor/lit-element.js" */

/**
 * Show a dialog inside `host` and return whether the user confirmed. Escape cancels.
 * @param {LitElement} host
 * @param {string} question
 * @param {string} yes the label of the confirming button
 * @returns {Promise<boolean>}
 */
export async function confirm(host, question, yes) {
  const place = document.createElement("div");
  host.renderRoot.append(place);
  try {
    return await new Promise((resolve) => {
      const close = (/** @type {Event} */ { target }) =>
        resolve(/** @type {HTMLDialogElement} */ (target).returnValue === "yes");
      render(
        html`
          <dialog aria-labelledby="question" @close=${close}>
            <form method="dialog">
              <p id="question">${question}</p>
              <div class="answers">
                <button value="no" autofocus>${t("confirm.no")}</button>
                <button value="yes">${yes}</button>
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
