/** The rows of the ledger, and what shows whether it is complete. */

import type { Disguise, KeyChange, Part, Purpose } from "./api.d.ts";

export type Broken = "edited" | "missing" | "forged";
export type RowKind =
  | "begun"
  | "paired"
  | "unpaired"
  | "kept"
  | "dropped"
  | "opened"
  | "refused"
  | "consent-given"
  | "consent-refused"
  | "consent-withdrawn"
  | "consent-expired"
  | "consent-bound"
  | "arranged"
  | "audience-changed"
  | "ceiling-changed"
  | "paused"
  | "deleted"
  | "key-created"
  | "key-removed"
  | "captured"
  | "key-found"
  | "lesson-approved"
  | "lesson-rebuilt"
  | "lesson-off"
  | "lesson-ended"
  | "aged"
  | "clock-jumped";

/** A row of the ledger. */
export interface Row {
  seq: number;
  time: number;
  kind: RowKind;
  actor: string | null;
  subjects: string[];
  room: string | null;
  detail: RowDetail;
}

/** The details of a row that the panel shows. Which of them exist depends on the kind of row. */
export interface RowDetail {
  /** The id of the recording. */
  clip?: string;
  part?: Part;
  why?: string;
  how?: "action" | "panel" | "options" | "voice" | "system";
  /** The person who tried to open a recording by a name that was given to somebody else. */
  by?: string;
  person?: string;
  purpose?: Purpose;
  seconds?: number;
  /** The form in which a listener from outside the room got it. */
  disguise?: Disguise;
  /** How many recordings it is about. */
  clips?: number;
  /** The kind of a lesson. */
  kind?: "correction" | "alias" | "names" | "threshold" | "verifier";
  days?: number;
  change?: KeyChange;
  household?: boolean;
  room?: boolean;
  guests?: boolean;
  what?: string;
  name?: string;
  was?: string;
  now?: string;
}

/** Which rows to return: those about listening by others, by the user or by anyone, or all. */
export type RowsAbout = "others" | "mine" | "listening" | "everything";

export interface SignedHead {
  seq: number;
  hash: string;
  time: number;
  signature: string;
  public: string;
}

export interface Verification {
  ok: boolean;
  rows: number;
  first: number | null;
  since: number | null;
  first_broken: number | null;
  reason: Broken | null;
}
