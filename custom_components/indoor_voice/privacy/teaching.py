"""Approve what may be learned from recordings, and take it back exactly.

A lesson rests on recordings, its sources. It holds as long as each of them does:

- A source that somebody deletes is gone, whether its lesson was approved by them or not.
- A source in which somebody may be heard who no longer consents to teach is gone, too.
- A source that expires, or makes room for newer recordings, stays: nobody took anything back.

A lesson without sources ends in the same transaction. A lesson that loses some of several is off
from that moment: it may owe to the lost ones what it says. It is worked out again from those that
are left, by the browser of somebody who can open them, because nobody else can read what they say.
If these have expired in the meantime, it stays off until somebody ends it.

An administrator could try to teach in the others' names. So the sources are checked when a lesson
is approved and at each settling, by the rules, whoever asks; the store's seal covers the lessons.
"""

from secrets import token_hex
from typing import TYPE_CHECKING, Final

from .consent import rules
from .errors import NotAllowedError, Refusal
from .lessons.content import Names, content_of, kind_of, room_of
from .lessons.lesson import Lesson, Source
from .store.ledger_rows import RowKind
from .types import ITSELF, Actor

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from .door import Door
    from .journal import Journal
    from .lessons.content import Content, LessonKind
    from .lessons.lesson import LessonId
    from .people import PersonId
    from .state import HouseholdState
    from .store.lessons import LessonBook
    from .store.recordings import Recording, Recordings
    from .store.sealing import RecordingId
    from .transactions import Transactions
    from .types import Opened

MAX_LESSONS: Final = 500
MAX_SOURCES: Final = 1000
"""For one lesson."""


