"""Tells a wake word that two satellites heard at once from one that was said again."""

from typing import TYPE_CHECKING

from homeassistant.components.assist_pipeline.const import DATA_LAST_WAKE_UP

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant


class WakeUps:
    """Tracks the wake word that one satellite heard last.

    Home Assistant refuses a wake word that was heard less than 2 s ago, so that only one of two
    satellites in earshot answers. It does the same with a single satellite: a person who cancelled
    a turn and started again at once would get no answer.
    """

    def __init__(self) -> None:
        """Initialize with no wake word heard."""
        self._own: tuple[str, float] | None = None

    def forget_own(self, hass: HomeAssistant, phrase: str | None) -> None:
        """Make Home Assistant accept a wake word that only this satellite heard last."""
        last = hass.data.get(DATA_LAST_WAKE_UP, {})
        if phrase is not None and self._own is not None and self._own == (phrase, last.get(phrase)):
            del last[phrase]

    def note(self, hass: HomeAssistant, phrase: str | None) -> None:
        """Record that Home Assistant has just accepted a wake word from this satellite."""
        heard = hass.data.get(DATA_LAST_WAKE_UP, {}).get(phrase)
        self._own = None if phrase is None or heard is None else (phrase, heard)
