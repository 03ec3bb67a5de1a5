"""Serves a connection to an unpaired device: the events of pairing, and `ping`."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from wyoming.event import Event
from wyoming.ping import Pong

from indoor_voice.errors import UserError
from indoor_voice.link.pairing.responder import Attempt, PairingRefusedError, Responder
from indoor_voice.link.wire import LinkError, PeerGoneError

from .connection import ServedConnection

CONNECTION_SECONDS: Final = 30.0
"""Excluding the time that an attempt waits for its turn."""
SILENT_SECONDS: Final = 10.0
ANSWER_SECONDS: Final = 0.5
"""From `pair-begin` to any answer, so that timing reveals nothing about the computation.

This is several hundred times as long as a Raspberry Pi computes. When storing the guess takes
longer, the answer waits for the next multiple.
"""
_POLL_TURN_SECONDS: Final = 0.1

Pair = Callable[[ServedConnection, bytes], Awaitable[None]]
KeepGuesses = Callable[[Responder], Awaitable[None]]
Warn = Callable[[str, str], None]
"""Logs a text; the second argument is its kind, for throttling."""


class UnpairedSession:
    """A stranger's connection, which may become the paired side."""

    def __init__(
        self,
        connection: ServedConnection,
        responder: Responder,
        *,
        pair: Pair,
        keep_guesses: KeepGuesses,
        warn: Warn,
    ) -> None:
        """Prepare to answer for `responder`.

        `pair` stores the DER certificate of a peer that proved to know the code. It and
        `keep_guesses` raise `UserError` when nothing can be stored.
        """
        self._connection = connection
        self._responder = responder
        self._pair = pair
        self._keep_guesses = keep_guesses
        self._warn = warn
        self._attempt: Attempt | None = None
        self._deadline: asyncio.Timeout | None = None

    async def serve(self) -> None:
        """Answer until the device is paired, the peer is refused or time is up.

        Raises `LinkError`.
        """
        try:
            async with asyncio.timeout(CONNECTION_SECONDS) as self._deadline:
                while True:
                    async with asyncio.timeout(SILENT_SECONDS):
                        event = await self._connection.receive()
                    if event.type == "pair-done":
                        await self._finish()
                        return
                    await self._connection.send(await self._answer(event))
        except PairingRefusedError as err:
            await self._connection.send(err.event())
        except TimeoutError:
            pass
        except UserError as err:
            self._warn(f"Cannot pair: {err}", "pairing")
            await self._connection.send(
                PairingRefusedError("failed", "The device has failed").event()
            )
        finally:
            if self._attempt is not None:
                self._responder.end(self._attempt)
                self._connection.place.held = False

    async def _answer(self, event: Event) -> Event:
        match event.type:
            case "ping":
                text = event.data.get("text")
                return Pong(text=text if isinstance(text, str) else None).event()
            case "pair-begin":
                return await self._begin(event)
            case "pair-confirm":
                return await self._confirm(event)
        raise PairingRefusedError("not-paired", "Pair with this device first")

    async def _begin(self, event: Event) -> Event:
        arrived = time.monotonic()
        try:
            answer = await self._answer_begin(event)
        except (PairingRefusedError, UserError):
            await _delay_answer(arrived)
            raise
        await _delay_answer(arrived)
        return answer

    async def _answer_begin(self, event: Event) -> Event:
        if self._attempt is not None:
            raise PairingRefusedError("bad-request", "Pairing has already begun on this connection")
        place = self._connection.place
        attempt = self._responder.begin(event.data, place.host, time.monotonic())
        self._attempt = attempt
        place.held = True
        await self._wait_for_turn(attempt)
        # Before the answer, so that neither hanging up nor cutting the power gives a free guess.
        await self._keep_guesses(self._responder)
        return await asyncio.to_thread(attempt.answer)

    async def _wait_for_turn(self, attempt: Attempt) -> None:
        """Wait for the attempt's turn without a timeout, as the window itself ends."""
        assert self._deadline is not None
        self._deadline.reschedule(None)
        place = self._connection.place
        place.waits = True
        while not self._responder.take_turn(attempt, time.monotonic()):
            await asyncio.sleep(_POLL_TURN_SECONDS)
            if self._connection.is_closing:
                raise PeerGoneError("the peer disconnected while waiting for its turn")
        place.waits = False
        self._deadline.reschedule(asyncio.get_running_loop().time() + CONNECTION_SECONDS)

    async def _confirm(self, event: Event) -> Event:
        try:
            attempt = self._require_attempt()
            return self._responder.confirm(attempt, event.data, time.monotonic())
        except PairingRefusedError as err:
            if err.code == "wrong-code":
                self._warn(f"{self._connection.place.host} gave a wrong pairing code", err.code)
            raise

    async def _finish(self) -> None:
        certificate = self._responder.done(self._require_attempt(), time.monotonic())
        await self._pair(self._connection, certificate)
        # This may get lost: the initiator has already stored our certificate.
        with suppress(LinkError):
            await self._connection.send(Event("pair-done"))

    def _require_attempt(self) -> Attempt:
        if self._attempt is None:
            raise PairingRefusedError("bad-request", "Pairing begins with pair-begin")
        return self._attempt


async def _delay_answer(arrived: float) -> None:
    """Wait until a whole number of `ANSWER_SECONDS` has passed since a request arrived."""
    passed = time.monotonic() - arrived
    await asyncio.sleep(math.ceil(passed / ANSWER_SECONDS) * ANSWER_SECONDS - passed)
