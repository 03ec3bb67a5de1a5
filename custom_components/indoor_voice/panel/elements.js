/**
 * The building blocks of every page: functions that return templates.
 *
 * They look like Home Assistant's own components, because style.js draws them with Home Assistant's design tokens.
 * Which of them are its components, and why the others are plain HTML, is in docs/decisions/panel-elements.md.
 */

import { html, nothing } from "./vendor/lit-element.js";

/**
 * @typedef {object} ButtonOptions
 * @property {string} label the visible text; may change while the button is shown, see `reserve`
 * @property {string | undefined} [about] what tells it apart from others with the same label, for screen readers only
 * @property {((event: Event) => unknown) | undefined} [onClick]
 * @property {"primary" | "secondary" | "danger" | "text"} [kind] at most one primary action per card
 * @property {string | undefined} [icon] such as "mdi:play"
 * @property {boolean} [disabled] whether it can't be used in this situation
 * @property {boolean} [busy] whether its work is under way; it keeps the focus, and does nothing
 * @property {"button" | "submit"} [type]
 * @property {string | undefined} [name] of the field that it submits
 * @property {string | undefined} [value] that it submits
 * @property {boolean | undefined} [pressed] makes it a toggle
 * @property {boolean | undefined} [expanded] whether what it opens is open
 * @property {boolean} [repeats] whether clicking quickly is meant, as with "Repeat"; otherwise a double click is one
 * @property {string[]} [reserve] every label that it can have, so that its width never changes
 */

/**
 * Render a button.
 * @param {ButtonOptions} options
 */
export function button({
  label,
  about,
  onClick,
  kind = "secondary",
  icon: iconName,
  disabled = false,
  busy = false,
  type = "button",
  name,
  value,
  pressed,
  expanded,
  repeats = false,
  reserve,
}) {
  const click = (/** @type {MouseEvent} */ event) => {
    if (busy || (event.detail > 1 && !repeats)) event.preventDefault();
    else onClick?.(event);
  };
  return html`
    <button
      class="${kind} ${busy ? "busy" : ""}"
      type=${type}
      name=${name ?? nothing}
      value=${value ?? nothing}
      ?disabled=${disabled}
      aria-disabled=${busy ? "true" : nothing}
      aria-pressed=${pressed ?? nothing}
      aria-expanded=${expanded ?? nothing}
      aria-label=${nameOf(label, about)}
      @click=${click}
      @keydown=${ignoreHeldKey}
    >
      ${labelled(label, iconName, reserve)}
      ${busy ? html`<span class="spinner"></span>` : nothing}
    </button>
  `;
}

/**
 * Render an icon and a label, as wide as the widest of the labels in `reserve`.
 * @param {string} label
 * @param {string | undefined} iconName
 * @param {string[]} [reserve]
 */
const labelled = (label, iconName, reserve = []) => html`
  ${iconName ? icon(iconName) : nothing}
  <span class="label">
    ${reserve.map((other) => html`<span class="reserved" data-label=${other}></span>`)}
    <span>${label}</span>
  </span>
`;

/**
 * Return the accessible name of a control that needs more than its label to be told apart.
 * @param {string} label
 * @param {string | undefined} about
 */
const nameOf = (label, about) => (about ? `${label}: ${about}` : nothing);

/**
 * Keep a held Enter key from clicking a button again and again.
 * @param {KeyboardEvent} event
 */
function ignoreHeldKey(event) {
  if (event.repeat && event.key === "Enter") event.preventDefault();
}

/**
 * Render a link that looks like a button.
 * @param {{ label: string, about?: string, href: string, kind?: "primary" | "secondary" | "text", icon?: string }} options
 */
export const linkButton = ({ label, about, href, kind = "secondary", icon: iconName }) => html`
  <a class="button ${kind}" href=${href} aria-label=${nameOf(label, about)}>
    ${labelled(label, iconName)}
  </a>
`;

/**
 * Render one of Home Assistant's icons. It is decoration: what it says stands beside it as text.
 * @param {string} name such as "mdi:play"
 */
export const icon = (name) => html`<ha-icon icon=${name} aria-hidden="true"></ha-icon>`;

/**
 * @typedef {object} CardOptions
 * @property {string} [heading] names the card
 * @property {string} [id] of the heading, unique in its page; required with a heading
 * @property {string} [label] names a card that has no heading, for screen readers only
 * @property {unknown} [state] shown beside the heading, made with `state`
 * @property {unknown} [actions] the buttons at the bottom
 * @property {unknown} [answer] the place for their outcome, made with `Page.answer`
 */

/**
 * Render a card.
 * @param {CardOptions} options
 * @param {unknown} content
 */
