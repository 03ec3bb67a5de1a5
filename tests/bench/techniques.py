"""The ways in which our server finds the end and the words of a command, each with a switch.

`python -m tests.bench.techniques speech …` runs our speech server without those techniques that the
environment variable `WITHOUT` names, separated by commas.
"""

import os
import sys
from collections.abc import Collection, Iterable, Sequence
from enum import StrEnum
from typing import Final
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray
from wyoming.event import Event

from indoor_voice import cli
from indoor_voice.speech.recognition.foreground import FromSpeaker

from .home import Home

VARIABLE: Final = "WITHOUT"
_RECOGNITION: Final = "indoor_voice.speech.recognition"


class Technique(StrEnum):
    """Something that a benchmark can do without."""

    TEXT = "text"
    """The readings are put to Home Assistant, which says whether it understands one."""
    CHOICE = "choice"
    """The first reading that is understood is taken, instead of the likeliest."""
    EXPECTATION = "expectation"
    """What is not understood is read again in the expectation of this home's sentences."""
    SMART_TURN = "smart-turn"
    """A model judges whether a command sounds finished."""
    LOUD_VOICE = "loud-voice"
    """What is softer than the speaker is not the speaker."""


OF_THE_SERVER: Final = frozenset({Technique.SMART_TURN, Technique.LOUD_VOICE})
"""The others are switched in what the client says."""


class _AnyVoice:
    """Takes every voice for the speaker's."""

    def push(self, _frame: NDArray[np.float32], probability: float) -> FromSpeaker:
        return FromSpeaker(probability)

    def without_background(self, frames: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        return np.concatenate(frames)


async def answered(home: Home, readings: Event, without: Collection[Technique]) -> Event:
    """Return Home Assistant's answer to a question about readings."""
    texts = readings.data["texts"]
    if Technique.CHOICE in without:
        texts = texts[:1]
    index = await home.understanding.async_first_understood(texts)
    answer: dict[str, object] = {"question": readings.data["question"], "index": index}
    if index is None and Technique.EXPECTATION not in without:
        answer["expected"] = await home.understanding.async_expected(texts)
    return Event("understood", answer)


def _switch_off(techniques: Iterable[Technique]) -> None:
    for technique in techniques:
        match technique:
            case Technique.SMART_TURN:
                patch(f"{_RECOGNITION}.smart_turn.load_smart_turn", lambda: None).start()
            case Technique.LOUD_VOICE:
                patch(f"{_RECOGNITION}.request.Foreground", _AnyVoice).start()
            case _:
                raise ValueError(technique)


if __name__ == "__main__":
    _switch_off(map(Technique, filter(None, os.environ.get(VARIABLE, "").split(","))))
    sys.exit(cli.main())
