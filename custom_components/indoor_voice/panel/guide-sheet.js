/** The sheet for the wall: one page in large type for people who have just walked into the room. */

import { html, svg } from "./vendor/lit-element.js";
import { encode } from "./vendor/uqr.js";
import { formatList, t } from "./i18n.js";

/** The keys of the sentences that anyone can say. */
const SENTENCES = ["kept", "hear", "delete", "stop", "tonight"];
/** How many light squares must surround a QR code, so that it is found. */
const QUIET_SQUARES = 4;

/** It leaves room on A4 and Letter for wide fonts, long addresses and many names. */
export const SHEET_STYLE = `
  @page {
    margin: 11mm;
  }
  body {
    margin: 0;
    color: #000;
    background: #fff;
    font: 14pt/1.3 system-ui, sans-serif;
  }
  h1 {
    margin: 0;
    font-size: 27pt;
    line-height: 1.2;
  }
  h2 {
    margin: 9pt 0 0;
    font-size: 16pt;
  }
  p {
    margin: 3pt 0 0;
  }
  dl {
    display: grid;
    grid-template-columns: 11fr 10fr;
    gap: 5pt 12pt;
    align-items: center;
    margin: 6pt 0 0;
  }
  dt {
    font-size: 18pt;
    font-weight: bold;
    line-height: 1.15;
  }
  dd {
    margin: 0;
  }
  .code {
    display: flex;
    gap: 8mm;
    align-items: center;
    margin-top: 6pt;
    break-inside: avoid;
  }
  svg {
    flex: none;
    width: 42mm;
    height: 42mm;
  }
  .address {
    font-weight: bold;
    overflow-wrap: anywhere;
  }
`;

/**
 * Render the sheet. It says only what stays true for as long as it hangs there.
 * @param {object} facts
 * @param {string} facts.address of the page to which the code leads
 * @param {string[]} facts.wakeWords of all rooms
 * @param {string[]} facts.residents the names of the people to ask
 * @param {string | null} facts.debugRecordings the folder to which Home Assistant writes every command, if it does
 */
export const guideSheet = ({ address, wakeWords, residents, debugRecordings }) => html`
  <h1>${t("guide.microphone")}</h1>
  <p>${t("guide.listens")}</p>
  <p><strong>${keptRule(debugRecordings)}</strong></p>
  <h2>${t("guide.say")}</h2>
  <p>${sayWhy(wakeWords)}</p>
  ${sentences()}
  <h2>${t("guide.mute")}</h2>
  <p>${t("guide.mute_how")}</p>
  <h2>${t("guide.ask")}</h2>
  <p>${t("guide.ask_whom", { names: formatList(residents) })}</p>
  <div class="code">
    ${qrCode(address)}
    <div>
      <h2>${t("guide.scan")}</h2>
      <p>${t("guide.scan_why")}</p>
      <p class="address">${address}</p>
    </div>
  </div>
`;

/**
 * Return when anything is kept: by consent, unless Home Assistant itself writes every command to disk.
 * @param {string | null} folder to which it does
 */
export const keptRule = (folder) => (folder === null ? t("guide.kept_rule") : t("unsealed.what", { folder }));

/** Render what anyone can say, and what each sentence does. */
export const sentences = () => html`
  <dl>
    ${SENTENCES.map(
      (key) => html`
        <dt>“${t(`guide.sentences.${key}.say`)}”</dt>
        <dd>${t(`guide.sentences.${key}.does`)}</dd>
      `,
    )}
  </dl>
`;

/**
 * Return what to say before one of these sentences.
 * @param {string[]} wakeWords
 */
export const sayWhy = (wakeWords) => t("guide.say_why", { count: wakeWords.length, words: quoted(wakeWords) });

/**
 * Return a list of words in quotation marks.
 * @param {string[]} words
 */
export const quoted = (words) => formatList(words.map((word) => `“${word}”`));

/** @param {string} address */
function qrCode(address) {
  const { data, size } = encode(address, { ecc: "M", border: QUIET_SQUARES });
  const dark = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : [])));
  return html`
    <svg role="img" aria-label=${t("guide.code", { address })} viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges">
      ${svg`<path d=${dark.join("")} />`}
    </svg>
  `;
}
