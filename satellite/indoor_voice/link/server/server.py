"""The listening end of the link: accepts connections and decides how each is served."""

import asyncio
import logging
import socket
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Final, Self

from indoor_voice.errors import UserError
from indoor_voice.faults import kind_and_place
from indoor_voice.link.pairing.trust import Trust
from indoor_voice.link.wire import FrameError, LinkError
from indoor_voice.throttled_log import ThrottledLog, log_with_count

from .admission import AUTHENTICATED, Admission, Place
from .connection import HEADER_BYTES, STRANGER_BYTES, ServedConnection, detect_dead_peer
from .entrance import Entrance
from .memory import MemoryReclaimer
from .pairing_manager import OnCode, PairingManager, PairingState

_LOGGER = logging.getLogger(__name__)

HANDSHAKE_SECONDS: Final = 2.0
_BACKLOG: Final = 1024
_RECEIVE_BYTES: Final = 32 * 1024
"""Size of the kernel's receive buffer for each connection; Linux doubles the figure."""
_ACCEPT_AGAIN_SECONDS: Final = 0.1
_TURN_AWAY_AT_ONCE: Final = 64

Handler = Callable[[ServedConnection], Awaitable[None]]


class ListenError(UserError):
    """The port cannot be listened on; the message says what to do."""


