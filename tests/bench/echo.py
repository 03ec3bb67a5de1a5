"""Measures what cancelling echoes does: is a person heard while the satellite speaks?

In simulated rooms, as fast as the machine can: three rooms, a loudspeaker that distorts a little,
and an echo as loud in the microphone as the person.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import soxr

from demo.voice import Person
from indoor_voice.room.sound.echo.canceller import EchoCanceller
from indoor_voice.room.sound.own_sound import OwnSound
from indoor_voice.room.sound.pcm import BLOCK_SAMPLES, BLOCK_SECONDS, RATE, Samples
from indoor_voice.room.sound.wake_models import built_in_models
from indoor_voice.room.sound.wake_word import Detector
from indoor_voice.room.wake_test.clips import read_clips
from tests.simulated_room import ROOMS, SimulatedRoom, live

SYNTHESISED: Final = "hey_jarvis"
RECORDED: Final = "alexa"
LOUDSPEAKER_RATE: Final = 48_000
_BEFORE_SECONDS: Final = (1.5, 3.5)
"""How long the satellite has spoken when the person begins, from and to."""
_AFTER_SECONDS: Final = 1.0
_LAG_SECONDS: Final = (0.08, 0.35)
_MANNERS: Final = tuple(
    (speed, pitch) for pitch in (1.0, 1.15, 0.88, 1.3, 0.94) for speed in (1.0, 0.85, 1.15, 1.3)
)
_IDLE_BLOCKS: Final = 5_000
ANSWERS: Final = tuple(
    " ".join(sentences)
    for sentences in (
        (
            "The forecast for today is mostly cloudy, with a chance of rain in the afternoon.",
            "Tomorrow will be brighter, with sunny spells and a light wind from the west.",
        ),
        (
            "There are four things on your shopping list:",
            "milk, two loaves of bread, a dozen eggs and some washing powder.",
            "Shall I add anything else before you go out?",
        ),
        (
            "Good morning. It is a quarter past seven.",
            "Your first appointment is at nine with the dentist in the high street.",
            "The train leaves at twenty past eight from platform two.",
        ),
        (
            "The washing machine has finished, the back door is still open,",
            "and somebody rang the bell at half past three.",
            "The heating in the living room is set to twenty one degrees.",
        ),
        (
            "According to the encyclopaedia, the longest river in Europe is the Volga,",
            "which rises in the hills north west of Moscow and flows into the Caspian Sea.",
        ),
    )
)
_WITH_WAKE_WORD: Final = {
    RECORDED: "The film is called Alexa, and it begins at eight.",
    SYNTHESISED: "You can wake me with hey Jarvis, as you know.",
}


@dataclass(slots=True)
class Heard:
    """In how many utterances of a wake word it was heard."""

    spoken: int = 0
    in_silence: int = 0
    without: int = 0
    """While the satellite spoke, without cancelling."""
    cancelled: int = 0
    """The same, with cancelling."""


@dataclass(slots=True)
class SelfTriggers:
    """How often the satellite's own speech woke it."""

    seconds: float = 0.0
    spoken: int = 0
    """Wake words in that speech."""
    without: int = 0
    cancelled: int = 0
    passed_on: int = 0
    """With cancelling, and not ignored as what was just played: these begin a turn."""


@dataclass(slots=True)
class Echo:
    """All measurements of cancelling echoes."""

    heard: dict[str, Heard] = field(default_factory=dict)
    """By wake word."""
    own: dict[str, SelfTriggers] = field(default_factory=dict)
    """By wake word."""
    removed_db: list[float] = field(default_factory=list)
    """By room: of the echo alone, after the first two seconds of a playback."""
    cpu_playing: float = 0.0
    """CPU-seconds per second while something is played."""
    cpu_idle: float = 0.0
    """The same while nothing is."""


def measure(
    utterances: int, own_seconds: float, recordings: Path | None, say: Callable[[str], None]
) -> Echo:
    """Measure up to `utterances` of each wake word, and `own_seconds` of the satellite's speech.

    Without `recordings`, a folder with a manifest, only the synthesised wake word is measured.
    """
    echo, person = Echo(), Person()
    answers = [np.frombuffer(person.speech(text), "<i2") for text in ANSWERS]
    said = dict(_utterances(person, utterances, recordings))
    for word, clips in said.items():
        say(f"{len(clips)} times {word} while the satellite speaks")
        echo.heard[word] = _interrupt(word, clips, np.concatenate(answers))
    for word in said:
        say(f"{own_seconds:.0f} s of the satellite's own speech, listening for {word}")
        spoken = np.frombuffer(person.speech(_WITH_WAKE_WORD[word]), "<i2")
        echo.own[word] = _talk(word, [*answers, spoken], own_seconds)
    _measure_cost(echo, np.concatenate(answers))
    return echo


