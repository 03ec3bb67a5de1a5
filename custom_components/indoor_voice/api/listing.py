"""Temporary names of recordings, valid on one connection until its next list."""

import secrets
from typing import TYPE_CHECKING, Final

from homeassistant.core import callback
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from .command import async_of_connection

if TYPE_CHECKING:
    from collections.abc import Iterable

    from homeassistant.components.websocket_api.connection import ActiveConnection
    from homeassistant.core import HomeAssistant

    from ..privacy.people import PersonId
    from ..privacy.store.recordings import Recording

_NAME_BYTES: Final = 16


class Listing:
    """The recordings last shown to a listener, each under a random name that is used once.

    A listener can't tell by name, order or time which recording they have heard before.
    """

    def __init__(self) -> None:
        """Initialize without recordings."""
        self._recordings: dict[str, Recording] = {}

    def show(
        self, recordings: Iterable[Recording], person: PersonId, limit: int
    ) -> list[dict[str, object]]:
        """Return the newest recordings under new names, latest day first; forget all old names."""
        newest = sorted(recordings, key=lambda recording: recording.captured, reverse=True)[:limit]
        self._recordings = {secrets.token_hex(_NAME_BYTES): recording for recording in newest}
        shown = [
            {
                "recording": name,
                "room": recording.room,
                "day": _day(recording.captured),
                "until": _day(recording.expires),
                "own": person in recording.members,
            }
            for name, recording in self._recordings.items()
        ]
        return sorted(
            shown, key=lambda recording: (recording["day"], recording["recording"]), reverse=True
        )

    @property
    def names(self) -> dict[str, str]:
        """The recording ids by their current names."""
        return {name: recording.id for name, recording in self._recordings.items()}

    def get(self, name: str) -> Recording | None:
        """Return the recording shown under a name; None for an unknown name."""
        return self._recordings.get(name)


_LISTINGS: Final = HassKey[dict["ActiveConnection", Listing]](f"{DOMAIN}_listings")


@callback
def async_listing(hass: HomeAssistant, connection: ActiveConnection) -> Listing:
    """Return the listing of a connection, which is dropped when the connection closes."""
    return async_of_connection(hass, connection, _LISTINGS, Listing)


def _day(seconds: float) -> str:
    return dt_util.as_local(dt_util.utc_from_timestamp(seconds)).date().isoformat()
