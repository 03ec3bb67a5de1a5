"""What becomes of a turn that is over: it is sealed to those who may hear it, or dropped."""

import json
import wave
from io import BytesIO
from secrets import token_hex
from typing import TYPE_CHECKING, Final

from .consent import rules
from .consent.rules import DropReason
from .store import records
from .store.ledger import Kind
from .store.recordings import Clip
from .store.sealing import seal
from .types import Kept

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .consent.rules import Decision
    from .door import Door
    from .journal import Account
    from .people import PersonId
    from .state import Standing
    from .store.database import Database
    from .store.recordings import Clips
    from .store.sealing import ClipId
    from .types import EndedTurn

_SAMPLE_RATE: Final = 16_000
_BYTES_PER_SAMPLE: Final = 2


class Keeping:
    """Writes clips, within the household's transactions; raises `StoreError`."""

    def __init__(
        self, database: Database, clips: Clips, standing: Standing, account: Account, door: Door
    ) -> None:
        self._database = database
        self._clips = clips
        self._standing = standing
        self._account = account
        self._door = door

    def end(self, now: float, turn: EndedTurn) -> Kept:
        """Keep a turn, or drop it."""
        self._account.count(now, "captured")
        decision = rules.decide(self._standing.situation(now), turn.room)
        keys = self._keys_of(decision.listeners)
        reason = _why_dropped(decision, turn, keys)
        if reason is not None:
            self._account.count(now, f"dropped {reason}")
            return Kept(dropped=reason)
        clip = self._keep(now, decision, turn, keys)
        self._account.count(now, "kept")
        self._door.make_room(now)
        return Kept(clip=clip)

    def _keys_of(self, people: frozenset[PersonId]) -> dict[PersonId, bytes]:
        keys = records.keys(self._database)
        return {person: keys[person] for person in people & keys.keys()}

    def _keep(
        self, now: float, decision: Decision, turn: EndedTurn, keys: Mapping[PersonId, bytes]
    ) -> ClipId:
        clip = Clip(
            id=token_hex(16),
            room=turn.room,
            captured=now,
            expires=now + decision.keeps_for_seconds,
            seconds=len(turn.sound) / (_SAMPLE_RATE * _BYTES_PER_SAMPLE),
            members=decision.members,
            listeners=frozenset(keys),
        )
        words = json.dumps(turn.words, ensure_ascii=False).encode()
        self._clips.insert(clip, seal(clip.id, words, _wav(turn.sound), keys))
        self._account.record(
            now,
            Kind.KEPT,
            subjects=clip.members,
            room=clip.room,
            detail={"clip": clip.id, "seconds": round(clip.seconds, 1)},
        )
        return clip.id


def _why_dropped(
    decision: Decision, turn: EndedTurn, keys: Mapping[PersonId, bytes]
) -> DropReason | None:
    if turn.about_keeping:
        return DropReason.ABOUT_KEEPING
    reason = decision.why_dropped(understood=turn.understood)
    return DropReason.NO_KEY if reason is None and not keys else reason


def _wav(sound: bytes) -> bytes:
    with BytesIO() as file:
        with wave.open(file, "wb") as writer:
            writer.setframerate(_SAMPLE_RATE)
            writer.setsampwidth(_BYTES_PER_SAMPLE)
            writer.setnchannels(1)
            writer.writeframes(sound)
        return file.getvalue()
