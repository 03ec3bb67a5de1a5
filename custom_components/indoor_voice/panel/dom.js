/** Small helpers for elements and their events. */

/**
 * A property that is set by whatever shows the element, before it is used.
 * @template T
 * @returns {T}
 */
export const given = () => /** @type {T} */ (undefined);

/**
 * Return a listener that passes on the value of a text field or a choice.
 * @param {(value: string) => void} work
 */
export const withValue =
  (work) =>
  (/** @type {Event} */ { target }) => {
    work(/** @type {HTMLInputElement | HTMLSelectElement} */ (target).value);
  };

/**
 * Return a listener that passes on whether a box is checked.
 * @param {(checked: boolean) => void} work
 */
export const withChecked =
  (work) =>
  (/** @type {Event} */ { target }) => {
    work(/** @type {HTMLInputElement} */ (target).checked);
  };

/**
 * Return a listener that handles a form here, with the value of the button that submitted it.
 * @param {(form: FormData, answer: string | undefined) => unknown} work
 */
export const withForm = (work) => (/** @type {SubmitEvent} */ event) => {
  event.preventDefault();
  const { target, submitter } = event;
  work(
    new FormData(/** @type {HTMLFormElement} */ (target)),
    submitter instanceof HTMLButtonElement ? submitter.value : undefined,
  );
};

/**
 * Return the text that was typed into a field.
 * @param {FormData} form
 * @param {string} name
 */
export function typedText(form, name) {
  const value = form.get(name);
  return typeof value === "string" ? value : "";
}

/**
 * Offer a file for download, with `content` as JSON.
 * @param {string} name
 * @param {object} content
 */
export function download(name, content) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([JSON.stringify(content, undefined, 2)], { type: "application/json" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
