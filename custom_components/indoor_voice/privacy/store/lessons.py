"""The tables of lessons and of the recordings that they rest on."""

import json
from typing import TYPE_CHECKING

from ..lessons.content import LessonKind, content_of, kind_of
from ..lessons.lesson import Lesson, Source
from ..strict_json import texts_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from ..lessons.content import Content
    from ..lessons.lesson import LessonId
    from .database import Database
    from .sealing import RecordingId


class LessonBook:
    """Reads and writes lessons; every method raises `StoreError`.

    Methods that write must be called within a transaction.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Lesson]:
        """Return all lessons, oldest first."""
        sources: dict[LessonId, list[Source]] = {}
        for lesson, recording, room, members in self._database.read(
            "SELECT lesson, clip, room, members FROM lesson_source ORDER BY lesson, clip"
        ):
            sources.setdefault(lesson, []).append(
                Source(recording=recording, room=room, members=texts_of(json.loads(members)))
            )
        return [
            Lesson(
                id=id_,
                content=content_of(LessonKind(kind), json.loads(content)),
                by=person,
                approved=approved,
                is_on=bool(is_on),
                sources=tuple(sources.get(id_, ())),
            )
            for id_, kind, content, person, approved, is_on in self._database.read(
                "SELECT id, kind, content, person, approved, is_on FROM lesson"
                " ORDER BY approved, id"
            )
        ]

    def get(self, lesson: LessonId) -> Lesson | None:
        """Return a lesson by its id."""
        return next((one for one in self.all() if one.id == lesson), None)

    def add(self, lesson: Lesson) -> None:
        """Store a new lesson."""
        self._database.write(
            "INSERT INTO lesson VALUES (?, ?, ?, ?, ?, ?)",
            (
                lesson.id,
                kind_of(lesson.content).value,
                json.dumps(lesson.content.to_json(), sort_keys=True),
                lesson.by,
                lesson.approved,
                int(lesson.is_on),
            ),
        )
        self._add_sources(lesson.id, lesson.sources)

    def rebuild(self, lesson: LessonId, content: Content, sources: Iterable[Source]) -> None:
        """Replace what a lesson says and what it rests on, and switch it on."""
        self._database.write(
            "UPDATE lesson SET content = ?, is_on = 1 WHERE id = ?",
            (json.dumps(content.to_json(), sort_keys=True), lesson),
        )
        self._database.write("DELETE FROM lesson_source WHERE lesson = ?", (lesson,))
        self._add_sources(lesson, sources)

    def take_away(self, lesson: LessonId, recordings: Collection[RecordingId]) -> None:
        """Remove recordings from what a lesson rests on, and switch it off."""
        for recording in recordings:
            self._database.write(
                "DELETE FROM lesson_source WHERE lesson = ? AND clip = ?", (lesson, recording)
            )
        self._database.write("UPDATE lesson SET is_on = 0 WHERE id = ?", (lesson,))

    def delete(self, lesson: LessonId) -> bool:
        """Delete a lesson; returns whether there was one."""
        return self._database.write("DELETE FROM lesson WHERE id = ?", (lesson,)) > 0

    def _add_sources(self, lesson: LessonId, sources: Iterable[Source]) -> None:
        for source in sources:
            self._database.write(
                "INSERT INTO lesson_source VALUES (?, ?, ?, ?)",
                (lesson, source.recording, source.room, json.dumps(sorted(source.members))),
            )
