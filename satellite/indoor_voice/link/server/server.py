"""The listening end of the link: lets the paired side in, strangers pair, and nobody else."""

import asyncio
import logging
import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from wyoming.event import Event

from indoor_voice.errors import UserError
from indoor_voice.faults import kind_and_place
from indoor_voice.link.pairing.code_socket import giving_codes
from indoor_voice.link.pairing.responder import RefusedError, Responder, prepare
from indoor_voice.link.pairing.trust import Trust
from indoor_voice.link.wire import Connection, FrameError, LinkError
from indoor_voice.throttled_log import ThrottledLog, log_with_count

from .admission import AUTHENTICATED, Admission, Place
from .connection import HEADER_BYTES, STRANGER_BYTES, ServedConnection, notice_death
from .entrance import Entrance
from .memory import MemoryReclaimer
from .unpaired import UnpairedSession

_LOGGER = logging.getLogger(__name__)

HANDSHAKE_SECONDS: Final = 2.0
_BACKLOG: Final = 1024
_RECEIVE_BYTES: Final = 32 * 1024
"""What the system takes in of a connection before we read it; it doubles the figure."""
_ACCEPT_AGAIN_SECONDS: Final = 0.1
_ACCEPT_AT_ONCE: Final = 64
_TIMER_SECONDS: Final = 0.1
"""A timer may be early by its resolution."""

Handler = Callable[[Connection], Awaitable[None]]
OnCode = Callable[[str | None], None]


class ListenError(UserError):
    """The port cannot be listened on; the message says what to do."""


@dataclass(frozen=True, slots=True)
class _Security:
    """How connections are taken since the last change of the trust."""

    context: ssl.SSLContext
    peer_certificate: bytes | None
    responder: Responder | None
    """Only while unpaired."""
    entrance_name: bytes | None
    """By which the paired side is told from a crowd; None while unpaired."""


