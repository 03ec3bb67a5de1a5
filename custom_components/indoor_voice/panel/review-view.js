/**
 * Renders a review: a recording with the question about it, or a text before, between and after recordings.
 *
 * Nothing moves between two recordings: their card stays while the next one is fetched, each part of it has a fixed
 * height, and buttons that can't be used are shown all the same.
 */

import { css, html, nothing } from "./vendor/lit-element.js";
import { whatYouGet } from "./disguise.js";
import { doneTexts } from "./done.js";
import { alert, card, checkbox, footer, icon } from "./elements.js";
import { formatDuration, t } from "./i18n.js";
import { hides, masked } from "./masking.js";
import { KEYS, VERDICTS } from "./review-keyboard.js";
import { warningText, withMasks } from "./warning.js";
import "./speed.js";

/** @import { Disguise, Words } from "./api.d.ts" */
/** @import { Action } from "./review-keyboard.js" */

/**
 * The state of the page.
 * @typedef {object} ReviewState
 * @property {Words | undefined} words the words of the current recording
 * @property {Disguise} disguise the form in which the user gets it
 * @property {boolean} between whether the last recording is finished, and the next one is being fetched
 * @property {boolean} warned whether a warning is shown instead of it
 * @property {boolean} revealed whether the user has asked for what is hidden in it
 * @property {string} troubled whom to talk to about a troubling recording, which a warning tells before
 * @property {boolean} canRepeat whether its sound is open
 * @property {boolean} playing
 * @property {boolean} heard whether enough of it was heard to judge it
 * @property {boolean} holding whether the key that destroys it is held
 * @property {boolean} busy
 * @property {boolean} judged whether there is a verdict to undo
 * @property {boolean} singleKeys
 * @property {{ stop: string, mayGoOn: boolean, restSeconds: number } | undefined} pause why no recording is shown
 * @property {string | undefined} guidance whom to talk to about a troubling recording
 * @property {unknown} answer the place for the outcome of what the user does
 */

/** The styles of a review. */
export const reviewStyle = css`
  .card-content > details {
    margin: -10px 0;
  }
  .wave {
    height: 64px;
    isolation: isolate;
  }
  .wave:empty {
    background: linear-gradient(var(--divider-color, #e0e0e0) 0 0) center / 100% 1px no-repeat;
  }
  .told {
    height: 8em;
    overflow-y: auto;
  }
  .actions {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(8.5em, 1fr));
    gap: 8px;
  }
  .verdicts {
    display: grid;
    align-items: stretch;
    grid-template-columns: repeat(auto-fit, minmax(8.5em, 1fr));
  }
  @media (max-width: 600px) {
    .told {
      height: 10em;
    }
  }
`;

/**
 * Render the page of a review.
 * @param {ReviewState} state
 * @param {(action: Action) => void} run
 * @param {(on: boolean) => void} switchKeys
 */
export function reviewView(state, run, switchKeys) {
  return html`
    ${shown(state, run)}
    ${state.guidance ? guidance(state.guidance, run) : nothing} ${help(state, switchKeys)}
  `;
}

/**
 * @param {ReviewState} state
 * @param {(action: Action) => void} run
 */
function shown(state, run) {
  if (state.words && state.warned) return warning(state, state.words, run);
  return state.words || state.between ? question(state, run) : intermission(state, run);
}

/**
 * Render what may be in a recording, and what can be done instead of listening.
 * @param {ReviewState} state
 * @param {Words} words
 * @param {(action: Action) => void} run
 */
