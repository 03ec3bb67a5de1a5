"""One request for text: audio in, transcript out."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import islice
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from wyoming.asr import Transcribe, Transcript, VadSensitivity
from wyoming.audio import AudioChunk, AudioStart
from wyoming.event import Event, Eventable
from wyoming.vad import VoiceStarted, VoiceStopped

from indoor_voice.speech.errors import RequestError
from indoor_voice.speech.pcm import IncomingAudio
from indoor_voice.speech.worker import MAX_WAIT_SECONDS, Worker

from .end_of_speech import NO_SPEECH_SECONDS, SILENCE_SECONDS, EndOfSpeech, SpeechEvent
from .silero import VoiceDetector
from .wake_phrase import count_words, strip_wake_phrase
from .whisper import Recogniser

LISTEN_SECONDS: Final = 30.0
"""For the audio of a command, which lasts 15 s at most, to arrive."""
RECOGNITION_SECONDS: Final = 10.0
"""From the end of speech: whoever waits longer has given up or said it again."""
IDLE_SECONDS: Final = 60.0
_FRAMES_AT_ONCE: Final = 16
"""Half a second of sound, in whose turn others wait for 16 ms."""
_MAX_NAMES: Final = 100
_PERHAPS_MISHEARD_SECONDS: Final = 1.5
"""The silence that ends a pause after no more words than the wake phrase has."""

Send = Callable[[Event | Eventable], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long a request may take, and how long none may be made."""

    listen_seconds: float = LISTEN_SECONDS
    recognition_seconds: float = RECOGNITION_SECONDS
    idle_seconds: float = IDLE_SECONDS
    wait_seconds: float = MAX_WAIT_SECONDS
    """What somebody may have to wait for others at most."""


class Workers(NamedTuple):
    """Who works for all requests."""

    ears: Worker
    """Tells speech from other sound."""
    recogniser: Worker


