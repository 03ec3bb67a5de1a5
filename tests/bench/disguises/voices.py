"""The speakers: packaged voices of Piper, flite and Kokoro, and people in recordings.

`python -m tests.bench.disguises.voices FOLDER [--kokoro-voices FOLDER]` writes what the voices say
to a folder, in a folder for each sentence; `script/bench --only disguise --voices FOLDER` then
needs no other programs. What else is needed for Kokoro, which is slow, is said in
tests/bench/wake_words/synthesis.py.
"""

import argparse
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from indoor_voice.room.wake_test.clips import SPEECH, read_clips, read_samples
from tests.bench.wake_words.synthesis import spoken, write_wave

from .verifier import RATE, Audio, without_silence

SENTENCES: Final = (
    "Turn on the light in the kitchen and close the window.",
    "Set a timer for twenty minutes, please.",
    "What is the weather going to be like tomorrow morning?",
    "Play some quiet music in the living room.",
)
_PLAIN: Final = ("kokoro-", "piper-joe-1.0-1.0", "flite-awb-0.95", "flite-kal16-0.95")
_ALSO_PLAIN: Final = ("flite-rms-0.95", "flite-slt-0.95")
"""The beginnings of names of voices; the other names are those of the same voices, changed."""
_LEAST_SECONDS: Final = 0.9
"""Of speech in half a recording; of less, nobody can tell anything."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """A person or voice, and what they say: some to know them by, some to find them in."""

    name: str
    known: list[Audio]
    unknown: list[Audio]


def write_voices(folder: Path, kokoro: Path | None) -> None:
    """Write what each voice says."""
    for number, sentence in enumerate(SENTENCES):
        place = folder / str(number)
        place.mkdir(parents=True, exist_ok=True)
        for name, sound in spoken(sentence, kokoro):
            if name.startswith((*_PLAIN, *_ALSO_PLAIN)):
                write_wave(place / f"{name}.wav", sound)


def voices(folder: Path) -> list[Speaker]:
    """Return the voices in a folder, known by the first half of the sentences."""
    said: dict[str, list[Audio]] = defaultdict(list)
    for number in range(len(SENTENCES)):
        for path in sorted((folder / str(number)).glob("*.wav")):
            said[path.stem].append(_audio(read_samples(path)))
    half = len(SENTENCES) // 2
    return [
        Speaker(name, sounds[:half], sounds[half:])
        for name, sounds in said.items()
        if len(sounds) == len(SENTENCES)
    ]


def people(folder: Path) -> list[Speaker]:
    """Return the people in recordings whose speech can be halved, known by the first half.

    The manifest doesn't tell who speaks, so only halves of one recording are surely of one person.
    Different recordings count as different people, though some may be of the same.
    """
    found = []
    for path, sound in recorded(folder, group=SPEECH):
        speech = without_silence(sound)
        half = len(speech) // 2
        if half >= _LEAST_SECONDS * RATE:
            found.append(Speaker(path.name, [speech[:half]], [speech[half:]]))
    return found


def recorded(folder: Path, *, group: str | None = None) -> Iterator[tuple[Path, Audio]]:
    """Yield the recordings of a group, or all with speech outside the group of `people`."""
    for clip in read_clips(folder, lambda *_: None):
        if clip.group == group or (group is None and clip.group not in (SPEECH, "noise")):
            yield clip.path, _audio(clip.samples)


def _audio(samples: np.ndarray) -> Audio:
    return np.asarray(samples / 32768, np.float32)


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kokoro-voices", type=Path, help="folder of .bin files")
    arguments = parser.parse_args()
    write_voices(arguments.folder, arguments.kokoro_voices)


if __name__ == "__main__":
    _main()
