"""Something that a satellite is told, and its answer."""

import asyncio
from typing import TYPE_CHECKING, Final

from ..link.wire import PeerGoneError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from wyoming.event import Event, Eventable

ANSWER_SECONDS: Final = 5.0
"""For the satellite to answer."""


class RefusedError(Exception):
    """The satellite does not do what it was told; `code` is its reason, None when it left."""

    def __init__(self, code: str | None) -> None:
        super().__init__(code)
        self.code = code


class Request[T]:
    """One thing that a satellite can be told, again and again; `T` is what it answers with.

    Answers arrive among all else that the satellite says and name no request, so there is one at a
    time, and its maker knows the answer when it comes.
    """

    def __init__(self) -> None:
        """Prepare; nothing is asked yet."""
        self._one_at_a_time = asyncio.Lock()
        self._waiting: tuple[asyncio.Future[RefusedError | None], Callable[[T], bool]] | None = None

    async def make(
        self,
        send: Callable[[Event | Eventable], Awaitable[None]],
        message: Event | Eventable,
        accept: Callable[[T], bool],
    ) -> None:
        """Send the message and wait for an answer that is accepted.

        Raises `RefusedError`, or `LinkError` when it cannot be sent or is not answered in time.
        """
        async with self._one_at_a_time:
            loop = asyncio.get_running_loop()
            answer: asyncio.Future[RefusedError | None] = loop.create_future()
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
        """Hear what may be the answer; what nobody waits for is ignored."""
        if self._waiting is None:
            return
        waiting, accept = self._waiting
        if not waiting.done() and accept(answer):
            waiting.set_result(None)

    def refused(self, code: str | None = None) -> None:
        """Hear that the answer is no, or will never come."""
        if self._waiting is None:
            return
        waiting, _ = self._waiting
        if not waiting.done():
            waiting.set_result(RefusedError(code))
