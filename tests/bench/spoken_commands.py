"""Commands as people speak them: with pauses, slowly, softly, in noise, before other voices."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

import av
import numpy as np
import soxr
from numpy.typing import NDArray

from demo.voice import Person, noise

RATE: Final = 16_000
AFTER_SECONDS: Final = 3.0
"""Of the room's sound after a command, in which its end must be found."""
WAKE_PHRASE: Final = "hey jarvis"

Audio: TypeAlias = NDArray[np.float32]

COMMANDS: Final = (
    "Turn on | the kitchen light.",
    "Turn off all the lights | in the living room.",
    "Turn on the bedroom light | and close the curtains.",
    "Set the thermostat | to twenty one degrees.",
    "What's the temperature | outside?",
    "Close | the garage door.",
    "Play some music | in the kitchen.",
    "What time | is it?",
    "Open the blinds | in the office.",
    "Cancel | the timer.",
    "How many lights | are on?",
    "Turn on the fan | in the guest room.",
    "What's on | my shopping list?",
    "Add milk, eggs and bread | to the shopping list.",
    "Set a timer | for fifteen minutes.",
    "Is the front door | locked?",
    "Dim the lamp in Anna's room | to thirty percent.",
    "Start the vacuum cleaner | upstairs.",
    "What's the weather like | tomorrow in Berlin?",
    "Turn the volume down | a little bit, please.",
    "Lock the back door | and turn off everything.",
    "Pause | the music.",
    "Remind me to call the doctor | at half past four.",
    "Open the window | in the bathroom.",
    "Set the brightness | of the hall to 50 percent.",
    "Turn off | the coffee machine.",
    "Where | is Marta?",
    "Is Joshua | at home?",
    "Turn on Mohammed's | reading lamp.",
    "Play the Beatles | on the dining room speaker.",
    "Set an alarm | for seven fifteen tomorrow.",
    "Close the shutters | on the first floor.",
    "What's the humidity | in the cellar?",
    "Turn the heating off | and open the window.",
    "Add two litres of olive oil | to my list.",
    "Stop | the washing machine.",
    "Is the oven | still on?",
    "Make the living room | warmer.",
    "Turn the nursery light | to blue.",
    "Turn on the light in Siobhan's | room and in the hall.",
    "Increase the volume | by ten percent.",
    "What's the battery level | of the motion sensor?",
    "Skip | this song.",
    "Turn on | the Christmas tree.",
    "When does | the sun set?",
    "Activate | the movie scene.",
    "Broadcast | that dinner is ready.",
    "Open | the gate.",
    "Turn off the sprinklers | in the back garden.",
    "How long is left | on the pasta timer?",
    "Set the bedroom | to eighteen and a half degrees.",
    "Turn on the radio | and dim the lights.",
    "Switch off the television | in twenty minutes.",
    "Close the curtains | in Dimitri's office.",
    "What did I | put on the list?",
    "Lower | the blinds.",
    "Run | the good night script.",
    "Is there any rain | tomorrow afternoon?",
    "Turn on the desk lamp, | the fan and the heater.",
    "Unlock | the front door.",
    "Water the plants | for five minutes.",
    "Set the fan | to level three.",
    "Clean | the upstairs bathroom.",
    "Turn everything off | and arm the alarm.",
)
"""A bar marks where somebody may hesitate."""
NEWS: Final = (
    "The government announced on Tuesday that the new budget would be presented next week.",
    "Opposition leaders said that the plan did not go far enough, and called for a vote.",
    "Heavy rain has caused flooding across the north, and several roads remain closed.",
    "Share prices fell sharply after the central bank raised interest rates again.",
    "And now the weather: it will stay cloudy in the west, with sunny spells in the evening.",
)
_TALK: Final = (
    "Did you see what happened yesterday?",
    "I can't believe it.",
    "We should ask your mother.",
    "No, she told me about that last week, and I said that we would come.",
)
_BEHIND_PITCH: Final = 0.82
_CHORD_HZ: Final = (220, 277, 330, 440)
_BEAT_SECONDS: Final = 0.5
_LEVEL_DBFS: Final = -24.0
_ROOM_DBFS: Final = -65.0
_BEFORE_SECONDS: Final = 0.4
_AFTER_PHRASE_SECONDS: Final = 0.15
_SLOW: Final = 1.7
_FALLING_DB: Final = 10.0
"""By how much a voice falls from the middle of a command to its end."""
_END_AMPLITUDE: Final = 0.02
"""Relative to the loudest sample of a recording; after the last such sample it's silent."""