class Teaching:
    """Everything about a household's lessons; each method raises `StoreError`."""

    def __init__(  # noqa: PLR0913, PLR0917 - the parts of the household that it uses
        self,
        transactions: Transactions,
        book: LessonBook,
        recordings: Recordings,
        state: HouseholdState,
        journal: Journal,
        door: Door,
    ) -> None:
        self._transactions = transactions
        self._book = book
        self._recordings = recordings
        self._state = state
        self._journal = journal
        self._door = door
        door.on_deleted = self.forget

    def in_use(self) -> list[Lesson]:
        """Return the lessons that hold now; none before the setup of the household is known."""
        if self._state.arrangement is None:
            return []
        return [lesson for lesson in self._book.all() if lesson.is_on]

    def of(self, person: PersonId | None) -> list[Lesson]:
        """Return the lessons that a person may see: they may be heard in it, or approved it."""
        person = self._door.require_known(person)
        return [
            lesson for lesson in self._book.all() if person == lesson.by or person in lesson.heard
        ]

    def evidence(self, person: PersonId | None) -> list[Recording]:
        """Return the recordings that a person may open and has verdicts on, newest first."""
        person = self._door.require_known(person)
        judged = self._recordings.with_verdict_for(person)
        with self._transactions.begin() as now:
            openable = self._door.openable(now, person)
        return [recording for recording in openable if recording.id in judged]

    def read(
        self, person: PersonId | None, recordings: Collection[Recording]
    ) -> list[tuple[Opened, bool]]:
        """Record that a person reads what was said in recordings, and return it.

        With each goes whether lessons may rest on it. What has gone in the meantime is left out.
        """
        person = self._door.require_known(person)
        by_id = {recording.id: recording for recording in recordings}
        with self._transactions.begin() as now:
            found = [one for id_ in by_id if (one := self._recordings.get(id_)) is not None]
            opened = self._door.read_all(now, person, found)
            situation = self._state.situation(now)
        return [(one, rules.teaches(situation, by_id[one.recording])) for one in opened]

    def approve(
        self,
        person: PersonId | None,
        kind: LessonKind,
        content: object,
        recordings: Collection[RecordingId],
    ) -> LessonId:
        """Learn something from recordings; raises `NotAllowedError`.

        The person must be able to open each of them, and everybody who may be heard in them must
        consent to teach. Nothing may be learned yet about the same subject.
        """
        person = self._door.require_known(person)
        read = _content(lambda: content_of(kind, content))
        found: list[Recording] | Refusal = []
        with self._transactions.begin() as now:
            found = self._sources(now, person, recordings)
            if not isinstance(found, Refusal):
                self._require_new(read)
                lesson = self._lesson(now, person, read, found)
                self._book.add(lesson)
                actor = Actor(person=person, how="panel")
                self._record(now, RowKind.LESSON_APPROVED, lesson, actor)
        if isinstance(found, Refusal):
            raise NotAllowedError(found)
        return lesson.id

    def rebuild(
        self,
        person: PersonId | None,
        lesson_id: LessonId,
        content: object,
        recordings: Collection[RecordingId],
    ) -> None:
        """Switch a lesson on again with what follows from recordings that are left of its sources.

        Raises `NotAllowedError`; it must be about the same subject as before.
        """
        person = self._door.require_known(person)
        found: list[Recording] | Refusal = []
        with self._transactions.begin() as now:
            lesson = self._visible(person, lesson_id)
            read = _content(lambda: content_of(kind_of(lesson.content), content))
            left = {source.recording for source in lesson.sources}
            follows = left.issuperset(recordings) and _follows(lesson.content, read)
            if lesson.is_on or not follows:
                raise NotAllowedError(Refusal.BAD_LESSON)
            found = self._sources(now, person, recordings)
            if not isinstance(found, Refusal):
                rebuilt = self._lesson(now, person, read, found)
                self._book.rebuild(lesson.id, read, rebuilt.sources)
                actor = Actor(person=person, how="panel")
                self._record(now, RowKind.LESSON_REBUILT, lesson, actor)
        if isinstance(found, Refusal):
            raise NotAllowedError(found)

    def end(self, person: PersonId | None, lesson_id: LessonId) -> None:
        """End a lesson for good; raises `NotAllowedError` unless the person may see it."""
        person = self._door.require_known(person)
        with self._transactions.begin() as now:
            lesson = self._visible(person, lesson_id)
            self._end(now, lesson, "asked", Actor(person=person, how="panel"))

    def forget(self, now: float, recordings: Iterable[RecordingId], actor: Actor) -> None:
        """End what rests on deleted recordings only; switch off what rests on others, too.

        To be called within the transaction that deletes them.
        """
        gone = frozenset(recordings)
        if gone:
            for lesson in self._book.all():
                lost = [source for source in lesson.sources if source.recording in gone]
                self._lose(now, lesson, lost, "deleted", actor)

    def settle(self, now: float, actor: Actor) -> None:
        """Do the same where somebody who may be heard no longer consents to teach."""
        if self._state.arrangement is None:
            return  # not known yet; to end lessons now would treat it as an empty household
        situation = self._state.situation(now)
        for lesson in self._book.all():
            lost = [source for source in lesson.sources if not rules.teaches(situation, source)]
            self._lose(now, lesson, lost, "withdrawn", actor)

    def _lose(
        self, now: float, lesson: Lesson, lost: Collection[Source], why: str, actor: Actor
    ) -> None:
        if not lost:
            return
        if len(lost) == len(lesson.sources):
            self._end(now, lesson, why, actor)
            return
        self._book.take_away(lesson.id, [source.recording for source in lost])
        self._record(now, RowKind.LESSON_OFF, lesson, actor, why)

    def _end(self, now: float, lesson: Lesson, why: str, actor: Actor) -> None:
        self._book.delete(lesson.id)
        self._record(now, RowKind.LESSON_ENDED, lesson, actor, why)

    def _visible(self, person: PersonId, lesson_id: LessonId) -> Lesson:
        lesson = self._book.get(lesson_id)
        if lesson is None or (person != lesson.by and person not in lesson.heard):
            raise NotAllowedError(Refusal.UNKNOWN_LESSON)
        return lesson

    def _sources(
        self, now: float, person: PersonId, recordings: Collection[RecordingId]
    ) -> list[Recording] | Refusal:
        """Return the recordings; a refusal of one of them is recorded and returned instead."""
        if not 0 < len(recordings) <= MAX_SOURCES:
            return Refusal.BAD_LESSON
        found: list[Recording] = []
        for id_ in dict.fromkeys(recordings):
            recording = self._door.find(now, id_, person)
            if isinstance(recording, Refusal):
                return recording
            found.append(recording)
        situation = self._state.situation(now)
        if not all(rules.teaches(situation, recording) for recording in found):
            return Refusal.NOT_AGREED_TO_TEACH
        return found

    def _require_new(self, content: Content) -> None:
        lessons = self._book.all()
        if len(lessons) >= MAX_LESSONS:
            raise NotAllowedError(Refusal.TOO_MANY_LESSONS)
        if any(_is_about_the_same(lesson.content, content) for lesson in lessons):
            raise NotAllowedError(Refusal.ALREADY_LEARNED)

    def _lesson(
        self, now: float, person: PersonId, content: Content, recordings: Iterable[Recording]
    ) -> Lesson:
        """Return a new lesson; raises `NotAllowedError` if its sources are from other rooms."""
        sources = tuple(
            Source(recording=recording.id, room=recording.room, members=recording.members)
            for recording in recordings
        )
        room = room_of(content)
        if room is not None and {source.room for source in sources} != {room}:
            raise NotAllowedError(Refusal.BAD_LESSON)
        return Lesson(
            id=token_hex(16), content=content, by=person, approved=now, is_on=True, sources=sources
        )

    def _record(
        self, now: float, row: RowKind, lesson: Lesson, actor: Actor, why: str | None = None
    ) -> None:
        """Record what happened to a lesson for everybody who may be heard in its sources."""
        rooms = {source.room for source in lesson.sources}
        self._journal.record(
            now,
            row,
            ITSELF if why == "withdrawn" else actor,
            subjects=lesson.heard | {lesson.by},
            room=next(iter(rooms)) if len(rooms) == 1 else None,
            detail={
                "lesson": lesson.id,
                "kind": kind_of(lesson.content).value,
                "clips": len(lesson.sources),
                **({} if why is None else {"why": why}),
            },
        )


def _content(read: Callable[[], Content]) -> Content:
    try:
        return read()
    except ValueError as err:
        raise NotAllowedError(Refusal.BAD_LESSON) from err


def _is_about_the_same(one: Content, other: Content) -> bool:
    return type(one) is type(other) and one.subject == other.subject


def _follows(before: Content, after: Content) -> bool:
    """Return whether a content can be what is left of another one."""
    if isinstance(before, Names) and isinstance(after, Names):
        return set(after.subject) <= set(before.subject)
    return _is_about_the_same(before, after)
