"""One person's recorded, dated, limited and withdrawable permission, and its history."""

import hashlib
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Literal, get_args
from uuid import UUID

from ..people import DAY_SECONDS, MAX_RETENTION_SECONDS, Place
from ..strict_json import members_of, number_of, text_of, texts_of
from .disguise import Disguise

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..people import PersonId, RoomId

VALID_SECONDS_MAX: Final = 365 * DAY_SECONDS
"""A consent is asked for again after a year at the latest."""

VALID_CHOICES_SECONDS: Final = tuple(days * DAY_SECONDS for days in (365, 90, 30))
"""The validities of a consent that the UI offers."""

LIMIT_CHOICES_SECONDS: Final = tuple(days * DAY_SECONDS for days in (1, 7, 30))
"""The retention limits of a consent that the UI offers."""

_TIME_END: Final = 1e11
"""Later than any clock shows, in seconds since 1970: Python's calendar ends in the year 9999."""

type Channel = Literal["action", "panel", "options", "voice", "system"]
"""The way in which somebody acted."""

_CHANNELS: Final[frozenset[Channel]] = frozenset(get_args(Channel.__value__))


class Purpose(StrEnum):
    """What a consent is for."""

    KEEP = "keep"
    """What I say may be kept for a limited time."""

    LISTEN = "listen"
    """The people whom I name may listen to it."""

    LEFT_OUT = "left-out"
    """Others may decide without me in these rooms; I am not heard there.

    Only with it does the administrator's exclusion of somebody with an account count.
    """

    TEACH = "teach"
    """Lessons may be learned from what I said."""


class State(StrEnum):
    """What happened to a consent. Every state but GIVEN ends it."""

    GIVEN = "given"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """The text that a person is shown before they answer."""

    id: str
    language: str
    text: str
    earlier: frozenset[str] = frozenset()
    """The hashes of earlier texts, of which a consent still holds for what they promised.

    What only this text asks for needs a consent to this text.
    """

    @property
    def sha256(self) -> str:
        """The hash of the text as it was shown (UTF-8), in hexadecimal."""
        return hashlib.sha256(self.text.encode()).hexdigest()


