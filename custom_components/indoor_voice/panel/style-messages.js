/** Styles of what the pages say: alerts, states, answers, dialogs, and what stands in for content. */

import { css } from "./vendor/lit-element.js";

export const messages = css`
  .alert {
    --tone: var(--info-color, #039be5);
    display: flex;
    gap: 12px;
    margin: 8px 0;
    padding: 8px 12px;
    border-radius: var(--ha-border-radius-sm, 4px);
    background: color-mix(in srgb, var(--tone) 12%, transparent);
    line-height: 1.4;
  }
  .alert.success {
    --tone: var(--success-color, #43a047);
  }
  .alert.warning {
    --tone: var(--warning-color, #ffa600);
  }
  .alert.error {
    --tone: var(--error-color, #db4437);
  }
  .alert > ha-icon {
    color: var(--tone);
  }
  .alert > div > :first-child {
    margin-top: 0;
  }
  .alert > div > :last-child {
    margin-bottom: 0;
  }
  .hidden-parts {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
    align-items: center;
    justify-content: space-between;
  }
  .state {
    display: inline-flex;
    gap: 6px;
    align-items: flex-start;
    line-height: 20px;
  }
  .state > ha-icon {
    color: var(--tone, var(--secondary-text-color, #5e5e5e));
  }
  .state.success {
    --tone: var(--success-color, #43a047);
  }
  .state.warning {
    --tone: var(--warning-color, #ffa600);
  }
  .state.error {
    --tone: var(--error-color, #db4437);
  }
  .state.info {
    --tone: var(--info-color, #039be5);
  }
  /* Two lines are reserved, so that nothing moves when an answer appears. */
  .answer {
    flex: 1 1 18em;
    min-width: 0;
    min-height: 56px;
    display: grid;
    align-items: center;
  }
  .answer > .alert {
    animation: appear 0.2s;
  }
  .top > .answer {
    min-height: 0;
  }
  .top .alert {
    margin: 0 0 var(--gap);
  }
  .progress {
    display: flex;
    gap: 12px;
    align-items: center;
    color: var(--secondary-text-color, #5e5e5e);
  }
  .bone {
    height: 16px;
    margin: 12px 0;
    border-radius: var(--ha-border-radius-sm, 4px);
    background: var(--ha-color-fill-neutral-normal-resting, #e6e6e6);
    animation: pulse 2s ease-in-out infinite;
  }
  .bone.short {
    width: 40%;
    height: 24px;
  }
  @keyframes pulse {
    50% {
      opacity: 0.4;
    }
  }
  @media (forced-colors: active) {
    .alert {
      border: 1px solid currentColor;
    }
    .bone {
      background: GrayText;
    }
  }
  dialog {
    color: inherit;
    background: var(--ha-dialog-surface-background, var(--card-background-color, #fff));
    border: 0;
    border-radius: var(--ha-dialog-border-radius, var(--ha-border-radius-3xl, 24px));
    box-shadow: var(--ha-box-shadow-l, 0 8px 24px rgb(0 0 0 / 30%));
    width: min(480px, 100vw - 32px);
    max-height: calc(100vh - 32px);
    padding: 24px;
  }
  dialog p {
    margin: 16px 0 24px;
  }
  dialog::backdrop {
    background: rgb(0 0 0 / 32%);
  }
  @media (forced-colors: active) {
    dialog {
      border: 1px solid currentColor;
    }
  }
`;
