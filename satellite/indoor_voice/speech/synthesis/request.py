"""Serves one synthesis request: text in, audio out, sentence by sentence."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final, TypeVar

import numpy as np
import soxr
from numpy.typing import NDArray
from wyoming.audio import AudioStart, AudioStop
from wyoming.event import Event, Eventable
from wyoming.tts import Synthesize, SynthesizeStart, SynthesizeStopped

from indoor_voice.speech.errors import RequestError
from indoor_voice.speech.pcm import MAX_RATE, MIN_RATE, SENT_WIDTH, chunks_of
from indoor_voice.speech.worker import Worker

from .piper import SENTENCE_PAUSE_SECONDS, Synthesiser
from .plain_text import PlainText
from .sentences import Sentences

MAX_TEXT_CHARACTERS: Final = 10_000
MAX_SOUND_SECONDS: Final = 900.0
"""Longest answer. The longest text takes ten minutes as prose, but an hour if it is all digits."""
REQUEST_SECONDS: Final = 1200.0
"""For a whole answer, which a client may accept only as fast as it plays it."""
PIECE_TIMEOUT_SECONDS: Final = 30.0
"""For one piece, including the wait for pieces of other requests."""
TEXT_TIMEOUT_SECONDS: Final = 120.0
"""For the next chunk of a streamed text, as a language model may pause to think."""

T = TypeVar("T")
Send = Callable[[Event | Eventable], Awaitable[None]]


class Synthesis:
    """Speaks a text that may still be arriving.

    Pass a streamed text to `add` and `finish`. `run` sends the audio and returns the last event.
    """

    def __init__(
        self,
        synthesiser: Synthesiser,
        worker: Worker,
        request: Synthesize | SynthesizeStart,
        send: Send,
    ) -> None:
        """Accept a request; raises `RequestError` (`unknown-voice`, `bad-request`)."""
        self.is_stream = isinstance(request, SynthesizeStart)
        self._send = send
        self._synthesiser = synthesiser
        self._worker = worker
        self._speaker = synthesiser.choose(request.voice)
        self._rate = _rate(request.context) or self._speaker.rate
        self._plain_text = PlainText()
        self._sentences = Sentences(self._speaker.spoken_text.language)
        self._waiting: asyncio.Queue[str | RequestError | None] = asyncio.Queue()
        self._characters = 0
        self._has_words = False
        if isinstance(request, Synthesize):
            self.add(request.text)
            self.finish()

    def add(self, text: str) -> None:
        """Take the next chunk of text; a text beyond the limit ends the request."""
        if self._characters > MAX_TEXT_CHARACTERS:
            return
        self._characters += len(text)
        if self._characters > MAX_TEXT_CHARACTERS:
            self._waiting.put_nowait(
                RequestError(
                    "text-too-long", f"A text has at most {MAX_TEXT_CHARACTERS} characters"
                )
            )
            return
        self._has_words = self._has_words or any(map(str.isalnum, text))
        self._queue(self._sentences.add(self._plain_text.add(text)))

    def finish(self) -> None:
        """Mark the text as complete and queue its last sentence."""
        self._queue(self._sentences.add(self._plain_text.finish()))
        self._queue(self._sentences.finish())
        self._waiting.put_nowait(None)

    def _queue(self, sentences: Iterable[str]) -> None:
        for sentence in sentences:
            self._waiting.put_nowait(sentence)

    async def run(self) -> Eventable:
        """Speak the text and return the event that ends the answer; raises `RequestError`."""
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                with self._worker.place():
                    await self._speak_all()
        except TimeoutError as err:
            raise RequestError("bad-request", "The text did not end in time") from err
        if self.is_stream:
            await self._send(AudioStop())
            return SynthesizeStopped()
        return AudioStop()

    async def _speak_all(self) -> None:
        sentence = await self._next()
        await self._send(AudioStart(rate=self._rate, width=SENT_WIDTH, channels=1))
        output = _Output(self._speaker.rate, self._rate, self._send)
        is_silent = True
        while sentence is not None:
            if any(character.isalnum() for character in sentence):
                is_silent = False
                if output.seconds:
                    await output.send_silence(SENTENCE_PAUSE_SECONDS)
                await self._speak(sentence, output)
            sentence = await self._next()
        if is_silent and self._has_words:
            # Only a picture or a tag, say. A client takes an answer without sound for a failure.
            await output.send_silence(SENTENCE_PAUSE_SECONDS)
        await output.finish()

    async def _next(self) -> str | None:
        try:
            async with asyncio.timeout(TEXT_TIMEOUT_SECONDS):
                sentence = await self._waiting.get()
        except TimeoutError as err:
            raise RequestError(
                "bad-request", "The rest of the text did not arrive in time"
            ) from err
        if isinstance(sentence, RequestError):
            raise sentence
        return sentence

    async def _speak(self, sentence: str, output: "_Output") -> None:
        for piece in await self._run(self._synthesiser.prepare, sentence, self._speaker):
            if output.seconds >= MAX_SOUND_SECONDS:
                raise RequestError(
                    "text-too-long", f"An answer lasts at most {MAX_SOUND_SECONDS:.0f} s"
                )
            await output.send(await self._run(self._synthesiser.speak, piece, self._speaker))

    async def _run(self, function: Callable[..., T], *arguments: object) -> T:
        try:
            async with asyncio.timeout(PIECE_TIMEOUT_SECONDS):
                return await self._worker.run(function, *arguments)
        except TimeoutError as err:
            raise RequestError("failed", "The voice took too long") from err


class _Output:
    """Resamples a voice's audio to the requested rate and sends it."""

    def __init__(self, voice_rate: int, rate: int, send: Send) -> None:
        self.seconds = 0.0
        """Length of the audio sent so far."""
        self._send = send
        self._voice_rate = voice_rate
        self._rate = rate
        self._resampler = (
            soxr.ResampleStream(voice_rate, rate, 1, dtype="float32")
            if voice_rate != rate
            else None
        )

    async def send(self, audio: NDArray[np.float32], *, last: bool = False) -> None:
        self.seconds += len(audio) / self._voice_rate
        if self._resampler is not None:
            audio = self._resampler.resample_chunk(audio, last=last)
        for chunk in chunks_of(audio, self._rate):
            await self._send(chunk)

    async def send_silence(self, seconds: float) -> None:
        await self.send(np.zeros(round(seconds * self._voice_rate), np.float32))

    async def finish(self) -> None:
        await self.send(np.empty(0, np.float32), last=True)


def _rate(context: dict[str, Any] | None) -> int | None:
    rate = (context or {}).get("rate")
    if rate is None:
        return None
    if isinstance(rate, bool) or not isinstance(rate, int) or not MIN_RATE <= rate <= MAX_RATE:
        raise RequestError("bad-request", f"The rate must be between {MIN_RATE} and {MAX_RATE}")
    return rate