function warning(state, words, run) {
  const keyed = (/** @type {string} */ key) => (state.singleKeys ? key : undefined);
  return html`
    <section class="card" aria-labelledby="question" aria-busy=${state.busy}>
      <ha-card>
        <div class="card-header">
          <h2 id="question" tabindex="-1" aria-describedby="warning">${t("critical.title")}</h2>
        </div>
        <div class="card-content">
          <div id="warning">
            ${alert("warning", html`<p>${warningText(words)}</p> <p>${t("critical.no_protection")}</p>`)}
            ${state.troubled ? html`<h3>${t("review.guidance")}</h3> <p class="notice">${state.troubled}</p>` : nothing}
          </div>
          ${footer(undefined, state.answer)}
          <div class="actions">
            ${destroyButton(state, run)} ${control(run, "give-up", { label: t("review.give_up"), key: keyed("N") })}
            ${control(run, "skip", { label: t("review.skip"), key: keyed("S") })}
            ${control(run, "stop", { label: t("review.stop"), key: "Escape" })}
            ${control(run, "listen", { label: t("critical.listen"), key: keyed("L") })}
          </div>
        </div>
      </ha-card>
    </section>
  `;
}

/**
 * @param {ReviewState} state
 * @param {(action: Action) => void} run
 */
const destroyButton = ({ holding }, run) =>
  control(run, "ask-destroy", {
    label: t(holding ? "review.hold" : "review.destroy"),
    kind: holding ? "danger holding" : "danger",
    reserve: [t("review.hold"), t("review.destroy")],
  });

/**
 * Render the start page, or the reason for a break.
 * @param {ReviewState} state
 * @param {(action: Action) => void} run
 */
function intermission(state, run) {
  const { stop, mayGoOn = true, restSeconds = 0 } = state.pause ?? {};
  const begin = control(run, "next", { label: t(stop ? "review.go_on" : "review.begin"), kind: "primary" });
  return card(
    {
      label: t("pages.review"),
      actions: html`
        ${mayGoOn ? begin : nothing} ${state.judged ? undoButton(state, run) : nothing}
        ${stop ? control(run, "stop", { label: t("review.stop") }) : nothing}
      `,
      answer: state.answer,
    },
    html`
      <p tabindex="-1">${t(stop ? `review.stops.${stop}` : "review.why", { duration: formatDuration(restSeconds) })}</p>
    `,
  );
}

/**
 * @param {ReviewState} state
 * @param {(action: Action) => void} run
 */
function question(state, run) {
  const { words, singleKeys, playing } = state;
  const hidden = hides(words) && !state.revealed;
  const keyed = (/** @type {string} */ key) => (singleKeys ? key : undefined);
  const play = t("review.play");
  const pause = t("review.pause");
  return html`
    <section class="card" aria-labelledby="question" aria-busy=${state.busy}>
      <ha-card>
        <div class="card-header"><h2 id="question" tabindex="-1">${t("review.title")}</h2></div>
        <div class="card-content">
          <div class="wave"></div>
          <div class="row tools">
            ${control(run, "play", {
              label: playing ? pause : play,
              icon: playing ? "mdi:pause" : "mdi:play",
              key: keyed("Space"),
              disabled: state.disguise === "words",
              reserve: [play, pause],
            })}
            ${control(run, "repeat", {
              label: t("review.repeat"),
              key: keyed("R"),
              disabled: !state.canRepeat,
            })}
            <indoor-voice-speed></indoor-voice-speed>
          </div>
          <label class="field wide">
            <span>${t("review.heard")}</span>
            <input
              name="words"
              maxlength="1000"
              autocomplete="off"
              ?readonly=${!words || hidden}
              .value=${words ? masked(words.transcript, hidden ? words.spans : []) : ""}
            />
          </label>
          ${hidden ? hiddenParts(singleKeys, run) : nothing}
          <div class="told" role="group" tabindex="0" aria-label=${t("review.told")}>
            ${words ? told(words, hidden, state.disguise) : html`<div class="bone"></div> <div class="bone short"></div>`}
          </div>
          ${verdicts(state, run)} ${footer(undefined, state.answer)}
          <div class="actions">
            ${control(run, "skip", { label: t("review.skip"), key: keyed("S") })} ${undoButton(state, run)}
            ${control(run, "stop", { label: t("review.stop"), key: "Escape" })}
            ${control(run, "give-up", { label: t("review.give_up"), key: keyed("N") })}
            ${destroyButton(state, run)}
          </div>
        </div>
      </ha-card>
    </section>
  `;
}

