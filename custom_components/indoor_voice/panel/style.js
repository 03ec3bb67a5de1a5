/** Shared styles, built from Home Assistant's design tokens so that themes and dark mode apply. */

import { css } from "./vendor/lit-element.js";
import { buttons, forms } from "./style-controls.js";
import { messages } from "./style-messages.js";

/** Text, layout and cards. */
const layout = css`
  :host {
    /* White on the brand's own fill, and the brand as text, have too little contrast for WCAG AA. */
    --brand-fill: var(--ha-color-primary-30, #006787);
    --brand-fill-hover: var(--ha-color-primary-20, #004156);
    --brand-text: color-mix(in srgb, var(--ha-color-on-primary-normal, #009ac7) 60%, var(--primary-text-color, #141414));
    --surface: var(--ha-card-background, var(--card-background-color, #fff));
    --gap: var(--ha-space-4, 16px);
    display: block;
    color: var(--primary-text-color, #141414);
    font-size: var(--ha-font-size-m, 0.875rem);
    line-height: var(--ha-line-height-normal, 1.6);
  }
  * {
    box-sizing: border-box;
  }
  h2 {
    font-size: var(--ha-font-size-xl, 1.25rem);
    font-weight: var(--ha-font-weight-normal, 400);
    line-height: var(--ha-line-height-condensed, 1.2);
    margin: 0;
  }
  h3 {
    font-size: var(--ha-font-size-m, 0.875rem);
    font-weight: var(--ha-font-weight-medium, 500);
    margin: var(--gap) 0 4px;
  }
  p,
  ul {
    margin: 8px 0;
  }
  ul {
    padding-inline-start: 20px;
  }
  li + li {
    margin-top: 4px;
  }
  .plain {
    list-style: none;
    padding: 0;
  }
  a {
    color: var(--brand-text);
  }
  .card {
    margin: 0 0 var(--gap);
    overflow-wrap: anywhere;
  }
  ha-card {
    display: block;
  }
  ha-card:not(:defined) {
    background: var(--surface);
    border: 1px solid var(--ha-card-border-color, var(--divider-color, #e0e0e0));
    border-radius: var(--ha-card-border-radius, 12px);
  }
  .card-title {
    padding: var(--gap) var(--gap) 0;
  }
  .card-content {
    padding: var(--gap);
  }
  .card-title + .card-content {
    padding-top: 12px;
  }
  .card-content > :first-child {
    margin-top: 0;
  }
  .card-content > :last-child {
    margin-bottom: 0;
  }
  .card-content:has(+ .card-footer > .footer > .answer:first-child) {
    padding-bottom: 0;
  }
  .card-footer {
    padding: 0 var(--gap);
  }
  .footer {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    column-gap: var(--gap);
  }
  .row {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
    align-items: center;
  }
  .spread {
    justify-content: space-between;
  }
  .end {
    justify-content: flex-end;
  }
  .quiet {
    color: var(--secondary-text-color, #5e5e5e);
  }
  .hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  ha-icon {
    --mdc-icon-size: 20px;
    display: inline-flex;
    flex: none;
    width: 20px;
    height: 20px;
  }
  .notice {
    white-space: pre-line;
  }
  details {
    margin: 8px 0;
  }
  summary {
    cursor: pointer;
    min-height: 44px;
    display: list-item;
    padding: 10px 0;
  }
  :focus-visible {
    outline: 2px solid var(--brand-text);
    outline-offset: 2px;
    /* The bars at the top and bottom of a narrow screen must not cover what has the focus. */
    scroll-margin-block: calc(var(--header-height, 56px) + 16px);
  }
  [tabindex="-1"]:focus-visible {
    outline: none;
  }
  @media (prefers-reduced-motion: reduce) {
    * {
      animation-duration: 0.01s !important;
      animation-iteration-count: 1 !important;
      transition: none !important;
    }
  }
`;

/** Lists of times and keys, waveforms, and the button that is held. */
const details = css`
  .wave {
    margin: 8px 0;
  }
  .rows li {
    display: grid;
    grid-template-columns: 5em 1fr;
    gap: 8px;
    margin: 8px 0;
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
`;

export const style = [layout, buttons, forms, messages, details];
