/** Renders the search, the filters and the buttons for several recordings. */

import { html } from "./vendor/lit-element.js";
import { withValue } from "./dom.js";
import { card, footer, select } from "./elements.js";
import { formatLocalDate, t } from "./i18n.js";
import "./speed.js";

/** @import { Recording } from "./api.d.ts" */
/** @import { Filter } from "./recordings-filter.js" */

/**
 * What the tools need to know and do.
 * @typedef {object} Tools
 * @property {Recording[]} recordings all that are listed
 * @property {Filter} filter
 * @property {number} opened of how many the words are open
 * @property {boolean} unlocked
 * @property {(room: string) => string} roomName
 * @property {(filter: Partial<Filter>) => void} change
 * @property {boolean} unfolded whether they are shown, and not only their heading
 * @property {(unfolded: boolean) => void} unfold
 * @property {unknown} buttons
 * @property {unknown} answer
 */

/**
 * Render the card above the list.
 * @param {Tools} tools
 */
export function recordingsTools(tools) {
  const toggle = (/** @type {Event & { currentTarget: HTMLDetailsElement }} */ { currentTarget }) =>
    tools.unfold(currentTarget.open);
  return card(
    { label: t("recordings.tools") },
    html`
      <details class="fold" ?open=${tools.unfolded} @toggle=${toggle}>
        <summary>${t("recordings.tools")}</summary>
        ${search(tools)} ${filters(tools)} ${footer(tools.buttons)}
      </details>
      ${tools.answer}
    `,
  );
}

/** @param {Tools} tools */
const search = ({ filter, opened, unlocked, change }) => html`
  <label class="field wide">
    <span>${t("recordings.search")}</span>
    <input
      type="search"
      name="query"
      autocomplete="off"
      maxlength="100"
      aria-describedby="searched"
      ?disabled=${!unlocked}
      .value=${filter.query}
      @input=${withValue((query) => change({ query }))}
    />
  </label>
  <p id="searched" class="quiet">
    ${unlocked ? t("recordings.searched", { count: opened }) : t("recordings.search_locked")} ${t("recordings.recorded")}
  </p>
`;

/** @param {Tools} tools */
function filters({ recordings, filter, roomName, change }) {
  const rooms = [...new Set(recordings.map(({ room }) => room))].map((room) => ({
    value: room,
    label: roomName(room),
  }));
  const days = [...new Set(recordings.map(({ day }) => day))].map((day) => ({
    value: day,
    label: formatLocalDate(day),
  }));
  const all = { value: "", label: t("recordings.any") };
  return html`
    <div class="row tools">
      ${select({
        label: t("recordings.room"),
        options: [all, ...rooms],
        value: filter.room,
        onChange: (room) => change({ room }),
      })}
      ${select({
        label: t("recordings.day"),
        options: [all, ...days],
        value: filter.day,
        onChange: (day) => change({ day }),
      })}
      <indoor-voice-speed></indoor-voice-speed>
    </div>
  `;
}
