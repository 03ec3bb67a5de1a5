"""The lasting connection to a satellite, of which Home Assistant is the controller."""

import asyncio
import logging
import random
from contextlib import suppress
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final, Protocol

from wyoming.audio import AudioChunk, AudioStop
from wyoming.error import Error
from wyoming.info import Info
from wyoming.ping import Ping, Pong
from wyoming.pipeline import PipelineStage, RunPipeline
from wyoming.satellite import PauseSatellite, RunSatellite
from wyoming.snd import Played
from wyoming.wake import Detection

from .client import (
    Address,
    Bounds,
    Peer,
    UntrustedError,
    WrongDeviceError,
    connected,
    describe,
    parse_peer,
)
from .rate_limit import LogThrottle, RateLimit
from .refusal import code_of
from .text import MAX_NAME, clean
from .wire import Connection, FrameError, LinkError, PeerGoneError

if TYPE_CHECKING:
    import ssl

    from wyoming.event import Event, Eventable

_LOGGER = logging.getLogger(__name__)

PING_SECONDS: Final = 3.0
SILENCE_SECONDS: Final = 9.0
"""Without any event for so long the satellite counts as gone: it is shown within 10 s."""

RECONNECT_SECONDS: Final = (1.0, 2.4)
"""The first pause before connecting again, and the longest; in between it doubles.

With the time that `connected` takes when nothing answers, 3 s is the most between two tries.
"""
_STEADY_SECONDS: Final = 30.0
"""A connection that held for so long starts the pauses anew; two controllers that push each
other away must not."""
_FAREWELL_SECONDS: Final = 1.0

BOUNDS: Final = Bounds(data_bytes=64 * 1024, payload_bytes=64 * 1024)
"""Of an event of a satellite's: it describes itself and its wake words, and sends 80 ms of sound
at a time."""
_EVENTS: Final = (200.0, 1000.0)
"""A second, and at once; with the sound that goes first with a turn, a satellite sends 20."""
_NEWS: Final = (30.0, 300.0)
"""The same of what is no sound: each may change what Home Assistant shows, and stores."""
_TURNS: Final = (5.0, 30.0)
"""The same of turns."""
_MAX_TURN: Final = 2**53

MICROPHONE_FORMAT: Final = (16000, 2, 1)
"""Rate in Hz, width in bytes and channels of what a satellite sends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How a satellite fares, by its own account; each is `true` or `false` on the wire."""

    muted: bool
    """Its microphone is closed, and it listens for no wake word."""

    muted_on_device: bool
    """Then only the device itself can unmute it."""

    microphone: bool
    """It works."""

    loudspeaker: bool
    """It works."""

    storage: bool = True
    """What is changed outlasts a restart; a satellite says so only where it does not."""

    mute_kept: bool = True
    """That it is muted outlasts a restart; likewise."""


class TurnHandler:
    """Takes a satellite's turns, and by itself does nothing; every method returns at once."""

    def handle_detection(self, name: str | None) -> None:
        """The satellite heard its wake word `name`; a turn follows."""

    def handle_run(self, turn: int | None, wake_word_name: str | None) -> None:
        """The satellite begins a turn."""

    def handle_audio(self, audio: bytes) -> None:
        """The turn's next sound, in `MICROPHONE_FORMAT`."""

    def handle_audio_stop(self) -> None:
        """The satellite has closed its microphone."""

    def handle_played(self, *, heard: bool) -> None:
        """What was sent last has left the loudspeaker, or else the loudspeaker failed."""

    def handle_turn_given_up(self, turn: int | None) -> None:
        """The user was told that the turn failed; nothing may come of it any more."""

    def handle_loudspeaker_failed(self) -> None:
        """Nothing that is being played is heard any more."""

    def handle_disconnected(self) -> None:
        """The satellite is gone, and so is whatever was going on."""


