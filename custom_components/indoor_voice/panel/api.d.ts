/**
 * The messages of Indoor Voice's WebSocket API (docs/keeping.md, "For programs"). Times are seconds since 1970 and bytes
 * are base64, unless a comment says otherwise.
 */

import type { LockedKey } from "./keys.d.ts";
import type { Row, RowsAbout, SignedHead, Verification } from "./ledger.d.ts";
import type { LessonCommands } from "./lessons.d.ts";

export type { Connection, Device, HomeAssistant, Locale } from "./frontend.d.ts";
export type { Lock, LockedKey, UnlockedKey } from "./keys.d.ts";
export type { Broken, Row, RowDetail, RowKind, RowsAbout, SignedHead, Verification } from "./ledger.d.ts";
export type { Lesson, LessonContents, LessonKind, MonthlyCount, SealedEvidence, Teaching } from "./lessons.d.ts";

export type Purpose = "keep" | "listen" | "left-out" | "teach";
export type ConsentState = "given" | "refused" | "withdrawn" | "superseded" | "expired";
export type Part = "sound" | "words";
/** A part that is sealed: what the wake word sounded like is opened only to learn from it. */
export type SealedPartKind = Part | "features";
/** What a listener gets who was not expected in the room. */
export type Disguise = "none" | "voice" | "respoken" | "words";
export type Verdict = "right" | "wrong-words" | "wrong-action" | "not-for-it" | "not-speech";
export type Mark = "card" | "account" | "code" | "number" | "health" | "distress";
export type Stop = "batch" | "rest" | "enough" | "nothing";
export type KeyChange = "added" | "changed" | "missing";
export type DropReason =
  | "about-keeping"
  | "accident"
  | "failed"
  | "not-allowed"
  | "household-paused"
  | "room-paused"
  | "guests"
  | "nobody-expected"
  | "no-account"
  | "not-wanted"
  | "nobody-may-listen"
  | "no-key";
/** The people, rooms and limits of the household, as returned by `household/arrangement`. */
export interface Arrangement {
  /** The person of the logged-in account; null if it isn't linked to one. */
  person: string | null;
  /** Whether the account administers Home Assistant. */
  admin: boolean;
  /** Whether something waits for the user on the page "Start". */
  has_question: boolean;
  people: { id: string; name: string; may_listen: boolean; has_account: boolean }[];
  rooms: {
    id: string;
    name: string;
    limit_seconds: number | null;
    /** The people whom the administrator expects there. */
    expected: string[];
  }[];
  retention_seconds: number;
  review: boolean;
  /** Whom to talk to about a troubling recording, in the administrator's words; may be empty. */
  guidance: string;
  /** The limits and durations that a consent can have. */
  choices: { limit_seconds: number[]; retention_seconds: number[]; valid_seconds: number[] };
  /** The folder to which Home Assistant writes the sound of every command; null if it doesn't. */
  debug_recordings: string | null;
}

export interface Named {
  id: string;
  name: string;
}

export interface RoomStatus {
  room: string;
  name: string;
  keeps_for_seconds: number;
  /** All reasons why the next turn wouldn't be kept, the first of which counts; empty if it would be. */
  why_not: DropReason[];
  members: Named[];
  /** The members who can't agree, because they have no account. */
  without_account: Named[];
  listeners: (Named & { because: "member" | "named"; has_key: boolean })[];
  /** What listeners get who are not members. */
  disguise: Disguise;
  /** Whether the user is expected there and has not agreed. */
  waits_for_me: boolean;
  /** Whether the user has said no there. */
  declined_by_me: boolean;
  /** Whether others who are expected there have not agreed. */
  waits_for_others: boolean;
  /** The others whose answer is still to come; empty as soon as anybody has said no. */
  waiting_for: Named[];
  paused: "household" | "room" | "guests" | null;
  recordings: number;
}

export interface Totals {
  recordings: number;
  captured: number;
  kept: number;
  opened: number;
  deleted: number;
  /** How many of the deleted recordings had expired. */
  expired: number;
  dropped: Record<DropReason, number>;
  adds_up: { commands: boolean; recordings: boolean };
}

export interface RoomsEvent {
  rooms: RoomStatus[];
  totals: Totals;
  pauses: { household: boolean; guests: boolean };
  /** How many people are asked and were not told so; only for administrators. */
  untold: number;
}

export interface Notice {
  purpose: Purpose;
  language: string;
  id: string;
  text: string;
  sha256: string;
}

export interface Consent {
  id: string;
  principal: string;
  terms: {
    purpose: Purpose;
    rooms: string[];
    limit_seconds: number | null;
    listeners: string[];
    /** Null if the question was another one, or an earlier notice gave no choice. */
    disguise: Disguise | null;
  };
  notice: { id: string; language: string; sha256: string };
  valid_seconds: number;
  events: { time: number; state: ConsentState; by: string | null; how: string; rooms: string[] | null }[];
  /** Null if it was refused. */
  expires_at: number | null;
  /** The rooms in which it is in force. */
  live_rooms: string[];
  /** The rooms for which it was refused. */
  refused_rooms: string[];
}

/** One recording in a list. */
export interface Recording {
  /** A name that is valid on this connection until the next list. */
  recording: string;
  room: string;
  /** The local dates (YYYY-MM-DD) of its capture and expiry. */
  day: string;
  until: string;
  /** The local time of its capture (HH:MM:SS); null unless it is the user's own. */
  time: string | null;
  /** The length of its sound, in whole seconds. */
  seconds: number;
  /** Whether the user was expected in the room. */
  own: boolean;
  /** The form in which the user gets it. */
  disguise: Disguise;
}

