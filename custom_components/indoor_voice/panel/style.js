/** Shared styles, built from Home Assistant's CSS variables so that themes and dark mode apply. */

import { css } from "./vendor/lit-element.js";

export const style = css`
  :host {
    display: block;
    color: var(--primary-text-color, #141414);
  }
  * {
    box-sizing: border-box;
  }
  h2 {
    font-size: 1.25rem;
    font-weight: 500;
    margin: 0 0 8px;
  }
  h3 {
    font-size: 1rem;
    font-weight: 500;
    margin: 16px 0 4px;
  }
  p,
  ul {
    margin: 8px 0;
    line-height: 1.5;
  }
  ul {
    padding-inline-start: 20px;
  }
  .plain {
    list-style: none;
    padding: 0;
  }
  .card {
    background: var(--ha-card-background, var(--card-background-color, #fff));
    border: 1px solid var(--ha-card-border-color, var(--divider-color, #e0e0e0));
    border-radius: var(--ha-card-border-radius, 12px);
    padding: 16px;
    margin: 0 0 16px;
    overflow-wrap: anywhere;
  }
  .card > :first-child {
    margin-top: 0;
  }
  .card > :last-child {
    margin-bottom: 0;
  }
  .row {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
    align-items: center;
  }
  .tools {
    align-items: end;
  }
  .tools .field {
    margin: 0;
  }
  form + .row {
    margin-top: 8px;
  }
  .spread {
    justify-content: space-between;
  }
  .spread h2 {
    margin: 0;
  }
  .wave {
    margin: 8px 0;
  }
  .quiet {
    color: var(--secondary-text-color, #5e5e5e);
  }
  .chip {
    border: 1px solid currentColor;
    border-radius: 999px;
    padding: 2px 12px;
    font-size: 0.875rem;
  }
  .problem {
    border-inline-start: 4px solid var(--error-color, #db4437);
    padding-inline-start: 12px;
  }
  .done {
    border-inline-start: 4px solid var(--success-color, #43a047);
    padding-inline-start: 12px;
  }
  .counts li {
    margin: 8px 0;
  }
  @media (max-width: 600px) {
    .verdicts {
      display: grid;
    }
  }
  .rows li {
    display: grid;
    grid-template-columns: 5em 1fr;
    gap: 8px;
    margin: 8px 0;
  }
  button,
  a.button {
    font: inherit;
    color: inherit;
    background: transparent;
    border: 1px solid currentColor;
    border-radius: 999px;
    min-height: 44px;
    padding: 8px 20px;
    cursor: pointer;
    text-decoration: none;
    display: inline-flex;
    align-items: center;
    justify-content: center;
  }
  button:hover:not(:disabled),
  a.button:hover,
  button[aria-pressed="true"] {
    background: var(--primary-text-color, #141414);
    color: var(--card-background-color, #fff);
  }
  button:disabled {
    border-style: dashed;
    cursor: default;
  }
  a {
    color: inherit;
  }
  :focus-visible {
    outline: 3px solid var(--primary-color, #03a9f4);
    outline-offset: 2px;
  }
  [tabindex="-1"]:focus-visible {
    outline: none;
  }
  .answers {
    display: grid;
    grid-template-columns: 1fr 1fr;
    gap: 12px;
    max-width: 400px;
    margin-top: 16px;
  }
  fieldset {
    border: 0;
    margin: 12px 0;
    padding: 0;
  }
  legend {
    font-weight: 500;
    padding: 0 0 4px;
  }
  fieldset label {
    display: flex;
    gap: 12px;
    align-items: center;
    min-height: 40px;
  }
  input[type="checkbox"],
  input[type="radio"] {
    width: 20px;
    height: 20px;
    accent-color: var(--primary-text-color, #141414);
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
  .field input,
  select {
    font: inherit;
    color: inherit;
    background: var(--card-background-color, #fff);
    border: 1px solid var(--secondary-text-color, #5e5e5e);
    border-radius: 8px;
    min-height: 44px;
    padding: 8px 12px;
    width: 100%;
  }
  .holding {
    background: linear-gradient(var(--error-color, #db4437), var(--error-color, #db4437)) no-repeat;
    background-size: 0 100%;
    animation: hold 0.6s linear forwards;
  }
  @keyframes hold {
    to {
      background-size: 100% 100%;
    }
  }
  .keys {
    display: grid;
    grid-template-columns: auto 1fr;
    gap: 8px 16px;
    align-items: baseline;
  }
  .keys dd {
    margin: 0;
  }
  kbd {
    font: inherit;
    border: 1px solid var(--divider-color, #e0e0e0);
    border-radius: 6px;
    padding: 0 8px;
  }
  details {
    margin: 8px 0;
  }
  summary {
    cursor: pointer;
    min-height: 40px;
    display: list-item;
    padding: 10px 0;
  }
  .notice {
    white-space: pre-line;
    line-height: 1.5;
  }
  code.big {
    font-size: 1.25rem;
    letter-spacing: 0.05em;
    user-select: all;
  }
  .hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  dialog {
    color: inherit;
    background: var(--card-background-color, #fff);
    border: 1px solid var(--divider-color, #e0e0e0);
    border-radius: var(--ha-card-border-radius, 12px);
    max-width: min(480px, 90vw);
    padding: 24px;
  }
  dialog::backdrop {
    background: rgb(0 0 0 / 50%);
  }
`;
