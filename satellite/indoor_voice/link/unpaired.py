"""What an unpaired device answers: the events of pairing, and `ping`."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from wyoming.event import Event
from wyoming.ping import Pong

from indoor_voice.errors import UserError

from .pairing import Attempt, Guesses, RefusedError, Responder
from .served import ServedConnection
from .wire import LinkError

_LOGGER = logging.getLogger(__name__)

CONNECTION_SECONDS: Final = 30.0
SILENT_SECONDS: Final = 10.0

Pair = Callable[[ServedConnection, bytes], Awaitable[None]]
KeepGuesses = Callable[[Guesses], Awaitable[None]]


class UnpairedSession:
    """One connection of a stranger, who may become the side that this device is paired with."""

    def __init__(
        self,
        connection: ServedConnection,
        responder: Responder,
        *,
        pair: Pair,
        keep_guesses: KeepGuesses,
    ) -> None:
        """Answer on behalf of `responder`.

        `pair` stores the certificate (DER) of whoever knew the code and makes the device paired;
        both callbacks raise `UserError` when nothing can be stored.
        """
        self._connection = connection
        self._responder = responder
        self._pair = pair
        self._keep_guesses = keep_guesses
        self._attempt: Attempt | None = None

    async def serve(self) -> None:
        """Answer until the device is paired or there is nothing to say; raises `LinkError`."""
        try:
            async with asyncio.timeout(CONNECTION_SECONDS):
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
            _LOGGER.warning("Cannot pair: %s", err)
            await self._connection.send(RefusedError("failed", "The device has failed").event())
        finally:
            if self._attempt is not None:
                self._responder.end(self._attempt, time.monotonic())
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
        if self._attempt is not None:
            raise RefusedError("bad-request", "Pairing has begun here already")
        self._attempt = self._responder.begin(event.data, time.monotonic())
        self._connection.place.held = True
        return await asyncio.to_thread(self._attempt.answer)

    async def _confirm(self, event: Event) -> Event:
        try:
            return self._responder.confirm(self._begun(), event.data, time.monotonic())
        except RefusedError as err:
            if err.code == "wrong-code":
                _LOGGER.warning("%s gave a wrong pairing code", self._connection.place.host)
                # Before the answer: cutting the power gives no more tries.
                await self._keep_guesses(self._responder.guesses)
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
