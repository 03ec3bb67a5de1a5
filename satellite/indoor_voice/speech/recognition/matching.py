"""Asks Home Assistant which reading of a command it understands, over the link."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from wyoming.event import Event

PATIENCE_SECONDS: Final = 0.02
"""How long a turn that is over waits for an answer; a home's matcher needs 4 ms a text."""
LEAST_SECONDS: Final = 0.25
"""How long an answer may take in any case, if the question came only after the turn was over."""
MAX_EXPECTED: Final = 40
MAX_EXPECTED_CHARACTERS: Final = 200
"""Limits for the sentences that Home Assistant expects."""
MAX_CORRECTED_CHARACTERS: Final = 1000
"""Limit for a corrected text."""


@dataclass(frozen=True, slots=True)
class Understood:
    """Home Assistant's answer: the first text that it understands, or what it had expected."""

    question: int
    index: int | None
    expected: tuple[str, ...] = ()
    corrected: str | None = None
    """If it understands none: one of the texts with words corrected that it has learned."""
    taught: tuple[str, ...] = ()
    """What it has learned to expect, if nothing else is understood."""

    @staticmethod
    def from_event(event: Event) -> "Understood":
        """Parse an answer; raises `ValueError`."""
        match event.data:
            case {"question": int(question), "index": int(index)}:
                return Understood(question, index)
            case {"question": int(question), "index": None, **rest}:
                expected, taught = (_sentences(rest.get(key)) for key in ("expected", "taught"))
                corrected = _correction(rest.get("corrected"))
                return Understood(question, None, expected, corrected, taught)
        raise ValueError


class Matcher:
    """Asks one client, which has said that it answers such questions."""

    def __init__(self, send: Callable[[Event], Awaitable[None]]) -> None:
        """Pass the answers that arrive to `take`."""
        self._send = send
        self._question = 0
        self._answer: asyncio.Future[Understood] | None = None
        self.is_lost = False
        """Whether an answer did not come in time; nothing is asked any more."""

    async def ask(self, texts: Sequence[str], over: "asyncio.Future[None]") -> Understood | None:
        """Return which text is understood, or None if the answer is too late.

        While the turn goes on, an answer is waited for as long as it takes. Once it is `over`,
        there is little patience left.
        """
        if self.is_lost:
            return None
        loop = asyncio.get_running_loop()
        asked = loop.time()
        self._question += 1
        self._answer = answer = loop.create_future()
        await self._send(Event("readings", {"question": self._question, "texts": list(texts)}))
        await asyncio.wait((answer, over), return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            left = max(PATIENCE_SECONDS, LEAST_SECONDS - (loop.time() - asked))
            await asyncio.wait((answer,), timeout=left)
        if not answer.done():
            self.is_lost = True
            return None
        understood = answer.result()
        is_possible = understood.index is None or 0 <= understood.index < len(texts)
        return understood if is_possible else Understood(self._question, None)

    def take(self, answer: Understood) -> None:
        """Take an answer; one to an earlier question is ignored."""
        waiting = self._answer
        if waiting is not None and not waiting.done() and answer.question == self._question:
            waiting.set_result(answer)


def _correction(value: object) -> str | None:
    if value is None:
        return None
    if not (isinstance(value, str) and 0 < len(value) <= MAX_CORRECTED_CHARACTERS):
        raise ValueError
    value.encode()  # raises a ValueError for half a character
    return value


def _sentences(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if not (
        isinstance(value, list)
        and len(value) <= MAX_EXPECTED
        and all(isinstance(one, str) and len(one) <= MAX_EXPECTED_CHARACTERS for one in value)
    ):
        raise ValueError
    "".join(value).encode()  # raises a ValueError for half a character
    return tuple(value)