class Recognition:
    """Listens until somebody has finished, and says what they said.

    Feed it with `start`, `chunk` and `stop`; `run` returns the transcript. What was said is
    recognised in each pause already, so the answer is usually there when the pause proves to be
    the end.
    """

    def __init__(
        self,
        recogniser: Recogniser,
        workers: Workers,
        request: Transcribe,
        limits: Limits,
        send: Send,
    ) -> None:
        """Accept a request; raises `RequestError` (`unknown-model`, `unknown-language`)."""
        if request.name not in (None, recogniser.name):
            raise RequestError("unknown-model", f"There is no model {request.name} here")
        self._recogniser = recogniser
        self._worker = workers.recogniser
        self._ears = workers.ears
        self._limits = limits
        self._send = send
        self._language = recogniser.language_code(request.language)
        names = request.transcript_names or request.transcript_terms or ()
        self._hint = ", ".join(islice(names, _MAX_NAMES))
        self._phrase: str = (request.context or {}).get("wake_word_phrase") or ""
        self._silence_seconds = SILENCE_SECONDS[_sensitivity(request)]
        self._rule = EndOfSpeech(self._silence_seconds, wake_phrase=bool(self._phrase))
        self._detector = VoiceDetector()
        self._incoming: IncomingAudio | None = None
        self._frames: list[NDArray[np.float32]] = []
        self._transcript: asyncio.Task[str] | None = None
        self._ended = asyncio.get_running_loop().create_future()

    def start(self, audio: AudioStart) -> None:
        """Learn the audio's format; raises `RequestError` (`bad-audio`)."""
        self._incoming = IncomingAudio(audio.rate, audio.width, audio.channels)

    async def chunk(self, audio: AudioChunk) -> None:
        """Hear the next piece of audio; raises `RequestError` (`bad-audio`, `bad-request`)."""
        if self._ended.done():
            return
        if self._incoming is None:
            raise RequestError("bad-request", "Audio begins with audio-start")
        if (audio.rate, audio.width, audio.channels) != self._incoming.format:
            raise RequestError("bad-audio", "Audio keeps the format that audio-start gave")
        await self._hear(self._incoming.convert(audio.audio))

    async def stop(self) -> None:
        """Take the end of the audio for the end of speech."""
        if self._ended.done():
            return
        if self._incoming is not None:
            await self._hear(self._incoming.flush())
        await self._end()

    async def run(self) -> Eventable:
        """Return the transcript; raises `RequestError`."""
        try:
            with self._worker.place():
                await self._wait_for_end()
                text = await self._wait_for_text()
        finally:
            self._forget()
        return Transcript(text=strip_wake_phrase(text, self._phrase), language=self._language)

    async def _wait_for_end(self) -> None:
        try:
            async with asyncio.timeout(self._limits.listen_seconds):
                await self._ended
        except TimeoutError as err:
            raise RequestError("too-late", "The audio did not come to an end") from err

    async def _wait_for_text(self) -> str:
        if self._transcript is None:
            return ""
        try:
            async with asyncio.timeout(self._limits.recognition_seconds):
                return await self._transcript
        except TimeoutError as err:
            raise RequestError("too-late", "The recogniser takes too long") from err

    def _forget(self) -> None:
        if self._transcript is not None:
            self._transcript.cancel()
            self._transcript = None

    async def _hear(self, audio: NDArray[np.float32]) -> None:
        heard = self._detector.frames(audio)
        for start in range(0, len(heard), _FRAMES_AT_ONCE):
            if self._rule.done:
                return
            frames = heard[start : start + _FRAMES_AT_ONCE]
            probabilities = await self._ears.run(self._detector.probabilities, frames)
            for frame, probability in zip(frames, probabilities, strict=True):
                self._frames.append(frame)
                await self._act(self._rule.push(probability))

    async def _act(self, heard: SpeechEvent | None) -> None:
        match heard:
            case SpeechEvent.STARTED:
                await self._send(VoiceStarted(timestamp=self._milliseconds))
            case SpeechEvent.PAUSED:
                self._recognise()
            case SpeechEvent.RESUMED:
                self._forget()
            case SpeechEvent.ENDED | SpeechEvent.NO_SPEECH | SpeechEvent.TOO_LONG:
                await self._end()

    async def _end(self) -> None:
        if self._rule.started:
            if self._transcript is None:
                self._recognise()
            await self._send(VoiceStopped(timestamp=self._milliseconds))
        if not self._ended.done():
            self._ended.set_result(None)

    def _recognise(self) -> None:
        audio = np.concatenate(self._frames)
        self._transcript = asyncio.create_task(self._transcribe(audio))
        # Nobody may wait for it any more when it fails, and asyncio would log why, in its words.
        self._transcript.add_done_callback(lambda done: done.cancelled() or done.exception())

    async def _transcribe(self, audio: NDArray[np.float32]) -> str:
        text = await self._worker.run(
            self._recogniser.recognise, audio, self._language, self._hint or None
        )
        if self._phrase and not self._rule.done:
            self._rule.agree_after(self._patience(text))
        return text

    def _patience(self, text: str) -> float:
        """Return how long to wait in the pause after `text`, which may be the wake phrase alone."""
        command = strip_wake_phrase(text, self._phrase)
        if not command:
            return NO_SPEECH_SECONDS
        if command == text and count_words(text) <= count_words(self._phrase):
            return max(_PERHAPS_MISHEARD_SECONDS, self._silence_seconds)
        return self._silence_seconds

    @property
    def _milliseconds(self) -> int:
        return round(self._rule.seconds * 1000)


def _sensitivity(request: Transcribe) -> VadSensitivity:
    try:
        return VadSensitivity(request.vad_sensitivity or VadSensitivity.DEFAULT)
    except ValueError:
        # Wyoming may add others; what the user asked for is then nearest to the default.
        return VadSensitivity.DEFAULT
