/** The parts of a form that asks for consent. */

import { html, nothing } from "./vendor/lit-element.js";
import { checkbox, select } from "./elements.js";
import { formatDuration } from "./i18n.js";

/** @import { Named } from "./api.d.ts" */

/**
 * Render the lines of a notice as paragraphs, each with its topic in bold.
 * @param {string} text
 */
export const paragraphs = (text) =>
  text
    .split("\n")
    .filter(Boolean)
    .map((line) => {
      const [, topic, rest] = /^([^:.?]+:)? ?(.*)$/.exec(line) ?? [];
      return html`<p>${topic ? html`<strong>${topic}</strong> ` : nothing}${rest}</p>`;
    });

/**
 * Render a group of checkboxes, none of which is ticked beforehand: consent that is given by leaving a tick is none.
 * @param {string} name
 * @param {string} legend
 * @param {Named[]} options
 */
export const checkboxes = (name, legend, options) => html`
  <fieldset>
    <legend>${legend}</legend>
    ${options.map((option) => checkbox({ label: option.name, name, value: option.id }))}
  </fieldset>
`;

/**
 * Render a choice of one, made beforehand.
 * @param {string} name
 * @param {string} legend
 * @param {{ value: string, label: string }[]} options
 * @param {string} preset the value of the one that is chosen at first
 */
export const choice = (name, legend, options, preset) => html`
  <fieldset>
    <legend>${legend}</legend>
    ${options.map(
      ({ value, label }) => html`
        <label class="check">
          <input type="radio" name=${name} value=${value} ?checked=${value === preset} />
          <span>${label}</span>
        </label>
      `,
    )}
  </fieldset>
`;

/**
 * @param {string} name
 * @param {string} label
 * @param {number[]} seconds
 */
export const durations = (name, label, seconds) =>
  select({ name, label, options: seconds.map((value) => ({ value, label: formatDuration(value) })) });

/**
 * Return the values of the checked boxes.
 * @param {FormData} form
 * @param {string} name
 */
export const chosen = (form, name) => form.getAll(name).map(String);
