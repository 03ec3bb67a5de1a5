"""The tables of the store, and the migrations from each version of the file to the next.

A recording is called `clip` here, its name when the file format was designed.
"""

from typing import Final

_FIRST: Final = (
    # The ciphertexts come last, so that listing recordings doesn't read them.
    """CREATE TABLE clip (
        id TEXT PRIMARY KEY NOT NULL,
        room TEXT NOT NULL,
        captured REAL NOT NULL,
        expires REAL NOT NULL,
        seconds REAL NOT NULL,
        members TEXT NOT NULL,
        listeners TEXT NOT NULL,
        size INTEGER NOT NULL,
        words BLOB NOT NULL,
        sound BLOB NOT NULL
    ) STRICT""",
    """CREATE VIEW clip_facts AS
        SELECT rowid AS row, id, room, captured, expires, seconds, members, listeners, size
        FROM clip""",
    """CREATE TABLE sealed_key (
        clip TEXT NOT NULL REFERENCES clip (id) ON DELETE RESTRICT,
        person TEXT NOT NULL,
        sealed BLOB NOT NULL,
        PRIMARY KEY (clip, person)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX sealed_key_by_person ON sealed_key (person)",
    """CREATE TABLE consent (
        id TEXT PRIMARY KEY NOT NULL,
        principal TEXT NOT NULL,
        json TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE public_key (
        person TEXT PRIMARY KEY NOT NULL,
        public BLOB NOT NULL,
        created REAL NOT NULL
    ) STRICT""",
    """CREATE TABLE setting (
        name TEXT PRIMARY KEY NOT NULL,
        value TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE counter (
        day TEXT NOT NULL,
        name TEXT NOT NULL,
        count INTEGER NOT NULL,
        PRIMARY KEY (day, name)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE ledger (
        seq INTEGER PRIMARY KEY,
        row TEXT NOT NULL,
        hash BLOB NOT NULL,
        mac BLOB NOT NULL
    ) STRICT""",
    """CREATE TABLE ledger_anchor (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        seq INTEGER NOT NULL,
        hash BLOB NOT NULL,
        time REAL NOT NULL,
        signature BLOB NOT NULL
    ) STRICT""",
)
_REVIEW: Final = (
    """CREATE TABLE reviewed (
        clip TEXT NOT NULL REFERENCES clip (id) ON DELETE CASCADE,
        reviewer TEXT NOT NULL,
        PRIMARY KEY (clip, reviewer)
    ) STRICT, WITHOUT ROWID""",
    # A person who loses the key to a recording also loses the verdicts on it.
    """CREATE TABLE verdict (
        clip TEXT NOT NULL,
        reviewer TEXT NOT NULL,
        person TEXT NOT NULL,
        sealed BLOB NOT NULL,
        PRIMARY KEY (clip, reviewer, person),
        FOREIGN KEY (clip, reviewer) REFERENCES reviewed ON DELETE CASCADE,
        FOREIGN KEY (clip, person) REFERENCES sealed_key ON DELETE CASCADE
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX verdict_by_person ON verdict (clip, person)",
)
_SEAL: Final = (
    """CREATE TABLE seal (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        code BLOB NOT NULL
    ) STRICT""",
)
_LESSONS: Final = (
    # What a wake word sounded like, for those who teach; only if the satellite sent it.
    "ALTER TABLE clip ADD COLUMN features BLOB",
    """CREATE TABLE lesson (
        id TEXT PRIMARY KEY NOT NULL,
        kind TEXT NOT NULL,
        content TEXT NOT NULL,
        person TEXT NOT NULL,
        approved REAL NOT NULL,
        is_on INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID""",
    # Without a reference to `clip`: a lesson outlasts recordings that expire.
    """CREATE TABLE lesson_source (
        lesson TEXT NOT NULL REFERENCES lesson (id) ON DELETE CASCADE,
        clip TEXT NOT NULL,
        room TEXT NOT NULL,
        members TEXT NOT NULL,
        PRIMARY KEY (lesson, clip)
    ) STRICT, WITHOUT ROWID""",
)
_DISGUISES: Final = (
    # What listeners get who were not expected in the room, with a key of its own. Recordings
    # without a row here were sealed to everybody as they are.
    """CREATE TABLE disguised (
        clip TEXT PRIMARY KEY NOT NULL REFERENCES clip (id) ON DELETE CASCADE,
        disguise TEXT NOT NULL,
        words BLOB NOT NULL,
        sound BLOB
    ) STRICT""",
)
_REPORTED: Final = (
    # The recordings that somebody in the room reported as wrong, which are reviewed first.
    """CREATE TABLE reported (
        clip TEXT PRIMARY KEY NOT NULL REFERENCES clip (id) ON DELETE CASCADE
    ) STRICT, WITHOUT ROWID""",
)
STEPS: Final = (_FIRST, _REVIEW, _SEAL, _LESSONS, _DISGUISES, _REPORTED)
"""The statements that lead from each version of the file to the next; the first create it."""

SCHEMA: Final = len(STEPS)
