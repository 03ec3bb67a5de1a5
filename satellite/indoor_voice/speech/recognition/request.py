"""Serves one recognition request: audio in, transcript out."""

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
"""For the audio of a command, which lasts at most 15 s, to arrive."""
RECOGNITION_SECONDS: Final = 10.0
"""From the end of speech; by then the speaker has given up or repeated the command."""
IDLE_SECONDS: Final = 60.0
_FRAMES_AT_ONCE: Final = 16
"""Half a second of audio, for which other requests wait 16 ms."""
_MAX_NAMES: Final = 100
_MAY_BE_PHRASE_SECONDS: Final = 1.5
"""Silence that ends a command with no more words than the wake phrase, which it may be."""

Send = Callable[[Event | Eventable], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Time limits of a request, and of a connection without requests."""

    listen_seconds: float = LISTEN_SECONDS
    recognition_seconds: float = RECOGNITION_SECONDS
    idle_seconds: float = IDLE_SECONDS
    wait_seconds: float = MAX_WAIT_SECONDS
    """Longest acceptable wait for other requests."""


class Workers(NamedTuple):
    """The workers that all requests share."""

    detector: Worker
    """Detects speech."""
    recogniser: Worker
    """Transcribes speech."""


class Recognition:
    """Listens until the speaker has finished, and transcribes what was said.

    Pass the audio to `start`, `chunk` and `stop`; `run` returns the transcript. Transcription
    starts in each pause, so the transcript is usually ready when the pause turns out to be the
    end.
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
        self._detector_worker = workers.detector
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
        """Set the audio's format; raises `RequestError` (`bad-audio`)."""
        self._incoming = IncomingAudio(audio.rate, audio.width, audio.channels)

    async def chunk(self, audio: AudioChunk) -> None:
        """Process a chunk of audio; raises `RequestError` (`bad-audio`, `bad-request`)."""
        if self._ended.done():
            return
        if self._incoming is None:
            raise RequestError("bad-request", "Audio must begin with audio-start")
        if (audio.rate, audio.width, audio.channels) != self._incoming.format:
            raise RequestError("bad-audio", "Audio must keep the format given in audio-start")
        await self._hear(self._incoming.convert(audio.audio))

    async def stop(self) -> None:
        """Treat the end of the audio as the end of speech."""
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
            self._drop_transcript()
        return Transcript(text=strip_wake_phrase(text, self._phrase), language=self._language)

    async def _wait_for_end(self) -> None:
        try:
            async with asyncio.timeout(self._limits.listen_seconds):
                await self._ended
        except TimeoutError as err:
            raise RequestError("too-late", "The audio did not end in time") from err

    async def _wait_for_text(self) -> str:
        if self._transcript is None:
            return ""
        try:
            async with asyncio.timeout(self._limits.recognition_seconds):
                return await self._transcript
        except TimeoutError as err:
            raise RequestError("too-late", "The recogniser took too long") from err

    def _drop_transcript(self) -> None:
        if self._transcript is not None:
            self._transcript.cancel()
            self._transcript = None

    async def _hear(self, audio: NDArray[np.float32]) -> None:
        heard = self._detector.frames(audio)
        for start in range(0, len(heard), _FRAMES_AT_ONCE):
            if self._rule.done:
                return
            frames = heard[start : start + _FRAMES_AT_ONCE]
            probabilities = await self._detector_worker.run(self._detector.probabilities, frames)
            for frame, probability in zip(frames, probabilities, strict=True):
                self._frames.append(frame)
                await self._handle(self._rule.push(probability))

    async def _handle(self, event: SpeechEvent | None) -> None:
        match event:
            case SpeechEvent.STARTED:
                await self._send(VoiceStarted(timestamp=self._milliseconds))
            case SpeechEvent.PAUSED:
                self._start_transcript()
            case SpeechEvent.RESUMED:
                self._drop_transcript()
            case SpeechEvent.ENDED | SpeechEvent.NO_SPEECH | SpeechEvent.TOO_LONG:
                await self._end()

    async def _end(self) -> None:
        if self._rule.started:
            if self._transcript is None:
                self._start_transcript()
            await self._send(VoiceStopped(timestamp=self._milliseconds))
        if not self._ended.done():
            self._ended.set_result(None)

    def _start_transcript(self) -> None:
        audio = np.concatenate(self._frames)
        self._transcript = asyncio.create_task(self._transcribe(audio))
        # Retrieve the exception even if nobody awaits the task: asyncio would log its message.
        self._transcript.add_done_callback(lambda done: done.cancelled() or done.exception())

    async def _transcribe(self, audio: NDArray[np.float32]) -> str:
        text = await self._worker.run(
            self._recogniser.recognise, audio, self._language, self._hint or None
        )
        if self._phrase and not self._rule.done:
            self._rule.end_pause_after(self._silence_after(text))
        return text

    def _silence_after(self, text: str) -> float:
        """Return the silence that ends the command after `text`, which may be the wake phrase."""
        command = strip_wake_phrase(text, self._phrase)
        if not command:
            return NO_SPEECH_SECONDS
        if command == text and count_words(text) <= count_words(self._phrase):
            return max(_MAY_BE_PHRASE_SECONDS, self._silence_seconds)
        return self._silence_seconds

    @property
    def _milliseconds(self) -> int:
        return round(self._rule.seconds * 1000)


def _sensitivity(request: Transcribe) -> VadSensitivity:
    try:
        return VadSensitivity(request.vad_sensitivity or VadSensitivity.DEFAULT)
    except ValueError:
        # Wyoming may add values; the default is then the best guess.
        return VadSensitivity.DEFAULT
