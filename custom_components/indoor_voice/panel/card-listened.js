/** Finds out who listened last. */

/** @import { Ask, Row } from "./api.d.ts" */

const PAGE_ROWS = 100;

/**
 * Return the newest row of the ledger about somebody else who opened a recording of a room in which the user is heard.
 * @param {Ask} ask
 * @param {string} room
 * @returns {Promise<Row | undefined>}
 */
export async function lastListened(ask, room) {
  /** @type {{ before?: number }} */
  let from = {};
  for (;;) {
    const rows = await ask("ledger/rows", { about: "others", limit: PAGE_ROWS, ...from });
    const found = rows.find((row) => row.kind === "opened" && row.room === room);
    const oldest = rows.at(-1);
    if (found || !oldest || rows.length < PAGE_ROWS) return found;
    from = { before: oldest.seq };
  }
}
