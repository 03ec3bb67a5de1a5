"""Sessions in simulated rooms: people say "stop" and other things to a satellite that sounds."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Final

import numpy as np

from demo.voice import Person, noise
from indoor_voice.room.ringing import PULSE_SECONDS
from indoor_voice.room.sound.cues import Cue, cue_samples
from indoor_voice.room.sound.echo.canceller import EchoCanceller
from indoor_voice.room.sound.open_wake_word import Features
from indoor_voice.room.sound.pcm import BLOCK_SAMPLES, RATE, Samples
from indoor_voice.room.sound.speech_embedding import Floats
from indoor_voice.room.wake_test.conditions import loudness
from tests.bench.echo import ANSWERS
from tests.simulated_room import LOUDNESS, SimulatedRoom, live

from .voices import NEAR, OTHER, STOP, Voice

_PAUSE_SECONDS: Final = (0.7, 1.3)
_LAG_SECONDS: Final = (0.08, 0.35)
_LEARN_SECONDS: Final = 2.0
_SPEEDS: Final = (0.8, 0.9, 1.0, 1.1, 1.25)


class Sounding(StrEnum):
    """What the satellite plays."""

    NOTHING = "silence"
    ANSWER = "its own speech"
    RINGING = "ringing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a session is to be."""

    seconds: float
    sounding: Sounding
    echo_db: float = 0.0
    """Of the echo's level, relative to the loudest person."""
    softest_db: float = -10.0
    noise_db: float | None = None
    """Of noise, relative to the loudest person; None without any."""
    stops: float = 0.45
    """Share of utterances that are "stop"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What a satellite heard."""

    embeddings: Floats
    """Shape (blocks, 96)."""
    said: Sequence[tuple[bool, float, float]]
    """Whether it is "stop", its beginning and its end in seconds."""


def run(plan: Plan, voices: dict[str, Sequence[Voice]], random: np.random.Generator) -> Session:
    """Simulate a session."""
    room = SimulatedRoom(
        seed=int(random.integers(1 << 30)),
        reverberation_seconds=random.uniform(0.15, 0.7),
        loudspeaker_db=random.uniform(2, 10),
    )
    spoken, said = _people(plan, voices, random)
    sounds = [room.person(spoken)] if said else [np.zeros(spoken.size)]
    played = _played(plan, spoken.size, random)
    if plan.sounding is not Sounding.NOTHING:
        lag = round(random.uniform(*_LAG_SECONDS) * RATE)
        sounds.append(room.echo(played, lag) * 10 ** (plan.echo_db / 20))
    if plan.noise_db is not None:
        pink = np.frombuffer(noise(plan.seconds, seed=room.seed), "<i2").astype(np.float64)
        pink *= LOUDNESS * 10 ** (plan.noise_db / 20) / np.sqrt(np.mean(pink**2))
        sounds.append(np.resize(pink, spoken.size))
    heard = room.microphone(*sounds)
    canceller = EchoCanceller()
    if plan.sounding is Sounding.NOTHING:
        blocks = list(live(played, heard))
    else:
        blocks = [canceller.process(block) for block in live(played, heard, canceller)]
    return Session(embeddings=embeddings(blocks), said=said)


def embeddings(blocks: Sequence[Samples]) -> Floats:
    """Return an embedding for each block, shape (blocks, 96)."""
    features = Features()
    features.keep(len(blocks))
    for start in range(0, len(blocks), 32):
        features.process(blocks[start : start + 32])
    return features.embeddings


def _people(
    plan: Plan, voices: dict[str, Sequence[Voice]], random: np.random.Generator
) -> tuple[Samples, list[tuple[bool, float, float]]]:
    spoken = np.zeros((round(plan.seconds * RATE) // BLOCK_SAMPLES * BLOCK_SAMPLES,))
    said = []
    at = round(_LEARN_SECONDS * RATE)
    while plan.stops > 0:
        stop = bool(random.random() < plan.stops)
        texts = STOP if stop else NEAR if random.random() < 0.6 else OTHER
        family = voices[str(random.choice(list(voices), p=_shares(voices)))]
        voice = family[int(random.integers(len(family)))]
        text, speed = str(random.choice(texts)), float(random.choice(_SPEEDS))
        clip = voice.say(text, speed, random.uniform(0.85, 1.2)).astype(np.float64)
        if at + clip.size + RATE > spoken.size:
            break
        level = LOUDNESS * 10 ** (random.uniform(plan.softest_db, 0) / 20) / loudness(clip)
        spoken[at : at + clip.size] = clip * level
        said.append((stop, at / RATE, (at + clip.size) / RATE))
        at += clip.size + round(random.uniform(*_PAUSE_SECONDS) * RATE)
    return spoken.astype(np.int16), said


def _shares(voices: dict[str, Sequence[Voice]]) -> list[float]:
    """Return how often each family speaks: more often if it has more voices, but not only."""
    roots = [math.sqrt(len(family)) for family in voices.values()]
    return [root / sum(roots) for root in roots]


def _played(plan: Plan, size: int, random: np.random.Generator) -> Samples:
    match plan.sounding:
        case Sounding.NOTHING:
            return np.zeros((size,), np.int16)
        case Sounding.ANSWER:
            return np.resize(np.roll(_speech(), -int(random.integers(_speech().size))), size)
        case Sounding.RINGING:
            cue = cue_samples(Cue.RINGING, RATE, 0.5)
            return np.resize(np.pad(cue, (0, round(PULSE_SECONDS * RATE) - cue.size)), size)


@cache
def _speech() -> Samples:
    person = Person()
    pause = np.zeros((RATE,), np.int16)
    return np.concatenate(
        [it for text in ANSWERS for it in (np.frombuffer(person.speech(text), "<i2"), pause)]
    )
