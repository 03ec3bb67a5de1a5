"""Voices that say "stop", and what is not that: packaged ones of Piper, espeak-ng, flite, festival.

Some are kept out of training, so that recall can be measured on voices that the model never heard.
"""

import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import soxr

from demo.voice import Person
from indoor_voice.room.sound.pcm import RATE, Samples
from indoor_voice.room.wake_test.clips import read_samples

STOP: Final = ("Stop!", "Stop.", "Stop", "stop,")
NEAR: Final = (
    "Stopped.", "Shop.", "Top.", "Step.", "Store.", "Start.", "Story.", "Stock.", "Stuff.",
    "Stack.", "Stamp.", "Spot.", "Swap.", "Drop.", "Pop.", "Hop.", "Stoop.", "Steep.", "Stub.",
    "Stopping.", "Desktop.", "Laptop.", "Up.", "What?", "Step up.", "Snap.", "Sock.", "Star.",
    "It stops at the station.", "Non-stop music all night.", "The shop is on top of the hill.",
    "He told a story about the store.", "Start the washing machine.", "The stock is low.",
)  # fmt: skip
OTHER: Final = (
    "Turn on the light in the kitchen.", "What is the weather like tomorrow?", "Thank you.",
    "Yes.", "No.", "Louder, please.", "What time is it?", "Set a timer for five minutes.",
    "I put it on the table.", "Hello there.", "Okay.", "That is not what I asked for.",
    "Did you feed the cat this morning?", "Let us go to the park after lunch.", "Snooze.",
    "One, two, three, four, five.", "She said that they would be late again.", "Cancel that.",
)  # fmt: skip
_ACCENTS: Final = (
    "en-us", "en-gb", "en-gb-scotland", "en-gb-x-gbclan", "en-gb-x-rp", "en-gb-x-gbcwmd",
    "en-us-nyc", "en-029",
)  # fmt: skip
_VARIANTS: Final = (
    "adam", "Alex", "Alicia", "Andrea", "Andy", "Annie", "antonio", "aunty", "belinda", "benjamin",
    "boris", "caleb", "david", "Denis", "Diogo", "ed", "edward", "Gene", "Gustave", "Henrique",
    "Hugo", "iven", "iven3", "Jacky", "john", "kaukovalta", "Lee", "linda", "marcelo", "Marco",
    "max", "Michael", "michel", "miguel", "mike", "pablo", "paul", "pedro", "quincy", "rob",
    "robert", "sandro", "shelby", "steph", "travis", "victor", "Zac", "f1", "f2", "f3", "f4", "f5",
    "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "klatt", "klatt2", "klatt4", "anika",
)  # fmt: skip
_KEPT_OUT_EVERY: Final = 5
_AUDIBLE: Final = 0.03
"""Of the peak: quieter samples around what is said are cut off."""


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice; `speak` returns what it says at a speed, 1 is usual, at 16 kHz."""

    family: str
    name: str
    speak: Callable[[str, float], Samples]

    def say(self, text: str, speed: float, pitch: float) -> Samples:
        """Return speech with nothing around it; resampling moves the pitch."""
        sound = self.speak(text, speed)
        if pitch != 1.0:
            sound = soxr.resample(sound, round(RATE * pitch), RATE)
        loud = np.flatnonzero(np.abs(sound.astype(np.int32)) > _AUDIBLE * np.abs(sound).max())
        return sound[loud[0] : loud[-1] + 1] if loud.size else sound


def families(*, kept_out: bool) -> dict[str, Sequence[Voice]]:
    """Return the voices for training or, with `kept_out`, those for measuring, by family."""
    variants = [
        name for number, name in enumerate(_VARIANTS) if (number % _KEPT_OUT_EVERY == 0) is kept_out
    ]
    espeak = [_espeak(_ACCENTS[n % len(_ACCENTS)], name) for n, name in enumerate(variants)]
    if kept_out:
        return {"espeak-ng": espeak, "flite": [_flite("awb"), _flite("rms")]}
    return {
        "espeak-ng": espeak,
        "flite": [_flite("kal16"), _flite("slt")],
        "festival": [_festival("kal_diphone"), _festival("cmu_us_slt_arctic_hts")],
        "piper": [Voice("piper", "joe", _joe)],
    }


@cache
def _person() -> Person:
    return Person()


@cache
def _joe(text: str, speed: float) -> Samples:
    return np.frombuffer(_person().speech(text, length_scale=1 / speed), "<i2")


def _espeak(accent: str, variant: str) -> Voice:
    def speak(text: str, speed: float) -> Samples:
        name = f"{accent}+{variant}"
        return _run("espeak-ng", "-v", name, "-s", str(round(165 * speed)), "-w", "{}", text)

    return Voice("espeak-ng", f"{accent}+{variant}", speak)


def _flite(name: str) -> Voice:
    def speak(text: str, speed: float) -> Samples:
        stretch = f"duration_stretch={1 / speed}"
        return _run("flite", "-voice", name, "--setf", stretch, "-o", "{}", "-t", text)

    return Voice("flite", name, speak)


def _festival(name: str) -> Voice:
    @cache
    def spoken(text: str) -> Samples:
        return _run("text2wave", "-eval", f"(voice_{name})", "-o", "{}", said=text)

    return Voice("festival", name, lambda text, _: spoken(text))


def _run(*command: str, said: str | None = None) -> Samples:
    """Run a command that writes to the file in the place of {}."""
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        filled = [file.name if part == "{}" else part for part in command]
        subprocess.run(  # noqa: S603 - our own commands
            filled, check=True, input=None if said is None else said.encode(), capture_output=True
        )
        return read_samples(Path(file.name))
