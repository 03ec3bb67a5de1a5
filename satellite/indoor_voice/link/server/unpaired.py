"""What an unpaired device answers: the events of pairing, and `ping`."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from wyoming.event import Event
from wyoming.ping import Pong

from indoor_voice.errors import UserError
from indoor_voice.link.pairing.responder import Attempt, RefusedError, Responder
from indoor_voice.link.wire import LinkError, PeerGoneError

from .connection import ServedConnection

CONNECTION_SECONDS: Final = 30.0
"""Without the time that an attempt waits for its turn."""
SILENT_SECONDS: Final = 10.0
ANSWER_SECONDS: Final = 0.5
"""From `pair-begin` to whatever is answered, so that the time tells nothing of what was computed.

Several hundred times what a Raspberry Pi computes; where writing down the guess takes longer, the
answer waits for the next multiple.
"""
_TURN_SECONDS: Final = 0.1
"""Between two looks whether it is somebody's turn."""

Pair = Callable[[ServedConnection, bytes], Awaitable[None]]
KeepGuesses = Callable[[Responder], Awaitable[None]]
Warn = Callable[[str, str], None]
"""Logs a text of a kind."""


class UnpairedSession:
    """One connection of a stranger, who may become the side that this device is paired with."""

    def __init__(
        self,
        connection: ServedConnection,
        responder: Responder,
        *,
        pair: Pair,
        keep_guesses: KeepGuesses,
        warn: Warn,
    ) -> None:
        """Answer on behalf of `responder`.

        `pair` stores the certificate (DER) of whoever knew the code and makes the device paired;
        both callbacks raise `UserError` when nothing can be stored.
        """
        self._connection = connection
        self._responder = responder
        self._pair = pair
        self._keep_guesses = keep_guesses
        self._warn = warn
        self._attempt: Attempt | None = None
        self._patience: asyncio.Timeout | None = None

    async def serve(self) -> None:
        """Answer until the device is paired or there is nothing to say; raises `LinkError`."""
        try:
            async with asyncio.timeout(CONNECTION_SECONDS) as self._patience:
                while True:
                    async with asyncio.timeout(SILENT_SECONDS):
                        event = await self._connection.receive()
                    if event.type == "pair-done":
                        await self._done()
                        return
                    await self._connection.send(await self._answer(event))
        except RefusedError as err:
            await self._connection.send(err.event())
        except TimeoutError:
            pass
        except UserError as err:
            self._warn(f"Cannot pair: {err}", "pairing")
            await self._connection.send(RefusedError("failed", "The device has failed").event())
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
        raise RefusedError("not-paired", "Pair with this device first")

    async def _begin(self, event: Event) -> Event:
        arrived = time.monotonic()
        try:
            answer = await self._answer_begin(event)
        except (RefusedError, UserError):
            await _next_beat(arrived)
            raise
        await _next_beat(arrived)
        return answer

    async def _answer_begin(self, event: Event) -> Event:
        if self._attempt is not None:
            raise RefusedError("bad-request", "Pairing has begun here already")
        place = self._connection.place
        attempt = self._responder.begin(event.data, place.host, time.monotonic())
        self._attempt = attempt
        place.held = True
        await self._wait_for_turn(attempt)
        # Before the answer: neither hanging up nor cutting the power gives a guess for nothing.
        await self._keep_guesses(self._responder)
        return await asyncio.to_thread(attempt.answer)

    async def _wait_for_turn(self, attempt: Attempt) -> None:
        """Wait as long as it takes: the window that gives the turns has an end."""
        assert self._patience is not None
        self._patience.reschedule(None)
        place = self._connection.place
        place.waits = True
        while not self._responder.take_turn(attempt, time.monotonic()):
            await asyncio.sleep(_TURN_SECONDS)
            if self._connection.is_closing:
                raise PeerGoneError("who waited for a turn is gone")
        place.waits = False
        self._patience.reschedule(asyncio.get_running_loop().time() + CONNECTION_SECONDS)

    async def _confirm(self, event: Event) -> Event:
        try:
            return self._responder.confirm(self._begun(), event.data, time.monotonic())
        except RefusedError as err:
            if err.code == "wrong-code":
                self._warn(f"{self._connection.place.host} gave a wrong pairing code", err.code)
            raise

    async def _done(self) -> None:
        certificate = self._responder.done(self._begun(), time.monotonic())
        await self._pair(self._connection, certificate)
        # Whether or not this arrives: the initiator has stored our certificate before.
        with suppress(LinkError):
            await self._connection.send(Event("pair-done"))

    def _begun(self) -> Attempt:
        if self._attempt is None:
            raise RefusedError("bad-request", "Pairing begins with pair-begin")
        return self._attempt


async def _next_beat(since: float) -> None:
    """Wait until a whole number of `ANSWER_SECONDS` has passed."""
    passed = time.monotonic() - since
    await asyncio.sleep(math.ceil(passed / ANSWER_SECONDS) * ANSWER_SECONDS - passed)
