"""An independent model of a household, without history, to compare the rules with.

It shares only the types of people, rooms and ceilings with the rules.
"""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from custom_components.indoor_voice.privacy.people import Arrangement, Person, Room

if TYPE_CHECKING:
    from collections.abc import Iterable

KEEP, LISTEN, LEFT_OUT, TEACH = "keep", "listen", "left-out", "teach"
LOOSEST_FIRST = ("none", "voice", "respoken", "words")
Answers = dict[tuple[str, str, str], "Answer"]


@dataclass
class Answer:
    """One person's consent for one room, narrowed by every ceiling since then."""

    given: float
    valid_seconds: float
    limit_seconds: float
    listeners: frozenset[str]
    review: bool = True
    ruled_out: frozenset[str] = frozenset()
    disguise: str = "respoken"
    seen: tuple[str, str | None, str] = ("", None, "")
    """The room's name, area and device when the person was asked."""


def seen_of(room: Room) -> tuple[str, str | None, str]:
    return room.name, room.area, room.device


@dataclass
class Recording:
    id: str
    room: str
    captured: float
    ends: float
    size: int
    heard: frozenset[str]
    sealed_to: frozenset[str]
    holders: set[str]
    disguise: str = "none"
    """What those of them got who were not heard in it."""

    def disguise_for(self, person: str) -> str:
        return "none" if person in self.heard else self.disguise


@dataclass
class Lesson:
    id: str
    sources: dict[str, tuple[str, frozenset[str]]]
    """Room and people heard, by the recording's id."""
    on: bool = True


