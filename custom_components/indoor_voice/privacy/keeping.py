"""Keep or drop an ended turn: seal it to its listeners if the rules allow that."""

import json
import wave
from dataclasses import replace
from io import BytesIO
from secrets import token_hex
from typing import TYPE_CHECKING, Final

from .consent import rules
from .consent.disguise import Disguise
from .consent.rules import DropReason
from .marking.marks import mark_words
from .store import records
from .store.ledger_rows import RowKind
from .store.recordings import Recording
from .store.sealing import Content, seal, seal_disguise
from .types import KeepResult

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .consent.rules import Decision
    from .door import Door
    from .journal import Journal
    from .people import PersonId
    from .state import HouseholdState
    from .store.database import Database
    from .store.recordings import Recordings
    from .types import EndedTurn

_SAMPLE_RATE: Final = 16_000
_BYTES_PER_SAMPLE: Final = 2


class Keeping:
    """Writes recordings within the household's transactions; raises `StoreError`."""

    def __init__(
        self,
        database: Database,
        recordings: Recordings,
        state: HouseholdState,
        journal: Journal,
        door: Door,
    ) -> None:
        self._database = database
        self._recordings = recordings
        self._state = state
        self._journal = journal
        self._door = door

    def end(self, now: float, turn: EndedTurn) -> KeepResult:
        """Keep or drop an ended turn, and count it."""
        self._journal.count(now, "captured")
        keys = records.keys(self._database)
        decision = rules.decide(self._state.situation(now), turn.room, keys)
        reason = _why_dropped(decision, turn)
        if reason is not None:
            self._journal.count(now, f"dropped {reason}")
            return KeepResult(dropped=reason)
        self._journal.count(now, "kept")
        return self._keep(now, decision, turn, keys)

    def report(self, now: float, turn: EndedTurn) -> KeepResult:
        """Keep a turn that was dropped a moment ago, because somebody says that it was wrong."""
        keys, situation = records.keys(self._database), self._state.situation(now)
        decision = rules.decide(situation, turn.room, keys)
        if decision.why_not:
            return KeepResult(dropped=decision.why_not[0])
        if not rules.keeps_reported(situation, turn.room):
            return KeepResult(dropped=DropReason.ACCIDENT)
        self._journal.reported(now)
        # Without a transcript if nothing was recognised: it may have woken by mistake.
        reported = replace(turn, words={"transcript": "", **turn.words, "reported": True})
        return self._keep(now, decision, reported, keys)

    def _keep(
        self, now: float, decision: Decision, turn: EndedTurn, keys: Mapping[PersonId, bytes]
    ) -> KeepResult:
        """Seal a turn to those of its listeners who have a key, and make room for it."""
        disguise, disguised_sound = _for_outsiders(decision, turn)
        insiders = decision.able
        if disguise is not Disguise.NONE:
            insiders &= decision.members
        outsiders = decision.able - insiders
        recording = Recording(
            id=token_hex(16),
            room=turn.room,
            captured=now,
            expires=now + decision.keeps_for_seconds,
            seconds=len(turn.sound) / (_SAMPLE_RATE * _BYTES_PER_SAMPLE),
            members=decision.members,
            listeners=decision.able,
            disguise=disguise if outsiders else Disguise.NONE,
        )
        words = json.dumps(mark_words(turn.words), ensure_ascii=False).encode()
        content = Content(words=words, sound=_wav(turn.sound, _SAMPLE_RATE), features=turn.features)
        if not insiders:
            content = Content(words=b"", sound=b"")  # nobody could ever open it
        self._recordings.insert(
            recording,
            seal(recording.id, content, _of(keys, insiders)),
            seal_disguise(recording.id, disguise, words, disguised_sound, _of(keys, outsiders))
            if outsiders
            else None,
        )
        if turn.words.get("reported"):
            self._recordings.put_reported(recording.id)
        self._journal.record(
            now,
            RowKind.KEPT,
            subjects=recording.members,
            room=recording.room,
            detail={"clip": recording.id, "seconds": round(recording.seconds, 1)},
        )
        self._door.make_room(now)
        return KeepResult(recording=recording.id)


def _for_outsiders(decision: Decision, turn: EndedTurn) -> tuple[Disguise, bytes | None]:
    """Return what outsiders get, and its sound: the words only unless enough could be hidden."""
    if decision.disguise is Disguise.NONE:
        return Disguise.NONE, None
    made = turn.disguised
    if made is not None and made.disguise.hides_at_least(decision.disguise):
        return made.disguise, _wav(made.sound, made.rate)
    return Disguise.WORDS, None


def _of(keys: Mapping[PersonId, bytes], people: Iterable[PersonId]) -> dict[PersonId, bytes]:
    return {person: keys[person] for person in people}


def _why_dropped(decision: Decision, turn: EndedTurn) -> DropReason | None:
    if turn.about_keeping:
        return DropReason.ABOUT_KEEPING
    if not turn.understood:
        return DropReason.ACCIDENT
    return next(iter(decision.why_not), None)


def _wav(sound: bytes, rate: int) -> bytes:
    with BytesIO() as file:
        with wave.open(file, "wb") as writer:
            writer.setframerate(rate)
            writer.setsampwidth(_BYTES_PER_SAMPLE)
            writer.setnchannels(1)
            writer.writeframes(sound)
        return file.getvalue()
