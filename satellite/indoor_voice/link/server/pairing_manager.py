"""Manages a device's pairing while its server runs: pairing codes, guesses and changes of trust."""

import asyncio
import logging
import ssl
import time
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from wyoming.event import Event

from indoor_voice.errors import UserError
from indoor_voice.link.pairing.code_socket import giving_codes
from indoor_voice.link.pairing.responder import PairingRefusedError, Responder, prepare
from indoor_voice.link.pairing.trust import Trust

from .admission import Place
from .connection import ServedConnection
from .unpaired import UnpairedSession, Warn

_LOGGER = logging.getLogger(__name__)

_TIMER_SECONDS: Final = 0.1
"""A timer may fire early by the clock's resolution."""

OnCode = Callable[[str | None], None]


@dataclass(frozen=True, slots=True)
class PairingState:
    """How connections are accepted until the trust changes again."""

    tls_context: ssl.SSLContext
    peer_certificate: bytes | None
    """DER certificate of the paired side; None while unpaired."""
    responder: Responder | None
    """Set only while unpaired."""
    entrance_name: bytes | None
    """Server name that tells the paired side from a crowd; None while unpaired."""


class PairingManager:
    """Pairs and unpairs a device while its `async with` block runs."""

    def __init__(
        self,
        trust: Trust,
        *,
        on_code: OnCode,
        code: str | None,
        disconnect_others: Callable[[Place], None],
        warn: Warn,
    ) -> None:
        """Prepare to manage `trust`.

        Args:
            trust: The device's stored keys and certificates.
            on_code: Called with each new pairing code, and with None once the device is paired.
            code: The first pairing code, instead of a random one.
            disconnect_others: Closes every connection except the one in the given place.
            warn: Logs a warning of a given kind.
        """
        self._trust = trust
        self._on_code = on_code
        self._first_code = code
        self._disconnect_others = disconnect_others
        self._warn = warn
        self._state: PairingState | None = None
        self._announced_code: str | None = None
        self._pause_timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._writing_guesses = asyncio.Lock()
        self._resources = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Lock the stored state and load it; raises `UserError` when another process uses it."""
        async with AsyncExitStack() as undo:
            undo.enter_context(self._trust.hold())
            self._state = await self._load_state()
            try:
                await undo.enter_async_context(
                    giving_codes(self._trust.state_dir, self.open_window)
                )
            except OSError as err:
                _LOGGER.warning("The command `indoor-voice pair` will not work: %s", err)
            self._resources = undo.pop_all()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Cancel work in progress and release the stored state."""
        if self._pause_timer is not None:
            self._pause_timer.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._resources.aclose()

    @property
    def state(self) -> PairingState:
        """How to accept connections now."""
        assert self._state is not None
        return self._state

    @property
    def peer_address(self) -> str | None:
        """Address from which the paired side last connected."""
        return self._trust.peer_address

    def open_window(self) -> str:
        """Open a pairing window and announce its code, or announce the code of the open window.

        Raises:
            UserError: The device is paired, or too many windows have ended without a pairing.
        """
        responder = self.state.responder
        if responder is None:
            raise UserError(
                "The device is paired. Delete its entry in Home Assistant, or reset the device."
            )
        responder.open_window(time.monotonic())
        self._announced_code = None
        self.announce_code()
        return responder.code

    def announce_code(self) -> None:
        """Announce the current pairing code if it has changed."""
        responder = self.state.responder
        code = None if responder is None else responder.code
        if code != self._announced_code:
            self._announced_code = code
            self._on_code(code)
            if responder is not None:
                self._schedule_end_of_pause(responder)

    async def serve_stranger(self, connection: ServedConnection, responder: Responder) -> None:
        """Let a stranger try to pair with `responder`; raises `LinkError`."""
        try:
            await UnpairedSession(
                connection,
                responder,
                pair=self._pair,
                keep_guesses=self._keep_guesses,
                warn=self._warn,
            ).serve()
        finally:
            self.announce_code()

    async def keep_peer_address(self, host: str) -> None:
        """Store the address of the paired side when it has changed."""
        if host != self._trust.peer_address:
            try:
                await asyncio.to_thread(self._trust.keep_address, host)
            except UserError as err:
                self._warn(str(err), "address")

    async def unpair(self, connection: ServedConnection) -> Event:
        """End the pairing at the paired side's request and return the answer."""
        try:
            await self._change_trust(self._trust.forget, keep=connection.place)
        except UserError as err:
            _LOGGER.warning("Cannot end the pairing: %s", err)
            return PairingRefusedError("failed", "The device has failed").event()
        _LOGGER.info("Home Assistant at %s ended the pairing", connection.place.host)
        return Event("unpaired")

    async def _pair(self, connection: ServedConnection, certificate: bytes) -> None:
        await self._change_trust(self._trust.accept, certificate, keep=connection.place)
        _LOGGER.info("Paired with Home Assistant at %s", connection.place.host)

    async def _change_trust(
        self, change: Callable[..., None], *arguments: bytes, keep: Place
    ) -> None:
        """Change the trust and all that depends on it, even if the requesting task is cancelled."""

        async def run() -> None:
            await asyncio.to_thread(change, *arguments)
            # A code must not be valid again after a change.
            self._first_code = None
            self._state = await self._load_state()
            self._disconnect_others(keep)
            self.announce_code()

        await asyncio.shield(self._start(run()))

    async def _load_state(self) -> PairingState:
        trust = self._trust
        tls_context = await asyncio.to_thread(trust.context)
        responder = None
        if not trust.paired:
            await asyncio.to_thread(prepare)
            responder = Responder(
                trust.fingerprint, trust.guesses, time.monotonic(), self._first_code
            )
        return PairingState(tls_context, trust.peer_certificate, responder, trust.entrance_name)

    async def _keep_guesses(self, responder: Responder) -> None:
        """Store the latest guess counts, even if the guesser disconnects."""

        async def run() -> None:
            async with self._writing_guesses:
                if self.state.responder is responder:
                    await asyncio.to_thread(self._trust.keep_guesses, responder.guesses)

        await asyncio.shield(self._start(run()))

    def _schedule_end_of_pause(self, responder: Responder) -> None:
        """Store the end of a pause when it comes, so that a restart doesn't repeat the pause."""
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
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
