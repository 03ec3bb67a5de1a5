"""Serves one recognition request: audio in, transcript out."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from wyoming.asr import Transcribe, Transcript, VadSensitivity
from wyoming.audio import AudioChunk, AudioStart
from wyoming.event import Event, Eventable
from wyoming.vad import VoiceStarted, VoiceStopped

from indoor_voice.speech.errors import RequestError
from indoor_voice.speech.pcm import IncomingAudio, converted
from indoor_voice.speech.worker import MAX_WAIT_SECONDS, Worker

from .end_of_speech import NO_SPEECH_SECONDS, EndOfSpeech, SpeechEvent
from .engine import Recogniser
from .foreground import Foreground
from .matching import Matcher, Understood
from .reading import Expectations, Reader, Reading
from .silences import SILENCES
from .silero import VoiceDetector
from .smart_turn import SmartTurn

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

T = TypeVar("T")
Send = Callable[[Event | Eventable], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Time limits of a request, and of a connection without requests."""

    listen_seconds: float = LISTEN_SECONDS
    recognition_seconds: float = RECOGNITION_SECONDS
    idle_seconds: float = IDLE_SECONDS
    wait_seconds: float = MAX_WAIT_SECONDS
    """Longest acceptable wait for other requests."""


class Engines(NamedTuple):
    """The models that all requests share, and the workers that call them."""

    recogniser: Recogniser
    recogniser_worker: Worker
    smart_turn: SmartTurn | None
    """None if nobody judges whether a command sounds finished."""
    smart_turn_worker: Worker
    detector_worker: Worker
    """Calls the voice detectors, of which each request has its own."""


class _Pause:
    """What is found out about the command in a pause."""

    def __init__(self) -> None:
        self.reading: asyncio.Task[str] | None = None
        self.judgement: asyncio.Task[None] | None = None
        self.read: Reading | None = None
        """The likeliest reading, then the chosen one."""
        self.finished: bool | None = None

    def cancel(self) -> None:
        for task in (self.reading, self.judgement):
            if task is not None:
                task.cancel()