class LinkServer:
    """Listens on a TCP port while its `async with` block runs.

    The handler gets each connection of the paired side, one at a time, and may end with a
    `LinkError`, which is logged in one line. The connection is closed when the handler returns.
    """

    def __init__(  # noqa: PLR0913 - where, for whom, and who is told
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
            trust: Who gets in; None means plain Wyoming, where everybody does.
            on_code: Called in the loop with the six digits whenever the device is unpaired and
                they are new, and with None as soon as it is paired.
            code: The first six digits, instead of random ones.
            places: How many connections of the paired side are served at once.
            turn_away: Serves, for a moment, a connection of the paired side beyond these; it is
                closed without an answer when None.
        """
        self._host = host
        self._handle = handle
        self._trust = trust
        self._on_code = on_code
        self._first_code = code
        self._told: str | None = None
        self.port = port
        self._resources = AsyncExitStack()
        self._turn_away = turn_away
        self._admission = Admission(places)
        self._strangers = ThrottledLog(_tell_of_strangers)
        self._faults = ThrottledLog(log_with_count(_LOGGER, logging.WARNING))
        self._errors = ThrottledLog(log_with_count(_LOGGER, logging.ERROR))
        self._entrance = Entrance(self._admit, self._refuse, self._entrance_name)
        self._leftovers: MemoryReclaimer | None = None
        self._security: _Security | None = None
        self._pause_timer: asyncio.TimerHandle | None = None
        self._serving: dict[Place, asyncio.Task[None]] = {}
        self._background: set[asyncio.Task[None]] = set()
        self._keeping = asyncio.Lock()

    async def __aenter__(self) -> Self:
        """Begin to listen; raises `ListenError`, or `UserError` when the state is in use."""
        async with AsyncExitStack() as undo:
            if self._trust is not None:
                undo.enter_context(self._trust.hold())
                self._security = await self._secure(self._trust)
                await self._take_commands(undo, self._trust.state_dir)
            for listener in await self._listen():
                undo.enter_context(listener)
                self._start(self._accept(listener))
            self._start(self._entrance.run())
            self._resources = undo.pop_all()
        self._leftovers = MemoryReclaimer()
        self._tell_code()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop listening and end every handler."""
        if self._pause_timer is not None:
            self._pause_timer.cancel()
        tasks = [*self._background, *self._serving.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._leftovers is not None:
            self._leftovers.close()
        for log in (self._strangers, self._faults, self._errors):
            log.close()
        await self._resources.aclose()

    async def _take_commands(self, undo: AsyncExitStack, state_dir: Path) -> None:
        try:
            await undo.enter_async_context(giving_codes(state_dir, self.open_window))
        except OSError as err:
            _LOGGER.warning("The command `indoor-voice pair` will not work: %s", err)

    def open_window(self) -> str:
        """Make a code that alone counts, and at once, for a few minutes; `on_code` is told.

        Inside of such a window its code is told again.

        Raises:
            UserError: the device is paired, or too many windows have led to nothing.
        """
        responder = self._security.responder if self._security is not None else None
        if responder is None:
            raise UserError(
                "The device is paired. Delete its entry in Home Assistant, or reset the device."
            )
        responder.open_window(time.monotonic())
        self._told = None
        self._tell_code()
        return responder.code

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
                # Inherited by what is accepted: asyncio and OpenSSL each copy all that has come.
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BYTES)
                if family == socket.AF_INET6:
                    listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                listener.bind((address[0], self.port, *address[2:]))
                listener.listen(_BACKLOG)
                self.port = listener.getsockname()[1]
        except (OSError, ValueError) as err:  # the latter for names that no network can have
            for listener in listeners:
                listener.close()
            raise ListenError(
                f"Cannot listen on {self._host or 'any address,'} port {self.port}: "
                f"{getattr(err, 'strerror', None) or err}. "
                "Is another one running? Stop it, or choose a port with --port."
            ) from err
        return listeners

    async def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                client, address = await loop.sock_accept(listener)
            except OSError:
                await asyncio.sleep(_ACCEPT_AGAIN_SECONDS)
                continue
            self._receive(client, address[0])
            if self._trust is not None:  # on a plain link each is let in at once, one by one
                self._receive_more(listener)
            # While connections are waiting, accepting them never waits: let others have a turn.
            await asyncio.sleep(0)

    def _receive_more(self, listener: socket.socket) -> None:
        """Take what waits already: where a flood fills the system's queue, it drops others."""
        with suppress(OSError):
            for _ in range(_ACCEPT_AT_ONCE):
                client, address = listener.accept()
                self._receive(client, address[0])

    def _entrance_name(self) -> bytes | None:
        return None if self._security is None else self._security.entrance_name

    def _receive(self, client: socket.socket, host: str) -> None:
        client.setblocking(False)
        known = self._trust is not None and host == self._trust.peer_address
        if known and (self._entrance.crowded or not self._admit(client, host)):
            self._entrance.add(client, host)
        elif not known and not self._admit(client, host):
            self._refuse(client, host)

    def _refuse(self, client: socket.socket, host: str) -> None:
        client.close()
        self._strangers.note(host)

    def _admit(self, client: socket.socket, host: str, named: bool = False) -> bool:  # noqa: FBT001, FBT002 - private
        task: asyncio.Task[None] | None = None

        def send_away() -> None:
            self._strangers.note(host)
            if task is not None:
                task.cancel()

        # Where everybody gets in, nobody is a stranger.
        known = self._trust is None or host == self._trust.peer_address
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
        if self._leftovers is not None:
            self._leftovers.note()

    async def _serve(self, client: socket.socket, place: Place) -> None:
        security = self._security
        try:
            connection = await self._connect(client, place, security)
        except OSError as err:
            # Neither TLS nor the right certificate; or gone, or too slow.
            _LOGGER.debug("Connection from %s refused: %s", place.host, type(err).__name__)
            self._strangers.note(place.host)
            place.wasted = True
            return
        try:
            if security is None or security.responder is None:
                await self._serve_authenticated(connection)
            else:
                await self._serve_stranger(connection, security.responder)
        except FrameError as err:
            if connection.is_stranger:
                self._strangers.note(place.host)
            else:
                self._faults.note(f"{place.host} broke the protocol: {err}", str(err))
        except LinkError as err:
            _LOGGER.debug("Connection from %s ended: %s", place.host, err)
        except Exception as err:  # noqa: BLE001 - one connection's fault harms no other
            fault = kind_and_place(err)  # a traceback ends with the message
            self._errors.note(f"Serving {place.host} failed: {fault}", fault)
        finally:
            await connection.close()

    async def _connect(
        self, client: socket.socket, place: Place, security: _Security | None
    ) -> ServedConnection:
        """Take over an accepted socket; raises `OSError` when it is not let in."""
        loop = asyncio.get_running_loop()
        stranger = security is not None and security.responder is not None
        reader = asyncio.StreamReader(limit=STRANGER_BYTES if stranger else HEADER_BYTES)
        protocol = asyncio.StreamReaderProtocol(reader)
        try:
            notice_death(client)
        except OSError:
            client.close()
            raise
        transport, _ = await loop.connect_accepted_socket(
            lambda: protocol,
            client,
            ssl=None if security is None else security.context,
            ssl_handshake_timeout=None if security is None else HANDSHAKE_SECONDS,
        )
        writer = asyncio.StreamWriter(transport, protocol, reader, loop)
        if security is not None and security.peer_certificate is not None:
            # The trust anchor lets nobody else in; this makes the pin independent of it.
            shown = transport.get_extra_info("ssl_object").getpeercert(binary_form=True)
            if shown != security.peer_certificate:
                transport.abort()
                raise ConnectionRefusedError
        return ServedConnection(
            reader,
            writer,
            place,
            stranger=stranger,
            # Only who is paired can end it: for a stranger it would make the guesses forgotten.
            unpair=None if stranger or security is None else self._unpair,
        )

    async def _serve_authenticated(self, connection: ServedConnection) -> None:
        place, trust = connection.place, self._trust
        if not self._admission.authenticate(place, time.monotonic()):
            self._faults.note(f"Too many connections from {place.host}", "many")
            if self._turn_away is not None:
                await self._turn_away(connection)
            return
        if trust is not None and place.host != trust.peer_address:
            try:
                await asyncio.to_thread(trust.keep_address, place.host)
            except UserError as err:
                self._faults.note(str(err), "address")
        await self._handle(connection)

    async def _serve_stranger(self, connection: ServedConnection, responder: Responder) -> None:
        try:
            await UnpairedSession(
                connection,
                responder,
                pair=self._pair,
                keep_guesses=self._keep_guesses,
                warn=self._faults.note,
            ).serve()
        finally:
            self._tell_code()

    async def _secure(self, trust: Trust) -> _Security:
        context = await asyncio.to_thread(trust.context)
        responder = None
        if not trust.paired:
            await asyncio.to_thread(prepare)
            responder = Responder(
                trust.fingerprint, trust.guesses, time.monotonic(), self._first_code
            )
        return _Security(context, trust.peer_certificate, responder, trust.entrance_name)

    async def _pair(self, connection: ServedConnection, certificate: bytes) -> None:
        assert self._trust is not None
        await self._change_trust(self._trust.accept, certificate, spare=connection.place)
        _LOGGER.info("Paired with Home Assistant at %s", connection.place.host)

    async def _unpair(self, connection: ServedConnection) -> Event:
        assert self._trust is not None
        try:
            await self._change_trust(self._trust.forget, spare=connection.place)
        except UserError as err:
            _LOGGER.warning("Cannot end the pairing: %s", err)
            return RefusedError("failed", "The device has failed").event()
        _LOGGER.info("Home Assistant at %s ended the pairing", connection.place.host)
        return Event("unpaired")

    async def _change_trust(
        self, change: Callable[..., None], *arguments: bytes, spare: Place
    ) -> None:
        """Change the trust and what hangs on it, as a whole even if who asked for it is gone."""
        trust = self._trust
        assert trust is not None

        async def run() -> None:
            await asyncio.to_thread(change, *arguments)
            # What was a code once is none any more.
            self._first_code = None
            self._security = await self._secure(trust)
            for place, task in self._serving.items():
                if place is not spare:
                    task.cancel()
            self._tell_code()

        await asyncio.shield(self._start(run()))

    async def _keep_guesses(self, responder: Responder) -> None:
        """Write down how often was guessed; what is newest last, even if who guessed is gone."""
        trust = self._trust
        assert trust is not None

        async def run() -> None:
            async with self._keeping:
                if self._security is not None and self._security.responder is responder:
                    await asyncio.to_thread(trust.keep_guesses, responder.guesses)

        await asyncio.shield(self._start(run()))

    def _tell_code(self) -> None:
        """Tell the current code, if it has changed."""
        responder = self._security.responder if self._security is not None else None
        code = responder.code if responder is not None else None
        if code != self._told:
            self._told = code
            self._on_code(code)
            if responder is not None:
                self._plan_end_of_pause(responder)

    def _plan_end_of_pause(self, responder: Responder) -> None:
        """Have the end of a pause noted, so that a restart does not repeat it."""
        if self._pause_timer is not None:
            self._pause_timer.cancel()
        if seconds := responder.pause_left(time.monotonic()):
            self._pause_timer = asyncio.get_running_loop().call_later(
                seconds + _TIMER_SECONDS, lambda: self._start(self._end_pause(responder))
            )

    async def _end_pause(self, responder: Responder) -> None:
        responder.end_pause(time.monotonic())
        try:
            await self._keep_guesses(responder)
        except UserError as err:
            _LOGGER.warning("%s", err)

    def _start(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)
        return task


def _tell_of_strangers(count: int, host: str) -> None:
    _LOGGER.info("Turned away %d connections, the last from %s", count, host)


def _has_ipv6() -> bool:
    """Tell whether this machine has IPv6 at all: it may be switched off."""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::", 0))
    except OSError:
        return False
    return True
