"""A simulated household: what it has, what it calls that, who speaks, and what is heard.

A few things are used much more than the others (Zipf's law), and people have habits: each of them
always switches the same thing with the same sentence. Some things have names that nobody uses when
speaking: for these, one person in three always takes another word, and says the whole again with
Home Assistant's when that has failed. No two sounds are the same, for speed and noise change.
"""

import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from demo.voice import noise
from indoor_voice.errors import UserError
from tests.bench.home import Thing
from tests.bench.spoken_commands import RATE, active_level, television
from tests.bench.stop_words.voices import Voice, families

Audio = NDArray[np.float32]

THINGS: Final = (
    Thing("light", "Tradfri lamp", "Living room"),
    Thing("switch", "Ovosec outlet", "Office"),
    Thing("light", "Nanoleaf", "Nursery"),
    Thing("light", "Ceiling spots", "Kitchen"),
    Thing("cover", "Velux blind", "Attic", "open", "blind"),
    Thing("switch", "Gaggia", "Kitchen"),
    Thing("media_player", "Sonos Beam", "Living room", "playing"),
    Thing("light", "Fado lamp", "Bedroom"),
    Thing("fan", "Meaco fan", "Bedroom"),
    Thing("lock", "Nuki", "Hall", "locked"),
    Thing("light", "Hektar", "Office"),
    Thing("switch", "Shelly plug", "Utility room"),
    Thing("cover", "Somfy awning", "Terrace", "open", "awning"),
    Thing("light", "Lohals lamp", "Hall"),
    Thing("switch", "Bosch boiler", "Utility room"),
    Thing("light", "Hue Iris", "Living room"),
    Thing("media_player", "Technics", "Dining room", "playing"),
    Thing("switch", "Kobold", "Hall"),
    Thing("light", "Arco", "Living room"),
    Thing("fan", "Duux Whisper", "Nursery"),
    Thing("light", "Symfonisk", "Bathroom"),
    Thing("switch", "Gardena pump", "Garden"),
    Thing("cover", "Hormann gate", "Garage", "closed", "gate"),
    Thing("light", "Tizio", "Office"),
    Thing("switch", "Thermomix", "Kitchen"),
    Thing("light", "Ranarp", "Guest room"),
    Thing("switch", "Govee strip", "Attic"),
    Thing("media_player", "Onkyo", "Attic", "playing"),
    Thing("light", "Bestlite", "Guest room"),
    Thing("switch", "Siemens oven", "Kitchen"),
    Thing("light", "Panthella", "Dining room"),
    Thing("fan", "Vornado", "Office"),
    Thing("switch", "Worx mower", "Garden"),
    Thing("lock", "Danalock", "Garage", "locked"),
    Thing("light", "Sigfrid's globe", "Nursery"),
    Thing("cover", "Warema shutter", "Bedroom", "open", "shutter"),
    Thing("switch", "Quooker", "Kitchen"),
    Thing("light", "Eket shelf", "Hall"),
    Thing("switch", "Juicepass", "Garage"),
    Thing("light", "Yeelight", "Bathroom"),
)
"""Most used first."""
OWN_WORDS: Final = {
    "Ceiling spots": "cooking light",
    "Gaggia": "coffee machine",
    "Sonos Beam": "television speaker",
    "Fado lamp": "moon",
    "Somfy awning": "sun roof",
    "Bosch boiler": "hot water",
    "Arco": "big lamp",
    "Gardena pump": "sprinkler",
}
"""What people call some things; Home Assistant doesn't know it."""
_OWN_WORDS_PART: Final = 1 / 3
_HABITS_SEED: Final = 0
_SWITCHED: Final = (
    ("Turn on the {}.", "Switch on the {}.", "Turn the {} on."),
    ("Turn off the {}.", "Switch off the {}.", "Turn the {} off."),
)
_OPENED: Final = (
    ("Open the {}.", "Please open the {}."),
    ("Close the {}.", "Please close the {}."),
)
_LOCKED: Final = (
    ("Lock the {}.", "Please lock the {}."),
    ("Unlock the {}.", "Please unlock the {}."),
)
_ESPEAK: Final = 2
"""Voices of espeak-ng."""
_SPEEDS: Final = (0.9, 1.0, 1.15)
_LEVEL_DBFS: Final = -24.0
_ROOM_DBFS: Final = -65.0
_AROUND_SECONDS: Final = 0.3
"""Of the room's sound before and after a command."""
_BACKGROUNDS: Final = (None, "noise", "noise", "television")
_SOFTER_DB: Final = {"noise": (15.0, 10.0), "television": (20.0, 15.0)}