type Notices = Mapping[tuple[Purpose, str], Notice]
"""The current notices by purpose and language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a consent allows.

    Raises:
        ValueError: The terms contradict their purpose.
    """

    purpose: Purpose
    rooms: frozenset[RoomId]
    """Where the consent holds. Never "everywhere": people are asked again about a new room."""

    limit_seconds: float | None = None
    """How long a recording may be kept; only for the purpose KEEP, where it is required."""

    listeners: frozenset[PersonId] = frozenset()
    """Who else may listen; only for the purpose LISTEN."""

    disguise: Disguise | None = None
    """What listeners get who were not expected in the room; only for the purpose LISTEN.

    None if the person had no choice, because they were shown an earlier notice.
    """

    def __post_init__(self) -> None:
        """Refuse terms that have no clear meaning."""
        if not self.rooms:
            raise ValueError("A consent names at least one room")
        if self.purpose is not Purpose.KEEP and self.limit_seconds is not None:
            raise ValueError("Only a consent to keep has a limit")
        if self.purpose is not Purpose.LISTEN and self.listeners:
            raise ValueError("Only a consent to listen names listeners")
        if self.purpose is not Purpose.LISTEN and self.disguise is not None:
            raise ValueError("Only a consent to listen chooses a disguise")
        if self.limit_seconds is not None and not 0 < self.limit_seconds <= MAX_RETENTION_SECONDS:
            raise ValueError("A limit is positive and at most 30 days")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentEvent:
    """Something that happened to a consent."""

    time: float
    """Seconds since 1970."""

    state: State
    by: PersonId | None
    """Who did it; None if it happened by itself."""

    how: Channel
    rooms: frozenset[RoomId] | None = None
    """Where the event applies; None means in all of the consent's rooms."""

    def covers(self, room: RoomId) -> bool:
        """Return whether the event applies to a room."""
        return self.rooms is None or room in self.rooms


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRecord:
    """What one person was asked, their answer and what happened since; events are only added.

    Raises:
        ValueError: No question and answer can have led to this record.
    """

    id: str
    """A random UUID."""

    principal: PersonId
    """The person who was asked."""

    terms: Terms
    notice_id: str
    language: str
    notice_sha256: str
    valid_seconds: float
    """How long the consent holds, at most `VALID_SECONDS_MAX`."""

    seen: Mapping[RoomId, Place] | None = field(default=None, hash=False)
    """The rooms as the person saw them. The consent holds in a room until that changes.

    None in records of older versions, which did not record it: these hold nowhere.
    """

    events: tuple[ConsentEvent, ...] = field(default=())

    def __post_init__(self) -> None:
        """Refuse a record that has no clear meaning."""
        _check_uuid(self.id)
        if not 0 < self.valid_seconds <= VALID_SECONDS_MAX:
            raise ValueError("A consent holds for some time and at most a year")
        if self.principal in self.terms.listeners:
            raise ValueError("A consent names listeners other than the person who gives it")
        states = [event.state for event in self.events]
        if not states or states[0] not in {State.GIVEN, State.REFUSED}:
            raise ValueError("A consent begins with an answer")
        if State.GIVEN in states[1:] or State.REFUSED in states[1:]:
            raise ValueError("A consent is answered once; another answer needs a new record")
        if states[0] is State.GIVEN:
            self._check_given()
        for event in self.events:
            if not 0 <= event.time < _TIME_END:
                raise ValueError("The time of an event is out of range")
            if event.rooms is not None and not event.rooms <= self.terms.rooms:
                raise ValueError("An event applies to rooms of its consent")

    def _check_given(self) -> None:
        """Refuse a permission without a limit, and one that somebody else gave."""
        if self.events[0].by != self.principal:
            raise ValueError("Everyone consents for themselves only")
        if self.terms.purpose is Purpose.KEEP and self.terms.limit_seconds is None:
            raise ValueError("A consent to keep has a limit")

    @property
    def given_at(self) -> float | None:
        """When the consent was given; None if it was refused."""
        first = self.events[0]
        return first.time if first.state is State.GIVEN else None

    @property
    def expires_at(self) -> float | None:
        """When the consent expires; None if it was refused."""
        return None if self.given_at is None else self.given_at + self.valid_seconds

    def holds(self, room: RoomId, place: Place, now: float, notices: Notices) -> bool:
        """Return whether the consent holds in a room, which is `place` now.

        It must have been given, not ended or expired since, and neither the notice nor the room
        may have changed.
        """
        if room not in self.terms.rooms or self.given_at is None:
            return False
        if not self._is_only(State.GIVEN, room) or not self._notice_is_current(notices):
            return False
        valid = self.given_at <= now < self.given_at + self.valid_seconds
        return valid and self._was_seen_as(room, place)

    def refuses(self, room: RoomId, notices: Notices) -> bool:
        """Return whether the record refuses the question, as it is worded now, for a room."""
        asked = room in self.terms.rooms and self._notice_is_current(notices)
        return asked and self._is_only(State.REFUSED, room)

    def is_declined(self, room: RoomId, notices: Notices) -> bool:
        """Return whether the question, as it is worded now, was last answered by a no in a room.

        A permission that was withdrawn counts as a no.
        """
        if room not in self.terms.rooms or not self._notice_is_current(notices):
            return False
        states = [event.state for event in self.events if event.covers(room)]
        return bool(states) and states[-1] in {State.REFUSED, State.WITHDRAWN}

    def _is_only(self, state: State, room: RoomId) -> bool:
        return {event.state for event in self.events if event.covers(room)} == {state}

    def _notice_is_current(self, notices: Notices) -> bool:
        notice = notices.get((self.terms.purpose, self.language))
        return notice is not None and self.notice_sha256 in {notice.sha256, *notice.earlier}

    def is_to(self, notice: Notice | None) -> bool:
        """Return whether the person was shown exactly this notice."""
        return notice is not None and notice.sha256 == self.notice_sha256

    def _was_seen_as(self, room: RoomId, place: Place) -> bool:
        seen = (self.seen or {}).get(room)
        return seen is not None and seen.is_like(place)

    def with_event(self, event: ConsentEvent) -> ConsentRecord:
        """Return the record with one more event."""
        return replace(self, events=(*self.events, event))

    def to_json(self) -> dict[str, object]:
        """Return the record as JSON types, for `from_json`."""
        return {
            "id": self.id,
            "principal": self.principal,
            "terms": {
                "purpose": self.terms.purpose.value,
                "rooms": sorted(self.terms.rooms),
                "limit_seconds": self.terms.limit_seconds,
                "listeners": sorted(self.terms.listeners),
                "disguise": self.terms.disguise,
            },
            "notice": {
                "id": self.notice_id,
                "language": self.language,
                "sha256": self.notice_sha256,
            },
            "valid_seconds": self.valid_seconds,
            "seen": None if self.seen is None else {r: asdict(p) for r, p in self.seen.items()},
            "events": [
                {
                    "time": event.time,
                    "state": event.state.value,
                    "by": event.by,
                    "how": event.how,
                    "rooms": None if event.rooms is None else sorted(event.rooms),
                }
                for event in self.events
            ],
        }

    @classmethod
    def from_json(cls, data: object) -> ConsentRecord:
        """Read a record.

        Raises:
            ValueError: `to_json` can't have written this.
        """
        if isinstance(data, dict):
            data = {"seen": None, **data}  # older versions did not record it
        record = members_of(
            data, {"id", "principal", "terms", "notice", "valid_seconds", "seen", "events"}
        )
        notice = members_of(record["notice"], {"id", "language", "sha256"})
        events = record["events"]
        if not isinstance(events, list):
            raise ValueError("Expected a list of events")  # noqa: TRY004 - one documented error
        return cls(
            id=text_of(record["id"]),
            principal=text_of(record["principal"]),
            terms=_terms_of(record["terms"]),
            notice_id=text_of(notice["id"]),
            language=text_of(notice["language"]),
            notice_sha256=text_of(notice["sha256"]),
            valid_seconds=number_of(record["valid_seconds"]),
            seen=_seen_of(record["seen"]),
            events=tuple(_event_of(event) for event in events),
        )


