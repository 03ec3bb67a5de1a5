"""What a turn tells the engines and agents that serve it, beyond what the pipeline hands over."""

from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnHints:
    """What a turn lets those know who serve it, and wants to hear from them."""

    wake_word_phrase: str | None
    """What the sound may begin with and the text must not."""

    vad_sensitivity: str
    """`default`, `relaxed` or `aggressive`."""

    voice_started: Callable[[], None]
    voice_stopped: Callable[[], None]
    about_keeping: Callable[[], None]
    busy: Callable[[], None]


turn_hints: ContextVar[TurnHints | None] = ContextVar("indoor_voice_turn_hints", default=None)
"""Reaches from a satellite's entity through the pipeline to who serves the turn.

The pipeline hands over a language and a stream, or a text, and has no place for more; it runs in a
task that the satellite's entity starts, so it inherits this variable.
"""
