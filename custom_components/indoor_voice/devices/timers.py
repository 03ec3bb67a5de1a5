"""The timers of a satellite: it counts and rings, and Home Assistant knows about them.

Home Assistant's own timers live in its memory, so they are lost when it restarts. A satellite keeps
its timers, and lists them whenever it connects. Those that Home Assistant does not know are put
back into it with the time that is left, so that they can be asked for, changed and cancelled. What
Home Assistant has changed while the satellite was away is passed on.
"""

from typing import TYPE_CHECKING, Final

from homeassistant.components.intent import TimerEventType, async_register_timer_handler
from homeassistant.components.intent.const import TIMER_DATA
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import intent

from ..link.timers import (
    MAX_TIMERS,
    STARTS,
    SatelliteTimer,
    TimerState,
    timer_cancelled,
    timer_finished,
    timer_started,
    timer_updated,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import timedelta

    from homeassistant.components.intent.timers import TimerInfo, TimerManager
    from wyoming.event import Event

    from .timer_names import TimerNames

_SAME_SECONDS: Final = 1.5
"""Two counts of the same timer may differ by this much."""


class DeviceTimers:
    """Keeps the timers of one satellite and of Home Assistant alike."""

    def __init__(
        self, hass: HomeAssistant, names: TimerNames, send: Callable[[Event], None]
    ) -> None:
        """Prepare to tell the satellite what happens; `send` drops what it can't deliver."""
        self._hass = hass
        self._names = names
        self._send = send
        self._device_id: str | None = None
        self._ids: dict[str, str] = {}
        """The satellite's id of each timer, by Home Assistant's."""
        self._cancelled: set[str] = set()
        """Timers that were cancelled while the satellite may have been away."""
        self._restoring: SatelliteTimer | None = None
        self._is_alike = False
        """Whether both sides have the same timers since the satellite connected."""

    async def async_register(self, device_id: str) -> Callable[[], None]:
        """Let timers be set on the satellite until the returned function is called."""
        await self._names.async_load()
        self._device_id = device_id
        return async_register_timer_handler(self._hass, device_id, self._handle)

    @callback
    def async_start(self, duration: timedelta, name: str | None) -> None:
        """Start a timer as if somebody had set it there; raises `IntentHandleError`."""
        self._manager.start_timer(
            self._device_id,
            hours=None,
            minutes=None,
            seconds=round(duration.total_seconds()),
            language=self._hass.config.language,
            name=name,
        )

    @callback
    def handle_disconnected(self) -> None:
        """Expect the satellite to come back with other timers than Home Assistant has."""
        self._is_alike = False

    @callback
    def handle_listed(self, timers: Iterable[SatelliteTimer]) -> None:
        """Handle the satellite's list of its timers."""
        if self._is_alike or self._device_id is None:
            return
        self._is_alike = True
        theirs = {timer.id: timer for timer in timers}
        ours = {there: here for here, there in self._ids.items()}
        for timer in theirs.values():
            if timer.id in self._cancelled:
                self._send(timer_cancelled(timer.id))
            elif timer.id in ours:
                self._pass_on_changes(ours[timer.id], timer)
            elif timer.state is not TimerState.RINGING:
                self._restore(self._device_id, timer)
        for there in ours.keys() - theirs.keys():
            info = self._manager.timers.get(ours[there])
            if info is not None:
                self._send(timer_started(_as_told(there, info)))
                if not info.is_active:
                    self._send(timer_updated(_as_told(there, info)))
        self._cancelled.clear()
        self._names.keep_only({*theirs, *self._ids.values()})

    @property
    def _manager(self) -> TimerManager:
        manager: TimerManager = self._hass.data[TIMER_DATA]
        return manager

    def _pass_on_changes(self, here: str, theirs: SatelliteTimer) -> None:
        info = self._manager.timers.get(here)
        if info is None or theirs.state is TimerState.RINGING:
            return
        runs = theirs.state is TimerState.RUNNING
        differs = abs(info.seconds_left - theirs.left_seconds) > _SAME_SECONDS
        if info.is_active is not runs or differs:
            self._send(timer_updated(_as_told(theirs.id, info)))

    def _restore(self, device_id: str, timer: SatelliteTimer) -> None:
        """Put a timer back into Home Assistant, which has forgotten it in a restart."""
        self._restoring = timer
        try:
            here = self._manager.start_timer(
                device_id,
                hours=None,
                minutes=None,
                seconds=round(timer.left_seconds),
                language=self._hass.config.language,
                name=self._names.name_of(timer.id),
            )
            if timer.state is TimerState.PAUSED:
                self._manager.pause_timer(here)
        finally:
            self._restoring = None
        info = self._manager.timers[here]
        for key in STARTS:
            setattr(info, key, timer.start.get(key))

    @callback
    def _handle(self, event: TimerEventType, timer: TimerInfo) -> None:
        if self._restoring is not None:
            self._ids[timer.id] = self._restoring.id
            return
        if event is TimerEventType.STARTED:
            self._start(timer)
        elif (there := self._ids.get(timer.id)) is None:
            return  # it was refused
        elif event is TimerEventType.UPDATED:
            self._send(timer_updated(_as_told(there, timer)))
        else:
            del self._ids[timer.id]
            self._names.forget(there)
            if event is TimerEventType.CANCELLED:
                self._cancelled.add(there)
                self._send(timer_cancelled(there))
            else:
                self._send(timer_finished(there))
        if self._is_alike:
            self._cancelled.clear()

    def _start(self, timer: TimerInfo) -> None:
        """Start a timer on the satellite; raises `IntentHandleError` if it has too many."""
        if len(self._ids) >= MAX_TIMERS:
            self._manager.cancel_timer(timer.id)
            raise intent.IntentHandleError(f"There are {MAX_TIMERS} timers already")
        self._ids[timer.id] = timer.id
        if timer.name:
            self._names.remember(timer.id, timer.name)
        self._send(timer_started(_as_told(timer.id, timer)))


def _as_told(there: str, timer: TimerInfo) -> SatelliteTimer:
    """Return a timer of Home Assistant's as its satellite, which knows it as `there`, is told."""
    return SatelliteTimer(
        id=there,
        total_seconds=timer.created_seconds,
        left_seconds=timer.seconds_left,
        state=TimerState.RUNNING if timer.is_active else TimerState.PAUSED,
        start={key: value for key in STARTS if (value := getattr(timer, key)) is not None},
    )