def _utterances(
    person: Person, count: int, recordings: Path | None
) -> Iterator[tuple[str, Sequence[Samples]]]:
    synthesised = []
    for speed, pitch in _MANNERS[:count]:
        sound = np.frombuffer(person.speech("Hey Jarvis!", length_scale=speed), "<i2")
        # Resampling also moves the voice's pitch.
        synthesised.append(soxr.resample(sound, RATE * pitch, RATE))
    yield SYNTHESISED, synthesised
    if recordings is not None:
        clips = [clip for clip in read_clips(recordings, lambda *_: None) if clip.says == RECORDED]
        yield RECORDED, [clip.samples for clip in clips[:: max(1, len(clips) // count)]][:count]


def _interrupt(word: str, clips: Sequence[Samples], speech: Samples) -> Heard:
    heard, random = Heard(), np.random.default_rng(0)
    detector = Detector([built_in_models()[word]])
    for room in ROOMS:
        canceller = EchoCanceller()
        for clip in clips:
            before = round(random.uniform(*_BEFORE_SECONDS) * RATE)
            spoken = np.pad(clip, (before, round(_AFTER_SECONDS * RATE)))
            person = room.person(spoken)
            start = int(random.integers(speech.size - spoken.size))
            played = speech[start : start + spoken.size]
            echo = room.echo(played, _lag(random))
            silent, loud = room.microphone(person), room.microphone(person, echo)
            cancelled = live(played, loud, canceller, rate=LOUDSPEAKER_RATE)
            heard.spoken += 1
            heard.in_silence += _detected(detector, live(played, silent))
            heard.without += _detected(detector, live(played, loud))
            heard.cancelled += _detected(detector, map(canceller.process, cancelled))
    return heard


def _talk(word: str, texts: Sequence[Samples], seconds: float) -> SelfTriggers:
    """Play the texts again and again, the last one with the wake word in it."""
    model, result, random = built_in_models()[word], SelfTriggers(), np.random.default_rng(1)
    plain, clean = Detector([model]), Detector([model])
    own = OwnSound()
    own.choose([model])
    pause = np.zeros((2 * RATE,), np.int16)
    canceller, room = EchoCanceller(), ROOMS[0]
    while result.seconds < seconds:
        if random.random() < 1 / 8:
            canceller, room = EchoCanceller(), ROOMS[int(random.integers(len(ROOMS)))]
        order = random.permutation(len(texts))
        result.spoken += 1
        played = np.concatenate([np.concatenate((texts[number], pause)) for number in order])
        loud = room.microphone(room.echo(played, _lag(random)))
        for block in live(played, loud, canceller, own, rate=LOUDSPEAKER_RATE):
            own.listen()
            result.without += plain.hear(block) is not None
            woken = clean.hear(canceller.process(block)) is not None
            result.cancelled += woken
            result.passed_on += woken and not own.explains_wake_word()
            result.seconds += BLOCK_SECONDS
    return result


def _measure_cost(echo: Echo, speech: Samples) -> None:
    echo.removed_db = [_removed_db(room, speech) for room in ROOMS]
    canceller = EchoCanceller()
    loud = ROOMS[0].microphone(ROOMS[0].echo(speech, RATE // 5))
    began = time.process_time()
    for block in live(speech, loud, canceller, rate=LOUDSPEAKER_RATE):
        canceller.process(block)
    echo.cpu_playing = (time.process_time() - began) / (speech.size / RATE)
    silence = np.zeros((BLOCK_SAMPLES,), np.int16)
    while canceller.process(silence) is not silence:
        pass
    began = time.process_time()
    for _ in range(_IDLE_BLOCKS):
        canceller.process(silence)
    echo.cpu_idle = (time.process_time() - began) / (_IDLE_BLOCKS * BLOCK_SECONDS)


def _removed_db(room: SimulatedRoom, speech: Samples) -> float:
    canceller = EchoCanceller()
    loud = room.microphone(room.echo(speech, RATE // 5))
    cancelled = map(canceller.process, live(speech, loud, canceller, rate=LOUDSPEAKER_RATE))
    rest = np.concatenate(list(cancelled))[2 * RATE :]
    before = loud[2 * RATE :][: rest.size].astype(np.float64)
    return float(10 * np.log10(np.mean(before**2) / np.mean(rest.astype(np.float64) ** 2)))


def _detected(detector: Detector, blocks: Iterator[Samples]) -> bool:
    detector.reset()
    # To the end: what an echo canceller has learned serves the next utterance.
    return sum(detector.hear(block) is not None for block in blocks) > 0


def _lag(random: np.random.Generator) -> int:
    return round(random.uniform(*_LAG_SECONDS) * RATE)
