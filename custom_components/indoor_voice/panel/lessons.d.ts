/** The messages about what was learned from reviewed recordings, and what could be. */

/** A recording that was reviewed, as sealed as in the store. */
export interface SealedEvidence {
  /** A name that is valid on this connection until the evidence is read from its start again. */
  recording: string;
  id: string;
  room: string;
  /** The local date (YYYY-MM-DD) of its capture. */
  day: string;
  /** The local time of its capture (HH:MM:SS); null unless it is the user's own. */
  time: string | null;
  own: boolean;
  /** Its key, sealed to the user's listening key; opens both the words and the features. */
  key: string;
  words: string;
  /** What the wake word sounded like; null if the satellite didn't send it. */
  features: string | null;
  /** The verdicts on it that are sealed to the user. */
  verdicts: string[];
  /** Whether everybody who was heard in it agrees to teach. */
  teachable: boolean;
}

/** The content of a lesson of each kind. */
export interface LessonContents {
  correction: { heard: string; meant: string; language: string };
  alias: { entity_id: string; alias: string };
  names: { names: string[] };
  /** One step is 0.1 less sensitive. */
  threshold: { room: string; wake_word: string; stricter: number };
  /** The weights are 12 x 96 numbers, as 32-bit floats in little-endian order. */
  verifier: { wake_word: string; room: string; weights: string; bias: number; threshold: number };
}

export type LessonKind = keyof LessonContents;

/** What can be learned. */
export type Teaching = {
  [Kind in LessonKind]: { kind: Kind; content: LessonContents[Kind] };
}[LessonKind];

/** What somebody approved. */
export type Lesson = Teaching & {
  lesson: string;
  /** The person who approved it, and when (ISO 8601). */
  by: string;
  approved: string;
  state: "on" | "off";
  rooms: string[];
  /** From how many recordings it was learned, some of which may be gone. */
  sources: number;
  /** The names of those of them that the last evidence had. */
  recordings: string[];
};

/** How many commands there were in a month (YYYY-MM), and how many of them were misunderstood. */
export interface MonthlyCount {
  month: string;
  commands: number;
  misunderstood: number;
}

/** The fields and the answer of every command about lessons, as in `Commands`. */
export interface LessonCommands {
  "teach/evidence": [fields: { after?: string }, answer: { evidence: SealedEvidence[]; next: string | null }];
  "lessons/list": [fields: object, answer: { lessons: Lesson[]; counts: MonthlyCount[] }];
  "lessons/approve": [fields: Teaching & { recordings: string[] }, answer: { lesson: string }];
  "lessons/rebuild": [
    fields: { lesson: string; content: LessonContents[LessonKind]; recordings: string[] },
    answer: null,
  ];
  "lessons/end": [fields: { lesson: string }, answer: null];
}
