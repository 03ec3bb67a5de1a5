"""Measures commands and wakes before and after reviews."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from . import commands, wakes
from .household import installed_voices

_COMMANDS_PER_TURN: Final = 6
_TURNS_PER_CONDITION: Final = 10


@dataclass(slots=True)
class Learning:
    """All measurements of what reviews pay back."""

    commands: commands.Commands
    wakes: dict[str, wakes.Wakes]
    """By wake word."""


async def measure(turns: int, recordings: Path | None, progress: Callable[[str], None]) -> Learning:
    """Measure with held-out commands and clips in proportion to `turns`.

    The number of reviewed turns is always the same.
    """
    voices = await asyncio.to_thread(installed_voices)
    heard = await commands.measure(voices, _COMMANDS_PER_TURN * turns, progress)
    conditions = max(turns // _TURNS_PER_CONDITION, 1)
    woken = await asyncio.to_thread(wakes.measure, recordings, conditions, progress)
    return Learning(heard, woken)
