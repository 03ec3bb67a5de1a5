"""Tries to break the promises with random steps of people, administrators, time and crashes.

No sequence gives a recording to somebody outside the intersection, keeps one past its limit, or
loses one that should exist.
"""

import json
import os
import secrets
import sqlite3
import tempfile
from collections import Counter
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, note, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from nacl.exceptions import CryptoError

from custom_components.indoor_voice.privacy.consent.consent import Purpose, Terms
from custom_components.indoor_voice.privacy.consent.disguise import Disguise
from custom_components.indoor_voice.privacy.consent.notices import CURRENT
from custom_components.indoor_voice.privacy.errors import NotAllowedError
from custom_components.indoor_voice.privacy.journal import Journal
from custom_components.indoor_voice.privacy.lessons.content import LessonKind
from custom_components.indoor_voice.privacy.people import Arrangement, Ceiling, Person, Room
from custom_components.indoor_voice.privacy.refusals import Refusals
from custom_components.indoor_voice.privacy.sitting import Sitting, Stop
from custom_components.indoor_voice.privacy.store.clock import Clock
from custom_components.indoor_voice.privacy.store.database import ChangedStoreError, StoreError
from custom_components.indoor_voice.privacy.store.lessons import LessonBook
from custom_components.indoor_voice.privacy.store.sealing import Part
from custom_components.indoor_voice.privacy.types import (
    Actor,
    Disguised,
    EndedTurn,
    OpenReason,
    Verdict,
)

from .exposed import ExposedHousehold
from .listener import Listener
from .model import LOOSEST_FIRST, Answer, Lesson, Model, Recording, seen_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from custom_components.indoor_voice.privacy.household import Household
    from custom_components.indoor_voice.privacy.types import Opened

STEPS = int(os.environ.get("INDOOR_VOICE_PROMISE_STEPS", "20000"))
STEPS_AT_ONCE = 100
SEED = int(os.environ.get("INDOOR_VOICE_PROMISE_SEED", secrets.randbits(32)))

COUNTS: Counter[str] = Counter()
"""The number of steps checked, and of the rows of each kind that they wrote."""

ONLY_COUNTED: set[str | None] = set()
"""The people whose latest refusal was not recorded, but counted."""

HOUR = 3600
ADA, BEN, CLEO, DOT = "ada", "ben", "cleo", "dot"
ADULTS = (ADA, BEN, CLEO)
KITCHEN, ATTIC = "kitchen", "attic"
AREAS = (None, "cellar")
ROOMS = (KITCHEN, ATTIC)
WITNESS = Actor(person=None, how="system")
# Fractions keep different ends from coinciding; exact instants are tested elsewhere.
LIMITS = (HOUR + 0.5, 24 * HOUR + 0.5, 7 * 24 * HOUR + 0.5)
VALID = (24 * HOUR + 0.25, 90 * 24 * HOUR + 0.25)
SAID = "the words that nobody else may read"
SOUND = bytes(3200)
DISGUISED = {Disguise.VOICE: b"another voice" * 20, Disguise.RESPOKEN: b"spoken again" * 30}
MEMORY = Path("/dev/shm")  # noqa: S108 - a temporary folder is made in it

people = st.sampled_from(ADULTS)
rooms = st.sampled_from(ROOMS)
PEOPLE = {
    **{name: Person(id=name, name=name, has_account=True) for name in ADULTS},
    DOT: Person(id=DOT, name=DOT, has_account=False),
}
some_rooms = st.sampled_from([frozenset({KITCHEN}), frozenset({ATTIC}), frozenset(ROOMS)])
some_people = st.frozensets(people)
disguises = st.sampled_from([*Disguise, Disguise.RESPOKEN])
seldom = st.sampled_from([False, False, False, True])
LISTENERS = {person: Listener.quick() for person in ADULTS}
EVERY_KEY = [listener.public for listener in LISTENERS.values()]


ONE_RECORDING = "(SELECT id FROM clip ORDER BY captured LIMIT 1 OFFSET :at)"
FORGERIES = (
    """UPDATE clip SET members = '["cleo"]' WHERE id = ONE_RECORDING_ID""",
    "UPDATE clip SET expires = expires + 1 WHERE id = ONE_RECORDING_ID",
    "DELETE FROM sealed_key WHERE clip = ONE_RECORDING_ID",
    "DELETE FROM clip WHERE id = ONE_RECORDING_ID",
    "INSERT INTO sealed_key SELECT id, 'dot', words FROM clip WHERE id = ONE_RECORDING_ID",
    "DELETE FROM consent WHERE rowid = (SELECT min(rowid) + :at FROM consent)",
    "UPDATE setting SET value = '1.0' WHERE name = 'clock' AND :at >= 0",
    "UPDATE counter SET count = count + 1 WHERE :at >= 0",
    "DELETE FROM ledger WHERE seq > (SELECT max(seq) - 1 - :at FROM ledger)",
    "UPDATE setting SET value = '{\"leapt\": 1}' WHERE name = 'pauses' AND :at >= 0",
    "UPDATE clip SET room = iif(room = 'attic', 'kitchen', 'attic') WHERE id = ONE_RECORDING_ID",
    "UPDATE clip SET captured = captured - 1 WHERE id = ONE_RECORDING_ID",
    "DELETE FROM public_key WHERE rowid = (SELECT min(rowid) + :at FROM public_key)",
    "UPDATE disguised SET disguise = 'none' WHERE :at >= 0",
    "UPDATE lesson SET content = replace(content, 'y', 'z') WHERE :at >= 0",
    "UPDATE lesson SET is_on = 1 - is_on WHERE :at >= 0",
    """UPDATE lesson_source SET members = '["cleo"]' WHERE :at >= 0""",
)