export function card({ heading, id, label, state: shown, actions, answer }, content) {
  return html`
    <section class="card" aria-labelledby=${heading ? (id ?? nothing) : nothing} aria-label=${label ?? nothing}>
      <ha-card>
        ${
          heading
            ? html`<div class="card-title row spread"><h2 id=${id ?? nothing}>${heading}</h2>${shown ?? nothing}</div>`
            : nothing
        }
        <div class="card-content">${content}</div>
        ${actions || answer ? html`<div class="card-footer">${footer(actions, answer)}</div>` : nothing}
      </ha-card>
    </section>
  `;
}

/**
 * Render buttons, and the place for their outcome beside or below them.
 * @param {unknown} actions
 * @param {unknown} [answer]
 */
export const footer = (actions, answer) =>
  html`<div class="footer">${actions ? html`<div class="row">${actions}</div>` : nothing} ${answer ?? nothing}</div>`;

/** @typedef {"info" | "success" | "warning" | "error"} AlertKind */

/** @type {Record<AlertKind, string>} */
const ALERT_ICONS = {
  info: "mdi:information-outline",
  success: "mdi:check-circle-outline",
  warning: "mdi:alert-outline",
  error: "mdi:alert-circle-outline",
};

/**
 * Render a note that stands out. It isn't read out by itself: what happens after a click belongs into an answer.
 * @param {AlertKind} kind
 * @param {unknown} content
 */
export const alert = (kind, content) => html`
  <div class="alert ${kind}">${icon(ALERT_ICONS[kind])}<div>${content}</div></div>
`;

/**
 * Render a state, which looks different from a button.
 * @param {string} label
 * @param {{ icon?: string, kind?: "neutral" | AlertKind }} [look]
 */
export const state = (label, { icon: iconName, kind = "neutral" } = {}) => html`
  <span class="state ${kind}">${iconName ? icon(iconName) : nothing}${label}</span>
`;

/** Render grey lines where content is about to appear. */
export const bones = () => html`
  <div aria-hidden="true">
    <div class="bone short"></div>
    <div class="bone"></div>
    <div class="bone"></div>
  </div>
`;

/**
 * Render grey lines where a page or a part of it is about to appear.
 * @param {number} [cards]
 */
export const skeleton = (cards = 2) => html`
  <div aria-hidden="true">
    ${Array.from(
      { length: cards },
      () => html`
        <div class="card">
          <ha-card><div class="card-content">${bones()}</div></ha-card>
        </div>
      `,
    )}
  </div>
`;

/**
 * Render that something takes a while.
 * @param {string} text
 */
export const progress = (text) => html`<div class="progress"><span class="spinner"></span><span>${text}</span></div>`;

/**
 * The outcome of an action: what was done, what went wrong, or what is under way.
 * @typedef {{ kind: "success" | "error" | "progress", text: string }} Outcome
 */

/**
 * Render the place for outcomes. It must be rendered before there is one, so that it is read out.
 * Pages use `Page.answer` instead.
 * @param {string} place
 * @param {Outcome | undefined} outcome
 */
export function answerPlace(place, outcome) {
  const shown = outcome?.kind === "progress" ? progress(outcome.text) : outcome && alert(outcome.kind, outcome.text);
  return html`<div class="answer" role="status" data-place=${place} tabindex="-1">${shown ?? nothing}</div>`;
}

/** @typedef {{ value: string | number, label: string }} Option */

/**
 * Render a select with its label.
 * @param {{ label: string, options: Option[], name?: string, value?: string, onChange?: (value: string) => void }} field
 */
export const select = ({ label, options, name, value, onChange }) => html`
  <label class="field">
    <span>${label}</span>
    <span class="select">
      <select
        name=${name ?? nothing}
        @change=${(/** @type {Event & { currentTarget: HTMLSelectElement }} */ event) =>
          onChange?.(event.currentTarget.value)}
      >
        ${options.map(
          (option) => html`
            <option value=${option.value} ?selected=${String(option.value) === value}>${option.label}</option>
          `,
        )}
      </select>
      ${icon("mdi:menu-down")}
    </span>
  </label>
`;

/**
 * @typedef {object} CheckboxOptions
 * @property {string} label
 * @property {string} [about] what tells it apart from others with the same label, for screen readers only
 * @property {string} [name]
 * @property {string} [value]
 * @property {boolean} [required]
 * @property {boolean} [checked] only for a checkbox that the page controls, together with `onChange`
 * @property {(checked: boolean) => void} [onChange]
 */

/**
 * Render a checkbox with its label.
 * @param {CheckboxOptions} options
 */
export const checkbox = ({ label, about, name, value, required = false, checked, onChange }) => html`
  <label class="check">
    <input
      type="checkbox"
      name=${name ?? nothing}
      value=${value ?? nothing}
      aria-label=${nameOf(label, about)}
      ?required=${required}
      .checked=${checked ?? nothing}
      @change=${(/** @type {Event & { currentTarget: HTMLInputElement }} */ event) =>
        onChange?.(event.currentTarget.checked)}
    />
    <span>${label}</span>
  </label>
`;