/**
 * Render that something is hidden, and the button that shows it.
 * @param {boolean} singleKeys
 * @param {(action: Action) => void} run
 */
const hiddenParts = (singleKeys, run) => html`
  <div class="hidden-parts">
    <span class="quiet">${t("critical.hidden_parts")}</span>
    ${control(run, "reveal", { label: t("critical.show"), key: singleKeys ? "M" : undefined })}
  </div>
`;

/**
 * Render what the assistant did and answered.
 * @param {Words} words
 * @param {boolean} hidden whether numbers and codes are hidden
 * @param {Disguise} disguise
 */
const told = ({ done, answer, answer_spans: spans }, hidden, disguise) => html`
  ${disguise === "none" ? nothing : html`<p class="quiet">${whatYouGet(disguise)}</p>`}
  <p>${t(done?.length ? "review.did" : "review.did_nothing")}</p>
  <ul>
    ${doneTexts(done).map((text) => html`<li>${text}</li>`)}
  </ul>
  ${answer ? html`<p>${withMasks(t("review.answered", { text: masked(answer, hidden ? spans : []) }))}</p>` : nothing}
`;

/**
 * @param {ReviewState} state
 * @param {(action: Action) => void} run
 */
function verdicts({ heard, singleKeys }, run) {
  return html`
    <fieldset ?disabled=${!heard}>
      <legend>${t(heard ? "review.verdicts" : "review.hear_first")}</legend>
      <div class="row verdicts">
        ${VERDICTS.map((verdict, index) =>
          control(run, verdict, {
            label: `${singleKeys ? `${index + 1} · ` : ""}${t(`review.verdict.${verdict}`)}`,
            key: singleKeys ? `${index + 1}` : undefined,
            disabled: !heard,
          }),
        )}
      </div>
    </fieldset>
  `;
}

/**
 * Render a button with its key. It does nothing while another action is under way, but looks the same, so that the
 * page doesn't flicker.
 * @param {(action: Action) => void} run
 * @param {Action} action
 * @param {{ label: string, key?: string | undefined, kind?: string, icon?: string, disabled?: boolean,
 *   reserve?: string[] }} look
 */
function control(run, action, { label, key, kind = "secondary", icon: iconName, disabled = false, reserve = [] }) {
  return html`
    <button
      type="button"
      class=${kind}
      aria-keyshortcuts=${key ?? nothing}
      ?disabled=${disabled}
      @click=${() => run(action)}
    >
      ${iconName ? icon(iconName) : nothing}
      <span class="label"
        >${reserve.map((other) => html`<span class="reserved" data-label=${other}></span>`)}<span>${label}</span></span
      >
    </button>
  `;
}

/**
 * @param {ReviewState} state
 * @param {(action: Action) => void} run
 */
const undoButton = ({ judged, singleKeys }, run) =>
  control(run, "undo", { label: t("review.undo"), key: singleKeys ? "Z" : undefined, disabled: !judged });

/**
 * @param {string} text
 * @param {(action: Action) => void} run
 */
const guidance = (text, run) =>
  card(
    {
      heading: t("review.guidance"),
      id: "guidance",
      actions: control(run, "close-guidance", { label: t("review.close") }),
    },
    html`<p class="notice">${text}</p>`,
  );

/**
 * @param {ReviewState} state
 * @param {(on: boolean) => void} switchKeys
 */
const help = ({ singleKeys }, switchKeys) =>
  card(
    { label: t("review.help") },
    html`
      <details>
        <summary>${t("review.help")}</summary>
        ${checkbox({ label: t("review.single_keys"), checked: singleKeys, onChange: switchKeys })}
        <p class="quiet">${t("review.single_keys_why")}</p>
        <dl class="keys">
          ${KEYS.map((key) => html`<dt><kbd>${key}</kbd></dt> <dd>${t(`review.keys.${key}`)}</dd>`)}
        </dl>
      </details>
    `,
  );
