/** Renders a review: a recording with the question about it, or a text before, between and after recordings. */

import { html, nothing } from "./vendor/lit-element.js";
import { withChecked } from "./dom.js";
import { formatDuration, formatList, t } from "./i18n.js";
import { KEYS, VERDICTS } from "./review-keyboard.js";
import "./speed.js";

/** @import { Words } from "./api.d.ts" */
/** @import { Action } from "./review-keyboard.js" */

/**
 * The state of the page.
 * @typedef {object} ReviewState
 * @property {Words | undefined} words the words of the current recording
 * @property {boolean} canRepeat whether its sound is open
 * @property {boolean} playing
 * @property {boolean} heard whether enough of it was heard to judge it
 * @property {boolean} holding whether the key that destroys it is held
 * @property {boolean} busy
 * @property {boolean} judged whether there is a verdict to undo
 * @property {boolean} singleKeys
 * @property {{ stop: string, mayGoOn: boolean, restSeconds: number } | undefined} pause why no recording is shown
 * @property {string | undefined} guidance whom to talk to about a troubling recording
 */

/**
 * Render the page of a review.
 * @param {ReviewState} state
 * @param {(action: Action) => void} run
 * @param {(on: boolean) => void} switchKeys
 */
export function reviewView(state, run, switchKeys) {
  const waiting = state.busy ? html`<p class="card">${t("loading")}</p>` : intermission(state, run);
  return html`
    ${state.words ? question(state.words, state, run) : waiting}
    ${state.guidance ? guidance(state.guidance, run) : nothing} ${help(state, switchKeys)}
  `;
}

/**
 * Render the start page, or the reason for a break.
 * @param {ReviewState} state
 * @param {(action: Action) => void} run
 */
function intermission(state, run) {
  const { stop, mayGoOn = true, restSeconds = 0 } = state.pause ?? {};
  return html`
    <section class="card" aria-label=${t("pages.review")} tabindex="-1">
      <p>${t(stop ? `review.stops.${stop}` : "review.why", { duration: formatDuration(restSeconds) })}</p>
      <div class="row">
        ${
          mayGoOn
            ? html`
              <button ?disabled=${state.busy} @click=${() => run("next")}>
                ${t(stop ? "review.go_on" : "review.begin")}
              </button>
            `
            : nothing
        }
        ${undoButton(state, run)}
        ${stop ? html`<button @click=${() => run("stop")}>${t("review.stop")}</button>` : nothing}
      </div>
    </section>
  `;
}

/**
 * @param {Words} words
 * @param {ReviewState} state
 * @param {(action: Action) => void} run
 */
function question({ transcript, done, answer }, state, run) {
  return html`
    <section class="card" aria-labelledby="question">
      <h2 id="question" tabindex="-1">${t("review.title")}</h2>
      <div class="wave"></div>
      <div class="row tools">
        ${button(state, run, "play", "Space", state.playing ? "pause" : "play")}
        ${state.canRepeat ? button(state, run, "repeat", "R") : nothing}
        <indoor-voice-speed></indoor-voice-speed>
      </div>
      <label class="field wide">
        ${t("review.heard")}
        <input name="words" maxlength="1000" autocomplete="off" .value=${transcript} />
      </label>
      <p>${done?.length ? t("review.did", { names: formatList(done) }) : t("review.did_nothing")}</p>
      ${answer ? html`<p>${t("review.answered", { text: answer })}</p>` : nothing} ${verdicts(state, run)}
      <div class="row">
        ${button(state, run, "skip", "S")} ${undoButton(state, run)}
        <button class=${state.holding ? "holding" : ""} @click=${() => run("ask-destroy")}>
          ${t(state.holding ? "review.hold" : "review.destroy")}
        </button>
        ${button(state, run, "give-up", "N", "give_up")}
        <button aria-keyshortcuts="Escape" @click=${() => run("stop")}>${t("review.stop")}</button>
      </div>
    </section>
  `;
}

/**
 * @param {ReviewState} state
 * @param {(action: Action) => void} run
 */
function verdicts({ heard, busy, singleKeys }, run) {
  const shut = !heard || busy;
  return html`
    <fieldset ?disabled=${shut}>
      <legend>${t(heard ? "review.verdicts" : "review.hear_first")}</legend>
      <div class="row verdicts">
        ${VERDICTS.map(
          (verdict, index) => html`
            <button
              aria-keyshortcuts=${singleKeys ? index + 1 : nothing}
              ?disabled=${shut}
              @click=${() => run(verdict)}
            >
              ${singleKeys ? `${index + 1} · ` : ""}${t(`review.verdict.${verdict}`)}
            </button>
          `,
        )}
      </div>
    </fieldset>
  `;
}

/**
 * @param {ReviewState} state
 * @param {(action: Action) => void} run
 * @param {Action} action
 * @param {string} key
 * @param {string} [label]
 */
function button({ singleKeys, busy }, run, action, key, label = action) {
  return html`
    <button aria-keyshortcuts=${singleKeys ? key : nothing} ?disabled=${busy} @click=${() => run(action)}>
      ${t(`review.${label}`)}
    </button>
  `;
}

/**
 * @param {ReviewState} state
 * @param {(action: Action) => void} run
 */
function undoButton(state, run) {
  return state.judged ? button(state, run, "undo", "Z") : nothing;
}

/**
 * @param {string} text
 * @param {(action: Action) => void} run
 */
function guidance(text, run) {
  return html`
    <section class="card" aria-labelledby="guidance">
      <h2 id="guidance">${t("review.guidance")}</h2>
      <p class="notice">${text}</p>
      <button @click=${() => run("close-guidance")}>${t("review.close")}</button>
    </section>
  `;
}

/**
 * @param {ReviewState} state
 * @param {(on: boolean) => void} switchKeys
 */
function help({ singleKeys }, switchKeys) {
  return html`
    <details class="card">
      <summary>${t("review.help")}</summary>
      <label class="row">
        <input type="checkbox" .checked=${singleKeys} @change=${withChecked(switchKeys)} />
        ${t("review.single_keys")}
      </label>
      <p class="quiet">${t("review.single_keys_why")}</p>
      <dl class="keys">
        ${KEYS.map((key) => html`<dt><kbd>${key}</kbd></dt> <dd>${t(`review.keys.${key}`)}</dd>`)}
      </dl>
    </details>
  `;
}