class Recognition:
    """Listens until the speaker has finished, and transcribes what was said.

    Pass the audio to `start`, `chunk` and `stop`, and what Home Assistant understands to
    `understood`; `run` returns the transcript. In each pause the command so far is read, which
    usually tells whether the pause is the end, and the transcript is ready then.
    """

    def __init__(
        self,
        engines: Engines,
        request: Transcribe,
        limits: Limits,
        send: Send,
    ) -> None:
        """Accept a request; raises `RequestError` (`unknown-model`, `unknown-language`)."""
        recogniser = engines.recogniser
        if request.name not in (None, recogniser.name):
            raise RequestError("unknown-model", f"There is no model {request.name} here")
        context = request.context or {}
        names = request.transcript_names or request.transcript_terms or ()
        phrase: str = context.get("wake_word_phrase") or ""
        self._engines = engines
        self._limits = limits
        self._send = send
        self._matcher = Matcher(send) if context.get("understands") is True else None
        self._language = recogniser.language_code(request.language)
        expectations = Expectations(self._language, phrase, list(islice(names, _MAX_NAMES)))
        self._reader = Reader(recogniser, engines.recogniser_worker, self._matcher, expectations)
        self._silences = SILENCES[_sensitivity(request)]
        self._rule = EndOfSpeech(self._silences.open, wake_phrase=bool(phrase))
        self._foreground = Foreground()
        self._detector = VoiceDetector()
        self._incoming: IncomingAudio | None = None
        self._frames: list[NDArray[np.float32]] = []
        self._pause: _Pause | None = None
        self._ended = False
        self._over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def start(self, audio: AudioStart) -> None:
        """Set the audio's format; raises `RequestError` (`bad-audio`)."""
        self._incoming = IncomingAudio(audio.rate, audio.width, audio.channels)

    async def chunk(self, audio: AudioChunk) -> None:
        """Process a chunk of audio; raises `RequestError` (`bad-audio`, `bad-request`)."""
        if self._ended:
            return
        await self._hear(converted(self._incoming, audio))

    async def stop(self) -> None:
        """Treat the end of the audio as the end of speech."""
        if self._ended:
            return
        if self._incoming is not None:
            await self._hear(self._incoming.flush())
        await self._end()

    def understood(self, answer: Understood) -> None:
        """Take Home Assistant's answer about the readings."""
        if self._matcher is not None:
            self._matcher.take(answer)

    async def run(self) -> Eventable:
        """Return the transcript; raises `RequestError`."""
        try:
            with self._engines.recogniser_worker.place():
                await self._wait_for_end()
                text = await self._wait_for_text()
        finally:
            self._forget_pause()
        return Transcript(text=text, language=self._language)

    async def _wait_for_end(self) -> None:
        try:
            async with asyncio.timeout(self._limits.listen_seconds):
                await self._over
        except TimeoutError as err:
            raise RequestError("too-late", "The audio did not end in time") from err

    async def _wait_for_text(self) -> str:
        if self._pause is None or self._pause.reading is None:
            return ""
        try:
            async with asyncio.timeout(self._limits.recognition_seconds):
                return await self._pause.reading
        except TimeoutError as err:
            raise RequestError("too-late", "The recogniser took too long") from err

    def _forget_pause(self) -> None:
        if self._pause is not None:
            self._pause.cancel()
            self._pause = None

    async def _hear(self, audio: NDArray[np.float32]) -> None:
        heard = self._detector.frames(audio)
        for start in range(0, len(heard), _FRAMES_AT_ONCE):
            if self._rule.done:
                return
            frames = heard[start : start + _FRAMES_AT_ONCE]
            probabilities = await self._engines.detector_worker.run(
                self._detector.probabilities, frames
            )
            for frame, probability in zip(frames, probabilities, strict=True):
                self._frames.append(frame)
                speaker = self._foreground.push(frame, probability)
                await self._handle(self._rule.push(*speaker))

    async def _handle(self, event: SpeechEvent | None) -> None:
        match event:
            case SpeechEvent.STARTED:
                await self._send(VoiceStarted(timestamp=self._milliseconds))
            case SpeechEvent.PAUSED:
                self._read()
            case SpeechEvent.PAUSE_LASTS if (smart_turn := self._engines.smart_turn) is not None:
                self._judge(smart_turn)
            case SpeechEvent.RESUMED:
                self._forget_pause()
            case SpeechEvent.ENDED | SpeechEvent.NO_SPEECH | SpeechEvent.TOO_LONG:
                await self._end()

    async def _end(self) -> None:
        if self._ended:
            return
        self._ended = True
        if self._rule.started:
            if self._pause is None:
                self._read()
            await self._send(VoiceStopped(timestamp=self._milliseconds))
        self._over.set_result(None)

    def _read(self) -> None:
        """Begin to find out about the command so far."""
        pause = self._pause = _Pause()
        audio = self._foreground.without_background(self._frames)
        pause.reading = _task(self._follow_reading(pause, audio))

    async def _follow_reading(self, pause: _Pause, audio: NDArray[np.float32]) -> str:
        async for reading in self._reader.read(audio, self._over):
            pause.read = reading
            await self._decide(pause)
        return pause.read.text if pause.read else ""

    def _judge(self, smart_turn: SmartTurn) -> None:
        """Begin to judge whether the command so far sounds finished."""
        if self._pause is not None:
            speech = self._foreground.without_background(self._frames)
            # The model hears the silence, too, where there is none but for the speaker.
            silent = sum(map(len, self._frames)) - len(speech)
            audio = np.pad(speech, (0, silent))
            self._pause.judgement = _task(self._follow_judgement(smart_turn, self._pause, audio))

    async def _follow_judgement(
        self, smart_turn: SmartTurn, pause: _Pause, audio: NDArray[np.float32]
    ) -> None:
        pause.finished = await self._engines.smart_turn_worker.run(smart_turn.is_finished, audio)
        await self._decide(pause)

    async def _decide(self, pause: _Pause) -> None:
        """Set the silence that ends the command in this pause, which may be over already."""
        if pause is not self._pause or pause.read is None:
            return
        silence_seconds = self._silences.after(
            understood=pause.read.understood, finished=pause.finished
        )
        if not pause.read.text:
            silence_seconds = NO_SPEECH_SECONDS
        elif pause.read.may_be_phrase:
            silence_seconds = max(_MAY_BE_PHRASE_SECONDS, silence_seconds)
        await self._handle(self._rule.end_pause_after(silence_seconds))

    @property
    def _milliseconds(self) -> int:
        return round(self._rule.seconds * 1000)


def _task(work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    task = asyncio.create_task(work)
    # Retrieve the exception even if nobody awaits the task: asyncio would log its message.
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
    return task


def _sensitivity(request: Transcribe) -> VadSensitivity:
    try:
        return VadSensitivity(request.vad_sensitivity or VadSensitivity.DEFAULT)
    except ValueError:
        # Wyoming may add values; the default is then the best guess.
        return VadSensitivity.DEFAULT
