"""Coordinators: a satellite pushes what is known of it, and a speech server is polled."""

import logging
import math
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, override

from homeassistant.core import callback
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed
from homeassistant.util import dt as dt_util

from ..link.client import Address, BusyError, ClosedError, Peer, SlowError
from ..link.timers import TimerState
from ..link.wire import PeerGoneError
from .connecting import async_probe_entry

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from ssl import SSLContext

    from homeassistant.config_entries import ConfigEntry
    from homeassistant.core import HomeAssistant

    from ..link.alarms import Alarm
    from ..link.media import MediaStatus
    from ..link.satellite import Status
    from ..link.settings import SatelliteSettings
    from ..link.timers import SatelliteTimer

_LOGGER = logging.getLogger(__name__)

UPDATE_INTERVAL: Final = timedelta(seconds=5)
AWAY_INTERVAL: Final = timedelta(seconds=2)
_MAX_MISSES: Final = 2
"""How often in a row a server may hang up or be slow before it counts as gone."""

_SAME = timedelta(seconds=1.5)
"""Two computed ends of the same timer may differ by this much."""


class Outcome(StrEnum):
    """How a turn ended, without anything of what was said."""

    ANSWERED = "answered"
    DONE = "done"
    """It was carried out, and needed no answer."""

    NOT_UNDERSTOOD = "not_understood"
    """The assistant did not understand the text."""

    NOTHING_SAID = "nothing_said"
    FAILED = "failed"
    GIVEN_UP = "given_up"
    """It took longer than the satellite waits, or someone in the room cancelled it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerEnd:
    """A timer without what it is called, which somebody said."""

    id: str
    state: TimerState
    total_seconds: float
    left_seconds: float
    ends: datetime | None
    """None while it is paused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaReport:
    """What a satellite's music player does."""

    status: MediaStatus
    at: datetime
    """When it was in this position."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """The known state of a satellite."""

    connected: bool = False
    """Whether it has accepted this Home Assistant as its controller."""

    status: Status | None = None
    """Its own report; None until it sends one over the current connection."""

    settings: SatelliteSettings | None = None
    """What can be adjusted; None until it reports that over the current connection."""

    last_turn: Outcome | None = None
    """The outcome of the last turn; None until one has ended since set-up."""

    timers: Sequence[TimerEnd] = ()
    """The satellite's timers as it last listed them, the next to end first."""

    alarms: Sequence[Alarm] | None = None
    """The satellite's alarms as it last listed them, the next to ring first; None before that."""

    media: MediaReport | None = None
    """What it plays; None until it tells over the current connection, and if it plays no music."""


class SatelliteCoordinator(DataUpdateCoordinator[Health]):
    """Push-only coordinator for a satellite's connection, status and last turn."""

    config_entry: ConfigEntry[Any]

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
        """Initialize with nothing known."""
        super().__init__(hass, _LOGGER, config_entry=entry, name="satellite")
        self.data = Health()

    @override
    async def _async_update_data(self) -> Health:
        return self.data

    @callback
    def note_connected(self) -> None:
        """Record that the satellite has accepted us as its controller."""
        self.async_set_updated_data(replace(self.data, connected=True))

    @callback
    def note_disconnected(self) -> None:
        """Record that the satellite is gone, and forget its status, settings and music."""
        self.async_set_updated_data(
            replace(self.data, connected=False, status=None, settings=None, media=None)
        )

    @callback
    def note_status(self, status: Status) -> None:
        """Record the satellite's own status report."""
        self.async_set_updated_data(replace(self.data, status=status))

    @callback
    def note_settings(self, settings: SatelliteSettings) -> None:
        """Record what can be adjusted."""
        self.async_set_updated_data(replace(self.data, settings=settings))

    @callback
    def note_timers(self, timers: Iterable[SatelliteTimer]) -> None:
        """Record the satellite's list of its timers."""
        known = {timer.id: timer for timer in self.data.timers}
        ends = sorted(
            (_end_of(timer, known.get(timer.id)) for timer in timers),
            key=lambda timer: timer.ends.timestamp() if timer.ends else math.inf,
        )
        self.async_set_updated_data(replace(self.data, timers=ends))

    @callback
    def note_alarms(self, alarms: Sequence[Alarm]) -> None:
        """Record the satellite's alarms, the next to ring first."""
        self.async_set_updated_data(replace(self.data, alarms=alarms))

    @callback
    def note_media(self, status: MediaStatus) -> None:
        """Record what the satellite's music player does now."""
        report = MediaReport(status=status, at=dt_util.utcnow())
        self.async_set_updated_data(replace(self.data, media=report))

    @callback
    def note_turn(self, outcome: Outcome) -> None:
        """Record the outcome of a turn."""
        self.async_set_updated_data(replace(self.data, last_turn=outcome))


class SpeechCoordinator(DataUpdateCoordinator[Peer]):
    """Polls a speech server for its description, regularly and after each failed request."""

    config_entry: ConfigEntry[Any]

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        address: Address,
        tls_context: SSLContext | None,
    ) -> None:
        """Initialize for the server at `address`; without a `tls_context` the link is plain."""
        super().__init__(
            hass,
            _LOGGER,
            config_entry=entry,
            name=f"speech server at {address}",
            update_interval=UPDATE_INTERVAL,
            always_update=False,
        )
        self.address = address
        self.tls_context = tls_context
        self._misses = 0

    @override
    async def _async_update_data(self) -> Peer:
        # A server that is gone is polled more often, so that its return is noticed soon.
        self.update_interval = AWAY_INTERVAL
        try:
            peer = await async_probe_entry(
                self.hass, self.config_entry, self.address, self.tls_context, UpdateFailed
            )
        except UpdateFailed as err:
            if self._is_only_busy(err.__cause__):
                return self.data
            raise
        self._misses = 0
        self.update_interval = UPDATE_INTERVAL
        return peer

    def _is_only_busy(self, reason: BaseException | None) -> bool:
        """Return whether a server that was available is merely busy and should remain available."""
        if self.data is None or not self.last_update_success:
            return False
        if isinstance(reason, BusyError):
            return True
        self._misses += 1
        may_be_busy = isinstance(reason, ClosedError | SlowError | PeerGoneError)
        return may_be_busy and self._misses <= _MAX_MISSES


def _end_of(timer: SatelliteTimer, known: TimerEnd | None) -> TimerEnd:
    ends = None
    if timer.state is not TimerState.PAUSED:
        ends = dt_util.utcnow().replace(microsecond=0) + timedelta(
            seconds=round(timer.left_seconds)
        )
        if known is not None and known.ends is not None and abs(known.ends - ends) < _SAME:
            ends = known.ends
    return TimerEnd(
        id=timer.id,
        state=timer.state,
        total_seconds=timer.total_seconds,
        left_seconds=timer.left_seconds,
        ends=ends,
    )
