/** Small helpers for elements and their events. */

/**
 * Initialise a property that is assigned before it is first read, by the parent element or in `load`.
 * @template T
 * @returns {T}
 */
export const assignedLater = () => /** @type {T} */ (undefined);

/**
 * Return an event listener that passes the value of a text field or select to `work`.
 * @param {(value: string) => void} work
 */
export const withValue =
  (work) =>
  (/** @type {Event} */ { target }) => {
    work(/** @type {HTMLInputElement | HTMLSelectElement} */ (target).value);
  };

/**
 * Return an event listener that passes the state of a checkbox to `work`.
 * @param {(checked: boolean) => void} work
 */
export const withChecked =
  (work) =>
  (/** @type {Event} */ { target }) => {
    work(/** @type {HTMLInputElement} */ (target).checked);
  };

/**
 * Return a submit listener that passes the form and the value of the submit button to `work`, without a page load.
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
 * Return the text in a form field.
 * @param {FormData} form
 * @param {string} name
 */
export function typedText(form, name) {
  const value = form.get(name);
  return typeof value === "string" ? value : "";
}

/**
 * Offer `content` for download as a JSON file.
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

/**
 * Return the focused element of a page or a part of it.
 * @param {HTMLElement | DocumentFragment} root
 */
export const focusedIn = (root) => (root instanceof ShadowRoot ? root.activeElement : null);

/**
 * Return whether an element is on the page and can be seen.
 * @param {Element} element
 */
export const isShown = (element) => element.isConnected && element.checkVisibility();

/** Return whether no element has the focus, as after the focused one was removed. */
export const focusIsLost = () => !document.activeElement || document.activeElement === document.body;

/**
 * Return a promise that resolves after a time.
 * @param {number} milliseconds
 * @returns {Promise<void>}
 */
export const delay = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
