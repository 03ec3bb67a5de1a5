"""The satellite's side of docs/wire.md: who may control it, and what it is told."""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from types import TracebackType
from typing import Final, Protocol, Self

from wyoming.event import Event
from wyoming.ping import Ping, Pong
from wyoming.wake import Detect

from indoor_voice.errors import UserError
from indoor_voice.link.wire import Connection, LinkError
from indoor_voice.room.mute import MutedOnDeviceError
from indoor_voice.room.turn.inputs import ControllerConnected, ControllerLost, Input
from indoor_voice.throttled_log import ThrottledLog, log_with_count

from .events import error, input_of, mute_asked_for

_LOGGER = logging.getLogger(__name__)

SILENT_SECONDS: Final = 10.0
"""A peer that sends nothing for so long is dead: Home Assistant pings every 3 s."""
_CHANGES_AT_ONCE: Final = 3
"""Lines about who controls: Home Assistant comes, goes for an update, and comes again."""
_MAX_WAITING_EVENTS: Final = 256
"""20 s of sound; a peer that takes nothing is given up after 10."""


class UnknownWakeWordError(Exception):
    """A wake word was asked for that this satellite does not have."""


class ControlledRoom(Protocol):
    """What is controlled."""

    def handle(self, happened: Input) -> None:
        """Take in what Home Assistant tells."""
        ...

    def info(self) -> Event:
        """Describe this satellite."""
        ...

    def status(self) -> Event:
        """Say whether it is muted, and whether its devices work."""
        ...

    async def mute(self, muted: bool) -> None:  # noqa: FBT001 - the event's own
        """Close the microphone, or open it, and send `status`.

        Raises `MutedOnDeviceError`; or `UserError` when it is done, but not kept for a restart.
        """
        ...

    async def choose_wake_words(self, names: Sequence[str]) -> None:
        """Listen for these from now on; raises `UnknownWakeWordError`, or `UserError`."""
        ...


class Controllers:
    """Serves every connection; one of them at most is the controller, the newest that asked."""

    def __init__(self, room: ControlledRoom) -> None:
        """Serve on behalf of `room`."""
        self._room = room
        self._controller: _Peer | None = None
        self._changes = ThrottledLog(
            log_with_count(_LOGGER, logging.INFO), at_once=_CHANGES_AT_ONCE
        )
        self._faults = ThrottledLog(log_with_count(_LOGGER, logging.WARNING))

    @property
    def connected(self) -> bool:
        """Whether there is a controller."""
        return self._controller is not None

    def close(self) -> None:
        """Log what was not logged yet."""
        self._changes.close()
        self._faults.close()

    def send(self, event: Event) -> None:
        """Send to the controller, in order; nothing happens without one."""
        if self._controller is not None:
            self._controller.put(event)

    def drop_audio(self) -> None:
        """Forget sound that was not sent yet."""
        if self._controller is not None:
            self._controller.drop("audio-chunk")

    async def serve(self, connection: Connection) -> None:
        """Serve one connection until it ends; raises `LinkError` when it ended by a fault."""
        async with _Peer(connection) as peer:
            try:
                while True:
                    # Nothing holds on to an event that was answered: it may be large.
                    await self._answer(await _next_event(connection), peer)
            except TimeoutError:
                _LOGGER.debug("%s went silent", connection.peer)
            finally:
                self._dismiss(peer, "is gone")

    async def _answer(self, event: Event, peer: "_Peer") -> None:
        match event.type:
            case "describe":
                await peer.connection.send(self._room.info())
            case "ping":
                await peer.connection.send(Pong(text=Ping.from_event(event).text))
            case "run-satellite":
                self._appoint(peer)
                await peer.connection.send(self._room.status())
            case "pause-satellite":
                self._dismiss(peer, "pauses")
            case "detect":
                await peer.connection.send(await self._choose_wake_words(event))
            case "mute" if peer is self._controller:
                await self._mute(event, peer)
            case _ if peer is self._controller:
                await self._tell_room(event, peer)

    def _appoint(self, peer: "_Peer") -> None:
        former = self._controller
        if former is peer:
            return
        if former is not None:
            self._dismiss(former, "is replaced")
            former.give_up()
        self._changes.note(f"Home Assistant is connected from {peer.connection.peer}")
        self._controller = peer
        self._room.handle(ControllerConnected())

    def _dismiss(self, peer: "_Peer", why: str) -> None:
        if peer is self._controller:
            self._changes.note(f"Home Assistant at {peer.connection.peer} {why}")
            self._room.handle(ControllerLost())
            self._controller = None

    async def _tell_room(self, event: Event, peer: "_Peer") -> None:
        try:
            happened = input_of(event)
        except ValueError as err:
            await self._refuse(event, err, peer)
            return
        if happened is not None:
            self._room.handle(happened)

    async def _refuse(self, event: Event, err: ValueError, peer: "_Peer") -> None:
        """Answer an event of a known type whose content is impossible."""
        self._faults.note(f"Home Assistant at {peer.connection.peer} sent {event.type}: {err}")
        await peer.connection.send(error(f"{event.type}: {err}", "bad-request"))

    async def _mute(self, event: Event, peer: "_Peer") -> None:
        try:
            await self._room.mute(mute_asked_for(event))
        except ValueError as err:
            await self._refuse(event, err, peer)
        except MutedOnDeviceError as err:
            await peer.connection.send(error(str(err), "muted-on-device"))
        except UserError as err:
            peer.put(error(str(err), "failed"))  # after the status, which waits as well

    async def _choose_wake_words(self, event: Event) -> Event:
        names = Detect.from_event(event).names
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            return error("detect: names must be a list of names", "bad-request")
        try:
            await self._room.choose_wake_words(names)
        except UnknownWakeWordError as err:
            return error(str(err), "unknown-wake-word")
        except UserError as err:
            return error(str(err), "failed")
        return self._room.info()


async def _next_event(connection: Connection) -> Event:
    async with asyncio.timeout(SILENT_SECONDS):
        return await connection.receive()


class _Peer:
    """One connection, and what waits to be sent to it, so that who sends need not wait."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._serving = asyncio.current_task()
        self._waiting: deque[Event] = deque()
        self._filled = asyncio.Event()
        self._sending: asyncio.Task[None] | None = None

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

    def put(self, event: Event) -> None:
        """Queue an event; a peer for which too many wait already is given up."""
        if len(self._waiting) >= _MAX_WAITING_EVENTS:
            self.give_up()
            return
        self._waiting.append(event)
        self._filled.set()

    def drop(self, event_type: str) -> None:
        """Forget the waiting events of a type."""
        self._waiting = deque(event for event in self._waiting if event.type != event_type)

    def give_up(self) -> None:
        """Close the connection as soon as possible."""
        if self._serving is not None:
            self._serving.cancel()

    async def _send(self) -> None:
        try:
            while True:
                await self._filled.wait()
                while self._waiting:
                    await self.connection.send(self._waiting.popleft())
                self._filled.clear()
        except LinkError:
            pass  # the connection is cut off now, as its receiving half will notice
