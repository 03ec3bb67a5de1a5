"""Maintains the connection to a satellite, which has Home Assistant as its controller."""

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

from .alarms import alarms_of
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
from .hearing import ASK_FOR_TURN, Hearing, hearing_of
from .media import media_status
from .rate_limit import LogThrottle, RateLimit
from .refusal import code_of
from .settings import settings_of
from .text import MAX_NAME, clean
from .timers import ContentError, timers_of
from .verifiers import VERIFIERS, turn_features, verified_words
from .wire import Connection, FrameError, LinkError, PeerGoneError

if TYPE_CHECKING:
    import ssl
    from collections.abc import Sequence

    from wyoming.event import Event, Eventable

    from .alarms import AlarmList
    from .media import MediaStatus
    from .settings import SatelliteSettings
    from .timers import SatelliteTimer

_LOGGER = logging.getLogger(__name__)

PING_SECONDS: Final = 3.0
SILENCE_SECONDS: Final = 9.0
"""A satellite that sends nothing for this long counts as gone, and is shown so within 10 s."""

RECONNECT_SECONDS: Final = (1.0, 2.4)
"""The first pause before reconnecting, and the longest; in between, the pause doubles.

Including the time that `connected` takes if nothing answers, two attempts are at most 3 s apart.
"""
_STEADY_SECONDS: Final = 30.0
"""A connection that lasted this long resets the pause. Shorter ones don't, because two controllers
may be pushing each other away."""
_FAREWELL_SECONDS: Final = 1.0

BOUNDS: Final = Bounds(data_bytes=64 * 1024, payload_bytes=64 * 1024)
"""For a satellite's events: its description with its wake words, and 80 ms of sound at a time."""
_EVENTS: Final = (200.0, 1000.0)
"""Events per second, and at once. A satellite sends 20, including the sound before a turn."""
NEWS: Final = (30.0, 300.0)
"""The same for events other than sound, each of which may change a state that is stored."""
TURNS: Final = (5.0, 30.0)
"""The same for turns, and for questions whether to begin one."""
_MAX_TURN: Final = 2**53

MICROPHONE_FORMAT: Final = (16000, 2, 1)
"""Rate in Hz, width in bytes and number of channels of the sound that a satellite sends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """A satellite's own status report; each field is `true` or `false` on the wire."""

    muted: bool
    """Whether its microphone is closed, so that it listens for no wake word."""

    muted_on_device: bool
    """Whether it can be unmuted only on the device itself."""

    microphone: bool
    """Whether its microphone works."""

    loudspeaker: bool
    """Whether its loudspeaker works."""

    storage: bool = True
    """Whether changes outlast a restart; a satellite reports this only if they don't."""

    mute_kept: bool = True
    """Whether muting outlasts a restart; a satellite reports this only if it doesn't."""


class TurnHandler:
    """Handles a satellite's turns. The methods of this base class do nothing; none may block."""

    def handle_detection(self, name: str | None) -> None:
        """Handle a detected wake word; a turn follows."""

    def handle_asked(self, hearing: Hearing) -> None:
        """Handle a wake word that other satellites may have heard too; it waits for a verdict."""

    def handle_run(
        self, turn: int | None, wake_word_name: str | None, features: bytes | None
    ) -> None:
        """Handle the start of a turn, perhaps with features of its wake word."""

    def handle_audio(self, audio: bytes) -> None:
        """Handle the turn's next sound, in `MICROPHONE_FORMAT`."""

    def handle_audio_stop(self) -> None:
        """Handle the end of the turn's sound: the satellite has closed its microphone."""

    def handle_played(self, *, heard: bool) -> None:
        """Handle the end of playback: the sound was heard, or the loudspeaker failed."""

    def handle_turn_given_up(self, turn: int | None) -> None:
        """Handle a turn that the satellite has reported as failed; it must have no effect."""

    def handle_loudspeaker_failed(self) -> None:
        """Handle a failed loudspeaker: nothing that is playing is heard any more."""

    def handle_disconnected(self) -> None:
        """Handle the loss of the satellite, which ends its turn and playback."""


