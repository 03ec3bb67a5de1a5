"""The one door to what a household keeps: every change is a transaction, and the rules decide it.

One thread uses it; the keeper sees to that. Every method raises `StoreError`.
"""

import json
import wave
from contextlib import contextmanager, suppress
from dataclasses import replace
from io import BytesIO
from secrets import token_hex
from typing import TYPE_CHECKING, Final, Self

from . import records, rules
from .account import Account, ceiling_detail
from .asking import current_notice, require_person, require_within
from .clips import Clip, Clips
from .consent import VALID_SECONDS_MAX, Purpose, State, Terms
from .database import Database, StoreError
from .dealings import ITSELF, Actor, Kept, Opened, RoomStatus, Withdrawal
from .errors import NotAllowedError, Refusal
from .ledger import Kind, Ledger
from .people import Arrangement
from .rules import DropReason
from .sealing import is_public_key, seal
from .standing import Standing

if TYPE_CHECKING:
    from collections.abc import Collection, Generator, Iterable
    from pathlib import Path

    from .clock import Clock
    from .consent import ConsentRecord, How
    from .dealings import EndedTurn, Totals, Why
    from .ledger import Detail, Row, SignedHead, Verification
    from .people import Pauses, PersonId, RoomId
    from .sealing import ClipId, Part

SAMPLE_RATE: Final = 16_000
_BYTES_PER_SAMPLE: Final = 2


