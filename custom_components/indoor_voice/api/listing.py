"""Temporary names of recordings, valid on one connection until its next list."""

import secrets
from typing import TYPE_CHECKING, Any, Final

from homeassistant.core import callback
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from .command import async_of_connection

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from homeassistant.components.websocket_api.connection import ActiveConnection
    from homeassistant.core import HomeAssistant

    from ..privacy.people import PersonId
    from ..privacy.store.recordings import Recording

_NAME_BYTES: Final = 16


class NamedRecordings:
    """The recordings last shown on a connection, each under a random name that is used once."""

    def __init__(self) -> None:
        """Initialize without recordings."""
        self._recordings: dict[str, Recording] = {}

    def name(self, recordings: Iterable[Recording]) -> dict[str, Recording]:
        """Give each of these a new name; forget all old names."""
        self._recordings = {secrets.token_hex(_NAME_BYTES): one for one in recordings}
        return self._recordings

    @property
    def names(self) -> dict[str, str]:
        """The recording ids by their current names."""
        return {name: recording.id for name, recording in self._recordings.items()}

    def get(self, name: str) -> Recording | None:
        """Return the recording shown under a name; None for an unknown name."""
        return self._recordings.get(name)


class Listing(NamedRecordings):
    """The recordings last shown to a listener.

    Somebody who was expected in the room learns the time of day: the ledger tells them anyway that
    something was kept then. Anyone else learns the day and the length in seconds, and can't tell
    by name, order or time which recording they have heard before, or what the household's habits
    are.
    """

    def show(
        self, recordings: Iterable[Recording], person: PersonId, limit: int
    ) -> list[dict[str, Any]]:
        """Return at most `limit` recordings under new names; forget all old names.

        The latest day comes first; within a day, the person's own, newest first. The others of a
        day follow in random order, also where `limit` cuts them off: otherwise longer and longer
        lists would tell between which of their own recordings the others were made.
        """
        named = self.name(recordings)
        shown = sorted(
            (_shown(name, recording, person) for name, recording in named.items()),
            key=lambda one: (one["day"], one["own"], one["time"] or "", one["recording"]),
            reverse=True,
        )[:limit]
        self._recordings = {one["recording"]: named[one["recording"]] for one in shown}
        return shown


_LISTINGS: Final = HassKey[dict["ActiveConnection", Listing]](f"{DOMAIN}_listings")


@callback
def async_listing(hass: HomeAssistant, connection: ActiveConnection) -> Listing:
    """Return the listing of a connection, which is dropped when the connection closes."""
    return async_of_connection(hass, connection, _LISTINGS, Listing)


def place_and_time(recording: Recording, person: PersonId) -> dict[str, Any]:
    """Return where and when a recording was made, as far as a person may know it unopened."""
    captured, own = _local(recording.captured), person in recording.members
    return {
        "room": recording.room,
        "day": captured.date().isoformat(),
        "time": captured.time().isoformat("seconds") if own else None,
        "own": own,
    }


def _shown(name: str, recording: Recording, person: PersonId) -> dict[str, Any]:
    """Return what a person learns about a recording before they open it."""
    return {
        "recording": name,
        "seconds": max(1, round(recording.seconds)),
        "until": _local(recording.expires).date().isoformat(),
        "disguise": recording.disguise_for(person),
        **place_and_time(recording, person),
    }


def _local(seconds: float) -> datetime:
    return dt_util.as_local(dt_util.utc_from_timestamp(seconds))
