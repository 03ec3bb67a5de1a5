"""The speech server: answers Wyoming's requests for text and for speech."""

import asyncio
import logging
import traceback
from contextlib import suppress
from importlib.metadata import version
from typing import Final

from wyoming.asr import Transcribe
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.error import Error
from wyoming.event import Event
from wyoming.info import (
    AsrModel,
    AsrProgram,
    Attribution,
    Describe,
    Info,
    TtsProgram,
    TtsVoice,
    TtsVoiceSpeaker,
)
from wyoming.ping import Ping, Pong
from wyoming.tts import Synthesize, SynthesizeChunk, SynthesizeStart, SynthesizeStop

from indoor_voice.link.identity import Identity, info_event
from indoor_voice.link.wire import Connection, LinkError, PeerGoneError

from .errors import RequestError
from .recogniser import Recogniser
from .recognition import Limits, Recognition
from .requests import Message, read_message
from .synthesis import Synthesis
from .synthesiser import Synthesiser
from .worker import Worker

_LOGGER = logging.getLogger(__name__)

PLACES: Final = 8
"""Requests of one kind at once: rooms that speak at the same time."""
_US: Final = Attribution(name="Indoor Voice", url="https://github.com/indoor-voice/indoor-voice")
_WHISPER: Final = Attribution(
    name="faster-whisper", url="https://github.com/SYSTRAN/faster-whisper"
)
_PIPER: Final = Attribution(name="Piper", url="https://github.com/OHF-Voice/piper1-gpl")


class SpeechServer:
    """What all connections share. `handle` is the handler of a `LinkServer`."""

    def __init__(
        self,
        recogniser: Recogniser,
        synthesiser: Synthesiser,
        identity: Identity,
        *,
        places: int = PLACES,
        limits: Limits | None = None,
    ) -> None:
        """Offer the models; at most `places` requests of each kind are served at once."""
        self.recogniser = recogniser
        self.synthesiser = synthesiser
        self.identity = identity
        self.limits = limits or Limits()
        self.recognition = Worker("recognition", places)
        self.synthesis = Worker("synthesis", places)
        self.description = info_event(_describe(recogniser, synthesiser), identity)

    async def handle(self, connection: Connection) -> None:
        """Serve one connection until it ends, which raises `LinkError`."""
        await _Session(self, connection).serve()


