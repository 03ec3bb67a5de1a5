"""Passes information between a turn and its engines that the pipeline itself can't pass on."""

from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from .understanding import Understanding


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnHints:
    """Information for the engines that serve a turn, and callbacks for what they report."""

    wake_word_phrase: str | None
    """The phrase that the sound may begin with and the text must not."""

    vad_sensitivity: str
    """`default`, `relaxed` or `aggressive`."""

    understanding: Understanding | None
    """Tells which text is understood; None if another agent decides that."""

    voice_started: Callable[[], None]
    voice_stopped: Callable[[], None]
    about_keeping: Callable[[], None]
    busy: Callable[[], None]


turn_hints: ContextVar[TurnHints | None] = ContextVar("indoor_voice_turn_hints", default=None)
"""Carries the hints of a turn from the satellite's entity through the pipeline to its engines.

The pipeline only passes on a language and a stream, or a text. It runs in a task that the
satellite's entity starts, and so inherits this variable.
"""
