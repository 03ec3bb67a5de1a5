"""The table of sealed recordings, with the keys and verdicts sealed to their listeners."""

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ..consent.disguise import Disguise
from ..people import DAY_SECONDS, MAX_RETENTION_SECONDS
from ..strict_json import texts_of
from .sealing import Part

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from ..people import PersonId, RoomId
    from .database import Database
    from .sealing import RecordingId, SealedDisguise, SealedRecording

_CIPHERTEXTS: Final = {
    (Part.WORDS, False): "SELECT words FROM clip WHERE id = ?",
    (Part.SOUND, False): "SELECT sound FROM clip WHERE id = ?",
    (Part.WORDS, True): "SELECT words FROM disguised WHERE clip = ?",
    (Part.SOUND, True): "SELECT sound FROM disguised WHERE clip = ?",
}
_FACTS: Final = (
    "SELECT clip_facts.*, ifnull(disguise, 'none') FROM clip_facts LEFT JOIN disguised ON clip = id"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """The properties of a recording that are known without opening it."""

    id: RecordingId
    room: RoomId
    captured: float
    expires: float
    seconds: float
    """The length of the sound."""

    members: frozenset[PersonId]
    """The people who were expected in the room at capture."""

    listeners: frozenset[PersonId]
    """The people to whom the recording was sealed."""

    disguise: Disguise = Disguise.NONE
    """What those of them got who were not expected in the room."""

    def disguise_for(self, person: PersonId) -> Disguise:
        """Return what a listener gets."""
        return Disguise.NONE if person in self.members else self.disguise


class Recordings:
    """Reads and writes recordings; every method raises `StoreError`.

    Methods that write must be called within a transaction. Invalid rows are ignored, and
    `delete_expired` deletes them.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def insert(
        self,
        recording: Recording,
        sealed: SealedRecording,
        disguised: SealedDisguise | None = None,
    ) -> None:
        """Store a recording with its sealed keys, and what outsiders get instead of it."""
        keys = {**sealed.keys, **(disguised.keys if disguised else {})}
        parts = [sealed.words, sealed.sound, sealed.features or b"", *keys.values()]
        if disguised:
            parts += [disguised.words, disguised.sound or b""]
        self._database.write(
            "INSERT INTO clip VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                recording.id,
                recording.room,
                recording.captured,
                recording.expires,
                recording.seconds,
                json.dumps(sorted(recording.members)),
                json.dumps(sorted(recording.listeners)),
                sum(map(len, parts)),
                sealed.words,
                sealed.sound,
                sealed.features,
            ),
        )
        if disguised:
            self._database.write(
                "INSERT INTO disguised VALUES (?, ?, ?, ?)",
                (recording.id, disguised.disguise, disguised.words, disguised.sound),
            )
        for person, key in keys.items():
            self._database.write(
                "INSERT INTO sealed_key VALUES (?, ?, ?)", (recording.id, person, key)
            )

    def all(self, room: RoomId | None = None) -> list[Recording]:
        """Return all recordings, or those of a room, newest first."""
        rows = self._database.read(
            f"{_FACTS} WHERE room = ifnull(?, room) ORDER BY captured DESC, row DESC",
            (room,),
        )
        return [recording for row in rows if (recording := _recording(row))]

    def count(self, room: RoomId | None = None) -> int:
        """Return the number of all recordings, or of those of a room."""
        rows = self._database.read(
            "SELECT count(*) FROM clip WHERE room = ifnull(?, room)", (room,)
        )
        return int(rows[0][0])

    def next_expiry(self) -> float | None:
        """Return when the first recording expires, in seconds since 1970; None if there is none."""
        ((expires,),) = self._database.read("SELECT min(expires) FROM clip")
        return None if expires is None else float(expires)

    def get(self, recording: RecordingId) -> Recording | None:
        """Return a recording by its id."""
        rows = self._database.read(f"{_FACTS} WHERE id = ?", (recording,))
        return _recording(rows[0]) if rows else None

    def part(
        self, recording: RecordingId, part: Part, disguise: Disguise = Disguise.NONE
    ) -> bytes | None:
        """Return the ciphertext of a part of a recording, as it was or as outsiders get it."""
        sql = _CIPHERTEXTS[part, disguise is not Disguise.NONE]
        rows = self._database.read(sql, (recording,))
        return rows[0][0] if rows else None

    def features(self, recording: RecordingId) -> bytes | None:
        """Return the ciphertext of what the wake word sounded like; None if that is not known."""
        rows = self._database.read("SELECT features FROM clip WHERE id = ?", (recording,))
        return rows[0][0] if rows else None

    def key(self, recording: RecordingId, person: PersonId) -> bytes | None:
        """Return the key of a recording as sealed to a person."""
        rows = self._database.read(
            "SELECT sealed FROM sealed_key WHERE clip = ? AND person = ?", (recording, person)
        )
        return rows[0][0] if rows else None

    def holders(self) -> dict[RecordingId, frozenset[PersonId]]:
        """Return the people to whom the key of each recording is sealed now."""
        found: dict[RecordingId, set[PersonId]] = {}
        for recording, person in self._database.read("SELECT clip, person FROM sealed_key"):
            found.setdefault(recording, set()).add(person)
        return {recording: frozenset(people) for recording, people in found.items()}

    def drop_keys(self, recording: RecordingId, people: Collection[PersonId]) -> int:
        """Delete the keys of people to a recording; returns how many had one."""
        return sum(
            self._database.write(
                "DELETE FROM sealed_key WHERE clip = ? AND person = ?", (recording, person)
            )
            for person in people
        )

    def drop_keys_of(self, person: PersonId) -> int:
        """Delete all keys of a person to recordings; returns how many there were."""
        return self._database.write("DELETE FROM sealed_key WHERE person = ?", (person,))

    def reviewed(self, reviewer: PersonId) -> frozenset[RecordingId]:
        """Return the recordings on which a person has given a verdict."""
        rows = self._database.read("SELECT clip FROM reviewed WHERE reviewer = ?", (reviewer,))
        return frozenset(recording for (recording,) in rows)

    def reported(self) -> frozenset[RecordingId]:
        """Return the recordings that somebody in the room reported as wrong."""
        rows = self._database.read("SELECT clip FROM reported")
        return frozenset(recording for (recording,) in rows)

    def put_reported(self, recording: RecordingId) -> None:
        """Note that somebody in the room reported a recording as wrong."""
        self._database.write("INSERT INTO reported VALUES (?)", (recording,))

    def put_verdict(
        self, recording: RecordingId, reviewer: PersonId, sealed: Mapping[PersonId, bytes]
    ) -> None:
        """Store a person's verdict on a recording, sealed to people who have a key to it."""
        self._database.write("INSERT INTO reviewed VALUES (?, ?)", (recording, reviewer))
        for person, content in sealed.items():
            self._database.write(
                "INSERT INTO verdict VALUES (?, ?, ?, ?)", (recording, reviewer, person, content)
            )

    def drop_verdict(self, recording: RecordingId, reviewer: PersonId) -> bool:
        """Delete a person's verdict on a recording; returns whether there was one."""
        return (
            self._database.write(
                "DELETE FROM reviewed WHERE clip = ? AND reviewer = ?", (recording, reviewer)
            )
            > 0
        )

    def verdicts(self, recording: RecordingId, person: PersonId) -> tuple[bytes, ...]:
        """Return the verdicts on a recording as sealed to a person."""
        rows = self._database.read(
            "SELECT sealed FROM verdict WHERE clip = ? AND person = ?", (recording, person)
        )
        return tuple(sealed for (sealed,) in rows)

    def with_verdict_for(self, person: PersonId) -> frozenset[RecordingId]:
        """Return the recordings that have a verdict sealed to a person."""
        rows = self._database.read("SELECT DISTINCT clip FROM verdict WHERE person = ?", (person,))
        return frozenset(recording for (recording,) in rows)

    def shorten(self, recording: RecordingId, expires: float) -> None:
        """Make a recording expire at `expires` if that is earlier."""
        self._database.write(
            "UPDATE clip SET expires = ? WHERE id = ? AND expires > ?",
            (expires, recording, expires),
        )

    def delete(self, recordings: Collection[RecordingId]) -> int:
        """Delete recordings, their keys first; returns how many there were."""
        for recording in recordings:
            self._database.write("DELETE FROM sealed_key WHERE clip = ?", (recording,))
        return sum(
            self._database.write("DELETE FROM clip WHERE id = ?", (recording,))
            for recording in recordings
        )

    def delete_expired(self, now: float) -> list[Recording]:
        """Delete the recordings that have expired, their keys first, and return them.

        Also deletes what damage to the file may leave: invalid rows, and keys to no recording.
        """
        expired = []
        for row in self._database.read(_FACTS):
            recording = _recording(row)
            if recording and now < recording.expires and recording.captured < now + DAY_SECONDS:
                continue
            if recording:
                expired.append(recording)
            # By the rowid, because the id may be damaged.
            self._database.write(
                "DELETE FROM sealed_key WHERE clip = (SELECT id FROM clip WHERE rowid = ?)", row[:1]
            )
            self._database.write("DELETE FROM clip WHERE rowid = ?", row[:1])
        self._database.write("DELETE FROM sealed_key WHERE clip NOT IN (SELECT id FROM clip)")
        self._database.write("DELETE FROM reviewed WHERE clip NOT IN (SELECT id FROM clip)")
        self._database.write("DELETE FROM disguised WHERE clip NOT IN (SELECT id FROM clip)")
        self._database.write("DELETE FROM reported WHERE clip NOT IN (SELECT id FROM clip)")
        return expired

    def unopenable(self) -> list[Recording]:
        """Return the recordings to which nobody has a key any more."""
        holders = self.holders()
        return [recording for recording in self.all() if recording.id not in holders]

    def beyond(self, max_bytes: int, most: int) -> list[Recording]:
        """Return the oldest recordings, without which the others take at most `max_bytes`.

        Returns at most `most`; the caller deletes them and asks again.
        """
        surplus = self.total_bytes() - max_bytes
        found: list[Recording] = []
        if surplus > 0:
            sizes = dict(self._database.read("SELECT id, size FROM clip_facts"))
            for recording in reversed(self.all()):
                if surplus <= 0 or len(found) == most:
                    break
                surplus -= sizes[recording.id]
                found.append(recording)
        return found

    def total_bytes(self) -> int:
        """Return the size of all ciphertexts and keys together, in bytes."""
        ((size,),) = self._database.read("SELECT ifnull(sum(size), 0) FROM clip")
        return int(size)


def _recording(row: tuple[Any, ...]) -> Recording | None:
    """Read a row; None if it is invalid."""
    _, recording, room, captured, expires, seconds, members, listeners, size, disguise = row
    try:
        read = Recording(
            id=recording,
            room=room,
            captured=captured,
            expires=expires,
            seconds=seconds,
            members=texts_of(json.loads(members)),
            listeners=texts_of(json.loads(listeners)),
            disguise=Disguise(disguise),
        )
    except ValueError, RecursionError:
        return None
    valid = (
        recording
        and room
        and 0 <= captured < expires <= captured + MAX_RETENTION_SECONDS
        and math.isfinite(seconds)
        and seconds >= 0
        and size > 0
        and read.members
        and read.listeners
    )
    return read if valid else None
