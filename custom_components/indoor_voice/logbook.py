"""Logbook entries for recordings: what happened and how many, not whose, where or what."""

from typing import TYPE_CHECKING, Final

from homeassistant.components.logbook.const import LOGBOOK_ENTRY_MESSAGE, LOGBOOK_ENTRY_NAME
from homeassistant.core import callback

from .const import DOMAIN
from .household.events import EVENT_RECORDINGS, RecordingEvent

if TYPE_CHECKING:
    from collections.abc import Callable

    from homeassistant.core import Event, HomeAssistant

_NAME: Final = "Indoor Voice"
_SENTENCES: Final = {
    RecordingEvent.KEPT: ("kept a recording", "kept {count} recordings"),
    RecordingEvent.OPENED: (
        "gave a recording to a listener",
        "gave {count} recordings to listeners",
    ),
    RecordingEvent.DELETED: ("deleted a recording", "deleted {count} recordings"),
}


@callback
def async_describe_events(
    _hass: HomeAssistant,
    async_describe_event: Callable[[str, str, Callable[[Event], dict[str, str]]], None],
) -> None:
    """Describe the integration's events."""

    @callback
    def describe(event: Event) -> dict[str, str]:
        one, several = _SENTENCES[RecordingEvent(event.data["kind"])]
        count = event.data["count"]
        return {
            LOGBOOK_ENTRY_NAME: _NAME,
            LOGBOOK_ENTRY_MESSAGE: one if count == 1 else several.format(count=count),
        }

    async_describe_event(DOMAIN, EVENT_RECORDINGS, describe)