class Household:
    """The people's consents, the sealed clips and the ledger of one household."""

    def __init__(self, database: Database, clock: Clock, ledger: Ledger) -> None:
        """Take over an open store; `open` makes one."""
        self._database = database
        self._clock = clock
        self._ledger = ledger
        self._clips = Clips(database)
        self._standing = Standing(database)
        self._account = Account(database, self._standing, ledger)
        self._deleted_some = False

    @classmethod
    def open(cls, path: Path, clock: Clock, signing_seed: bytes) -> Self:
        """Open the store at `path`, or begin one; the ledger's seed has 32 bytes.

        The clock goes on from where it was, and nothing is allowed before `arrange`.
        """
        database = Database.open(path)
        try:
            household = cls(database, clock, Ledger(database, signing_seed))
            household._resume()
        except BaseException:
            database.close()
            raise
        return household

    def close(self) -> None:
        """Close the store, with the time that it is; nothing may be called afterwards."""
        with suppress(StoreError), self._change():
            pass
        self._database.close()

    def _resume(self) -> None:
        mark = records.get_setting(self._database, "clock")
        if isinstance(mark, int | float):
            self._clock.resume(float(mark))
        with self._change() as now:
            if self._ledger.head().seq == 0:
                self._account.record(now, Kind.BEGUN)

    @contextmanager
    def _change(self) -> Generator[float]:
        """Hold a transaction at one time, and forget on failure what was not stored."""
        now = self._clock.now()
        self._deleted_some = False
        try:
            with self._database.transaction():
                yield now
                records.put_setting(self._database, "clock", now)
        except BaseException:
            self._standing.load()
            raise
        if self._deleted_some:
            self._database.scrub()

    # What holds

    def arrange(self, arrangement: Arrangement, actor: Actor) -> None:
        """Take over how the household is set up; what it no longer covers goes at once."""
        with self._change() as now:
            ceiling = self._standing.arrange(arrangement, now)
            if ceiling is not None:
                self._account.record(
                    now, Kind.CEILING_CHANGED, actor, detail=ceiling_detail(ceiling)
                )
            self._settle(now)

    @property
    def arrangement(self) -> Arrangement:
        """How the household is set up; without people and rooms before it is known."""
        return self._standing.arrangement or Arrangement()

    @property
    def pauses(self) -> Pauses:
        """What is switched off for now."""
        return self._standing.pauses

    def pause(
        self,
        *,
        actor: Actor,
        household: bool | None = None,
        room: tuple[RoomId, bool] | None = None,
        guests_until: float | None = None,
    ) -> None:
        """Opt the household or a room out or in, or set the end of guest mode (0 ends it).

        Raises `NotAllowedError` for a room that is not known.
        """
        with self._change() as now:
            changed = self._standing.pauses
            if household is not None:
                changed = replace(changed, household=household)
            if room is not None:
                if room[1] and room[0] not in self.arrangement.rooms:
                    raise NotAllowedError(Refusal.UNKNOWN_ROOM)
                rooms = changed.rooms | {room[0]} if room[1] else changed.rooms - {room[0]}
                changed = replace(changed, rooms=rooms)
            if guests_until is not None:
                over = guests_until <= now
                changed = replace(changed, guests_until=None if over else guests_until)
            self._set_pauses(now, changed, actor)

    def _set_pauses(self, now: float, pauses: Pauses, actor: Actor) -> None:
        if pauses == self._standing.pauses:
            return
        detail: dict[str, str | int | float | bool] = {"how": actor.how}
        if pauses.household != self._standing.pauses.household:
            detail["household"] = pauses.household
        if pauses.guests_until != self._standing.pauses.guests_until:
            detail["guests"] = pauses.guests_until is not None
        rooms = pauses.rooms ^ self._standing.pauses.rooms
        for room in sorted(rooms):
            out = {**detail, "room": room in pauses.rooms}
            self._account.record(now, Kind.PAUSED, actor, room=room, detail=out)
        if not rooms:
            self._account.record(now, Kind.PAUSED, actor, detail=detail)
        self._standing.pause(pauses)

    def status(self, room: RoomId) -> RoomStatus:
        """Return what holds in a room."""
        now = self._standing.situation(self._clock.now())
        listeners = rules.listeners(now, room)
        return RoomStatus(
            room=room,
            keeps_for_seconds=rules.keeps_for(now, room) if listeners else 0.0,
            members=rules.members(now, room),
            listeners=listeners,
            missing=rules.missing(now, room),
            paused=rules.paused(now, room),
            clips=len(self._clips.all(room)),
        )

    def untold(self) -> dict[RoomId, float]:
        """Return the rooms that were not told yet that keeping began (for so long) or ended (0)."""
        told = self._told()
        now = {room: self.status(room).keeps_for_seconds for room in self.arrangement.rooms}
        return {room: seconds for room, seconds in now.items() if (seconds > 0) != (room in told)}

    def told(self, room: RoomId, *, keeps: bool) -> None:
        """Take note that a room was told whether it keeps; remembered over restarts."""
        with self._change():
            rooms = self._told() | {room} if keeps else self._told() - {room}
            records.put_setting(self._database, "told", sorted(rooms))

    def _told(self) -> set[RoomId]:
        told = records.get_setting(self._database, "told")
        return {str(room) for room in told} if isinstance(told, list) else set()

    # Consent

    def give(
        self,
        person: PersonId,
        terms: Terms,
        notice_sha256: str,
        valid_seconds: float,
        how: How,
    ) -> ConsentRecord:
        """Record a permission that somebody gives for himself; raises `NotAllowedError`."""
        with self._change() as now:
            situation = self._standing.situation(now)
            require_person(situation.arrangement, person)
            notice = current_notice(terms.purpose, notice_sha256)
            require_within(situation, person, terms)
            if not 0 < valid_seconds <= VALID_SECONDS_MAX:
                raise NotAllowedError(Refusal.BAD_TERMS)
            record = self._standing.book.answer(
                person,
                terms,
                notice,
                State.GIVEN,
                valid_seconds=valid_seconds,
                now=now,
                how=how,
            )
            self._account.consent(now, Kind.CONSENT_GIVEN, record, how)
            self._settle(now)
            return record

    def refuse(
        self,
        person: PersonId,
        purpose: Purpose,
        rooms: frozenset[RoomId],
        notice_sha256: str,
        how: How,
    ) -> ConsentRecord:
        """Record that somebody says no; what he permitted there before ends."""
        with self._change() as now:
            situation = self._standing.situation(now)
            require_person(situation.arrangement, person)
            if not rooms or not rooms <= situation.arrangement.rooms.keys():
                raise NotAllowedError(Refusal.UNKNOWN_ROOM)
            record = self._standing.book.answer(
                person,
                Terms(purpose=purpose, rooms=rooms),
                current_notice(purpose, notice_sha256),
                State.REFUSED,
                valid_seconds=VALID_SECONDS_MAX,
                now=now,
                how=how,
            )
            self._account.consent(now, Kind.CONSENT_REFUSED, record, how)
            self._settle(now)
            return record

    def withdraw(
        self, person: PersonId, purpose: Purpose, rooms: frozenset[RoomId] | None, how: How
    ) -> Withdrawal:
        """End what somebody permitted, in some rooms or in all; what rested on it is gone."""
        with self._change() as now:
            ended = self._standing.book.withdraw(person, purpose, rooms, now=now, how=how)
            if ended:
                detail = {"purpose": purpose.value, "records": ended, "how": how}
                for room in sorted(rooms) if rooms else (None,):
                    self._account.record(
                        now,
                        Kind.CONSENT_WITHDRAWN,
                        Actor(person=person, how=how),
                        subjects={person},
                        room=room,
                        detail=detail,
                    )
            clips, keys = self._settle(now)
        return Withdrawal(records=ended, clips_deleted=clips, keys_dropped=keys)

    def consents(self, person: PersonId) -> list[ConsentRecord]:
        """Return all that somebody was asked, the newest last."""
        return [record for record in self._standing.book.all if record.principal == person]

    # Listening keys

    def add_key(self, person: PersonId, public: bytes) -> None:
        """Take in the public half of a listening key; raises `NotAllowedError`."""
        with self._change() as now:
            require_person(self._standing.situation(now).arrangement, person)
            if not is_public_key(public):
                raise NotAllowedError(Refusal.BAD_TERMS)
            if records.key(self._database, person) is not None:
                raise NotAllowedError(Refusal.HAS_KEY)
            records.put_key(self._database, person, public, now)
            self._account.record(
                now, Kind.KEY_CREATED, Actor(person=person, how="panel"), subjects={person}
            )

    def key(self, person: PersonId) -> bytes | None:
        """Return the public half of somebody's listening key."""
        return records.key(self._database, person)

    def remove_key(self, person: PersonId, actor: Actor) -> int:
        """Forget a listening key; returns how many clips nobody can open now and are gone."""
        with self._change() as now:
            if not records.drop_key(self._database, person):
                return 0
            self._clips.drop_keys_of(person)
            self._deleted_some = True
            self._account.record(now, Kind.KEY_REMOVED, actor, subjects={person})
            return self._delete(now, self._clips.unopenable(), "key-removed", actor)

    # Turns

    def turn_ended(self, turn: EndedTurn) -> Kept:
        """Keep a turn, or drop it."""
        with self._change() as now:
            self._account.count(now, "captured")
            reason = self._why_dropped(now, turn)
            if reason is not None:
                self._account.count(now, f"dropped {reason}")
                return Kept(dropped=reason)
            clip = self._keep(now, turn)
            self._account.count(now, "kept")
            surplus = self._clips.beyond(
                self._standing.situation(now).arrangement.ceiling.max_bytes
            )
            self._delete(now, surplus, "size", ITSELF)
            return Kept(clip=clip)

    def _why_dropped(self, now: float, turn: EndedTurn) -> DropReason | None:
        if turn.about_keeping:
            return DropReason.ABOUT_KEEPING
        situation = self._standing.situation(now)
        reason = rules.kept(situation, turn.room, understood=turn.understood)
        if reason is None and not self._keys_of(rules.listeners(situation, turn.room)):
            return DropReason.NO_KEY
        return reason

    def _keys_of(self, people: frozenset[PersonId]) -> dict[PersonId, bytes]:
        keys = records.keys(self._database)
        return {person: keys[person] for person in people & keys.keys()}

    def _keep(self, now: float, turn: EndedTurn) -> ClipId:
        situation = self._standing.situation(now)
        keys = self._keys_of(rules.listeners(situation, turn.room))
        clip = Clip(
            id=token_hex(16),
            room=turn.room,
            captured=now,
            expires=now + rules.keeps_for(situation, turn.room),
            seconds=len(turn.sound) / (SAMPLE_RATE * _BYTES_PER_SAMPLE),
            members=rules.members(situation, turn.room),
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

    # Clips

    def clips(self, person: PersonId) -> list[Clip]:
        """Return what somebody may open now, the newest first."""
        situation = self._standing.situation(self._clock.now())
        return [clip for clip in self._clips.all() if self._may_open(situation, clip, person)]

    def _may_open(self, situation: rules.Situation, clip: Clip, person: PersonId) -> bool:
        return rules.may_open(situation, clip, person) and (
            self._clips.key(clip.id, person) is not None
        )

    def open_clip(self, clip_id: ClipId, person: PersonId, part: Part, why: Why) -> Opened:
        """Return what somebody needs to open a clip, after that was recorded.

        Raises `NotAllowedError`, which is recorded too.
        """
        opened = None
        with self._change() as now:
            clip = self._clips.get(clip_id)
            key = self._clips.key(clip_id, person)
            ciphertext = self._clips.part(clip_id, part)
            situation = self._standing.situation(now)
            if clip and key and ciphertext and rules.may_open(situation, clip, person):
                self._account.opening(now, clip, person, part, why)
                opened = Opened(clip=clip.id, key=key, ciphertext=ciphertext)
            else:
                self._account.refusal(now, clip, person)
        if opened is None:
            raise NotAllowedError(Refusal.UNKNOWN_CLIP if clip is None else Refusal.NOT_A_LISTENER)
        return opened

    def delete(self, clips: Collection[ClipId], person: PersonId) -> int:
        """Delete clips that somebody may be heard in or may open; returns how many.

        Raises `NotAllowedError` for any other, and then deletes none.
        """
        with self._change() as now:
            found = [clip for id_ in dict.fromkeys(clips) if (clip := self._clips.get(id_))]
            situation = self._standing.situation(now)
            for clip in found:
                if person not in clip.members and not self._may_open(situation, clip, person):
                    raise NotAllowedError(Refusal.NOT_YOURS)
            return self._delete(now, found, "asked", Actor(person=person, how="panel"))

    def delete_last(self, room: RoomId | None, actor: Actor, within_seconds: float) -> int:
        """Delete the newest clip of a room or of all, unless it is older; returns how many."""
        with self._change() as now:
            found = [
                clip for clip in self._clips.all(room)[:1] if clip.captured >= now - within_seconds
            ]
            return self._delete(now, found, "asked", actor)

    def delete_since(self, room: RoomId | None, since: float, actor: Actor) -> int:
        """Delete what a room, or the whole household, has kept since a time; returns how many."""
        with self._change() as now:
            found = [clip for clip in self._clips.all(room) if clip.captured >= since]
            return self._delete(now, found, "asked", actor)

    def expire(self) -> int:
        """Do what time brings: at the start and every minute; returns how many clips went."""
        with self._change() as now:
            pauses = self._standing.pauses
            if pauses.guests_until is not None and pauses.guests_until <= now:
                self._set_pauses(now, replace(pauses, guests_until=None), ITSELF)
            for record in self._standing.book.expire(now):
                self._account.consent(now, Kind.CONSENT_EXPIRED, record, "system")
            expired = self._clips.delete_expired(now)
            self._deleted_some |= bool(expired)
            self._account.deletion(now, expired, "expired", ITSELF)
            gone = len(expired) + self._settle(now)[0]
            self._account.day(now)
            self._ledger.age(now)
            return gone

    # The ledger

    def note(
        self, kind: Kind, actor: Actor, room: RoomId | None, detail: Detail | None = None
    ) -> None:
        """Record what happened elsewhere, such as a pairing, for everyone to see."""
        with self._change() as now:
            self._account.record(now, kind, actor, room=room, detail=detail or {})

    def note_failure(self) -> None:
        """Count a turn that could not be kept."""
        with self._change() as now:
            self._account.count(now, "captured")
            self._account.count(now, f"dropped {DropReason.FAILED}")

    def rows(self, person: PersonId) -> list[Row]:
        """Return what is recorded about somebody, the newest first."""
        return self._ledger.rows_about(person)

    def verify(self, heads: Iterable[SignedHead] = ()) -> Verification:
        """Check the ledger, also against earlier heads of it."""
        return self._ledger.verify(heads)

    def head(self) -> SignedHead:
        """Return the state of the ledger, signed."""
        return self._ledger.head()

    def totals(self) -> Totals:
        """Return counts without content."""
        return self._account.totals(self._clips)

    # Within a transaction

    def _settle(self, now: float) -> tuple[int, int]:
        """Let go of what the rules no longer let stay; returns how many clips, and keys."""
        if self._standing.arrangement is None:
            return 0, 0  # not known yet, which is not the same as that nobody lives here
        situation = self._standing.situation(now)
        over, keys = [], 0
        holders = self._clips.holders()
        for clip in self._clips.all():
            expires = min(clip.expires, clip.captured + rules.stays_for(situation, clip))
            held = holders.get(clip.id, frozenset())
            trusted = rules.trusted(situation, clip)
            if expires <= now or not held & trusted:
                over.append(clip)
                continue
            if expires < clip.expires:
                self._clips.shorten(clip.id, expires)
            if held - trusted:
                keys += self._clips.drop_keys(clip.id, held - trusted)
                self._deleted_some = True
        return self._delete(now, over, "not-wanted", ITSELF), keys

    def _delete(self, now: float, clips: Collection[Clip], why: str, actor: Actor) -> int:
        deleted = self._clips.delete([clip.id for clip in clips])
        self._deleted_some |= bool(clips)
        self._account.deletion(now, clips, why, actor)
        return deleted


def _wav(sound: bytes) -> bytes:
    with BytesIO() as file:
        with wave.open(file, "wb") as writer:
            writer.setframerate(SAMPLE_RATE)
            writer.setsampwidth(_BYTES_PER_SAMPLE)
            writer.setnchannels(1)
            writer.writeframes(sound)
        return file.getvalue()
