"""Measures how the end of speech is found: by fixed silence, by Home Assistant, and by our server.

The other policies see the sound as fast as they can; our server gets it in real time, over its
socket, and puts its readings to a Home Assistant that knows many things. Where one of its
techniques matters, it's measured without it, too.
"""

import asyncio
import difflib
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from homeassistant.components.assist_pipeline.vad import VadSensitivity, VoiceCommandSegmenter
from pymicro_vad import MicroVad
from wyoming.asr import Transcribe
from wyoming.audio import AudioChunk, AudioStart, AudioStop

from indoor_voice.link.wire import Connection
from indoor_voice.speech.models import find_model
from indoor_voice.speech.recognition.silero import VoiceDetector
from indoor_voice.speech.recognition.wake_phrase import strip_wake_phrase
from indoor_voice.speech.recognition.whisper import Whisper

from .home import Home, home
from .speech_server import connected, speech_server
from .spoken_commands import AFTER_SECONDS, RATE, WAKE_PHRASE, Scene, conditions
from .techniques import OF_THE_SERVER, Technique, answered

OURS: Final = "ours"
WITHOUT: Final = {
    Technique.TEXT: ("as spoken", "pause of 0.6 s", "pause of 1.0 s"),
    Technique.SMART_TURN: ("as spoken", "pause of 0.6 s", "pause of 1.0 s"),
    Technique.CHOICE: ("as spoken", "noise, 10 dB softer"),
    Technique.EXPECTATION: ("as spoken", "noise, 10 dB softer"),
    Technique.LOUD_VOICE: (
        "as spoken",
        "voice falls by 10 dB",
        "television, 15 dB softer",
        "song, 15 dB softer",
        "talk, 15 dB softer",
    ),
}
"""The conditions in which our server is measured without a technique, too."""
AGGRESSIVE: Final = f"{OURS}, {VadSensitivity.AGGRESSIVE}"
_WHERE_AGGRESSIVE: Final = ("as spoken", "pause of 0.6 s", "pause of 1.0 s")
SOON_SECONDS: Final = 1.2
"""A wait after which people still believe that they were heard."""
_STREAMS: Final = 2
"""That our server hears at the same time."""
_CHUNK_SECONDS: Final = 0.08
_SPEECH: Final = 0.5
_STILL_SPEECH: Final = 0.35
"""Silero's own thresholds."""
_START_FRAMES: Final = 3
_SILERO_FRAME_SECONDS: Final = 0.032
_MICRO_VAD_SECONDS: Final = 0.01


@dataclass(slots=True)
class Found:
    """How one policy found the end of the commands in one condition."""

    turns: int = 0
    cut_off: int = 0
    """Turns that ended before the speaker did."""
    words_lost: int = 0
    """Words of those turns that are missing because of it."""
    words: int = 0
    """Words in all turns, as recognised in the whole command."""
    waits: list[float] = field(default_factory=list)
    """Seconds of sound from the speaker's last sample to the end of the other turns.

    `AFTER_SECONDS` if that wasn't found.
    """
    answers: list[float] = field(default_factory=list)
    """Seconds to the transcript, in real time; only of our server."""
    understood_answers: list[float] = field(default_factory=list)
    """Those to commands that mean something in the home."""
    meaningful: int = 0
    """Turns whose command means something in the home; only of our server."""
    as_meant: int = 0
    """Those whose transcript means the same."""
    failed: int = 0
    """Turns that our server answered with an error, such as being late on a busy machine."""
    with_others: int = 0
    """Turns whose transcript goes on after the command, or begins before it; only of our server."""


class _Turn(NamedTuple):
    """How our server heard one scene."""

    ended_at: float
    """How much of the sound it had heard, in seconds."""
    answer: float
    """Seconds from the speaker's last sample to the transcript."""
    text: str


Policy = Callable[[Scene], float]
"""Returns when a command has ended, in seconds of its sound."""