/** One part of a recording, with its key, which is sealed to the user's listening key. */
export interface SealedPart {
  id: string;
  key: string;
  ciphertext: string;
  /** The form in which the user gets it. */
  disguise: Disguise;
}

/** What was done to something. */
export type What =
  | "on"
  | "off"
  | "toggled"
  | "stopped"
  | "opened"
  | "closed"
  | "locked"
  | "unlocked"
  | "set"
  | "started"
  | "pressed"
  | "asked";

/** Something that was reached, and what was done to it, if that is known. */
export interface Done {
  name: string;
  what?: What;
}

/** The content of the part "words". */
export interface Words {
  transcript: string;
  /** The language in which it was understood, such as "en". */
  language?: string;
  /** The satellite's name of the wake word with which it began, such as "hey_jarvis". */
  wake_word?: string;
  /** Whether it was kept because somebody said that it was wrong. */
  reported?: boolean;
  /** What is likely to be in the recording; the user is warned of it before it is played. */
  marks?: Mark[];
  /** The start and end of each number and code in the transcript and in the answer, in UTF-16 code units. */
  spans?: [number, number][];
  answer_spans?: [number, number][];
  /** Recordings that were made by an earlier version have names only. */
  done?: (Done | string)[];
  answer?: string;
}

/** A reviewer's verdict on a recording; sealed in the browser. */
export interface SealedVerdict {
  clip: string;
  verdict: Verdict;
  /** The corrected words; null if they were not changed. */
  words: string | null;
}

export type Pause =
  | { scope: "household"; paused: boolean }
  | { scope: "room"; paused: boolean; room: string }
  | { scope: "guests"; paused: boolean; until?: number | "morning" };

/** The fields and the answer of every command, by its type without the prefix `indoor_voice/`. */
export interface Commands extends LessonCommands {
  "pause/set": [fields: Pause, answer: null];
  "setup/allow": [fields: { retention_seconds: number }, answer: null];
  "setup/expect": [fields: { room: string; people: string[] }, answer: null];
  "setup/ask": [fields: object, answer: { told: number }];
  notices: [fields: object, answer: Notice[]];
  "consent/give": [
    fields: {
      purpose: Purpose;
      rooms: string[];
      notice_sha256: string;
      valid_seconds: number;
      limit_seconds?: number;
      listeners?: string[];
      disguise?: Disguise;
    },
    answer: Consent,
  ];
  "consent/refuse": [fields: { purpose: Purpose; rooms: string[]; notice_sha256: string }, answer: Consent];
  "consent/withdraw": [
    fields: { purpose: Purpose; rooms?: string[] },
    answer: { records: number; recordings_deleted: number; keys_dropped: number },
  ];
  "key/create": [fields: { key: LockedKey }, answer: null];
  "key/get": [fields: object, answer: LockedKey | null];
  "key/found": [fields: object, answer: KeyChange | null];
  "key/take": [fields: { public: string }, answer: null];
  "key/change": [fields: { key: LockedKey }, answer: null];
  "key/remove": [fields: object, answer: { recordings_deleted: number }];
  "recordings/list": [fields: { limit?: number }, answer: { total: number; recordings: Recording[] }];
  "recordings/open": [
    fields: { recording: string; part: Part; why: "own" },
    answer: SealedPart & { verdicts: string[] },
  ];
  "recordings/delete": [fields: { recordings: string[] }, answer: { deleted: number }];
  "review/next": [
    fields: { go_on?: boolean },
    answer:
      | { recording: string; stop?: undefined }
      | { recording?: undefined; stop: Stop; may_go_on: boolean; rest_seconds?: number },
  ];
  "review/open": [fields: { recording: string; part: Part }, answer: SealedPart & { readers: string[] }];
  "review/verdict": [
    fields: { recording: string; verdict: Verdict; sealed: Record<string, string> },
    answer: { undo_seconds: number },
  ];
  "review/undo": [fields: object, answer: { recording: string }];
  "review/skip": [fields: { recording: string }, answer: null];
  "review/destroy": [fields: { recording: string }, answer: null];
  "review/give_up": [fields: { recording: string }, answer: { guidance: string }];
  "review/end": [fields: object, answer: null];
  "household/totals": [fields: object, answer: Totals];
  "ledger/rows": [fields: { before?: number; limit?: number; about?: RowsAbout }, answer: Row[]];
  "ledger/head": [fields: object, answer: SignedHead];
  "ledger/copy": [fields: object, answer: object];
  "ledger/verify": [fields: { heads: SignedHead[] }, answer: Verification];
}

/** What Home Assistant knows of a satellite's wake words, as returned by `assist_satellite/get_configuration`. */
export interface SatelliteConfiguration {
  available_wake_words: { id: string; wake_word: string }[];
  active_wake_words: string[];
}

/** The events of every subscription, by its type without the prefix `indoor_voice/`. */
export interface Subscriptions {
  "household/subscribe": Arrangement;
  "rooms/subscribe": RoomsEvent;
  "consent/subscribe": Consent[];
}

export type Fields<Command extends keyof Commands> = Commands[Command][0];
export type Answer<Command extends keyof Commands> = Commands[Command][1];

/** Sends a command and resolves with its answer. Rejects with a `CommandError`. */
export type Ask = <Command extends keyof Commands>(
  command: Command,
  fields: Fields<Command>,
) => Promise<Answer<Command>>;

/** The error with which Home Assistant's frontend rejects a failed command. */
export interface CommandError {
  code: string;
  message: string;
  /** The key of the text of an error that Home Assistant translates. */
  translation_key?: string;
}
