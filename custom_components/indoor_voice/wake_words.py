"""The wake words that a satellite knows and listens for."""

import asyncio
from typing import TYPE_CHECKING, Final

from homeassistant.components.assist_satellite import (
    AssistSatelliteConfiguration,
    AssistSatelliteWakeWord,
)
from wyoming.wake import Detect

from .link.wire import LinkError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from wyoming.event import Eventable

    from .link.client import Peer

_TIMEOUT_SECONDS: Final = 5.0
"""For the satellite to describe itself anew after its wake words were changed."""


class WakeWordsError(Exception):
    """The satellite did not take the wake words."""


def wake_word_configuration(peer: Peer) -> AssistSatelliteConfiguration:
    """Put what a satellite says of its wake words into Home Assistant's words."""
    satellite = peer.info.satellite
    return AssistSatelliteConfiguration(
        available_wake_words=[
            AssistSatelliteWakeWord(
                id=model.name,
                wake_word=model.phrase or model.name,
                trained_languages=model.languages,
            )
            for program in peer.info.wake
            for model in program.models
        ],
        active_wake_words=(satellite.active_wake_words if satellite else None) or [],
        max_active_wake_words=(satellite.max_active_wake_words if satellite else None) or 1,
    )


class WakeWordChoice:
    """Tells a satellite which wake words to listen for, and waits for its answer."""

    def __init__(self, send: Callable[[Eventable], Awaitable[None]]) -> None:
        """Prepare to send through `send`, which may raise `LinkError`."""
        self._send = send
        self._one_at_a_time = asyncio.Lock()
        self._taken: asyncio.Future[bool] | None = None

    async def choose(self, names: list[str]) -> None:
        """Let the satellite listen for these only; raises `WakeWordsError`."""
        async with self._one_at_a_time:
            self._taken = asyncio.get_running_loop().create_future()
            try:
                await self._send(Detect(names=names))
                async with asyncio.timeout(_TIMEOUT_SECONDS):
                    taken = await self._taken
            except (LinkError, TimeoutError) as err:
                raise WakeWordsError("the satellite does not answer") from err
            finally:
                self._taken = None
        if not taken:
            raise WakeWordsError("the satellite refuses")

    def answered(self, *, taken: bool) -> None:
        """Hear the satellite's answer; one that nobody waits for is ignored."""
        if self._taken is not None and not self._taken.done():
            self._taken.set_result(taken)