class SatelliteHandler(Protocol):
    """Hears what else a satellite says; every method returns at once."""

    @property
    def turns(self) -> TurnHandler:
        """What takes the satellite's turns now."""

    def handle_connected(self, peer: Peer) -> None:
        """The satellite has taken us as its controller."""

    def handle_disconnected(self) -> None:
        """The satellite cannot be reached any more."""

    def handle_untrusted(self) -> None:
        """What answers has another certificate, or does not know ours; we go on trying."""

    def handle_peer(self, peer: Peer) -> None:
        """The satellite describes itself anew."""

    def handle_status(self, status: Status) -> None:
        """The satellite fares differently, or tells it for the first time."""

    def handle_error(self, code: str) -> None:
        """The satellite could not do what it was told; the code is one of docs/wire.md."""


class SatelliteLink:
    """Connects to a satellite, and again whenever the connection is lost, while `run` runs."""

    def __init__(
        self,
        address: Address,
        tls_context: ssl.SSLContext,
        device_id: str | None,
        handler: SatelliteHandler,
    ) -> None:
        """Prepare to connect; `device_id`, when known, is the only one that is accepted."""
        self._address = address
        self._tls_context = tls_context
        self._device_id = device_id
        self._handler = handler
        self._connection: Connection | None = None
        self._log = LogThrottle()
        self._said_unavailable = False
        self.connections = 0
        """How often the satellite took us as its controller."""

    @property
    def connected(self) -> bool:
        """Whether the satellite has us as its controller."""
        return self._connection is not None

    async def send(self, message: Event | Eventable) -> None:
        """Send one event; raises `PeerGoneError`, also while there is no connection."""
        if self._connection is None:
            raise PeerGoneError("the satellite is not connected")
        await self._connection.send(message)

    async def run(self) -> None:
        """Stay connected until cancelled; then the satellite is told and the line closed."""
        loop = asyncio.get_running_loop()
        shortest, longest = RECONNECT_SECONDS
        pause = shortest
        while True:
            began = loop.time()
            try:
                await self._connect_and_serve()
            except LinkError as err:
                self._log_unavailable(err)
                if isinstance(err, UntrustedError):
                    self._handler.handle_untrusted()
            if loop.time() - began > _STEADY_SECONDS:
                pause = shortest
            # Not all satellites of a house at the same moment after a power cut.
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - no secret
            pause = min(pause * 2, longest)

    def _log_unavailable(self, why: LinkError) -> None:
        """Log an absence once, and a satellite that comes and goes at most once a minute.

        An absence that began too soon after the last one is logged as soon as it outlasts that.
        """
        if not self._said_unavailable and self._log.allows("unavailable"):
            self._said_unavailable = True
            # What breaks the protocol has a fault, or is hostile; to be away is nothing unusual.
            level = logging.WARNING if isinstance(why, FrameError) else logging.INFO
            _LOGGER.log(level, "The satellite at %s is unavailable: %s", self._address, why)

    def _log_available(self) -> None:
        """Log the return from an absence that was logged, and from no other."""
        if self._said_unavailable:
            self._said_unavailable = False
            _LOGGER.info("The satellite at %s is available again", self._address)

    async def _connect_and_serve(self) -> None:
        async with connected(self._address, self._tls_context, BOUNDS) as connection:
            peer = await describe(connection)
            if peer.info.satellite is None or self._device_id not in (None, peer.device_id):
                raise WrongDeviceError("another device answers at its address")
            await connection.send(RunSatellite())
            self._connection = connection
            self.connections += 1
            self._log_available()
            pinging = asyncio.create_task(self._ping(connection))
            bounds = _Paces()
            try:
                self._handler.handle_connected(peer)
                while True:
                    await self._receive(connection, bounds)
            finally:
                pinging.cancel()
                self._connection = None
                self._handler.handle_disconnected()
                with suppress(LinkError, TimeoutError):
                    async with asyncio.timeout(_FAREWELL_SECONDS):
                        await connection.send(PauseSatellite())

    async def _ping(self, connection: Connection) -> None:
        with suppress(LinkError):  # the receiving side notices as well
            while True:
                await asyncio.sleep(PING_SECONDS)
                await connection.send(Ping())

    async def _receive(self, connection: Connection, bounds: _Paces) -> None:
        try:
            async with asyncio.timeout(SILENCE_SECONDS):
                event = await connection.receive()
        except TimeoutError as err:
            raise PeerGoneError(f"it was silent for {SILENCE_SECONDS:.0f} s") from err
        bounds.count(event)
        if Ping.is_type(event.type):
            await connection.send(Pong(text=_short(event, "text")))
            return
        try:
            self._dispatch(event)
        except (FrameError, _ContentError) as err:
            await connection.send(Error(text=str(err), code="bad-request"))

    def _dispatch(self, event: Event) -> None:
        """Hand a known event to the handler; raises `_ContentError` on impossible content."""
        if AudioChunk.is_type(event.type):
            self._handler.turns.handle_audio(_microphone_audio(event))
        elif RunPipeline.is_type(event.type):
            self._handler.turns.handle_run(*_turn(event))
        elif Detection.is_type(event.type):
            self._handler.turns.handle_detection(_text(event, "name"))
        elif AudioStop.is_type(event.type):
            self._handler.turns.handle_audio_stop()
        elif Played.is_type(event.type):
            # Satellites of others say only that it is over.
            self._handler.turns.handle_played(heard=event.data.get("heard") is not False)
        elif Info.is_type(event.type):
            self._handler.handle_peer(parse_peer(event))
        elif event.type == "status":
            self._handler.handle_status(_status(event))
        elif Error.is_type(event.type) and event.data.get("code") == "turn-given-up":
            self._handler.turns.handle_turn_given_up(_number(event))
        elif Error.is_type(event.type):
            self._handler.handle_error(code_of(event))