@dataclass(frozen=True, slots=True)
class Command:
    """What somebody says to the assistant."""

    text: str
    meant: str
    """The same with Home Assistant's name for the thing."""


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """A command as the microphone records it."""

    command: Command
    voice: int
    audio: Audio


@dataclass(frozen=True, slots=True)
class _Habit:
    """How a person talks about a thing."""

    word: str
    sentences: tuple[str, ...]
    """One for each thing that can be done."""


class Household:
    """The people of a household and what they say; the same seed says the same.

    Their habits are the same with any seed.
    """

    def __init__(self, voices: Sequence[Voice], seed: int) -> None:
        """Begin with what the seed says first."""
        self._voices = voices
        self._random = np.random.default_rng(seed)
        self._habits = list(_habits(len(voices)))

    def commands(self, *, usual: bool) -> Iterator[Said]:
        """Yield commands without end, in each person's usual sentences or in others."""
        while True:
            voice = int(self._random.integers(len(self._voices)))
            yield self.say(self._command(voice, usual=usual), voice)

    def say(self, command: Command, voice: int) -> Said:
        """Let somebody say a command."""
        speed = float(self._random.choice(_SPEEDS))
        speech = self._voices[voice].say(command.text, speed, 1.0) / np.float32(32768)
        return Said(command, voice, self._in_a_room(speech.astype(np.float32)))

    def _command(self, voice: int, *, usual: bool) -> Command:
        chances = 1 / np.arange(1, len(THINGS) + 1)
        number = self._random.choice(len(THINGS), p=chances / chances.sum())
        thing, habit = THINGS[number], self._habits[voice][number]
        doing = self._random.integers(len(habit.sentences))
        sentence = habit.sentences[doing]
        if not usual:
            others = [one for one in sentences(thing)[doing] if one != sentence]
            sentence = str(self._random.choice(others))
        return Command(sentence.format(habit.word), sentence.format(thing.name))

    def _in_a_room(self, speech: Audio) -> Audio:
        around = round(_AROUND_SECONDS * RATE)
        audio = np.pad(speech, around)
        audio *= np.float32(10 ** (_LEVEL_DBFS / 20) / active_level(speech))
        audio += self._random.normal(0, 10 ** (_ROOM_DBFS / 20), audio.size).astype(np.float32)
        kind = _BACKGROUNDS[self._random.integers(len(_BACKGROUNDS))]
        if kind is not None:
            softer_db = float(self._random.choice(_SOFTER_DB[kind]))
            behind = television(audio.size) if kind == "television" else self._noise(audio.size)
            audio += behind * np.float32(
                10 ** ((_LEVEL_DBFS - softer_db) / 20) / active_level(behind)
            )
        return audio

    def _noise(self, samples: int) -> Audio:
        seed = int(self._random.integers(2**31))
        pcm = noise(samples / RATE + 0.1, level_dbfs=-20, seed=seed)
        return np.frombuffer(pcm, "<i2")[:samples].astype(np.float32) / np.float32(32768)


def _habits(people: int) -> Iterator[list[_Habit]]:
    """Yield for each person how they talk about each thing."""
    random = np.random.default_rng(_HABITS_SEED)
    for _ in range(people):
        yield [
            _Habit(
                OWN_WORDS[thing.name]
                if thing.name in OWN_WORDS and random.random() < _OWN_WORDS_PART
                else thing.name,
                tuple(str(random.choice(ways)) for ways in sentences(thing)),
            )
            for thing in THINGS
        ]


def sentences(thing: Thing) -> tuple[tuple[str, ...], ...]:
    """Return the sentences for each thing that can be done with a thing."""
    return {"cover": _OPENED, "lock": _LOCKED}.get(thing.domain, _SWITCHED)


def installed_voices() -> list[Voice]:
    """Return Piper's packaged voice, and those of flite, festival and espeak-ng if installed."""
    found: list[Voice] = []
    for kept_out in (False, True):
        for family, voices in families(kept_out=kept_out).items():
            some = voices[: _ESPEAK // 2] if family == "espeak-ng" else voices
            found += [voice for voice in some if _speaks(voice)]
    return found


def _speaks(voice: Voice) -> bool:
    try:
        return voice.say("Hello.", 1.0, 1.0).size > 0
    except (OSError, subprocess.CalledProcessError, UserError):
        return False