class SatelliteHandler(Protocol):
    """Handles the connection and a satellite's events outside turns; no method may block."""

    @property
    def turns(self) -> TurnHandler:
        """The current handler of the satellite's turns."""

    def handle_connected(self, peer: Peer) -> None:
        """Handle a new connection: the satellite has accepted us as its controller."""

    def handle_disconnected(self) -> None:
        """Handle the loss of the connection."""

    def handle_untrusted(self) -> None:
        """Handle a peer with another certificate, or one that does not know ours.

        The link keeps trying to connect.
        """

    def handle_detection(self, name: str | None) -> None:
        """Handle a detected wake word; a turn follows."""

    def handle_peer(self, peer: Peer) -> None:
        """Handle a new description of the satellite."""

    def handle_status(self, status: Status) -> None:
        """Handle a status report."""

    def handle_settings(self, settings: SatelliteSettings) -> None:
        """Handle a report of what can be adjusted."""

    def handle_timers(self, timers: Sequence[SatelliteTimer]) -> None:
        """Handle a list of all the satellite's timers."""

    def handle_alarms(self, listed: AlarmList) -> None:
        """Handle a list of all the satellite's alarms, and of what has happened to them."""

    def handle_media(self, status: MediaStatus) -> None:
        """Handle a report on the satellite's music player."""

    def handle_verified(self, words: frozenset[str]) -> None:
        """Handle a list of the wake words that the household's verifiers judge."""

    def handle_error(self, code: str) -> None:
        """Handle a refused command; the code is one of docs/wire.md."""


class SatelliteLink:
    """Keeps a satellite connected while `run` is running."""

    def __init__(
        self,
        address: Address,
        tls_context: ssl.SSLContext,
        device_id: str | None,
        handler: SatelliteHandler,
    ) -> None:
        """Initialize without connecting; if `device_id` is given, only that device is accepted."""
        self._address = address
        self._tls_context = tls_context
        self._device_id = device_id
        self._handler = handler
        self._connection: Connection | None = None
        self._log = LogThrottle()
        self._logged_unavailable = False
        self.connections = 0
        """How often the satellite has accepted us as its controller."""

    @property
    def connected(self) -> bool:
        """Whether the satellite has accepted us as its controller."""
        return self._connection is not None

    async def send(self, message: Event | Eventable) -> None:
        """Send one event; raises `PeerGoneError`, also while disconnected."""
        if self._connection is None:
            raise PeerGoneError("the satellite is not connected")
        await self._connection.send(message)

    async def run(self) -> None:
        """Stay connected until cancelled; then tell the satellite and disconnect."""
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
            # Random, so that not all satellites reconnect at the same moment after a power cut.
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - no secret
            pause = min(pause * 2, longest)

    def _log_unavailable(self, reason: LinkError) -> None:
        """Log an absence once, and a satellite that comes and goes at most once a minute.

        An absence that starts within a minute of the last log line is logged if it outlasts that
        minute.
        """
        if not self._logged_unavailable and self._log.allows("unavailable"):
            self._logged_unavailable = True
            # Breaking the protocol means a fault or an attack; being away is nothing unusual.
            level = logging.WARNING if isinstance(reason, FrameError) else logging.INFO
            _LOGGER.log(level, "The satellite at %s is unavailable: %s", self._address, reason)

    def _log_available(self) -> None:
        """Log the return of the satellite, if its absence was logged."""
        if self._logged_unavailable:
            self._logged_unavailable = False
            _LOGGER.info("The satellite at %s is available again", self._address)

    async def _connect_and_serve(self) -> None:
        async with connected(self._address, self._tls_context, BOUNDS) as connection:
            peer = await describe(connection)
            if peer.info.satellite is None or self._device_id not in (None, peer.device_id):
                raise WrongDeviceError("a different device answers at its address")
            await connection.send(RunSatellite())
            self._connection = connection
            self.connections += 1
            self._log_available()
            pinging = asyncio.create_task(self._ping(connection))
            limits = _EventLimits()
            try:
                self._handler.handle_connected(peer)
                while True:
                    await self._receive(connection, limits)
            finally:
                pinging.cancel()
                self._connection = None
                self._handler.handle_disconnected()
                with suppress(LinkError, TimeoutError):
                    async with asyncio.timeout(_FAREWELL_SECONDS):
                        await connection.send(PauseSatellite())

    async def _ping(self, connection: Connection) -> None:
        with suppress(LinkError):  # `_receive` also notices the loss
            while True:
                await asyncio.sleep(PING_SECONDS)
                await connection.send(Ping())

    async def _receive(self, connection: Connection, limits: _EventLimits) -> None:
        try:
            async with asyncio.timeout(SILENCE_SECONDS):
                event = await connection.receive()
        except TimeoutError as err:
            raise PeerGoneError(f"it was silent for {SILENCE_SECONDS:.0f} s") from err
        limits.count(event)
        if Ping.is_type(event.type):
            await connection.send(Pong(text=_truncated(event, "text")))
            return
        try:
            self._dispatch(event)
        except (FrameError, ContentError) as err:
            await connection.send(Error(text=str(err), code="bad-request"))

    def _dispatch(self, event: Event) -> None:  # noqa: C901, PLR0912 - a table
        """Pass a known event to the handler; raises `ContentError` if its content is invalid."""
        if AudioChunk.is_type(event.type):
            self._handler.turns.handle_audio(_microphone_audio(event))
        elif RunPipeline.is_type(event.type):
            self._handler.turns.handle_run(*_turn(event))
        elif Detection.is_type(event.type):
            self._handler.handle_detection(_text(event, "name"))
        elif event.type == ASK_FOR_TURN:
            self._handler.turns.handle_asked(hearing_of(event))
        elif AudioStop.is_type(event.type):
            self._handler.turns.handle_audio_stop()
        elif Played.is_type(event.type):
            # Satellites of other vendors do not send `heard`.
            self._handler.turns.handle_played(heard=event.data.get("heard") is not False)
        elif Info.is_type(event.type):
            self._handler.handle_peer(parse_peer(event))
        elif event.type == "status":
            self._handler.handle_status(_status(event))
        elif event.type == "settings":
            self._handler.handle_settings(settings_of(event))
        elif event.type == "timers":
            self._handler.handle_timers(timers_of(event))
        elif event.type == "alarms":
            self._handler.handle_alarms(alarms_of(event))
        elif event.type == "media":
            self._handler.handle_media(media_status(event))
        elif event.type == VERIFIERS:
            self._handler.handle_verified(verified_words(event))
        elif Error.is_type(event.type) and event.data.get("code") == "turn-given-up":
            self._handler.turns.handle_turn_given_up(_number(event))
        elif Error.is_type(event.type):
            self._handler.handle_error(code_of(event))