class _Manner(NamedTuple):
    speed: float
    pitch: float


_MANNERS: Final = tuple(
    _Manner(speed, pitch) for pitch in (1.0, 1.15, 0.88, 1.3) for speed in (1.0, 0.85, 1.15)
)
"""One packaged voice, made into twelve by speed and by pitch; the latter changes its timbre."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A wake phrase and a command, as a microphone records them."""

    text: str | None
    """The command; None if it isn't known."""
    audio: Audio
    end_seconds: float
    """When the command ends; `AFTER_SECONDS` follow."""

    @property
    def pcm(self) -> bytes:
        pcm: bytes = (np.clip(self.audio, -1, 1) * 32767).astype("<i2").tobytes()
        return pcm


class _Speech(NamedTuple):
    text: str | None
    audio: Audio
    """Without silence around it."""


def conditions(
    count: int, folder: Path | None = None
) -> Iterator[tuple[str, Callable[[], list[Scene]]]]:
    """Yield the name of each condition, and a function that makes `count` scenes.

    Args:
        count: Number of commands in each condition; the next condition continues with others.
        folder: Holds more recordings and a `manifest.json`, a list of objects with `path` and
            `says`. All of them are added to those conditions that don't need synthesis.
    """
    recordings = _recordings(folder) if folder is not None else []
    numbers = iter(range(100))
    scenes = partial(_scenes, numbers, count)
    yield "as spoken", partial(scenes, recordings)
    for pause in (0.3, 0.6, 1.0):
        yield f"pause of {pause} s", partial(scenes, pause_seconds=pause)
    yield "slow", partial(scenes, slowness=_SLOW)
    yield "voice falls by 10 dB", partial(scenes, recordings, falling_db=_FALLING_DB)
    for softer in (20, 10, 5):
        yield (
            f"noise, {softer} dB softer",
            partial(scenes, recordings, background=_noise, softer_db=softer),
        )
    for name, behind in (("television", television), ("song", _song), ("talk", _talk)):
        for softer in (20, 15, 10):
            yield (
                f"{name}, {softer} dB softer",
                partial(scenes, recordings, background=behind, softer_db=softer),
            )


def _scenes(
    numbers: Iterator[int],
    count: int,
    recordings: Sequence[_Speech] = (),
    *,
    pause_seconds: float = 0.0,
    slowness: float = 1.0,
    falling_db: float = 0.0,
    background: Callable[[int], Audio] | None = None,
    softer_db: float = 0.0,
) -> list[Scene]:
    first = next(numbers) * count
    commands = [_command(number, pause_seconds, slowness) for number in range(first, first + count)]
    return [
        _scene(_falling(speech, falling_db), background, softer_db)
        for speech in (*commands, *recordings)
    ]