class LinkServer:
    """Listens on a TCP port while its `async with` block runs.

    The handler is called for each connection of the paired side, concurrently. It may raise
    `LinkError`, which is logged in one line. The connection is closed when the handler returns.
    """

    def __init__(  # noqa: PLR0913 - where to listen, whom to serve, what to announce
        self,
        host: str,
        port: int,
        handle: Handler,
        *,
        trust: Trust | None,
        on_code: OnCode = lambda _: None,
        code: str | None = None,
        places: int = AUTHENTICATED,
        turn_away: Handler | None = None,
    ) -> None:
        """Prepare to listen.

        Args:
            host: Address or name to listen on.
            port: TCP port; 0 lets the system choose one.
            handle: Serves a connection.
            trust: Decides who is served; None means plain Wyoming, which serves everybody.
            on_code: Called in the event loop with each new pairing code while the device is
                unpaired, and with None as soon as it is paired.
            code: The first pairing code, instead of a random one.
            places: How many connections of the paired side are served at once.
            turn_away: Briefly serves a connection of the paired side beyond `places`. When None,
                such a connection is closed without an answer.
        """
        self._host = host
        self.port = port
        self._handle = handle
        self._turn_away = turn_away
        self._strangers = ThrottledLog(_log_strangers)
        self._faults = ThrottledLog(log_with_count(_LOGGER, logging.WARNING))
        self._errors = ThrottledLog(log_with_count(_LOGGER, logging.ERROR))
        self._pairing: PairingManager | None = None
        if trust is not None:
            self._pairing = PairingManager(
                trust,
                on_code=on_code,
                code=code,
                disconnect_others=self._disconnect_others,
                warn=self._faults.note,
            )
        self._admission = Admission(places)
        self._entrance = Entrance(self._admit, self._refuse, self._entrance_name)
        self._reclaimer: MemoryReclaimer | None = None
        self._serving: dict[Place, asyncio.Task[None]] = {}
        self._listening: set[asyncio.Task[None]] = set()
        self._resources = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Start listening; raises `ListenError`, or `UserError` when the state is in use."""
        async with AsyncExitStack() as undo:
            if self._pairing is not None:
                await undo.enter_async_context(self._pairing)
            for listener in await self._listen():
                undo.enter_context(listener)
                self._start(self._accept(listener))
            self._start(self._entrance.run())
            self._resources = undo.pop_all()
        self._reclaimer = MemoryReclaimer()
        if self._pairing is not None:
            self._pairing.announce_code()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop listening and end every handler."""
        tasks = [*self._listening, *self._serving.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._reclaimer is not None:
            self._reclaimer.close()
        for log in (self._strangers, self._faults, self._errors):
            log.close()
        await self._resources.aclose()

    def open_window(self) -> str:
        """Make a pairing code that works at once, and alone, for a few minutes.

        Returns the code after calling `on_code` with it. While a window is open, its code is
        announced again.

        Raises:
            UserError: The device is paired or needs no pairing, or too many windows have ended
                without a pairing.
        """
        if self._pairing is None:
            raise UserError("The device runs plain Wyoming, which needs no pairing code.")
        return self._pairing.open_window()

    async def _listen(self) -> list[socket.socket]:
        loop = asyncio.get_running_loop()
        listeners: list[socket.socket] = []
        try:
            addresses = await loop.getaddrinfo(
                self._host or None, self.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )
            for family, kind, protocol, _, address in sorted(dict.fromkeys(addresses)):
                if not self._host and family == socket.AF_INET6 and not _has_ipv6():
                    continue
                listener = socket.socket(family, kind, protocol)
                listeners.append(listener)
                listener.setblocking(False)
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                # Accepted sockets inherit this. asyncio and OpenSSL each copy all that has arrived.
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BYTES)
                if family == socket.AF_INET6:
                    listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                listener.bind((address[0], self.port, *address[2:]))
                listener.listen(_BACKLOG)
                self.port = listener.getsockname()[1]
        except (OSError, ValueError) as err:  # ValueError: not a possible host name
            for listener in listeners:
                listener.close()
            raise ListenError(
                f"Cannot listen on {self._host or 'any address,'} port {self.port}: "
                f"{getattr(err, 'strerror', None) or err}. "
                "If another process uses it, stop that or choose a port with --port."
            ) from err
        return listeners

    async def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        turned_away = 0
        while True:
            try:
                # This doesn't yield while connections wait in the system's queue.
                client, address = await loop.sock_accept(listener)
            except OSError:
                await asyncio.sleep(_ACCEPT_AGAIN_SECONDS)
                continue
            turned_away = 0 if self._receive(client, address[0]) else turned_away + 1
            # An admitted connection runs at once, to move on to a place that strangers can't take.
            # A flood is turned away in batches: if it filled the queue, others would be dropped.
            if turned_away % _TURN_AWAY_AT_ONCE == 0:
                await asyncio.sleep(0)

    def _receive(self, client: socket.socket, host: str) -> bool:
        """Return whether a connection was admitted, rather than turned away or made to wait."""
        client.setblocking(False)
        may_wait = self._pairing is not None and host == self._pairing.peer_address
        must_wait = may_wait and self._entrance.crowded
        if not must_wait and self._admit(client, host):
            return True
        if may_wait:
            self._entrance.add(client, host)
        else:
            self._refuse(client, host)
        return False

    def _entrance_name(self) -> bytes | None:
        return None if self._pairing is None else self._pairing.state.entrance_name

    def _refuse(self, client: socket.socket, host: str) -> None:
        client.close()
        self._strangers.note(host)

    def _admit(self, client: socket.socket, host: str, named: bool = False) -> bool:  # noqa: FBT001, FBT002 - private
        task: asyncio.Task[None] | None = None

        def send_away() -> None:
            self._strangers.note(host)
            if task is not None:
                task.cancel()

        # Plain Wyoming has no strangers.
        known = self._pairing is None or host == self._pairing.peer_address
        place = self._admission.admit(
            host, known=known, named=named, send_away=send_away, now=time.monotonic()
        )
        if place is None:
            return False
        task = asyncio.get_running_loop().create_task(self._serve(client, place))
        self._serving[place] = task
        task.add_done_callback(lambda _: self._leave(place))
        return True

    def _leave(self, place: Place) -> None:
        del self._serving[place]
        self._admission.leave(place, time.monotonic())
        if self._reclaimer is not None:
            self._reclaimer.note()

    def _disconnect_others(self, keep: Place) -> None:
        for place, task in self._serving.items():
            if place is not keep:
                task.cancel()

    async def _serve(self, client: socket.socket, place: Place) -> None:
        state = None if self._pairing is None else self._pairing.state
        try:
            connection = await self._connect(client, place, state)
        except OSError as err:
            # No TLS, a wrong certificate, a timeout, or the other side is gone.
            _LOGGER.debug("Connection from %s refused: %s", place.host, type(err).__name__)
            self._strangers.note(place.host)
            place.wasted = True
            return
        try:
            if self._pairing is None or state is None or state.responder is None:
                await self._serve_authenticated(connection)
            else:
                await self._pairing.serve_stranger(connection, state.responder)
        except FrameError as err:
            if connection.is_stranger:
                self._strangers.note(place.host)
            else:
                self._faults.note(f"{place.host} broke the protocol: {err}", str(err))
        except LinkError as err:
            _LOGGER.debug("Connection from %s ended: %s", place.host, err)
        except Exception as err:  # noqa: BLE001 - one connection's fault must not harm others
            fault = kind_and_place(err)  # a traceback ends with the message
            self._errors.note(f"Serving {place.host} failed: {fault}", fault)
        finally:
            await connection.close()

    async def _connect(
        self, client: socket.socket, place: Place, state: PairingState | None
    ) -> ServedConnection:
        """Take over an accepted socket; raises `OSError` when it is not let in."""
        loop = asyncio.get_running_loop()
        stranger = state is not None and state.responder is not None
        reader = asyncio.StreamReader(limit=STRANGER_BYTES if stranger else HEADER_BYTES)
        protocol = asyncio.StreamReaderProtocol(reader)
        try:
            detect_dead_peer(client)
        except OSError:
            client.close()
            raise
        transport, _ = await loop.connect_accepted_socket(
            lambda: protocol,
            client,
            ssl=None if state is None else state.tls_context,
            ssl_handshake_timeout=None if state is None else HANDSHAKE_SECONDS,
        )
        writer = asyncio.StreamWriter(transport, protocol, reader, loop)
        if state is not None and state.peer_certificate is not None:
            # TLS already accepts this certificate only; comparing it again makes the pin
            # independent of OpenSSL's trust store.
            shown = transport.get_extra_info("ssl_object").getpeercert(binary_form=True)
            if shown != state.peer_certificate:
                transport.abort()
                raise ConnectionRefusedError
        return ServedConnection(
            reader,
            writer,
            place,
            stranger=stranger,
            # A stranger must not unpair: that would reset the count of wrong guesses.
            unpair=None if stranger or self._pairing is None else self._pairing.unpair,
        )

    async def _serve_authenticated(self, connection: ServedConnection) -> None:
        place = connection.place
        if not self._admission.authenticate(place, time.monotonic()):
            self._faults.note(f"Too many connections from {place.host}", "many")
            if self._turn_away is not None:
                await self._turn_away(connection)
            return
        if self._pairing is not None:
            await self._pairing.keep_peer_address(place.host)
        await self._handle(connection)

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._listening.add(task)
        task.add_done_callback(self._listening.discard)


def _log_strangers(count: int, host: str) -> None:
    _LOGGER.info("Turned away %d connections, the last from %s", count, host)


def _has_ipv6() -> bool:
    """Return whether IPv6 is enabled on this machine."""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::", 0))
    except OSError:
        return False
    return True
