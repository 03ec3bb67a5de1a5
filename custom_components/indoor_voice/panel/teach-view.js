/** Renders what could be learned, and what was. */

import { css, html, nothing } from "./vendor/lit-element.js";
import { alert, button, state } from "./elements.js";
import { formatLocalDate, formatLocalTime, t } from "./i18n.js";
import { isCritical } from "./lessons/evidence.js";

/** @import { Lesson } from "./api.d.ts" */
/** @import { Evidence } from "./lessons/evidence.js" */
/** @import { Finding } from "./lessons/finding.js" */

/** Of how many recordings the words are shown for one lesson. */
const MOST_RECORDINGS = 20;

/** The styles of both lists. */
export const teachStyle = css`
  .lessons {
    margin: 0 calc(-1 * var(--gap));
  }
  .lessons > li {
    margin: 0;
    padding: 12px var(--gap);
    border-top: 1px solid var(--divider-color, #e0e0e0);
  }
  .lessons h3 {
    margin: 0;
    font-size: var(--ha-font-size-l, 1rem);
  }
  .lessons p {
    margin: 4px 0;
  }
  .lessons details {
    margin: 0;
  }
  .lessons .answer {
    min-height: 0;
  }
  .lessons .alert {
    margin: 8px 0;
  }
`;

/**
 * @typedef {{ sentence: string, busy: boolean }} Shown
 */

/**
 * Render something that could be learned.
 * @param {Finding} finding
 * @param {Evidence[]} sources the recordings that it rests on
 * @param {Shown & { answer: unknown, roomName: (room: string) => string, approve: (() => unknown) | undefined }} shown
 *   `approve` is undefined once that was done
 */
export const proposal = ({ hindrance, tested }, sources, { sentence, busy, answer, roomName, approve }) => html`
  <h3>${sentence}</h3>
  ${tested ? html`<p>${t("teach.tested", tested)}</p>` : nothing}
  ${hindrance ? alert(hindrance === "consent" ? "info" : "warning", t(`teach.hindrance.${hindrance}`)) : nothing}
  <details>
    <summary>${t("teach.sources", { count: sources.length })}<span class="hidden">: ${sentence}</span></summary>
    <ul>
      ${sources.slice(0, MOST_RECORDINGS).map((one) => html`<li>${sourceText(one, roomName)}</li>`)}
    </ul>
    ${
      sources.length > MOST_RECORDINGS
        ? html`<p>${t("teach.more_sources", { count: sources.length - MOST_RECORDINGS })}</p>`
        : nothing
    }
  </details>
  ${hindrance || !approve ? nothing : button({ label: t("teach.approve"), about: sentence, busy, onClick: approve })} ${answer}
`;

/**
 * Say when a recording was made, and what was said.
 * @param {Evidence} evidence
 * @param {(room: string) => string} roomName
 */
function sourceText({ day, time, room, words, verdicts }, roomName) {
  const when = t("teach.when", {
    date: formatLocalDate(day, "medium"),
    time: time === null ? t("teach.not_own") : formatLocalTime(time),
    room: roomName(room),
  });
  const said = isCritical(words) ? t("teach.critical") : t("recordings.said", { text: words.transcript });
  const judged = verdicts.map(({ verdict, words: corrected }) =>
    corrected !== null && !isCritical(words)
      ? t("recordings.corrected", { text: corrected })
      : t("recordings.reviewed", { verdict: t(`review.verdict.${verdict}`) }),
  );
  return `${when} ${[said, ...new Set(judged)].join(" · ")}`;
}

/**
 * Render an approved lesson.
 * @param {Lesson} lesson
 * @param {Shown & { name: string, date: string, why: string | undefined, end: () => unknown }} shown `why` it is off
 */
export const lessonItem = (lesson, { sentence, busy, name, date, why, end }) => html`
  <h3>${sentence}</h3>
  <p class="quiet">${t("teach.approved_by", { name, date, count: lesson.sources })}</p>
  <p>
    ${
      lesson.state === "on"
        ? state(t("teach.on"), { icon: "mdi:check-circle-outline", kind: "success" })
        : state(t("teach.off"), { icon: "mdi:pause-circle-outline" })
    }
  </p>
  ${why ? html`<p>${why}</p>` : nothing}
  ${button({ label: t("teach.end"), about: sentence, busy, onClick: end })}
`;