def active_level(audio: Audio) -> float:
    """Return the RMS level of the parts that aren't pauses."""
    power = np.square(audio[: len(audio) // 320 * 320].reshape(-1, 320)).mean(axis=1)
    return float(np.sqrt(power[power > power.max() / 1000].mean()))


def _command(number: int, pause_seconds: float, slowness: float) -> _Speech:
    command = COMMANDS[number % len(COMMANDS)]
    manner = _MANNERS[number % len(_MANNERS)]
    text = command.replace("| ", "")
    parts = command.split(" | ") if pause_seconds else [text]
    silent = np.zeros(round(pause_seconds * RATE), np.float32)
    spoken = [_say(part, manner.speed * slowness, manner.pitch) for part in parts]
    joined = [piece for part in spoken for piece in (silent, part)][1:]
    phrase = _say("Hey Jarvis!", manner.speed, manner.pitch)
    gap = np.zeros(round(_AFTER_PHRASE_SECONDS * RATE), np.float32)
    return _Speech(text, np.concatenate([phrase, gap, *joined]))


@cache
def _person() -> Person:
    return Person()


@cache
def _say(text: str, speed: float, pitch: float) -> Audio:
    """Return speech with a level of 1."""
    pcm = _person().speech(text, length_scale=speed * pitch)
    audio: Audio = np.frombuffer(pcm, "<i2").astype(np.float32) / np.float32(32768)
    audio = soxr.resample(audio, RATE * pitch, RATE)
    return audio / np.float32(active_level(audio))


def _falling(speech: _Speech, falling_db: float) -> _Speech:
    count = len(speech.audio)
    gains_db = np.interp(np.arange(count), [0, count / 2, count], [0, 0, -falling_db])
    return _Speech(speech.text, speech.audio * (10 ** (gains_db / 20)).astype(np.float32))


def _scene(speech: _Speech, background: Callable[[int], Audio] | None, softer_db: float) -> Scene:
    before = np.zeros(round(_BEFORE_SECONDS * RATE), np.float32)
    after = np.zeros(round(AFTER_SECONDS * RATE), np.float32)
    audio: Audio = np.concatenate([before, speech.audio, after])
    audio *= np.float32(10 ** (_LEVEL_DBFS / 20) / active_level(speech.audio))
    room = np.random.default_rng(len(audio)).normal(0, 10 ** (_ROOM_DBFS / 20), len(audio))
    audio += room.astype(np.float32)
    if background is not None:
        behind = background(len(audio))
        audio += behind * np.float32(10 ** ((_LEVEL_DBFS - softer_db) / 20) / active_level(behind))
    return Scene(speech.text, audio, _BEFORE_SECONDS + len(speech.audio) / RATE)


def _noise(samples: int) -> Audio:
    pcm = noise(samples / RATE + 0.1, level_dbfs=-20, seed=samples)
    return np.frombuffer(pcm, "<i2")[:samples].astype(np.float32) / np.float32(32768)


def television(samples: int) -> Audio:
    return _voice_behind(NEWS, RATE // 4, samples)


def _talk(samples: int) -> Audio:
    return _voice_behind(_TALK, RATE * 7 // 10, samples)


def _song(samples: int) -> Audio:
    """Return a voice over four tones that are struck twice a second."""
    seconds = np.arange(samples) / RATE
    tones = sum(np.sin(2 * np.pi * pitch * seconds) for pitch in _CHORD_HZ)
    beat = np.exp(-2 * (seconds % _BEAT_SECONDS) / _BEAT_SECONDS) / 2
    return _voice_behind(_TALK, RATE // 10, samples) + (beat * tones).astype(np.float32)


def _voice_behind(texts: Sequence[str], gap_samples: int, samples: int) -> Audio:
    """Return what another voice says; where it begins depends on the length."""
    gap = np.zeros(gap_samples, np.float32)
    spoken = [piece for text in texts for piece in (_say(text, 1.0, _BEHIND_PITCH), gap)]
    said = np.concatenate(spoken)
    return np.tile(np.roll(said, -(samples * 7919) % len(said)), 1 + samples // len(said))[:samples]


def _recordings(folder: Path) -> list[_Speech]:
    """Read a folder's recordings; raises `OSError` and `ValueError` if it can't be read."""
    listed = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return [
        _Speech(one.get("says") or None, _trimmed(_read(folder / one["path"]))) for one in listed
    ]


def _read(path: Path) -> Audio:
    resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
    with av.open(str(path)) as container:
        frames = [*container.decode(audio=0), None]
        pieces = [piece.to_ndarray()[0] for frame in frames for piece in resampler.resample(frame)]
    audio: Audio = np.concatenate(pieces).astype(np.float32)
    return audio


def _trimmed(audio: Audio) -> Audio:
    loud = np.flatnonzero(np.abs(audio) > _END_AMPLITUDE * np.abs(audio).max())
    return audio[loud[0] : loud[-1] + 1] if loud.size else audio