def _check_uuid(text: str) -> None:
    if str(UUID(text)) != text:
        raise ValueError("An id is a UUID in its canonical form")


def _terms_of(data: object) -> Terms:
    if isinstance(data, dict):
        data = {"disguise": None, **data}  # older versions gave no choice
    terms = members_of(data, {"purpose", "rooms", "limit_seconds", "listeners", "disguise"})
    limit, disguise = terms["limit_seconds"], terms["disguise"]
    return Terms(
        purpose=Purpose(text_of(terms["purpose"])),
        rooms=texts_of(terms["rooms"]),
        limit_seconds=None if limit is None else number_of(limit),
        listeners=texts_of(terms["listeners"]),
        disguise=None if disguise is None else Disguise(text_of(disguise)),
    )


def _seen_of(data: object) -> dict[RoomId, Place] | None:
    if data is None:
        return None
    if not isinstance(data, dict):
        raise ValueError("Expected rooms")  # noqa: TRY004 - one documented error
    return {text_of(room): _place_of(place) for room, place in data.items()}


def _place_of(data: object) -> Place:
    place = members_of(data, {"name", "area", "area_name", "device"})
    name, area = place["name"], place["area"]
    area_name, device = place["area_name"], place["device"]
    if (
        not isinstance(name, str)
        or not (area is None or isinstance(area, str))
        or not isinstance(area_name, str)
        or not isinstance(device, str)
    ):
        raise ValueError("Expected the description of a room")
    return Place(name=name, area=area, area_name=area_name, device=device)


def _event_of(data: object) -> ConsentEvent:
    event = members_of(data, {"time", "state", "by", "how", "rooms"})
    by, rooms = event["by"], event["rooms"]
    return ConsentEvent(
        time=number_of(event["time"]),
        state=State(text_of(event["state"])),
        by=None if by is None else text_of(by),
        how=_channel_of(event["how"]),
        rooms=None if rooms is None else texts_of(rooms),
    )


def _channel_of(data: object) -> Channel:
    for channel in _CHANNELS:
        if channel == data:
            return channel
    raise ValueError("Expected a channel")