class CrashError(Exception):
    """Simulates the end of the process."""


@contextmanager
def crash_after(rows: int) -> Iterator[list[CrashError]]:
    """Abort the block when it records one more than `rows` rows; then nothing has happened."""
    original, left, crashed = Journal.record, [rows], list[CrashError]()

    def record(*args: Any, **kwargs: Any) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise CrashError
        original(*args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Journal, "record", record)
        try:
            yield crashed
        except CrashError as crash:
            crashed.append(crash)


def watch_refusals(patch: pytest.MonkeyPatch) -> None:
    """Keep `ONLY_COUNTED` up to date."""
    original = Refusals.is_new

    def is_new(refusals: Refusals, now: float, person: str | None, about: str) -> bool:
        new = original(refusals, now, person, about)
        (ONLY_COUNTED.discard if new else ONLY_COUNTED.add)(person)
        return new

    patch.setattr(Refusals, "is_new", is_new)


def notice(purpose: Purpose) -> str:
    return CURRENT[purpose, "en"].sha256


class Promises(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None)
        self.wall = 1.8e9
        self.elapsed = 0.0
        self.boot = 0
        self.model = Model(time=self.wall)
        self.household = self.opened()
        self.present = {ADA, BEN}
        self.accounts = {ADA, BEN}
        self.inactive: frozenset[str] = frozenset()
        self.names = {name: name for name in PEOPLE}
        self.read_rows = 0
        self.written: dict[str, tuple[set[str], set[str]]] = {}
        self.said: dict[tuple[str | None, ...], Any] = {}
        self.rooms = {name: Room(id=name, name=name) for name in ROOMS}
        self.ceiling = Ceiling(retention_seconds=LIMITS[-1], review=True)
        self.lessons_taught = 0

    def opened(self) -> ExposedHousehold:
        clock = Clock(lambda: self.wall, lambda: self.elapsed, lambda: f"{self.boot}")
        return ExposedHousehold.open(self.store, clock, bytes(32))

    @property
    def store(self) -> Path:
        return Path(self.folder.name) / "store"

    def teardown(self) -> None:
        self.household.close()
        self.opened().close()  # raises unless the stored seal is the full sum
        self.folder.cleanup()

    def do(self, work: Any, *, settles: bool = True) -> Any:
        """Apply `work` to the household, then settle the model, unless it is refused."""
        try:
            result = work(self.household)
        except NotAllowedError as err:
            note(f"refused: {err}")
            return None
        if settles:
            self.model.settle()
        return result

    def rearrange(self) -> None:
        self.accounts |= self.present & set(ADULTS)
        arrangement = Arrangement(
            people={
                name: replace(PEOPLE[name], name=self.names[name], active=name not in self.inactive)
                for name in self.present
            },
            accounts=frozenset(self.accounts),
            inactive=self.inactive,
            rooms=dict(self.rooms),
            ceiling=self.ceiling,
        )
        self.model.arrange(arrangement)
        self.do(lambda household: household.arrange(arrangement, WITNESS))
        self.fit()

    def fit(self) -> None:
        """Delete the oldest recordings that exceed the allowed size."""
        most = self.model.arrangement.ceiling.max_bytes
        while sum(recording.size for recording in self.model.recordings) > most:
            del self.model.recordings[0]

    # Setting up

    @initialize(keys=st.sampled_from([ADULTS, (ADA, BEN), (ADA,)]))
    def begin(self, keys: tuple[str, ...]) -> None:
        self.present = set(ADULTS)
        self.rearrange()
        for person in keys:
            self.household.add_key(person, LISTENERS[person].locked.public)
            self.model.keys.add(person)
            self.model.write()
        self.present = {ADA, BEN}
        self.rearrange()
        self.agree_all(where=frozenset(ROOMS), named=frozenset({BEN}))

    @rule(present=st.sampled_from([{ADA, BEN}, set(ADULTS), {ADA, BEN}, {ADA}, {ADA, DOT}]))
    def move(self, present: set[str]) -> None:
        """Change the persons; their accounts stay until they are deleted."""
        self.present = set(present)
        self.rearrange()

    @rule(person=people)
    def delete_account(self, person: str) -> None:
        self.accounts.discard(person)
        self.present.discard(person)
        self.rearrange()

    @rule(person=people, off=seldom)
    def switch_account(self, person: str, *, off: bool) -> None:
        self.inactive = self.inactive | {person} if off else self.inactive - {person}
        self.rearrange()

    @rule()
    def exchange_names(self) -> None:
        self.names[ADA], self.names[BEN] = self.names[BEN], self.names[ADA]
        self.rearrange()

    @rule(room=rooms, area=st.sampled_from(AREAS))
    def carry(self, room: str, area: str | None) -> None:
        """Move the satellite to an area."""
        if room in self.rooms:
            self.rooms[room] = replace(self.rooms[room], area=area, area_name=area or "")
            self.rearrange()

    @rule(room=rooms, device=st.sampled_from(["", "another"]), now=seldom)
    def pair_another_device(self, room: str, device: str, *, now: bool) -> None:
        if now and room in self.rooms:
            self.rooms[room] = replace(self.rooms[room], device=device)
            self.rearrange()

    @rule(room=rooms, other=st.booleans(), now=seldom)
    def call_satellite(self, room: str, *, other: bool, now: bool) -> None:
        """Rename the satellite."""
        if now and room in self.rooms:
            self.rooms[room] = replace(self.rooms[room], name=f"{room} {other}")
            self.rearrange()

    @rule()
    def swap(self) -> None:
        if self.rooms.keys() == set(ROOMS):
            one, other = (self.rooms[room].area for room in ROOMS)
            for room, area in ((KITCHEN, other), (ATTIC, one)):
                self.rooms[room] = replace(self.rooms[room], area=area, area_name=area or "")
            self.rearrange()

    @rule(
        retention=st.sampled_from([0.0, *LIMITS, LIMITS[-1]]),
        review=st.sampled_from([True, True, False]),
        ruled_out=st.sampled_from([frozenset(), frozenset(), frozenset({BEN})]),
        size=st.sampled_from([10**6, 10**6, 8000]),
    )
    def limit(
        self, retention: float, *, review: bool, ruled_out: frozenset[str], size: int
    ) -> None:
        self.ceiling = Ceiling(
            retention_seconds=retention, review=review, ruled_out=ruled_out, max_bytes=size
        )
        self.rearrange()

    @rule(
        room=rooms,
        excluded=st.sampled_from([frozenset(), frozenset({BEN}), frozenset({DOT, CLEO})]),
        limit=st.sampled_from([None, None, *LIMITS]),
        there=st.sampled_from([True, True, True, False]),
    )
    def furnish(
        self, room: str, excluded: frozenset[str], limit: float | None, *, there: bool
    ) -> None:
        self.rooms.pop(room, None)
        if there:
            self.rooms[room] = Room(id=room, name=room, excluded=excluded, limit_seconds=limit)
        self.rearrange()

    @rule(off=seldom)
    def opt_out(self, *, off: bool) -> None:
        self.household.pause(actor=WITNESS, household=off)
        self.model.household_off = off

    @rule(room=rooms, off=seldom)
    def opt_room_out(self, room: str, *, off: bool) -> None:
        def work(household: Household) -> None:
            household.pause(actor=WITNESS, room=(room, off))
            (self.model.rooms_off.add if off else self.model.rooms_off.discard)(room)

        self.do(work, settles=False)

    @rule(hours=st.sampled_from([0, 0, 5]))
    def have_guests(self, hours: int) -> None:
        stay = hours * HOUR + 0.125
        self.household.pause(actor=WITNESS, guests_until=self.wall + stay if hours else 0.0)
        self.model.guests_until = self.model.time + stay if hours else 0.0

    # Consent

    def give(
        self,
        person: str,
        purpose: Purpose,
        where: frozenset[str],
        valid: float,
        *,
        limit: float = 0.0,
        listeners: frozenset[str] = frozenset(),
        disguise: Disguise = Disguise.RESPOKEN,
    ) -> None:
        terms = Terms(
            purpose=purpose,
            rooms=where,
            limit_seconds=limit or None,
            listeners=listeners - {person},
            disguise=disguise if purpose is Purpose.LISTEN else None,
        )

        def work(household: Household) -> None:
            household.give(person, terms, notice(purpose), valid, "action")
            for room in where:
                self.model.answers[person, purpose.value, room] = Answer(
                    given=self.model.time,
                    valid_seconds=valid,
                    limit_seconds=limit,
                    listeners=terms.listeners,
                    disguise=disguise,
                    seen=seen_of(self.rooms[room]),
                )

        self.do(work)

    @rule(
        person=people, where=some_rooms, limit=st.sampled_from(LIMITS), valid=st.sampled_from(VALID)
    )
    def agree_to_keep(self, person: str, where: frozenset[str], limit: float, valid: float) -> None:
        self.give(person, Purpose.KEEP, where, valid, limit=limit)

    @rule(
        person=people,
        where=some_rooms,
        named=some_people,
        valid=st.sampled_from(VALID),
        disguise=disguises,
    )
    def name(
        self,
        person: str,
        where: frozenset[str],
        named: frozenset[str],
        valid: float,
        disguise: Disguise,
    ) -> None:
        self.give(person, Purpose.LISTEN, where, valid, listeners=named, disguise=disguise)

    @rule(person=people, where=some_rooms, valid=st.sampled_from(VALID))
    def leave_room(self, person: str, where: frozenset[str], valid: float) -> None:
        self.give(person, Purpose.LEFT_OUT, where, valid)

    @rule(where=some_rooms, named=some_people, disguise=disguises)
    def agree_all(
        self,
        where: frozenset[str],
        named: frozenset[str],
        disguise: Disguise = Disguise.RESPOKEN,
    ) -> None:
        """Let everyone agree, which would hardly happen by chance."""
        present = set(self.model.arrangement.people) & set(ADULTS)
        for room in sorted(where & self.rooms.keys()):
            limit = self.model.allowed_seconds(room)
            for person in sorted(present):
                if limit:
                    self.give(person, Purpose.KEEP, frozenset({room}), VALID[-1], limit=limit)
                together = (named | {ADA}) & present - self.ceiling.ruled_out
                self.give(
                    person,
                    Purpose.LISTEN,
                    frozenset({room}),
                    VALID[-1],
                    listeners=together,
                    disguise=disguise,
                )

    @rule(person=people, purpose=st.sampled_from(Purpose), where=some_rooms, all_=seldom)
    def withdraw(self, person: str, purpose: Purpose, where: frozenset[str], *, all_: bool) -> None:
        self.household.withdraw(person, purpose, None if all_ else where, "action")
        for room in ROOMS if all_ else where:
            self.model.answers.pop((person, purpose.value, room), None)
        self.model.settle()

    @rule(person=people, purpose=st.sampled_from(Purpose), where=some_rooms)
    def refuse(self, person: str, purpose: Purpose, where: frozenset[str]) -> None:
        def work(household: Household) -> None:
            household.refuse(person, purpose, where, notice(purpose), "action")
            for room in where:
                self.model.answers.pop((person, purpose.value, room), None)

        self.do(work)

    # Keys

    @rule(person=people)
    def add_key(self, person: str) -> None:
        def work(household: Household) -> None:
            household.add_key(person, LISTENERS[person].locked.public)
            self.model.keys.add(person)
            self.model.write()

        self.do(work, settles=False)

    @rule(person=people)
    def lose_key(self, person: str) -> None:
        had = person in self.model.keys
        self.household.remove_key(person, WITNESS)
        if had:
            self.model.lose_key(person)

    # Turns and recordings

    @rule(
        room=rooms,
        understood=st.sampled_from([True, True, True, False]),
        made=st.sampled_from([None, *DISGUISED]),
    )
    def turn(self, room: str, *, understood: bool, made: Disguise | None = None) -> None:
        listeners = frozenset(self.model.sealed_to(room)) if understood else frozenset()
        shown = self.household.status(room)
        kept = self.household.turn_ended(
            EndedTurn(
                room=room,
                understood=understood,
                about_keeping=False,
                sound=SOUND,
                words={"said": SAID},
                disguised=Disguised(disguise=made, sound=DISGUISED[made]) if made else None,
            )
        )
        assert (kept.recording is not None) == bool(listeners), kept
        if understood:
            assert kept.dropped == next(iter(shown.why_not), None), "shown as it happens"
        if kept.recording is not None:
            heard = frozenset(self.model.expected(room))
            disguise = self.expected_disguise(room, made)
            outsiders = listeners - heard if disguise != "none" else frozenset()
            words = len(json.dumps({"said": SAID}))
            size = 2 * 40 + 80 * len(listeners)
            if listeners - outsiders:
                size += words + 44 + len(SOUND)
            if outsiders:
                size += words + 40
                size += 44 + len(DISGUISED[made]) + 40 if made and disguise == made else 0
            self.model.recordings.append(
                Recording(
                    id=kept.recording,
                    room=room,
                    captured=self.model.time,
                    ends=self.model.time + self.model.keeps_for(room),
                    size=size,
                    heard=heard,
                    sealed_to=listeners,
                    holders=set(listeners),
                    disguise=disguise if outsiders else "none",
                )
            )
            self.fit()

    def expected_disguise(self, room: str, made: Disguise | None) -> str:
        """Return what outsiders should get: what was made if it hides enough, else words."""
        wanted = self.model.disguise(room)
        if wanted == "none":
            return wanted
        enough = made and LOOSEST_FIRST.index(made) >= LOOSEST_FIRST.index(wanted)
        return made.value if made and enough else "words"

    @rule(room=rooms, named=some_people, disguise=disguises)
    def agree_and_speak(
        self, room: str, named: frozenset[str], disguise: Disguise = Disguise.RESPOKEN
    ) -> None:
        self.agree_all(where=frozenset({room}), named=named, disguise=disguise)
        for made in (None, *DISGUISED):
            self.turn(room=room, understood=True, made=made)

    @rule(room=rooms, disguise=disguises)
    def let_a_friend_hear(self, room: str, disguise: Disguise) -> None:
        """Make Cleo a listener in a room of which she is not a member."""
        self.present = set(ADULTS)
        self.inactive = frozenset()
        self.rooms[room] = Room(id=room, name=room, excluded=frozenset({CLEO}))
        self.rearrange()
        self.add_key(person=CLEO)
        self.give(CLEO, Purpose.LEFT_OUT, frozenset({room}), VALID[-1])
        self.agree_and_speak(room=room, named=frozenset({CLEO}), disguise=disguise)

    @rule(room=rooms)
    def speak_of_keeping(self, room: str) -> None:
        turn = EndedTurn(room=room, understood=True, about_keeping=True, sound=SOUND, words={})
        assert self.household.turn_ended(turn).recording is None

    @rule(part=st.sampled_from(Part))
    def open(self, part: Part) -> None:
        for recording in self.model.recordings[-3:]:
            for person in (*ADULTS, DOT, "stranger"):
                self.try_to_open(recording, person, part)

    def try_to_open(self, recording: Recording, person: str, part: Part) -> None:
        disguise = recording.disguise_for(person)
        if not self.model.may_open(recording, person) or (disguise, part) == ("words", Part.SOUND):
            ONLY_COUNTED.clear()
            with pytest.raises(NotAllowedError):
                self.household.open_recording(recording.id, person, part, OpenReason.OWN)
            self.refusal_is_shown(recording, person)
            return
        opened = self.household.open_recording(recording.id, person, part, OpenReason.OWN)
        assert opened.disguise == disguise
        self.check_content(person, opened, part)
        row = self.household.rows(person)[0]
        assert (row.kind, row.detail["clip"]) == ("opened", recording.id)
        assert recording.heard <= row.subjects

    def check_content(self, person: str, opened: Opened, part: Part) -> None:
        """Check that a listener can open what they get, and from outside not what was said."""
        listener, disguise = LISTENERS[person], opened.disguise
        sealed_as = part if disguise is Disguise.NONE else f"{part} {disguise}"
        content = listener.open(opened.key, opened.recording, sealed_as, opened.ciphertext)
        if part is Part.WORDS:
            assert SAID.encode() in content
        elif disguise is Disguise.NONE:
            assert content.endswith(SOUND)
        else:
            assert content.endswith(DISGUISED[disguise])
        if disguise is not Disguise.NONE:
            original = self.household.stored.part(opened.recording, part)
            assert original is not None
            with pytest.raises(CryptoError):
                listener.open(opened.key, opened.recording, part, original)

    def refusal_is_shown(self, recording: Recording, person: str) -> None:
        """Check that refusals are shown to the people heard, beyond the limit only as a count."""
        rows = self.ledger_rows(
            "row ->> 'kind' = 'refused' AND row ->> 'actor' = ? AND instr(row, ?)",
            person,
            recording.id,
        )
        for row in rows:
            assert recording.heard <= set(row["subjects"])
        assert rows or person in ONLY_COUNTED

    @rule(person=people, guesses=st.integers(1, 30))
    def guess(self, person: str, guesses: int) -> None:
        """Try names that were never handed out, any number of times."""
        if person not in self.model.arrangement.people:
            return
        last = self.household.head().seq
        for number in range(guesses):
            self.household.refuse_names(person, [f"name {number}"])
        rows = self.ledger_rows("seq > ?", last)
        assert len(rows) <= 1
        for row in rows:
            assert set(row["subjects"]) == set(self.model.arrangement.people)

    def ledger_rows(self, where: str, *values: object) -> list[dict[str, Any]]:
        found = self.household.database.read(
            f"SELECT row FROM ledger WHERE {where} ORDER BY seq",  # noqa: S608 - ours
            values,
        )
        return [json.loads(text) for (text,) in found]

    @rule(person=people, ending=st.sampled_from(["judge", "skip", "give up", "destroy"]))
    def review(self, person: str, ending: str) -> None:
        review, sitting = self.household.review, Sitting()
        try:
            name = review.next(sitting, person)
        except NotAllowedError:
            assert not any(
                self.model.may_open(recording, person) for recording in self.model.recordings
            )
            return
        if isinstance(name, Stop):
            return
        shown = sitting.recording(name)
        (recording,) = (recording for recording in self.model.recordings if recording.id == shown)
        assert self.model.may_open(recording, person)
        part = Part.WORDS if recording.disguise_for(person) == "words" else Part.SOUND
        self.check_content(person, review.open(sitting, person, name, part), part)
        match ending:
            case "judge":
                sealed = dict.fromkeys(EVERY_KEY, bytes(512 + 48))
                review.judge(sitting, person, name, Verdict.WRONG_WORDS, sealed)
            case "skip":
                review.skip(sitting, person, name)
            case "give up":
                review.give_up(sitting, person, name)
                recording.holders.discard(person)
            case _:
                review.destroy(sitting, person, name)
                recording.holders.clear()
        self.model.remove([one for one in self.model.recordings if not one.holders])

    @rule(room=rooms)
    def speak_again(self, room: str) -> None:
        self.turn(room=room, understood=True)

    @rule(person=people)
    def delete(self, person: str) -> None:
        for recording in self.model.recordings[:1]:
            if person in recording.heard or self.model.may_open(recording, person):
                assert self.household.delete([recording.id], person) == 1
                self.model.remove([recording])
            else:
                with pytest.raises(NotAllowedError):
                    self.household.delete([recording.id], person)

    @rule(room=rooms)
    def delete_last(self, room: str) -> None:
        here = [recording for recording in self.model.recordings if recording.room == room]
        recent = here[-1:] if here and here[-1].captured > self.model.time - HOUR else []
        assert self.household.delete_last(room, WITNESS, HOUR) == len(recent)
        self.model.remove(recent)

    # Lessons

    @rule(person=people, where=some_rooms, valid=st.sampled_from(VALID))
    def agree_to_teach(self, person: str, where: frozenset[str], valid: float) -> None:
        self.give(person, Purpose.TEACH, where, valid)

    @rule(person=people, first=st.integers(0, 2), most=st.integers(1, 3))
    def teach(self, person: str, first: int, most: int) -> None:
        """Approve a lesson that rests on some recordings."""
        if person not in self.model.arrangement.people:
            return
        sources = self.model.recordings[first : first + most]
        self.lessons_taught += 1
        number = self.lessons_taught
        content = {"heard": f"x {number}", "meant": f"y {number}", "language": "en"}
        may = bool(sources) and all(
            self.model.may_open(one, person) and self.model.may_teach(one.room, one.heard)
            for one in sources
        )
        teaching, ids = self.household.teaching, [one.id for one in sources]
        if not may:
            with pytest.raises(NotAllowedError):
                teaching.approve(person, LessonKind.CORRECTION, content, ids)
            return
        lesson = teaching.approve(person, LessonKind.CORRECTION, content, ids)
        self.model.lessons.append(
            Lesson(id=lesson, sources={one.id: (one.room, one.heard) for one in sources})
        )

    @rule(room=rooms, named=some_people)
    def agree_speak_and_teach(self, room: str, named: frozenset[str]) -> None:
        """Do what would hardly happen by chance."""
        for person in sorted(set(self.model.arrangement.people) & set(ADULTS)):
            if room in self.rooms:
                self.give(person, Purpose.TEACH, frozenset({room}), VALID[-1])
        self.agree_and_speak(room=room, named=named)
        for person in ADULTS:
            self.teach(person=person, first=max(0, len(self.model.recordings) - 2), most=2)

    @rule(person=people)
    def work_out_again(self, person: str) -> None:
        """Rebuild what is off from the recordings that are left."""
        if person not in self.model.arrangement.people:
            return
        recordings = {one.id: one for one in self.model.recordings}
        for lesson in self.model.lessons:
            found = [recordings.get(id_) for id_ in lesson.sources]
            content = self.contents()[lesson.id]
            heard = frozenset().union(*(heard for _, heard in lesson.sources.values()))
            may = (
                not lesson.on
                and (person in heard or self.approved_by()[lesson.id] == person)
                and all(
                    one is not None
                    and self.model.may_open(one, person)
                    and self.model.may_teach(one.room, one.heard)
                    for one in found
                )
            )
            arguments = (person, lesson.id, content, list(lesson.sources))
            if may:
                self.household.teaching.rebuild(*arguments)
                lesson.on = True
            else:
                with pytest.raises(NotAllowedError):
                    self.household.teaching.rebuild(*arguments)

    @rule(person=people, now=seldom)
    def end_lesson(self, person: str, *, now: bool) -> None:
        if not now or person not in self.model.arrangement.people:
            return
        for lesson in self.model.lessons[:1]:
            heard = frozenset().union(*(heard for _, heard in lesson.sources.values()))
            if person in heard or self.approved_by()[lesson.id] == person:
                self.household.teaching.end(person, lesson.id)
                self.model.lessons.remove(lesson)
            else:
                with pytest.raises(NotAllowedError):
                    self.household.teaching.end(person, lesson.id)

    def contents(self) -> dict[str, object]:
        return {one.id: one.content.to_json() for one in self.lesson_book.all()}

    def approved_by(self) -> dict[str, str]:
        return {one.id: one.by for one in self.lesson_book.all()}

    @property
    def lesson_book(self) -> LessonBook:
        return LessonBook(self.household.database)

    # Time, restarts and crashes

    @rule(
        seconds=st.sampled_from([30, 1803, 2 * HOUR + 7, 25 * HOUR, 8 * 24 * HOUR]),
        busy=seldom,
    )
    def wait(self, seconds: int, *, busy: bool) -> None:
        """Let time pass, sometimes without the work of each minute, as on a busy machine."""
        self.wall += seconds
        self.elapsed += seconds
        self.model.time = max(self.wall, self.model.time + seconds)
        if not busy:
            self.pass_time()

    @rule(hours=st.sampled_from([-30 * 24, -3, 3, 30]))
    def turn_clock(self, hours: int) -> None:
        self.wall += hours * HOUR
        self.leap_to(self.model.time)
        self.pass_time()

    def leap_to(self, passed: float) -> None:
        """Move to a wall clock that is ahead; guest mode lasts as long as before."""
        self.model.time = max(self.wall, passed)
        if self.model.guests_until and self.model.time > passed + 60:
            self.model.guests_until += self.model.time - passed

    def pass_time(self) -> None:
        self.household.expire()
        self.model.settle()

    @rule(now=seldom)
    def restart(self, *, now: bool) -> None:
        if now:
            self.start_again()

    @rule(
        hours=st.sampled_from([0.5, 20, 30 * 24]),
        turned=st.sampled_from([0, 0, -20, -30 * 24, 20, 401 * 24]),
        reboots=seldom,
        now=seldom,
    )
    def stop_for_a_while(self, hours: float, turned: int, *, reboots: bool, now: bool) -> None:
        """Be off while the clock may be set; the time known to have passed counts."""
        if not now:
            return
        self.household.close()
        before = self.wall
        self.wall += (hours + turned) * HOUR
        if reboots:
            self.boot += 1
            self.elapsed = 0.0
            passed = min(max(0.0, self.wall - before), 30 * 24 * HOUR)
        else:
            passed = hours * HOUR
            self.elapsed += passed
        self.leap_to(self.model.time + passed)
        self.start_again(closed=True)

    @rule(recording=st.integers(0, 2), change=st.sampled_from(FORGERIES), now=seldom)
    def be_tampered_with(self, recording: int, change: str, *, now: bool) -> None:
        """Edit the stopped store: it does not open until the edit is undone."""
        if not now:
            return
        self.household.close()
        whole = self.store.read_bytes()
        with closing(sqlite3.connect(self.store)) as connection, connection:
            connection.execute("PRAGMA foreign_keys = OFF")
            changed = connection.execute(
                change.replace("ONE_RECORDING_ID", ONE_RECORDING), {"at": recording}
            ).rowcount
        if changed:
            with pytest.raises(ChangedStoreError):
                self.opened()
        self.store.write_bytes(whole)
        self.start_again(closed=True)

    @rule(recordings=st.sampled_from([0, 1, 2]))
    def lower_size(self, recordings: int) -> None:
        """Lower the allowed size for a moment."""
        ceiling = self.ceiling
        size = max((recording.size for recording in self.model.recordings), default=1)
        self.ceiling = replace(ceiling, max_bytes=recordings * size)
        self.rearrange()
        assert self.household.totals().size_bytes <= recordings * size
        self.ceiling = ceiling
        self.rearrange()

    def start_again(self, *, closed: bool = False) -> None:
        if not closed:
            self.household.close()
        self.household = self.opened()
        assert self.household.verify().first == 1, "jumps do not age the ledger"
        assert not any(self.household.recordings(person) for person in ADULTS), (
            "before it is arranged"
        )
        assert not self.household.teaching.in_use(), "before it is arranged"
        self.model.time = max(self.wall, self.model.time)
        self.rearrange()
        self.pass_time()

    @rule(person=people, purpose=st.sampled_from(Purpose), rows=st.integers(0, 3))
    def crash_while_withdrawing(self, person: str, purpose: Purpose, rows: int) -> None:
        with crash_after(rows) as crashed:
            self.household.withdraw(person, purpose, None, "action")
        if crashed:
            self.start_again()
            return
        for room in ROOMS:
            self.model.answers.pop((person, purpose.value, room), None)
        self.model.settle()

    @rule(room=rooms)
    def crash_while_keeping(self, room: str) -> None:
        turn = EndedTurn(room=room, understood=True, about_keeping=False, sound=SOUND, words={})
        with crash_after(0) as crashed:
            self.household.turn_ended(turn)
        assert bool(crashed) == bool(self.model.sealed_to(room))
        if crashed:
            self.start_again()

    def stores_sound(self, room: str) -> bool:
        """Return whether somebody can open the sound of a turn as it was."""
        listeners = self.model.sealed_to(room)
        return bool(listeners & self.model.expected(room)) or (
            bool(listeners) and self.model.disguise(room) == "none"
        )

    @rule(room=rooms)
    def fill_disk(self, room: str) -> None:
        database = self.household.database
        ((pages,),) = database.read("PRAGMA page_count")
        database.read(f"PRAGMA max_page_count = {pages}")
        turn = EndedTurn(
            room=room, understood=True, about_keeping=False, sound=bytes(10**6), words={}
        )
        if self.stores_sound(room):
            with pytest.raises(StoreError):
                self.household.turn_ended(turn)
        database.read(f"PRAGMA max_page_count = {2**31}")

    # What must hold at all times

    @invariant()
    def each_can_open_what_the_rules_allow_and_nothing_else(self) -> None:
        for person in (*ADULTS, DOT):
            expected = {
                recording.id
                for recording in self.model.recordings
                if self.model.may_open(recording, person)
            }
            found = {recording.id for recording in self.household.recordings(person)}
            assert found == expected, (person, found ^ expected)

    @invariant()
    def keys_are_held_by_nobody_else(self) -> None:
        held = self.household.stored.holders()
        assert held == {recording.id: recording.holders for recording in self.model.recordings}

    @invariant()
    def lessons_rest_on_what_is_left_and_on_consent(self) -> None:
        found = {
            one.id: (one.is_on, {source.recording for source in one.sources})
            for one in self.lesson_book.all()
        }
        expected = {one.id: (one.on, set(one.sources)) for one in self.model.lessons}
        assert found == expected
        in_use = {one.id for one in self.household.teaching.in_use()}
        assert in_use == {one.id for one in self.model.lessons if one.on}

    @invariant()
    def verdicts_are_read_by_nobody_else(self) -> None:
        read = set(self.household.database.read("SELECT clip, person FROM verdict"))
        assert read <= {
            (recording.id, person)
            for recording in self.model.recordings
            for person in recording.holders & recording.heard
        }

    @invariant()
    def rooms_say_what_they_keep(self) -> None:
        for room in ROOMS:
            status = self.household.status(room)
            expected = self.model.keeps_for(room) if self.model.sealed_to(room) else 0.0
            assert status.keeps_for_seconds == pytest.approx(expected)
            assert (status.keeps_for_seconds > 0) == (not status.why_not)
            assert status.waiting_for <= status.missing <= status.members
            assert status.members == self.model.expected(room)

    @invariant()
    def the_ledger_alone_says_who_is_heard_who_listens_and_how_all_is_set_up(self) -> None:
        COUNTS["steps"] += 1
        for row in self.ledger_rows("seq > ?", self.read_rows):
            self.read_rows = row["seq"]
            COUNTS[row["kind"]] += 1
            if row["kind"] == "audience-changed":
                self.read_audience(row["room"], row["detail"])
            elif row["kind"] == "arranged":
                self.read_set_up(row["room"], row["detail"])
        for room in ROOMS:
            nobody: tuple[set[str], set[str]] = (set(), set())
            assert self.written.get(room, nobody) == self.model.written.get(room, nobody)
        for name, place in self.model.arrangement.rooms.items():
            assert self.said.get(("area", name), "") == place.area_name
            assert {who for who in PEOPLE if self.said.get(("taken-out", name, who))} == (
                place.excluded
            )
        for person in self.model.arrangement.people.values():
            assert self.said.get(("person-name", person.id), person.id) == person.name
            assert self.said.get(("login", person.id), True) == person.active

    def read_audience(self, room: str, detail: dict[str, Any]) -> None:
        here = self.written.setdefault(room, (set(), set()))
        for who, what in zip(here, ("members", "listeners"), strict=True):
            who |= set(filter(None, detail.get(f"{what}_came", "").split(",")))
            who -= set(filter(None, detail.get(f"{what}_gone", "").split(",")))

    def read_set_up(self, room: str | None, detail: dict[str, Any]) -> None:
        match detail["what"]:
            case "room-came" | "room-gone":
                self.said = {key: what for key, what in self.said.items() if key[1] != room}
                self.said["area", room] = detail.get("area", "")
            case "taken-out":
                self.said["taken-out", room, detail["person"]] = detail["now"]
            case "area":
                self.said["area", room] = detail["now"]
            case "person-came":
                self.said["person-name", detail["person"]] = detail["name"]
                self.said["login", detail["person"]] = True
            case "person-name" | "login":
                self.said[detail["what"], detail["person"]] = detail["now"]

    @invariant()
    def counts_add_up(self) -> None:
        totals = self.household.totals()
        assert totals.recordings == len(self.model.recordings)
        assert totals.captured == totals.kept + sum(totals.dropped.values())
        assert totals.kept == totals.recordings + totals.deleted


@pytest.mark.timeout(2400 + STEPS // 10)
def test_no_sequence_breaks_a_promise(monkeypatch: pytest.MonkeyPatch) -> None:
    watch_refusals(monkeypatch)
    print(f"INDOOR_VOICE_PROMISE_SEED={SEED}")  # noqa: T201 - shown on failure
    checked = settings(
        max_examples=STEPS // STEPS_AT_ONCE,
        stateful_step_count=STEPS_AT_ONCE,
        database=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(seed(SEED)(Promises), settings=checked)
    print(f"{COUNTS.pop('steps'):,} steps; rows of the ledger: {dict(COUNTS.most_common())}")  # noqa: T201
