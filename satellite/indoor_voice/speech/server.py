"""The speech server: answers requests for recognition, synthesis and disguise."""

import asyncio
import logging
from contextlib import suppress
from importlib.metadata import version
from typing import Final, NamedTuple

from wyoming.asr import Transcribe
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.error import Error
from wyoming.event import Event, Eventable
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

from indoor_voice.faults import kind_and_place
from indoor_voice.link.pairing.identity import Identity, info_event
from indoor_voice.link.wire import Connection, LinkError, PeerGoneError
from indoor_voice.throttled_log import ThrottledLog, log_with_count

from .disguise.request import Disguise, Disguising
from .errors import RequestError, too_busy
from .messages import Message, read_message
from .recognition.engine import Recogniser
from .recognition.matching import Understood
from .recognition.request import Engines, Limits, Recognition
from .recognition.smart_turn import SmartTurn
from .synthesis.piper import Synthesiser
from .synthesis.request import Synthesis
from .worker import Worker

_LOGGER = logging.getLogger(__name__)

PLACES: Final = 8
"""Concurrent requests of one kind, i.e. rooms in which people speak at the same time."""
CONNECTIONS: Final = 3 * PLACES
"""Enough for recognition, for synthesis, and for as many requests that are refused as busy."""
LINGER_SECONDS: Final = 2.0
"""Lets a client that is still sending read that it was refused before its connection ends."""
_INDOOR_VOICE: Final = Attribution(
    name="Indoor Voice", url="https://github.com/indoor-voice/indoor-voice"
)
_PIPER: Final = Attribution(name="Piper", url="https://github.com/OHF-Voice/piper1-gpl")


class Models(NamedTuple):
    """The models of a speech server, loaded."""

    recogniser: Recogniser
    synthesiser: Synthesiser
    smart_turn: SmartTurn | None
    """None if nobody judges whether a command sounds finished."""


