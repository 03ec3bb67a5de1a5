/** How often the assistant has misunderstood its household in the last months. */

/** @import { MonthlyCount } from "../api.d.ts" */

/** A month with fewer commands says little. */
const LEAST_COMMANDS = 20;
const MOST_MONTHS = 6;

/**
 * Return one in how many commands was misunderstood in each of the last months that had enough; undefined where none
 * was.
 * @param {MonthlyCount[]} counts
 * @returns {{ month: string, oneIn: number | undefined }[]}
 */
export const misunderstoodByMonth = (counts) =>
  counts
    .filter(({ commands }) => commands >= LEAST_COMMANDS)
    .toSorted((a, b) => (a.month < b.month ? -1 : 1))
    .slice(-MOST_MONTHS)
    .map(({ month, commands, misunderstood }) => ({
      month,
      oneIn: misunderstood > 0 ? Math.round(commands / misunderstood) : undefined,
    }));
