"""Serves Wyoming connections, as described in docs/wire.md; at most one controls the satellite."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Final, Protocol, Self

from wyoming.event import Event
from wyoming.ping import Ping, Pong
from wyoming.wake import Detect

from indoor_voice.errors import UserError
from indoor_voice.link.server.connection import ServedConnection
from indoor_voice.link.wire import Connection, LinkError
from indoor_voice.room.adjusting import Adjusting
from indoor_voice.room.alarms.waking import Waking
from indoor_voice.room.music.player import MusicPlayer, NotSeekableError
from indoor_voice.room.mute import MutedOnDeviceError
from indoor_voice.room.timers.counting import Counting
from indoor_voice.room.timers.timer import MAX_TIMERS, TooManyTimersError, UnknownTimerError
from indoor_voice.room.turn.inputs import ControllerConnected, ControllerLost, Input
from indoor_voice.room.wake_choice import UnknownWakeWordError, WakeChoice
from indoor_voice.room.wake_learning import WakeLearning
from indoor_voice.throttled_log import ThrottledLog, log_with_count

from . import alarm_events, events, learning_events, media_events, timer_events
from .events import error, input_of, requested_mute, requested_sensitivities

_LOGGER = logging.getLogger(__name__)

SILENT_SECONDS: Final = 10.0
"""A peer that sends nothing for this long is dead: Home Assistant pings every 3 s."""
_CONNECTION_LINES_AT_ONCE: Final = 3
"""Enough for Home Assistant to connect, restart for an update, and connect again."""
MAX_QUEUED_EVENTS: Final = 256
"""20 s of sound; a peer that receives nothing is disconnected after 10 s."""

MAX_UNDER_WAY_BYTES: Final = 32 * 1024
"""One second of sound, which may arrive after the end of a stream; the rest can be dropped."""


class ControlledRoom(Protocol):
    """The room as its controller sees it."""

    def handle(self, turn_input: Input) -> None:
        """Handle an input from Home Assistant."""
        ...

    def info(self) -> Event:
        """Return the `info` event that describes this satellite."""
        ...

    def status(self) -> Event:
        """Return the `status` event: whether it is muted, and whether its parts work."""
        ...

    @property
    def timers(self) -> Counting:
        """The timers of this satellite."""
        ...

    @property
    def adjusting(self) -> Adjusting:
        """The settings of this satellite."""
        ...

    @property
    def wake_choice(self) -> WakeChoice:
        """The wake words of this satellite."""
        ...

    @property
    def wake_learning(self) -> WakeLearning:
        """What the household learns about the wake words of this satellite."""
        ...

    @property
    def alarms(self) -> Waking:
        """The alarms of this satellite."""
        ...

    @property
    def music(self) -> MusicPlayer | None:
        """The music player of this satellite, if it can play music."""
        ...

    async def mute(self, muted: bool) -> None:  # noqa: FBT001 - as in the event
        """Mute or unmute, and send `status`.

        Raises `MutedOnDeviceError`, or `UserError` if the change cannot be saved.
        """
        ...


class Controllers:
    """Serves all connections; the newest one that asked for it is the controller."""

    def __init__(self, room: ControlledRoom) -> None:
        """Prepare to serve connections for `room`."""
        self._room = room
        self._controller: _Peer | None = None
        self._connection_log = ThrottledLog(
            log_with_count(_LOGGER, logging.INFO), at_once=_CONNECTION_LINES_AT_ONCE
        )
        self._fault_log = ThrottledLog(log_with_count(_LOGGER, logging.WARNING))

    @property
    def connected(self) -> bool:
        """Whether there is a controller."""
        return self._controller is not None

    def close(self) -> None:
        """Log what has only been counted so far."""
        self._connection_log.close()
        self._fault_log.close()

    def send(self, event: Event) -> None:
        """Queue an event for the controller; does nothing without one."""
        if self._controller is not None:
            self._controller.put(event)

    def end_audio(self, event: Event, on_gone: Callable[[], None]) -> None:
        """Drop the queued sound, queue an event, and call when no sound can leave any more."""
        if self._controller is None:
            on_gone()
        else:
            self._controller.end_audio(event, on_gone)

    async def serve(self, connection: ServedConnection) -> None:
        """Serve one connection until it ends; raises `LinkError` if it fails."""
        async with _Peer(connection) as peer:
            try:
                while True:
                    # No variable here, because it would keep a possibly large event alive.
                    await self._handle_event(await _next_event(connection), peer)
            except TimeoutError:
                _LOGGER.debug("%s went silent", connection.peer)
            finally:
                self._release(peer, "disconnected")

    async def _handle_event(self, event: Event, peer: "_Peer") -> None:  # noqa: C901, PLR0912 - a table
        match event.type:
            case "describe":
                await peer.connection.send(self._room.info())
            case "ping":
                await peer.connection.send(Pong(text=Ping.from_event(event).text))
            case "run-satellite":
                self._take_control(peer)
                await peer.connection.send(self._room.status())
                await peer.connection.send(events.settings(self._room.adjusting.adjustments))
                await peer.connection.send(timer_events.timers(self._room.timers))
                await peer.connection.send(alarm_events.alarms(self._room.alarms))
                if self._room.music is not None:
                    await peer.connection.send(media_events.media(self._room.music))
            case "pause-satellite":
                self._release(peer, "paused the satellite")
            case "detect":
                await peer.connection.send(await self._choose_wake_words(event))
            case "mute" if peer is self._controller:
                await self._mute(event, peer)
            case "change-settings" if peer is self._controller:
                await self._change_settings(event, peer)
            case kind if peer is self._controller and kind in timer_events.TYPES:
                await self._change_timers(event, peer)
            case kind if peer is self._controller and kind in media_events.TYPES:
                await self._change_music(event, peer)
            case kind if peer is self._controller and kind in alarm_events.TYPES:
                await self._change_alarms(event, peer)
            case kind if peer is self._controller and kind in learning_events.TYPES:
                await self._learn(event, peer)
            case _ if peer is self._controller:
                await self._pass_to_room(event, peer)

    def _take_control(self, peer: "_Peer") -> None:
        former = self._controller
        if former is peer:
            return
        if former is not None:
            self._release(former, "was replaced")
            former.disconnect()
        self._connection_log.note(f"Home Assistant connected from {peer.connection.peer}")
        self._controller = peer
        self._room.handle(ControllerConnected())

    def _release(self, peer: "_Peer", reason: str) -> None:
        if peer is self._controller:
            self._connection_log.note(f"Home Assistant at {peer.connection.peer} {reason}")
            self._room.handle(ControllerLost())
            self._room.wake_learning.wants_features = False
            self._controller = None

    async def _pass_to_room(self, event: Event, peer: "_Peer") -> None:
        try:
            turn_input = input_of(event)
        except ValueError as err:
            await self._reject(event, err, peer)
            return
        if turn_input is not None:
            self._room.handle(turn_input)

    async def _change_timers(self, event: Event, peer: "_Peer") -> None:
        try:
            timer_events.apply(event, self._room.timers)
        except ValueError as err:
            await self._reject(event, err, peer)
        except TooManyTimersError:
            await peer.connection.send(error(f"There are {MAX_TIMERS} timers", "too-many-timers"))
        except UnknownTimerError:
            await peer.connection.send(error("There is no such timer", "unknown-timer"))

    async def _change_music(self, event: Event, peer: "_Peer") -> None:
        if self._room.music is None:
            await peer.connection.send(error("Music cannot be played here", "no-music"))
            return
        try:
            media_events.apply(event, self._room.music)
        except ValueError as err:
            await self._reject(event, err, peer)
        except NotSeekableError:
            await peer.connection.send(error("The position cannot be chosen", "not-seekable"))

    async def _change_alarms(self, event: Event, peer: "_Peer") -> None:
        try:
            refusal = alarm_events.apply(event, self._room.alarms)
        except ValueError as err:
            await self._reject(event, err, peer)
            return
        if refusal is not None:
            await peer.connection.send(refusal)

    async def _learn(self, event: Event, peer: "_Peer") -> None:
        try:
            answer = await learning_events.apply(event, self._room.wake_learning)
        except ValueError as err:
            await self._reject(event, err, peer)
        except UserError as err:
            await peer.connection.send(error(str(err), "failed"))
        else:
            if answer is not None:
                await peer.connection.send(answer)

    async def _reject(self, event: Event, err: ValueError, peer: "_Peer") -> None:
        """Log and answer an event with invalid content."""
        self._fault_log.note(f"Home Assistant at {peer.connection.peer} sent {event.type}: {err}")
        await peer.connection.send(error(f"{event.type}: {err}", "bad-request"))

    async def _mute(self, event: Event, peer: "_Peer") -> None:
        try:
            await self._room.mute(requested_mute(event))
        except ValueError as err:
            await self._reject(event, err, peer)
        except MutedOnDeviceError as err:
            await peer.connection.send(error(str(err), "muted-on-device"))
        except UserError as err:
            peer.put(error(str(err), "failed"))  # queued, to arrive after the status

    async def _change_settings(self, event: Event, peer: "_Peer") -> None:
        adjusting = self._room.adjusting
        try:
            await adjusting.change(events.requested_settings(event))
        except ValueError as err:
            await self._reject(event, err, peer)
        except UserError as err:
            await peer.connection.send(error(str(err), "failed"))
        else:
            await peer.connection.send(events.settings(adjusting.adjustments))

    async def _choose_wake_words(self, event: Event) -> Event:
        names = Detect.from_event(event).names
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            return error("detect: names must be a list of names", "bad-request")
        try:
            await self._room.wake_choice.choose(names, requested_sensitivities(event))
        except ValueError as err:
            return error(f"detect: {err}", "bad-request")
        except UnknownWakeWordError as err:
            return error(str(err), "unknown-wake-word")
        except UserError as err:
            return error(str(err), "failed")
        return self._room.info()


async def _next_event(connection: Connection) -> Event:
    async with asyncio.timeout(SILENT_SECONDS):
        return await connection.receive()


class _Peer:
    """A connection with a send queue, so that senders need not wait."""

    def __init__(self, connection: ServedConnection) -> None:
        self.connection = connection
        self._serving = asyncio.current_task()
        self._queue: deque[Event] = deque()
        self._filled = asyncio.Event()
        self._sending: asyncio.Task[None] | None = None
        self._on_gone: list[Callable[[], None]] = []
        """Waiting for the sound that has been sent to arrive."""

    async def __aenter__(self) -> Self:
        self._sending = asyncio.create_task(self._send())
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._sending is not None:
            self._sending.cancel()
            await asyncio.gather(self._sending, return_exceptions=True)
        if self._on_gone:
            self.connection.abort()
            try:
                await self.connection.close()
            finally:
                self._note_gone()

    def put(self, event: Event) -> None:
        """Queue an event; disconnects the peer if its queue is full."""
        if len(self._queue) >= MAX_QUEUED_EVENTS:
            self.disconnect()
            return
        self._queue.append(event)
        self._filled.set()

    def end_audio(self, event: Event, on_gone: Callable[[], None]) -> None:
        """Drop the queued sound, queue an event, and call when no sound can leave any more."""
        self._queue = deque(queued for queued in self._queue if queued.type != "audio-chunk")
        self._on_gone.append(on_gone)
        self.put(event)

    def disconnect(self) -> None:
        """Close the connection as soon as possible."""
        if self._serving is not None:
            self._serving.cancel()

    async def _send(self) -> None:
        try:
            while True:
                await self._filled.wait()
                while self._queue:
                    if self._queue[0].type == "audio-chunk":
                        await self.connection.until_delivered(MAX_UNDER_WAY_BYTES)
                    if self._queue:  # sound may have been dropped meanwhile
                        await self.connection.send(self._queue.popleft())
                self._filled.clear()
                if self._on_gone:
                    await self.connection.until_delivered()
                    self._note_gone()
        except LinkError:
            pass  # the connection is broken, and the receiving task will notice

    def _note_gone(self) -> None:
        gone, self._on_gone = self._on_gone, []
        for on_gone in gone:
            on_gone()