class _Session:
    """One connection: any number of requests, one after the other."""

    def __init__(self, server: SpeechServer, connection: Connection) -> None:
        self._server = server
        self._connection = connection
        self._request: Recognition | Synthesis | None = None
        self._task: asyncio.Task[None] | None = None
        self._patience: asyncio.Timeout | None = None

    async def serve(self) -> None:
        try:
            while True:
                event = await self._receive()
                try:
                    message = read_message(event)
                    if message is not None:
                        await self._take(message)
                except RequestError as err:
                    self._stop()
                    await self._connection.send(err.event())
        finally:
            self._stop()

    async def _receive(self) -> Event:
        """Wait for the next event: during a request for ever, between two of them not."""
        between = self._request is None
        try:
            async with asyncio.timeout(
                self._server.limits.idle_seconds if between else None
            ) as patience:
                self._patience = patience
                return await self._connection.receive()
        except TimeoutError as err:
            raise PeerGoneError("the peer asks for nothing") from err
        finally:
            self._patience = None

    async def _take(self, message: Message) -> None:
        match message:
            case Describe():
                await self._connection.send(self._server.description)
            case Ping():
                await self._connection.send(Pong(text=message.text))
            case Transcribe():
                self._transcribe(message)
            case AudioStart() | AudioChunk() | AudioStop():
                await self._listen(message)
            case Synthesize() | SynthesizeStart():
                self._synthesize(message)
            case SynthesizeChunk() | SynthesizeStop():
                self._read(message)

    def _transcribe(self, message: Transcribe) -> None:
        self._expect_none()
        request = Recognition(
            self._server.recogniser,
            self._server.recognition,
            message,
            self._server.limits,
            self._connection.send,
        )
        self._begin(request)

    async def _listen(self, message: AudioStart | AudioChunk | AudioStop) -> None:
        request = self._request
        if not isinstance(request, Recognition):
            # A client goes on sending until it has seen that its request was answered.
            if self._task is None or request is not None:
                raise RequestError("bad-request", "Audio follows transcribe")
            return
        match message:
            case AudioStart():
                request.start(message)
            case AudioChunk():
                await request.chunk(message)
            case AudioStop():
                await request.stop()

    def _synthesize(self, message: Synthesize | SynthesizeStart) -> None:
        if (
            isinstance(message, Synthesize)
            and isinstance(self._request, Synthesis)
            and self._request.is_stream
        ):
            # Home Assistant repeats a streamed text whole, for servers that know no streams.
            return
        self._expect_none()
        request = Synthesis(
            self._server.synthesiser,
            self._server.synthesis,
            message,
            self._connection.send,
        )
        self._begin(request)

    def _read(self, message: SynthesizeChunk | SynthesizeStop) -> None:
        request = self._request
        if not (isinstance(request, Synthesis) and request.is_stream):
            if self._task is None or request is not None:
                raise RequestError("bad-request", "Pieces of text follow synthesize-start")
            return
        if isinstance(message, SynthesizeChunk):
            request.add(message.text)
        else:
            request.finish()

    def _expect_none(self) -> None:
        if self._request is not None:
            raise RequestError("bad-request", "Another request is in progress here")

    def _begin(self, request: Recognition | Synthesis) -> None:
        self._request = request
        self._task = asyncio.create_task(self._answer(request))

    async def _answer(self, request: Recognition | Synthesis) -> None:
        # A link that fails is found by whoever receives from it.
        with suppress(LinkError):
            try:
                last = await request.run()
            except RequestError as err:
                last = err.event()
            except LinkError:
                raise
            except Exception as err:  # noqa: BLE001 - whatever a model raises, the client gets an answer
                # Its message may hold what somebody said; its place does not.
                where = traceback.extract_tb(err.__traceback__)[-1]
                _LOGGER.error(  # noqa: TRY400 - a traceback ends with the message
                    "A request failed: %s in %s, line %s",
                    type(err).__name__,
                    where.filename,
                    where.lineno,
                )
                last = Error(text="The speech server failed; see its log", code="failed")
            # Now, not after sending: the client may begin its next request at once.
            self._request = None
            if self._patience is not None:
                now = asyncio.get_running_loop().time()
                self._patience.reschedule(now + self._server.limits.idle_seconds)
            await self._connection.send(last)

    def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
        self._request = None


def _describe(recogniser: Recogniser, synthesiser: Synthesiser) -> Info:
    ours = version("indoor-voice")
    return Info(
        asr=[
            AsrProgram(
                name="indoor-voice",
                description="Recognises speech and finds its end",
                attribution=_US,
                installed=True,
                version=ours,
                requires_external_vad=False,
                prefers_auto_gain_enabled=False,
                prefers_noise_reduction_enabled=False,
                models=[
                    AsrModel(
                        name=recogniser.name,
                        description=f"Whisper {recogniser.name}",
                        attribution=_WHISPER,
                        installed=True,
                        version=version("faster-whisper"),
                        languages=list(recogniser.languages),
                    )
                ],
            )
        ],
        tts=[
            TtsProgram(
                name="indoor-voice",
                description="Speaks sentence by sentence",
                attribution=_US,
                installed=True,
                version=ours,
                supports_synthesize_streaming=True,
                voices=[
                    TtsVoice(
                        name=voice.name,
                        description=voice.name,
                        attribution=_PIPER,
                        installed=True,
                        version=version("piper-tts"),
                        languages=[voice.language],
                        speakers=[TtsVoiceSpeaker(name=name) for name in voice.speakers] or None,
                    )
                    for voice in synthesiser.voices.values()
                ],
            )
        ],
    )