class _Paces:
    """How much a satellite may say while one connection lasts."""

    def __init__(self) -> None:
        self._events = RateLimit(*_EVENTS)
        self._news = RateLimit(*_NEWS)
        self._turns = RateLimit(*_TURNS)

    def count(self, event: Event) -> None:
        """Take note of an event; raises `FrameError` when there are too many."""
        is_news = not (AudioChunk.is_type(event.type) or Pong.is_type(event.type))
        if (
            not self._events.allows()
            or (is_news and not self._news.allows())
            or (RunPipeline.is_type(event.type) and not self._turns.allows())
        ):
            raise FrameError("the satellite sends too many events")


class _ContentError(Exception):
    """A known event says something impossible."""


def _text(event: Event, key: str) -> str | None:
    value = event.data.get(key)
    if value is not None and not isinstance(value, str):
        raise _ContentError(f"{key} of {event.type} must be text")
    return clean(value, MAX_NAME) if value else None


def _short(event: Event, key: str) -> str | None:
    text = event.data.get(key)
    return text[:MAX_NAME] if isinstance(text, str) else None


def _number(event: Event) -> int | None:
    number = event.data.get("turn")
    if number is None:
        return None
    if isinstance(number, bool) or not isinstance(number, int) or abs(number) > _MAX_TURN:
        raise _ContentError("turn must be a whole number")
    return number


def _status(event: Event) -> Status:
    truths: dict[str, Any] = {
        field.name: event.data.get(field.name, True if field.default is True else None)
        for field in fields(Status)
    }
    if not all(isinstance(truth, bool) for truth in truths.values()):
        raise _ContentError("each truth of a status must be true or false")
    return Status(**truths)


def _turn(event: Event) -> tuple[int | None, str | None]:
    number = _number(event)
    if event.data.get("start_stage") != PipelineStage.ASR:
        raise _ContentError("a turn must start with asr")
    return number, _text(event, "wake_word_name")


def _microphone_audio(event: Event) -> bytes:
    audio_format = tuple(event.data.get(key) for key in ("rate", "width", "channels"))
    audio = event.payload or b""
    if audio_format != MICROPHONE_FORMAT or len(audio) % 2:
        raise _ContentError("audio must be 16 kHz, 16 bit, mono")
    return audio