async def measure(
    folder: Path, count: int, say: Callable[[str], None], recordings: Path | None = None
) -> dict[str, dict[str, Found]]:
    """Return the measurements by condition and policy; `count` commands each."""
    policies = dict(_policies())
    recogniser = Whisper(find_model("tiny.en", "en", folder))
    measured: dict[str, dict[str, Found]] = {}
    async with AsyncExitStack() as stack:
        house = await stack.enter_async_context(home())
        ports = {}
        for switched_off in (None, *OF_THE_SERVER):
            off = () if switched_off is None else (switched_off,)
            server = speech_server(folder / f"speech-{switched_off}", without=off)
            _, ports[switched_off] = await stack.enter_async_context(server)
        for name, make in conditions(count, recordings):
            say(f"End of speech: {name}")
            scenes = await asyncio.to_thread(make)
            found = await asyncio.to_thread(_compare, scenes, policies, recogniser)
            for technique in (None, *(one for one, where in WITHOUT.items() if name in where)):
                server_port = ports.get(technique, ports[None])
                off = () if technique is None else (technique,)
                turns = await _turns(server_port, house, off, scenes)
                label = OURS if technique is None else f"{OURS} without {technique}"
                found[label] = await _judge(scenes, turns, house, recogniser)
            if name in _WHERE_AGGRESSIVE:
                turns = await _turns(ports[None], house, (), scenes, VadSensitivity.AGGRESSIVE)
                found[AGGRESSIVE] = await _judge(scenes, turns, house, recogniser)
            measured[name] = found
    return measured


def _compare(
    scenes: Sequence[Scene], policies: dict[str, Policy], recogniser: Whisper
) -> dict[str, Found]:
    found = {name: Found() for name in policies}
    for scene in scenes:
        whole = _whole(recogniser, scene)
        for name, policy in policies.items():
            at = policy(scene)
            text = _text(recogniser, scene, at) if at < scene.end_seconds else None
            _note(found[name], whole, text, at - scene.end_seconds)
    return found


async def _judge(
    scenes: Sequence[Scene], turns: Sequence[_Turn | None], house: Home, recogniser: Whisper
) -> Found:
    found = Found()
    for scene, turn in zip(scenes, turns, strict=True):
        if turn is None:
            found.failed += 1
            continue
        whole = await asyncio.to_thread(_whole, recogniser, scene)
        cut_off = turn.ended_at < scene.end_seconds
        _note(found, whole, turn.text if cut_off else None, turn.ended_at - scene.end_seconds)
        said = _words(scene.text) if scene.text is not None else whole
        found.with_others += _has_others(said, _words(turn.text))
        meaning = None if scene.text is None else await house.means(scene.text)
        if meaning is not None:
            found.meaningful += 1
            found.as_meant += await house.means(turn.text) == meaning
        if not cut_off:
            found.answers.append(turn.answer)
            if meaning is not None:
                found.understood_answers.append(turn.answer)
    return found


def _note(found: Found, whole: list[str], cut_text: str | None, wait: float) -> None:
    found.turns += 1
    found.words += len(whole)
    if cut_text is None:
        found.waits.append(wait)
    else:
        found.cut_off += 1
        found.words_lost += len(whole) - sum(
            size for _, _, size in _common(whole, _words(cut_text))
        )


def _policies() -> Iterator[tuple[str, Policy]]:
    for seconds in (0.35, 0.6, 1.2):
        yield f"silence of {seconds} s", partial(_by_silence, seconds)
    for sensitivity in (VadSensitivity.DEFAULT, VadSensitivity.AGGRESSIVE):
        seconds = VadSensitivity.to_seconds(sensitivity)
        yield f"Home Assistant, {sensitivity}", partial(_by_home_assistant, seconds)


def _by_silence(silence_seconds: float, scene: Scene) -> float:
    """Return when Silero has heard enough silence after speech."""
    detector = VoiceDetector()
    spoken = silent = 0
    speaking = False
    probabilities = detector.probabilities(detector.frames(scene.audio))
    for number, probability in enumerate(probabilities, start=1):
        speaking = probability >= (_STILL_SPEECH if speaking else _SPEECH)
        if speaking:
            spoken, silent = spoken + 1, 0
            continue
        silent += 1
        if spoken < _START_FRAMES:
            spoken = 0
        elif silent * _SILERO_FRAME_SECONDS >= silence_seconds:
            return number * _SILERO_FRAME_SECONDS
    return scene.end_seconds + AFTER_SECONDS


