"""A satellite does not wake for a wake word that it plays itself: real models, Piper's speech."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from itertools import count

import numpy as np
import pytest

from indoor_voice.room.sound.listener import Listener
from indoor_voice.room.sound.own_sound import ECHO_SECONDS, OwnSound
from indoor_voice.room.sound.pcm import BLOCK_SAMPLES, BLOCK_SECONDS, RATE, Samples
from indoor_voice.room.sound.wake_models import built_in_models
from indoor_voice.room.sound.wake_word import Detector
from tests.room.room_parts import FakeMicrophone
from tests.waiting import until

Say = Callable[[str], Samples]
DELAY_BLOCKS = 4
"""From the loudspeaker's buffer to the detector: 0.32 s."""
ECHO_GAIN = 0.3


def blocks(sound: Samples) -> Iterator[Samples]:
    for start in range(0, len(sound) - BLOCK_SAMPLES + 1, BLOCK_SAMPLES):
        yield sound[start : start + BLOCK_SAMPLES]


@asynccontextmanager
async def listening(word: str, own: OwnSound) -> AsyncIterator[tuple[FakeMicrophone, list[str]]]:
    """Listen for a wake word; yield the microphone and the wake words that are passed on."""
    model, heard, microphone = built_in_models()[word], list[str](), FakeMicrophone()
    own.choose([model])
    listener = Listener(
        microphone,
        Detector([model]),
        own,
        lambda _, wake_word, __: None if wake_word is None else heard.append(wake_word),
        on_change=lambda: None,
    )
    async with listener:
        await listener.until_ready()
        yield microphone, heard


async def heard_in_room(
    word: str, *, played: Samples, spoken: Samples, rate: int = RATE
) -> list[str]:
    """Play and speak at once, and return the wake words that begin a turn."""
    own = OwnSound()
    async with listening(word, own) as (microphone, heard):
        length = max(len(played), len(spoken))
        played, spoken = (np.pad(it, (0, length - len(it))) for it in (played, spoken))
        echo = np.pad((played * ECHO_GAIN).astype(np.int16), (DELAY_BLOCKS * BLOCK_SAMPLES, 0))
        own.begin(rate)
        for number, piece in zip(count(), blocks(spoken), strict=False):
            start = number * BLOCK_SAMPLES
            own.add(_at_rate(played[start : start + BLOCK_SAMPLES], rate))
            microphone.sound.put(piece + echo[start : start + BLOCK_SAMPLES])
            # Both advance together, as they do in a room.
            await until(microphone.sound.empty, bool)
        await asyncio.sleep(3 * BLOCK_SECONDS)
        return heard


def _at_rate(piece: Samples, rate: int) -> Samples:
    return np.repeat(piece, rate // RATE)


QUIET = np.zeros((RATE,), np.int16)


@pytest.mark.parametrize(
    ("word", "answer"),
    [
        ("hey_jarvis", "You can wake me with hey Jarvis, as you know."),
        ("alexa", "The film is called Alexa, and it begins at eight."),
        ("alexa", "Alexa!"),
        ("hey_jarvis", "Hey Jarvis!"),
        ("okay_nabu", "Okay Nabu!"),
        ("hey_marvin", "Hey Marvin!"),
    ],
)
@pytest.mark.parametrize("rate", [RATE, 3 * RATE])
async def test_a_wake_word_in_an_answer_is_ignored(
    say: Say, word: str, answer: str, rate: int
) -> None:
    sound = say(answer)
    assert await heard_in_room(word, played=sound, spoken=QUIET, rate=rate) == []


@pytest.mark.parametrize(("word", "text"), [("alexa", "Alexa!"), ("hey_jarvis", "Hey Jarvis!")])
async def test_a_wake_word_that_a_person_says_during_an_answer_is_heard(
    say: Say, word: str, text: str
) -> None:
    answer = say("It will be sunny today, and rather cold tomorrow morning.") // 4
    spoken = np.concatenate((QUIET, say(text)))
    assert await heard_in_room(word, played=answer, spoken=spoken) == [word]


async def test_a_person_is_heard_again_soon_after_the_satellite_said_it(say: Say) -> None:
    pause = np.zeros((round((ECHO_SECONDS + 1) * RATE),), np.int16)
    own = OwnSound()
    async with listening("alexa", own) as (microphone, heard):
        own.begin(RATE)
        for piece in blocks(say("Alexa!")):
            own.add(piece)
            microphone.sound.put(piece // 3)
            await until(microphone.sound.empty, bool)
        for piece in blocks(pause):
            microphone.sound.put(piece)
        await until(microphone.sound.empty, bool)
        assert heard == []
        for piece in blocks(say("Alexa!")):
            microphone.sound.put(piece)
        await until(lambda: heard, bool)
    assert heard == ["alexa"]
