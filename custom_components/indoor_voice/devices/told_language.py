"""Tells a satellite the household's language, in which it says by itself that something is away."""

from contextlib import suppress
from typing import TYPE_CHECKING

from homeassistant.core import callback

from ..link.wire import LinkError
from .request import SatelliteRefusedError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine
    from typing import Any

    from .coordinator import SatelliteCoordinator


class ToldLanguage:
    """Keeps a satellite's language in step; satellites without recorded sentences have none."""

    def __init__(
        self,
        health: SatelliteCoordinator,
        change_setting: Callable[[str, object], Awaitable[None]],
        in_background: Callable[[Coroutine[Any, Any, None], str], None],
    ) -> None:
        """Initialize without having told anything."""
        self._health = health
        self._change_setting = change_setting
        self._in_background = in_background
        self._told: str | None = None
        """What the satellite was told since it connected, even if it could not keep it."""

    @property
    def known(self) -> bool:
        """Whether the satellite can say by itself that something is away."""
        settings = self._health.data.settings
        return settings is not None and settings.language is not None

    @callback
    def tell(self, language: str) -> None:
        """Tell the satellite a language, unless it knows or was told."""
        settings = self._health.data.settings
        if settings is None:
            self._told = None
        elif settings.language is not None and language not in (settings.language, self._told):
            self._told = language
            self._in_background(self._tell(language), "language")

    async def _tell(self, language: str) -> None:
        with suppress(LinkError, SatelliteRefusedError):
            await self._change_setting("language", language)