class SpeechServer:
    """The state that all connections share. Pass `handle` to a `LinkServer`."""

    def __init__(
        self,
        models: Models,
        identity: Identity,
        *,
        places: int = PLACES,
        limits: Limits | None = None,
    ) -> None:
        """Start the workers for the models.

        At most `places` requests of each kind are served at once, and fewer when a request would
        have to wait too long for others.
        """
        self.models = models
        self.identity = identity
        self.limits = limits or Limits()
        wait = self.limits.wait_seconds
        self.recognition = Engines(
            models.recogniser,
            Worker("recognition", places, max_wait_seconds=wait),
            models.smart_turn,
            Worker("end of turn"),
            Worker("detection"),
        )
        self.synthesis = Worker("synthesis", places, max_wait_seconds=wait)
        self.disguise = Worker("disguise", places, max_wait_seconds=wait)
        self.description = info_event(_describe(models.recogniser, models.synthesiser), identity)
        self.description.data["indoor_voice"]["disguise"] = True
        self.faults = ThrottledLog(log_with_count(_LOGGER, logging.ERROR))
        """Logs errors in requests."""

    async def handle(self, connection: Connection) -> None:
        """Serve a connection until it ends and raises `LinkError`."""
        await _Session(self, connection).serve()

    async def turn_away(self, connection: Connection) -> None:
        """Refuse a connection's first request as busy, answering only `describe` and `ping`."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LINGER_SECONDS):
                while answer := self._answer_to_probe(await connection.receive()):
                    await connection.send(answer)
                await connection.send(too_busy().event())
                while True:
                    await connection.receive()

    def _answer_to_probe(self, event: Event) -> Event | Eventable | None:
        with suppress(RequestError):
            return self.answer_to_probe(read_message(event))
        return None

    def answer_to_probe(self, message: Message | None) -> Event | Eventable | None:
        """Return the answer to `describe` or `ping`, and None for other messages."""
        match message:
            case Describe():
                return self.description
            case Ping():
                return Pong(text=message.text)
        return None


_Request = Recognition | Synthesis | Disguising


class _Session:
    """Serves one connection: any number of requests, one at a time."""

    def __init__(self, server: SpeechServer, connection: Connection) -> None:
        self._server = server
        self._connection = connection
        self._request: _Request | None = None
        self._task: asyncio.Task[None] | None = None
        self._idle_timeout: asyncio.Timeout | None = None
        self._refused = False
        self._idle_until = 0.0
        """When the connection ends unless a request arrives."""

    async def serve(self) -> None:
        self._stay(self._server.limits.idle_seconds)
        try:
            while True:
                await self._take(await self._receive())
        finally:
            self._stop()

    async def _take(self, event: Event) -> None:
        """Handle one event, of which nothing stays in memory while the next is awaited."""
        try:
            message = read_message(event)
            if message is not None and not self._refused:
                await self._handle(message)
        except RequestError as err:
            self._stop()
            await self._connection.send(err.event())

    async def _receive(self) -> Event:
        """Wait for the next event, with a timeout unless a request is in progress."""
        try:
            async with asyncio.timeout_at(
                self._idle_until if self._request is None else None
            ) as timeout:
                self._idle_timeout = timeout
                return await self._connection.receive()
        except TimeoutError as err:
            raise PeerGoneError("the peer made no request") from err
        finally:
            self._idle_timeout = None

    def _stay(self, seconds: float) -> None:
        """Keep the idle connection open for a time from now on."""
        self._idle_until = asyncio.get_running_loop().time() + seconds
        if self._idle_timeout is not None:
            self._idle_timeout.reschedule(self._idle_until)

    async def _handle(self, message: Message) -> None:
        match message:
            case Transcribe():
                self._transcribe(message)
            case AudioStart() | AudioChunk() | AudioStop():
                await self._listen(message)
            case Understood():
                if isinstance(self._request, Recognition):
                    self._request.understood(message)
            case Disguise():
                self._disguise()
            case Synthesize() | SynthesizeStart():
                self._synthesize(message)
            case SynthesizeChunk() | SynthesizeStop():
                self._add_text(message)
            case _:
                if answer := self._server.answer_to_probe(message):
                    await self._connection.send(answer)
                    self._stay(self._server.limits.idle_seconds)

    def _transcribe(self, message: Transcribe) -> None:
        self._require_no_request()
        request = Recognition(
            self._server.recognition,
            message,
            self._server.limits,
            self._connection.send,
        )
        self._begin(request)

    def _disguise(self) -> None:
        self._require_no_request()
        server = self._server
        listen_seconds = server.limits.listen_seconds
        self._begin(Disguising(server.disguise, listen_seconds, self._connection.send))

    async def _listen(self, message: AudioStart | AudioChunk | AudioStop) -> None:
        request = self._request
        if not isinstance(request, Recognition | Disguising):
            # A client continues to send until it reads the answer to its request.
            if self._task is None or request is not None:
                raise RequestError("bad-request", "Audio must follow transcribe or disguise")
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
            # Home Assistant repeats a streamed text, for servers that don't support streaming.
            return
        self._require_no_request()
        request = Synthesis(
            self._server.models.synthesiser,
            self._server.synthesis,
            message,
            self._connection.send,
        )
        self._begin(request)

    def _add_text(self, message: SynthesizeChunk | SynthesizeStop) -> None:
        request = self._request
        if not (isinstance(request, Synthesis) and request.is_stream):
            if self._task is None or request is not None:
                raise RequestError("bad-request", "Chunks of text must follow synthesize-start")
            return
        if isinstance(message, SynthesizeChunk):
            request.add(message.text)
        else:
            request.finish()

    def _require_no_request(self) -> None:
        if self._request is not None:
            raise RequestError("bad-request", "Another request is in progress on this connection")

    def _begin(self, request: _Request) -> None:
        self._request = request
        self._task = asyncio.create_task(self._answer(request))

    async def _answer(self, request: _Request) -> None:
        # `serve` notices a failed link, as it receives from it.
        with suppress(LinkError):
            seconds = self._server.limits.idle_seconds
            last: Event | Eventable
            try:
                last = await request.run()
            except RequestError as err:
                last = err.event()
                if err.code == "busy":
                    self._refused = True
                    seconds = LINGER_SECONDS
            except LinkError:
                raise
            except Exception as err:  # noqa: BLE001 - the client gets an answer whatever a model raises
                fault = kind_and_place(err)  # a traceback ends with the message
                self._server.faults.note(f"A request failed: {fault}", fault)
                last = Error(text="The speech server failed; see its log", code="failed")
            # Before sending, as the client may make its next request at once.
            self._request = None
            self._stay(seconds)
            await self._connection.send(last)

    def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
        self._request = None


def _describe(recogniser: Recogniser, synthesiser: Synthesiser) -> Info:
    own_version = version("indoor-voice")
    origin = recogniser.origin
    return Info(
        asr=[
            AsrProgram(
                name="indoor-voice",
                description="Recognises speech and detects its end",
                attribution=_INDOOR_VOICE,
                installed=True,
                version=own_version,
                requires_external_vad=False,
                prefers_auto_gain_enabled=False,
                prefers_noise_reduction_enabled=False,
                models=[
                    AsrModel(
                        name=recogniser.name,
                        description=origin.description,
                        attribution=Attribution(name=origin.software, url=origin.url),
                        installed=True,
                        version=origin.version,
                        languages=list(recogniser.languages),
                    )
                ],
            )
        ],
        tts=[
            TtsProgram(
                name="indoor-voice",
                description="Speaks sentence by sentence",
                attribution=_INDOOR_VOICE,
                installed=True,
                version=own_version,
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
