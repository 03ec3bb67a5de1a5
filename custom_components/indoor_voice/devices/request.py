"""Matches the commands that a satellite is sent with its answers."""

import asyncio
from typing import TYPE_CHECKING, Final

from ..link.wire import PeerGoneError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from wyoming.event import Event, Eventable

ANSWER_SECONDS: Final = 5.0
"""How long the satellite has to answer."""


class SatelliteRefusedError(Exception):
    """The satellite refused a command; `code` is its reason, None if it disconnected."""

    def __init__(self, code: str | None) -> None:
        super().__init__(code)
        self.code = code


class Request[T]:
    """One kind of command to a satellite; `T` is the type of its answer.

    Answers arrive among the satellite's other events and don't name the command. So only one
    command runs at a time, and the caller says which answer it accepts.
    """

    def __init__(self) -> None:
        """Initialize without a pending command."""
        self._one_at_a_time = asyncio.Lock()
        self._waiting: (
            tuple[asyncio.Future[SatelliteRefusedError | None], Callable[[T], bool]] | None
        ) = None

    async def make(
        self,
        send: Callable[[Event | Eventable], Awaitable[None]],
        message: Event | Eventable,
        accept: Callable[[T], bool],
    ) -> None:
        """Send the message and wait for an answer that `accept` accepts.

        Raises `SatelliteRefusedError`, or `LinkError` if it can't be sent or is not answered in
        time.
        """
        async with self._one_at_a_time:
            loop = asyncio.get_running_loop()
            answer: asyncio.Future[SatelliteRefusedError | None] = loop.create_future()
            self._waiting = (answer, accept)
            try:
                await send(message)
                async with asyncio.timeout(ANSWER_SECONDS):
                    refusal = await answer
            except TimeoutError as err:
                raise PeerGoneError("the satellite does not answer") from err
            finally:
                self._waiting = None
        if refusal is not None:
            raise refusal

    def answered(self, answer: T) -> None:
        """Handle a possible answer; ignored if no command is pending."""
        if self._waiting is None:
            return
        waiting, accept = self._waiting
        if not waiting.done() and accept(answer):
            waiting.set_result(None)

    def refused(self, code: str | None = None) -> None:
        """Handle a refusal, or the loss of the satellite."""
        if self._waiting is None:
            return
        waiting, _ = self._waiting
        if not waiting.done():
            waiting.set_result(SatelliteRefusedError(code))
