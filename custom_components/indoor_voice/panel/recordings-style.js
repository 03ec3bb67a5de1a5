/** Styles of the page "Recordings". */

import { css } from "./vendor/lit-element.js";

/** The list, and what stands above and below it. */
export const listStyle = css`
  .answer {
    min-height: 0;
  }
  .days .card-content {
    padding: 0;
  }
  .day {
    padding: 12px var(--gap);
  }
  .days ul {
    margin: 0;
  }
  .day h2 {
    margin-inline-end: auto;
  }
  li {
    margin: 0;
    border-top: 1px solid var(--divider-color, #e0e0e0);
  }
  .card-content > .fold {
    margin: -10px 0;
  }
  .tools {
    margin-bottom: 12px;
  }
  .tools .field {
    flex: 1 1 10em;
  }
  .playing {
    position: sticky;
    bottom: 0;
    z-index: 1;
    display: flex;
    flex-wrap: wrap;
    gap: 8px var(--gap);
    align-items: center;
    justify-content: space-between;
    padding: 8px var(--gap);
    border-radius: var(--ha-card-border-radius, 12px) var(--ha-card-border-radius, 12px) 0 0;
    background: var(--surface);
    box-shadow: var(--ha-box-shadow-l, 0 -2px 8px rgb(0 0 0 / 30%));
  }
  /* Where Home Assistant counts a screen as narrow, the links to the pages are at its bottom. */
  @media (max-width: 870px) {
    .playing {
      bottom: var(--header-height, 56px);
    }
  }
  @media (max-height: 400px) {
    .playing {
      position: static;
    }
  }
`;

/** One recording. */
export const recordingStyle = css`
  :host {
    /* The bars at the top and bottom must not cover the recording that is playing. */
    scroll-margin-block: calc(2 * var(--header-height, 56px)) calc(var(--header-height, 56px) + 120px);
  }
  article {
    display: grid;
    grid-template-columns: minmax(0, 1fr) auto;
    gap: 0 var(--gap);
    align-items: center;
    padding: 8px var(--gap);
    border-inline-start: 4px solid transparent;
  }
  article[aria-current="true"] {
    border-color: var(--brand-text);
  }
  .title {
    display: flex;
    gap: 8px;
    align-items: center;
    font-size: var(--ha-font-size-l, 1rem);
    font-weight: var(--ha-font-weight-medium, 500);
  }
  .title > .quiet {
    display: inline-flex;
  }
  .facts {
    margin: 0;
    padding-inline-start: 32px;
  }
  .row {
    justify-content: end;
  }
  .wave,
  .words,
  .critical,
  .answer {
    grid-column: 1 / -1;
  }
  .wave {
    /* Otherwise parts of it would cover the bars at the top and bottom. */
    isolation: isolate;
  }
  .wave:empty {
    margin: 0;
  }
  .answer {
    min-height: 0;
  }
  .critical {
    margin: 4px 0;
  }
  .words {
    margin: 4px 0;
    padding-inline-start: 32px;
  }
  summary > span {
    display: inline-block;
    max-width: calc(100% - 2em);
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    vertical-align: bottom;
  }
  .words[open] > summary > span {
    display: inline;
    white-space: normal;
  }
  @media (max-width: 600px) {
    article {
      grid-template-columns: minmax(0, 1fr);
    }
    .row {
      justify-content: start;
      margin-top: 4px;
    }
  }
`;
