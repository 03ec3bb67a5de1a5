"""The names by which clips go on one connection, until the next list is asked for."""

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
    from ..privacy.store.recordings import Clip

_NAME_BYTES: Final = 16


class Listing:
    """What somebody was last shown of the clips, each by a name that is random and used once.

    So a listener cannot tell by name, order or time which clip it is that was heard before.
    """

    def __init__(self) -> None:
        """Show nothing yet."""
        self._clips: dict[str, Clip] = {}

    def show(self, clips: Iterable[Clip], person: PersonId, limit: int) -> list[dict[str, object]]:
        """Return the newest clips by fresh names, in the order of their days; forget all others."""
        newest = sorted(clips, key=lambda clip: clip.captured, reverse=True)[:limit]
        self._clips = {secrets.token_hex(_NAME_BYTES): clip for clip in newest}
        shown = [
            {
                "clip": name,
                "room": clip.room,
                "day": _day(clip.captured),
                "until": _day(clip.expires),
                "own": person in clip.members,
            }
            for name, clip in self._clips.items()
        ]
        return sorted(shown, key=lambda clip: (clip["day"], clip["clip"]), reverse=True)

    @property
    def names(self) -> dict[str, str]:
        """The clips' ids by the names that hold now."""
        return {name: clip.id for name, clip in self._clips.items()}

    def get(self, name: str) -> Clip | None:
        """Return the clip that was shown by a name; None for a name that was not."""
        return self._clips.get(name)


_LISTINGS: Final = HassKey[dict["ActiveConnection", Listing]](f"{DOMAIN}_listings")


@callback
def async_listing(hass: HomeAssistant, connection: ActiveConnection) -> Listing:
    """Return the listing of a connection; it ends with it."""
    return async_of_connection(hass, connection, _LISTINGS, Listing)


def _day(seconds: float) -> str:
    return dt_util.as_local(dt_util.utc_from_timestamp(seconds)).date().isoformat()