@dataclass
class Model:
    time: float
    arrangement: Arrangement = field(default_factory=Arrangement)
    household_off: bool = False
    rooms_off: set[str] = field(default_factory=set)
    guests_until: float = 0.0
    answers: Answers = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)
    recordings: list[Recording] = field(default_factory=list)
    lessons: list[Lesson] = field(default_factory=list)
    known: dict[str, Person] = field(default_factory=dict)
    """Everyone who had an account as a person and still has it."""

    written: dict[str, tuple[set[str], set[str]]] = field(default_factory=dict)
    """For each room, the people whom the ledger should list as expected and as listeners."""

    @property
    def people(self) -> Iterable[Person]:
        return self.arrangement.people.values()

    def room(self, name: str) -> Room | None:
        return self.arrangement.rooms.get(name)

    def allowed_seconds(self, room: str) -> float:
        place = self.room(room)
        own = place.limit_seconds if place else None
        household = self.arrangement.ceiling.retention_seconds
        return household if own is None else min(own, household)

    def answer(self, person: str, purpose: str, room: str) -> Answer | None:
        found = self.answers.get((person, purpose, room))
        who = self.arrangement.people.get(person)
        place = self.room(room)
        if found is None or who is None or not who.has_account or place is None:
            return None
        if found.seen != seen_of(place):
            return None
        return found if self.time < found.given + found.valid_seconds else None

    def expected(self, room: str) -> set[str]:
        """Return the members of a room."""
        place = self.room(room)
        if place is None:
            return set()
        gone = {
            person.id
            for person in self.people
            if person.id in place.excluded
            and (not person.has_account or self.answer(person.id, LEFT_OUT, room))
        }
        return {person.id for person in self.people} - gone

    def names(self, person: str, room: str) -> set[str]:
        if person not in self.arrangement.people or self.room(room) is None:
            return set()
        said = self.answer(person, LISTEN, room)
        if said is None:
            return {person}
        others = {
            other
            for other in said.listeners - said.ruled_out
            if said.review or other in self.expected(room)
        }
        return {person, *others}

    def chosen(self, people: Iterable[str], room: str) -> list[int]:
        """Return what people want outsiders to get, as places in `LOOSEST_FIRST`."""
        answers = [self.answer(person, LISTEN, room) for person in people]
        return [LOOSEST_FIRST.index(said.disguise) for said in answers if said]

    def disguise(self, room: str) -> str:
        return LOOSEST_FIRST[max(self.chosen(self.expected(room), room), default=3)]

    def hides_enough(self, recording: Recording, person: str, people: Iterable[str]) -> bool:
        hides = LOOSEST_FIRST.index(recording.disguise)
        return person in recording.heard or all(
            hides >= least for least in self.chosen(people, recording.room)
        )

    def may_hear(self, person: str, room: str, heard: Iterable[str] = ()) -> bool:
        who = self.arrangement.people.get(person)
        ceiling = self.arrangement.ceiling
        expected = self.expected(room)
        return (
            who is not None
            and who.has_account
            and who.active
            and bool(expected)
            and person not in ceiling.ruled_out
            and (ceiling.review or person in expected)
            and all(person in self.names(member, room) for member in {*expected, *heard})
        )

    def listeners(self, room: str) -> set[str]:
        return {person.id for person in self.people if self.may_hear(person.id, room)}

    def seconds(self, person: str, room: str) -> float:
        said = self.answer(person, KEEP, room)
        return min(said.limit_seconds, self.allowed_seconds(room)) if said else 0.0

    def off(self, room: str) -> bool:
        return self.household_off or room in self.rooms_off or self.time < self.guests_until

    def keeps_for(self, room: str) -> float:
        if self.off(room):
            return 0.0
        return min((self.seconds(person, room) for person in self.expected(room)), default=0.0)

    def sealed_to(self, room: str) -> set[str]:
        """Return the people to whom a turn understood now is sealed; empty if it is dropped."""
        return self.listeners(room) & self.keys if self.keeps_for(room) > 0 else set()

    def may_open(self, recording: Recording, person: str) -> bool:
        return (
            person in recording.holders
            and self.time < recording.ends
            and self.may_hear(person, recording.room, recording.heard)
            and self.hides_enough(
                recording, person, recording.heard | self.expected(recording.room)
            )
        )

    def arrange(self, arrangement: Arrangement) -> None:
        self.known |= {who.id: who for who in arrangement.people.values() if who.has_account}
        self.known = {
            id_: replace(who, active=id_ not in arrangement.inactive)
            for id_, who in self.known.items()
            if id_ in arrangement.accounts
        }
        people = {**self.known, **arrangement.people}
        self.arrangement = arrangement = replace(arrangement, people=people)
        for (_, _, room), said in self.answers.items():
            said.limit_seconds = min(said.limit_seconds, self.allowed_seconds(room))
            said.review = said.review and arrangement.ceiling.review
            said.ruled_out |= arrangement.ceiling.ruled_out
        for person in self.keys - people.keys():
            self.lose_key(person)

    def lose_key(self, person: str) -> None:
        self.keys.discard(person)
        for recording in self.recordings:
            recording.holders.discard(person)
        self.remove(one for one in self.recordings if not one.holders)
        self.write()

    def remove(self, recordings: Iterable[Recording]) -> None:
        """Delete recordings by somebody's wish, and unlearn what rests on them."""
        gone = {recording.id for recording in recordings}
        self.recordings = [one for one in self.recordings if one.id not in gone]
        for lesson in self.lessons:
            self.unlearn(lesson, gone)

    def unlearn(self, lesson: Lesson, gone: set[str]) -> None:
        if gone & lesson.sources.keys():
            lesson.on = False
            lesson.sources = {
                id_: source for id_, source in lesson.sources.items() if id_ not in gone
            }
        self.lessons = [one for one in self.lessons if one.sources]

    def may_teach(self, room: str, heard: frozenset[str]) -> bool:
        return bool(heard) and all(self.answer(person, TEACH, room) for person in heard)

    def write(self) -> None:
        """Record who is expected in each room and who can listen, as the ledger should."""
        self.written = {
            room: (self.expected(room), self.listeners(room) & self.keys)
            for room in self.arrangement.rooms
        }

    def settle(self) -> None:
        """Drop keys, recordings and lessons to which people no longer consent."""
        self.write()
        # What has expired took nobody's wish, so lessons go on without it.
        self.recordings = [one for one in self.recordings if self.time < one.ends]
        for recording in self.recordings:
            limit = min(
                (self.seconds(person, recording.room) if self.room(recording.room) else 0.0)
                for person in recording.heard
            )
            recording.ends = min(recording.ends, recording.captured + limit)
            recording.holders = {
                holder
                for holder in recording.holders & {who.id for who in self.people if who.has_account}
                if all(holder in self.names(person, recording.room) for person in recording.heard)
                and self.hides_enough(recording, holder, recording.heard)
            }
        self.remove([one for one in self.recordings if not one.holders or self.time >= one.ends])
        for lesson in list(self.lessons):
            gone = {
                id_
                for id_, (room, heard) in lesson.sources.items()
                if not self.may_teach(room, heard)
            }
            self.unlearn(lesson, gone)