class _EventLimits:
    """Limits the rate of a satellite's events during one connection."""

    def __init__(self) -> None:
        self._events = RateLimit(*_EVENTS)
        self._news = RateLimit(*NEWS)
        self._turns = RateLimit(*TURNS)

    def count(self, event: Event) -> None:
        """Count an event; raises `FrameError` if there are too many."""
        is_turn = event.type == ASK_FOR_TURN or RunPipeline.is_type(event.type)
        is_news = not (AudioChunk.is_type(event.type) or Pong.is_type(event.type))
        if (
            not self._events.allows()
            or (is_news and not self._news.allows())
            or (is_turn and not self._turns.allows())
        ):
            raise FrameError("the satellite sends too many events")


def _text(event: Event, key: str) -> str | None:
    value = event.data.get(key)
    if value is not None and not isinstance(value, str):
        raise ContentError(f"{key} of {event.type} must be text")
    return clean(value, MAX_NAME) if value else None


def _truncated(event: Event, key: str) -> str | None:
    text = event.data.get(key)
    return text[:MAX_NAME] if isinstance(text, str) else None


def _number(event: Event) -> int | None:
    number = event.data.get("turn")
    if number is None:
        return None
    if isinstance(number, bool) or not isinstance(number, int) or abs(number) > _MAX_TURN:
        raise ContentError("turn must be a whole number")
    return number


def _status(event: Event) -> Status:
    values: dict[str, Any] = {
        field.name: event.data.get(field.name, True if field.default is True else None)
        for field in fields(Status)
    }
    if not all(isinstance(value, bool) for value in values.values()):
        raise ContentError("each value of a status must be true or false")
    return Status(**values)


def _turn(event: Event) -> tuple[int | None, str | None, bytes | None]:
    number = _number(event)
    if event.data.get("start_stage") != PipelineStage.ASR:
        raise ContentError("a turn must start with asr")
    return number, _text(event, "wake_word_name"), turn_features(event)


def _microphone_audio(event: Event) -> bytes:
    audio_format = tuple(event.data.get(key) for key in ("rate", "width", "channels"))
    audio = event.payload or b""
    if audio_format != MICROPHONE_FORMAT or len(audio) % 2:
        raise ContentError("audio must be 16 kHz, 16 bit, mono")
    return audio
