/** Styles of buttons and forms. They are native controls that look like Home Assistant's. */

import { css } from "./vendor/lit-element.js";

/** Buttons, and links that look like them. */
export const buttons = css`
  button,
  a.button {
    font: inherit;
    font-weight: var(--ha-font-weight-medium, 500);
    line-height: 1.2;
    position: relative;
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 8px;
    min-height: 44px;
    padding: 8px var(--gap);
    border: 1px solid transparent;
    border-radius: var(--ha-button-border-radius, var(--ha-border-radius-pill, 9999px));
    color: var(--brand-text);
    background: var(--ha-color-fill-primary-normal-resting, #dff3fc);
    text-decoration: none;
    cursor: pointer;
    transition: background-color 0.15s ease-out;
  }
  button:hover,
  a.button:hover {
    background: var(--ha-color-fill-primary-normal-hover, #b9e6fc);
  }
  .primary,
  a.button.primary,
  [aria-pressed="true"] {
    color: var(--ha-color-on-primary-loud, #fff);
    background: var(--brand-fill);
  }
  .primary:hover,
  a.button.primary:hover,
  [aria-pressed="true"]:hover {
    background: var(--brand-fill-hover);
  }
  button.text,
  a.button.text {
    background: transparent;
  }
  button.text:hover,
  a.button.text:hover {
    background: var(--ha-color-fill-primary-quiet-hover, #dff3fc);
  }
  button.danger {
    color: var(--ha-color-on-danger-normal, #b30532);
    background: transparent;
  }
  button.danger:hover {
    background: var(--ha-color-fill-danger-normal-resting, #ffdedc);
  }
  dialog button.danger {
    color: var(--ha-color-on-danger-loud, #fff);
    background: var(--ha-color-fill-danger-loud-resting, #dc3146);
  }
  dialog button.danger:hover {
    background: var(--ha-color-fill-danger-loud-hover, #b30532);
  }
  button:disabled {
    color: var(--ha-color-on-disabled-normal, #7a7a7a);
    background: var(--ha-color-fill-disabled-normal-resting, #f3f3f3);
    cursor: default;
  }
  button[aria-disabled="true"] {
    cursor: progress;
  }
  .label {
    display: inline-grid;
    justify-items: center;
  }
  .label > * {
    grid-area: 1 / 1;
  }
  .reserved {
    visibility: hidden;
  }
  .reserved::before {
    content: attr(data-label);
  }
  .spinner {
    flex: none;
    width: 20px;
    height: 20px;
    border: 2px solid var(--divider-color, #e0e0e0);
    border-top-color: currentColor;
    border-radius: 50%;
    animation: turn 1s linear infinite;
  }
  button .spinner {
    position: absolute;
    opacity: 0;
  }
  .busy > .label,
  .busy > ha-icon {
    animation: fade 0.2s 0.3s forwards;
  }
  /* Only the button that was clicked shows that it works. */
  .busy:focus > .label,
  .busy:focus > ha-icon {
    animation-name: vanish;
  }
  .busy:focus > .spinner {
    animation:
      turn 1s linear infinite,
      appear 0.2s 0.3s forwards;
  }
  @keyframes turn {
    to {
      transform: rotate(1turn);
    }
  }
  @keyframes appear {
    to {
      opacity: 1;
    }
  }
  @keyframes fade {
    to {
      opacity: 0.6;
    }
  }
  @keyframes vanish {
    to {
      opacity: 0;
    }
  }
  @media (forced-colors: active) {
    button,
    a.button {
      border-color: currentColor;
    }
    button:disabled {
      color: GrayText;
    }
    [aria-pressed="true"] {
      forced-color-adjust: none;
      color: HighlightText;
      background: Highlight;
    }
  }
`;

/** Forms: their fields, and the two answers to a question, which are equally large. */
export const forms = css`
  .answers {
    display: grid;
    grid-template-columns: 1fr 1fr;
    gap: 12px;
    max-width: 400px;
    margin-top: var(--gap);
  }
  fieldset {
    border: 0;
    margin: 12px 0;
    padding: 0;
  }
  legend {
    font-weight: var(--ha-font-weight-medium, 500);
    padding: 0 0 4px;
  }
  .check {
    display: inline-flex;
    gap: 12px;
    align-items: center;
    min-height: 44px;
    cursor: pointer;
  }
  fieldset .check {
    display: flex;
  }
  input[type="checkbox"],
  input[type="radio"] {
    flex: none;
    width: 20px;
    height: 20px;
    margin: 0;
    accent-color: var(--brand-fill);
  }
  .field {
    display: grid;
    gap: 4px;
    margin: 12px 0;
    max-width: 400px;
  }
  .wide {
    max-width: none;
  }
  .tools {
    align-items: end;
  }
  .tools .field {
    margin: 0;
  }
  .field > :first-child {
    color: var(--secondary-text-color, #5e5e5e);
    font-size: var(--ha-font-size-s, 0.75rem);
  }
  .field input,
  select {
    appearance: none;
    font: inherit;
    font-size: var(--ha-font-size-l, 1rem);
    color: inherit;
    background: var(--ha-color-form-background, #f3f3f3);
    border: 0;
    border-bottom: 1px solid var(--ha-color-border-neutral-loud, #5e5e5e);
    border-radius: var(--ha-border-radius-md, 8px) var(--ha-border-radius-md, 8px) 0 0;
    min-height: 48px;
    padding: 8px var(--gap);
    width: 100%;
  }
  .field input:hover,
  select:hover {
    background: var(--ha-color-form-background-hover, #e6e6e6);
  }
  .select {
    display: grid;
    align-items: center;
  }
  .select > * {
    grid-area: 1 / 1;
  }
  .select > select {
    padding-inline-end: 44px;
  }
  .select > ha-icon {
    justify-self: end;
    margin-inline-end: 12px;
    pointer-events: none;
  }
  .select > ha-icon:not(:defined)::before {
    content: "▾";
  }
  @media (forced-colors: active) {
    .field input,
    select {
      border: 1px solid currentColor;
    }
  }
`;
