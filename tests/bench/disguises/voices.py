"""The speakers: packaged voices that are installed, and people in recordings."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from indoor_voice.room.sound.pcm import Samples
from indoor_voice.room.wake_test.clips import NOISE, SPEECH, read_clips
from tests.bench.wake_words.synthesis import spoken

from .verifier import Audio

SENTENCES: Final = (
    "Turn on the light in the kitchen and close the window.",
    "Set a timer for twenty minutes, please.",
    "What is the weather going to be like tomorrow morning?",
    "Play some quiet music in the living room.",
)
KNOWN_SENTENCES: Final = len(SENTENCES) // 2
"""By these a voice is known, and it is to be found in the others."""
_PLAIN: Final = ("espeak-", "piper-joe-1.0-1.0", "flite-awb-0.95", "flite-kal16-0.95")
_ALSO_PLAIN: Final = ("flite-rms-0.95", "flite-slt-0.95")
"""The beginnings of names of voices; the other names are those of the same voices, changed."""
_WORD: Final = "alexa"
"""Each of its recordings is of another person."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """A person or voice, and what they say: some to know them by, some to find them in."""

    known: list[Audio]
    unknown: list[Audio]


def voices() -> list[Speaker]:
    """Return the voices that are installed: Piper's joe, and those of espeak-ng and flite."""
    said: dict[str, list[Audio]] = defaultdict(list)
    for sentence in SENTENCES:
        for name, sound in spoken(sentence):
            if name.startswith((*_PLAIN, *_ALSO_PLAIN)):
                said[name].append(_audio(sound))
    return [Speaker(sounds[:KNOWN_SENTENCES], sounds[KNOWN_SENTENCES:]) for sounds in said.values()]


def people(folder: Path) -> list[Speaker]:
    """Return people who say a wake word, known by the recording in which they are to be found.

    There is only one of each.
    """
    return [Speaker([sound], [sound]) for sound in _recorded(folder, {_WORD})]


def others(folder: Path) -> list[Audio]:
    """Return the recordings of other words, by anybody."""
    groups = {clip.group for clip in read_clips(folder, lambda *_: None)}
    return list(_recorded(folder, groups - {_WORD, NOISE, SPEECH}))


def _recorded(folder: Path, groups: set[str]) -> Iterator[Audio]:
    for clip in read_clips(folder, lambda *_: None):
        if clip.group in groups:
            yield _audio(clip.samples)


def _audio(samples: Samples) -> Audio:
    return np.asarray(samples / 32768, np.float32)