def _by_home_assistant(silence_seconds: float, scene: Scene) -> float:
    """Return when Home Assistant's pipeline would end the stream."""
    segmenter = VoiceCommandSegmenter(silence_seconds=silence_seconds)
    vad = MicroVad()
    pcm = scene.pcm
    size = round(2 * _MICRO_VAD_SECONDS * RATE)
    for number, start in enumerate(range(0, len(pcm) - size + 1, size), start=1):
        probability = vad.Process10ms(pcm[start : start + size])
        if not segmenter.process(_MICRO_VAD_SECONDS, probability):
            return number * _MICRO_VAD_SECONDS
    return scene.end_seconds + AFTER_SECONDS


async def _turns(
    port: int,
    house: Home,
    without: Collection[Technique],
    scenes: Sequence[Scene],
    sensitivity: VadSensitivity = VadSensitivity.DEFAULT,
) -> list[_Turn | None]:
    places = asyncio.Semaphore(_STREAMS)

    async def take(scene: Scene) -> _Turn | None:
        async with places:
            return await _take_turn(port, house, without, scene, sensitivity)

    return await asyncio.gather(*(take(scene) for scene in scenes))


async def _take_turn(
    port: int,
    house: Home,
    without: Collection[Technique],
    scene: Scene,
    sensitivity: VadSensitivity,
) -> _Turn | None:
    """Let our server hear a scene as Home Assistant passes it on; return None if it fails."""
    clock = asyncio.get_running_loop().time
    async with connected(port) as connection:
        understands = Technique.TEXT not in without
        context = {"wake_word_phrase": WAKE_PHRASE, "understands": understands}
        await connection.send(Transcribe(context=context, vad_sensitivity=sensitivity))
        await connection.send(AudioStart(RATE, 2, 1))
        began = clock()
        speaking = asyncio.create_task(_speak(connection, scene.pcm, began))
        ended_at = scene.end_seconds + AFTER_SECONDS
        try:
            while (event := await connection.receive()).type not in ("transcript", "error"):
                if event.type == "voice-stopped":
                    ended_at = event.data["timestamp"] / 1000
                elif event.type == "readings":
                    await connection.send(await answered(house, event, without))
        finally:
            speaking.cancel()
        if event.type == "error":
            return None
        return _Turn(ended_at, clock() - began - scene.end_seconds, event.data["text"])


async def _speak(connection: Connection, pcm: bytes, began: float) -> None:
    """Send sound in real time, each piece when a microphone would have recorded it."""
    clock = asyncio.get_running_loop().time
    size = round(_CHUNK_SECONDS * RATE) * 2
    for number, start in enumerate(range(0, len(pcm), size), start=1):
        await asyncio.sleep(began + number * _CHUNK_SECONDS - clock())
        await connection.send(AudioChunk(RATE, 2, 1, pcm[start : start + size]))
    await connection.send(AudioStop())


def _whole(recogniser: Whisper, scene: Scene) -> list[str]:
    return _words(_text(recogniser, scene, scene.end_seconds + 0.2))


def _text(recogniser: Whisper, scene: Scene, until_seconds: float) -> str:
    text = recogniser.recognise(scene.audio[: round(until_seconds * RATE)], "en").best
    return strip_wake_phrase(text, WAKE_PHRASE)


def _words(text: str) -> list[str]:
    return re.findall(r"[\w']+", text.lower())


def _common(said: list[str], text: list[str]) -> list[difflib.Match]:
    return difflib.SequenceMatcher(None, said, text, autojunk=False).get_matching_blocks()[:-1]


def _has_others(said: list[str], text: list[str]) -> bool:
    """Return whether a text has more words than `said` before or after what they have in common."""
    common = _common(said, text)
    if not common:
        return len(text) > len(said)
    first, last = common[0], common[-1]
    after = len(text) - (last.b + last.size)
    return first.b > first.a or after > len(said) - (last.a + last.size)
