/** Ask before what cannot be undone. */

import { html, render } from "./vendor/lit-element.js";
import { say } from "./words.js";

/** Ask in a dialogue within `host`'s page; returns whether the answer is yes. Escape says no. */
export function confirm(host, question, yes) {
  const place = document.createElement("div");
  host.renderRoot.append(place);
  return new Promise((resolve) => {
    render(
      html`
        <dialog aria-labelledby="question" @close=${({ target }) => resolve(target.returnValue === "yes")}>
          <form method="dialog">
            <p id="question">${question}</p>
            <div class="answers">
              <button value="no" autofocus>${say("confirm.no")}</button>
              <button value="yes">${yes}</button>
            </div>
          </form>
        </dialog>
      `,
      place,
    );
    place.querySelector("dialog").showModal();
  }).finally(() => place.remove());
}
