/** Renders whether the ledger is complete: a mark, with the details on demand. */

import { html, nothing } from "./vendor/lit-element.js";
import { alert, button, footer, state } from "./elements.js";
import { formatDate, formatNumber, t } from "./i18n.js";

/** @import { Totals, Verification } from "./api.d.ts" */

/**
 * What was checked.
 * @typedef {object} Check
 * @property {Verification} verification
 * @property {Totals} totals
 * @property {boolean} wasCompared whether it was compared with what this browser saw last time
 */

/**
 * Render the mark. What is wrong is shown at once, and not only on demand.
 * @param {Check | undefined} check undefined while it is not known yet
 * @param {() => unknown} save saves a signed copy
 * @param {unknown} answer the place for the outcome of saving
 */
export function whole(check, save, answer) {
  if (!check) return html`<p>${state(t("ledger.checking"), { icon: "mdi:progress-clock" })}</p>`;
  const { ok } = check.verification;
  const addsUp = Object.values(check.totals.adds_up).every(Boolean);
  const mark = ok ? t(addsUp ? "ledger.complete" : "ledger.wrong_counts") : t("ledger.incomplete");
  const isFine = ok && addsUp;
  return html`
    ${ok ? nothing : alert("error", broken(check.verification))}
    ${addsUp ? nothing : alert("error", t("ledger.counts.wrong"))}
    <details class="whole" ?open=${!isFine}>
      <summary>
        ${state(mark, isFine ? { icon: "mdi:check", kind: "success" } : { icon: "mdi:alert", kind: "error" })}
      </summary>
      ${ok ? html`<p>${intact(check)}</p>` : nothing}
      <ul class="plain">
        ${counts(check.totals)}
      </ul>
      ${footer(button({ label: t("ledger.export"), icon: "mdi:download", onClick: save }), answer)}
    </details>
  `;
}

/** @param {Verification} verification */
const broken = ({ reason, first_broken: row }) => t(`ledger.broken.${reason}`, { row: row ?? "" });

/**
 * Say that every row is as it was written, and how far back they reach.
 * @param {Check} check
 */
function intact({ verification: { rows, first, since }, wasCompared }) {
  const said = [t("ledger.whole", { count: rows })];
  if (since !== null && first !== null)
    said.push(t("ledger.since", { row: formatNumber(first), date: formatDate(since) }));
  if (wasCompared) said.push(t("ledger.same"));
  return said.join(" ");
}

/** @param {Totals} totals */
function counts({ captured, kept, dropped, recordings, deleted, expired, opened, adds_up: addsUp }) {
  let notKept = 0;
  for (const count of Object.values(dropped)) notKept += count;
  const numbers = { captured, kept, notKept, recordings, expired, deleted: deleted - expired, opened };
  const values = Object.fromEntries(Object.entries(numbers).map(([name, count]) => [name, formatNumber(count)]));
  const sum = (/** @type {"commands" | "recordings"} */ name) => html`
    <li>${t(`ledger.counts.${name}`, values)} ${t(addsUp[name] ? "ledger.counts.right" : "ledger.counts.wrong")}</li>
  `;
  return html`${sum("commands")} ${sum("recordings")}
    <li>${t("ledger.counts.opened", values)}</li>`;
}
