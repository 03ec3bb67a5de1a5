"""What a lesson says, by its kind: checked strictly, because it comes from a browser."""

import math
import re
import struct
import unicodedata
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from ..strict_json import bytes_of, members_of, number_of, text_of, whole_number_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..people import RoomId

MAX_CHARACTERS: Final = 100
"""For one text in a lesson."""
MAX_NAMES: Final = 20
MAX_STEPS: Final = 3
STEP: Final = 0.1
"""Of a wake word's sensitivity, which is between 0 and 1."""
WEIGHTS: Final = 12 * 96
"""Of a verifier: 12 embeddings of 96 numbers, docs/wire.md."""

_WAKE_WORD: Final = re.compile(r"[a-z0-9_.-]{1,100}", re.IGNORECASE)
_ENTITY_ID: Final = re.compile(r"[a-z0-9_]{1,64}\.[a-z0-9_]{1,190}")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}")


class LessonKind(StrEnum):
    """What a lesson changes."""

    CORRECTION = "correction"
    """What a misheard word stands for."""

    ALIAS = "alias"
    """Another name for a thing in Home Assistant."""

    NAMES = "names"
    """Names that the recogniser should expect."""

    THRESHOLD = "threshold"
    """To wake less easily in a room."""

    VERIFIER = "verifier"
    """How a wake word sounds in a room."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Content:
    def to_json(self) -> dict[str, object]:
        """Return the content as JSON types, which `from_json` reads."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction(_Content):
    """What a misheard word stands for."""

    heard: str
    meant: str
    language: str

    @property
    def subject(self) -> tuple[str, ...]:
        """What the lesson is about: nothing else may be learned about the same."""
        return self.heard.casefold(), self.language

    @classmethod
    def from_json(cls, data: object) -> Correction:
        """Read the content; raises `ValueError`."""
        members = members_of(data, {"heard", "meant", "language"})
        heard, meant = _words_of(members["heard"]), _words_of(members["meant"])
        if heard.casefold() == meant.casefold():
            raise ValueError("Expected two different texts")
        return cls(heard=heard, meant=meant, language=_matching(_LANGUAGE, members["language"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias(_Content):
    """Another name for a thing in Home Assistant."""

    entity_id: str
    alias: str

    @property
    def subject(self) -> tuple[str, ...]:
        """The name: it can stand for one thing only."""
        return (self.alias.casefold(),)

    @classmethod
    def from_json(cls, data: object) -> Alias:
        """Read the content; raises `ValueError`."""
        members = members_of(data, {"entity_id", "alias"})
        return cls(
            entity_id=_matching(_ENTITY_ID, members["entity_id"]), alias=_words_of(members["alias"])
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Names(_Content):
    """Names that the recogniser should expect."""

    names: tuple[str, ...]

    @property
    def subject(self) -> tuple[str, ...]:
        """The names, in any order."""
        return tuple(sorted(name.casefold() for name in self.names))

    @classmethod
    def from_json(cls, data: object) -> Names:
        """Read the content; raises `ValueError`."""
        names = members_of(data, {"names"})["names"]
        if not isinstance(names, list) or not 0 < len(names) <= MAX_NAMES:
            raise ValueError("Expected some names")
        read = tuple(_words_of(name) for name in names)
        if len({name.casefold() for name in read}) != len(read):
            raise ValueError("Expected different names")
        return cls(names=read)


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold(_Content):
    """To wake less easily in a room."""

    room: RoomId
    wake_word: str
    stricter: int
    """In steps of `STEP`."""

    @property
    def subject(self) -> tuple[str, ...]:
        """The wake word in the room."""
        return self.room, self.wake_word

    @classmethod
    def from_json(cls, data: object) -> Threshold:
        """Read the content; raises `ValueError`."""
        members = members_of(data, {"room", "wake_word", "stricter"})
        stricter = whole_number_of(members["stricter"])
        if not 1 <= stricter <= MAX_STEPS:
            raise ValueError("Waking can become stricter by 1 to 3 steps")
        return cls(
            room=text_of(members["room"]),
            wake_word=_matching(_WAKE_WORD, members["wake_word"]),
            stricter=stricter,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Verifier(_Content):
    """How a wake word sounds in a room: a logistic regression on openWakeWord's embeddings."""

    room: RoomId
    wake_word: str
    weights: str
    """`WEIGHTS` numbers, float32 in little-endian order, in Base64."""
    bias: float
    threshold: float
    """Waking needs at least this score."""

    @property
    def subject(self) -> tuple[str, ...]:
        """The wake word in the room."""
        return self.room, self.wake_word

    @classmethod
    def from_json(cls, data: object) -> Verifier:
        """Read the content; raises `ValueError`, also for numbers that are not finite."""
        members = members_of(data, {"room", "wake_word", "weights", "bias", "threshold"})
        weights = text_of(members["weights"])
        raw = bytes_of(weights)
        if len(raw) != WEIGHTS * 4:
            raise ValueError(f"Expected {WEIGHTS} weights")
        if not all(map(math.isfinite, struct.unpack(f"<{WEIGHTS}f", raw))):
            raise ValueError("Expected finite weights")
        return cls(
            room=text_of(members["room"]),
            wake_word=_matching(_WAKE_WORD, members["wake_word"]),
            weights=weights,
            bias=number_of(members["bias"]),
            threshold=number_of(members["threshold"]),
        )


type Content = Correction | Alias | Names | Threshold | Verifier

_KINDS: Final[Mapping[LessonKind, type[Content]]] = {
    LessonKind.CORRECTION: Correction,
    LessonKind.ALIAS: Alias,
    LessonKind.NAMES: Names,
    LessonKind.THRESHOLD: Threshold,
    LessonKind.VERIFIER: Verifier,
}


def content_of(kind: LessonKind, data: object) -> Content:
    """Read the content of a lesson; raises `ValueError` for anything unexpected."""
    return _KINDS[kind].from_json(data)


def kind_of(content: Content) -> LessonKind:
    """Return the kind of a lesson with this content."""
    return next(kind for kind, its_type in _KINDS.items() if isinstance(content, its_type))


def room_of(content: Content) -> RoomId | None:
    """Return the room to which a content applies; None if that is the whole household."""
    return content.room if isinstance(content, Threshold | Verifier) else None


def _words_of(data: object) -> str:
    """Return a short line of text as everybody writes it: NFC, without control characters."""
    text = text_of(data)
    usual = " ".join(unicodedata.normalize("NFC", text).split())
    if text != usual or len(text) > MAX_CHARACTERS or not text.isprintable():
        raise ValueError(f"Expected a line of at most {MAX_CHARACTERS} characters")
    if not any(map(str.isalnum, text)):
        raise ValueError("Expected words")
    return text


def _matching(pattern: re.Pattern[str], data: object) -> str:
    text = text_of(data)
    if not pattern.fullmatch(text):
        raise ValueError("Expected another form of text")
    return text
