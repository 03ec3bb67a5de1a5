"""When a wake word counts as heard by two satellites at once, and when it was only said again."""

from typing import TYPE_CHECKING

from homeassistant.components.assist_pipeline.const import DATA_LAST_WAKE_UP

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant


class WakeUps:
    """The wake words that one satellite heard.

    Home Assistant refuses a wake word that was heard less than 2 s before, so that of two
    satellites in earshot one stays quiet, and takes it for that too where there is only one:
    whoever gave a turn up and began again at once would get no answer.
    """

    def __init__(self) -> None:
        """Nothing was heard yet."""
        self._own: tuple[str, float] | None = None

    def forget_own(self, hass: HomeAssistant, phrase: str | None) -> None:
        """Let a wake word through that nobody but this satellite heard last."""
        last = hass.data.get(DATA_LAST_WAKE_UP, {})
        if phrase is not None and self._own is not None and self._own == (phrase, last.get(phrase)):
            del last[phrase]

    def note(self, hass: HomeAssistant, phrase: str | None) -> None:
        """Take note that Home Assistant has just taken a wake word from this satellite."""
        heard = hass.data.get(DATA_LAST_WAKE_UP, {}).get(phrase)
        self._own = None if phrase is None or heard is None else (phrase, heard)
