"""Runtime data of a satellite: its connection and its state while the entry is loaded.

The connection belongs to the config entry, not to the `assist_satellite` entity. A user who
disables that entity still wants to mute the microphone and see whether the satellite is connected.
"""

import logging
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, override

from homeassistant.core import callback
from wyoming.error import Error

from ..const import DOMAIN
from ..link.satellite import SatelliteLink, TurnHandler
from ..link.settings import change_settings
from ..link.wire import LinkError
from .alarms import REFUSALS, DeviceAlarms
from .connecting import abort_reauth
from .coordinator import SatelliteCoordinator
from .music import DeviceMusic
from .request import Request
from .timer_names import TimerNames
from .timers import DeviceTimers
from .told_language import ToldLanguage
from .verifiers import DeviceVerifiers

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence
    from ssl import SSLContext

    from homeassistant.config_entries import ConfigEntry
    from homeassistant.core import HomeAssistant
    from wyoming.event import Event, Eventable

    from ..link.alarms import AlarmList
    from ..link.client import Address, Peer
    from ..link.media import MediaStatus
    from ..link.satellite import Status
    from ..link.settings import SatelliteSettings
    from ..link.timers import SatelliteTimer

_LOGGER = logging.getLogger(__name__)

_REFUSAL_CODE: Final = "pipeline-failed"
_ABOUT_MUSIC: Final = ("no-music", "not-seekable")


class SatelliteData:
    """Runtime data of a satellite's config entry; owns the connection to the satellite."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        address: Address,
        tls_context: SSLContext,
        peer: Peer,
    ) -> None:
        """Prepare to connect; `tls_context` trusts this satellite and no other device."""
        self._hass = hass
        self._entry = entry
        self.address = address
        self.tls_context = tls_context
        self.peer = peer
        """The satellite's latest description of itself."""
        self.health = SatelliteCoordinator(hass, entry)
        self.muting: Request[Status] = Request()
        """Mutes or unmutes its microphone."""
        self.wake_words: Request[Peer] = Request()
        """Sets the wake words that it listens for."""
        self._adjusting: Request[SatelliteSettings] = Request()
        self.counts: Counter[str] = Counter()
        """How often each outcome occurred since set-up; holds nothing of what was said."""
        self.timers = DeviceTimers(hass, TimerNames(hass, entry.entry_id), self.send_soon)
        self.alarms = DeviceAlarms(hass, self.send, self.send_soon)
        self.music = DeviceMusic(entry.title, self.send)
        self.verifiers = DeviceVerifiers(entry.title, self.send_soon)
        self.language = ToldLanguage(self.health, self.change_setting, self._create_task)
        self._wake_word_listeners: set[Callable[[str | None], None]] = set()
        self._link = SatelliteLink(address, tls_context, entry.unique_id, self)
        self._turn_refuser = _TurnRefuser(self._refuse_turn)
        self.turns: TurnHandler = self._turn_refuser
        """Handles the satellite's turns."""

    @property
    def is_reachable(self) -> bool:
        """Whether the satellite is connected."""
        return self.health.data.connected

    @property
    def connections(self) -> int:
        """How often the satellite has connected since set-up."""
        return self._link.connections

    @callback
    def async_connect(self) -> None:
        """Keep the satellite connected until the entry is unloaded."""
        self._create_task(self._link.run(), "link")

    @callback
    def take_turns(self, handler: TurnHandler) -> Callable[[], None]:
        """Pass the satellite's turns to `handler` until the returned function is called."""
        self.turns = handler

        def release() -> None:
            self.turns = self._turn_refuser

        return release

    @callback
    def async_add_wake_word_listener(
        self, listener: Callable[[str | None], None]
    ) -> Callable[[], None]:
        """Call `listener` with each wake word that is heard, until the result is called."""
        self._wake_word_listeners.add(listener)
        return lambda: self._wake_word_listeners.discard(listener)

    async def send(self, message: Event | Eventable) -> None:
        """Send one event to the satellite; raises `PeerGoneError`, also while disconnected."""
        await self._link.send(message)

    @callback
    def send_soon(self, message: Event) -> None:
        """Send one event in the background, if the satellite is connected."""
        self._create_task(self._async_send_if_connected(message), message.type)

    async def change_setting(self, name: str, value: object) -> None:
        """Change a field of `SatelliteSettings` on the satellite, which keeps it.

        Raises `SatelliteRefusedError`, or `LinkError` if the satellite does not answer.
        """
        await self._adjusting.make(
            self.send,
            change_settings({name: value}),
            lambda settings: getattr(settings, name) == value,
        )

    # Implements `SatelliteHandler`

    @callback
    def handle_connected(self, peer: Peer) -> None:
        """Show the satellite as available."""
        self.peer = peer
        self.health.note_connected()
        self.verifiers.handle_connected(peer)
        abort_reauth(self._hass, self._entry)

    @callback
    def handle_disconnected(self) -> None:
        """Show the satellite as gone, and fail whatever was waiting for it."""
        self.health.note_disconnected()
        self.timers.handle_disconnected()
        self.alarms.handle_disconnected()
        self.music.handle_disconnected()
        self.verifiers.handle_disconnected()
        self.wake_words.refused()
        self.muting.refused()
        self._adjusting.refused()
        self.turns.handle_disconnected()

    @callback
    def handle_detection(self, name: str | None) -> None:
        """Tell who wants to know that a wake word was heard."""
        for listener in tuple(self._wake_word_listeners):
            listener(name)
        self.turns.handle_detection(name)

    @callback
    def handle_untrusted(self) -> None:
        """Ask the user to pair the satellite again."""
        self._entry.async_start_reauth(self._hass)

    @callback
    def handle_peer(self, peer: Peer) -> None:
        """Store the satellite's new description of itself."""
        self.peer = peer
        self.health.async_update_listeners()
        self.wake_words.answered(peer)

    @callback
    def handle_status(self, status: Status) -> None:
        """Show the satellite's new status."""
        before = self.health.data.status
        failed = before is not None and before.loudspeaker and not status.loudspeaker
        if failed:
            self.turns.handle_loudspeaker_failed()
        self.health.note_status(status)
        self.muting.answered(status)

    @callback
    def handle_settings(self, settings: SatelliteSettings) -> None:
        """Show what can be adjusted."""
        self.health.note_settings(settings)
        self._adjusting.answered(settings)

    @callback
    def handle_timers(self, timers: Sequence[SatelliteTimer]) -> None:
        """Show the satellite's timers, and make Home Assistant know them."""
        self.health.note_timers(timers)
        self.timers.handle_listed(timers)

    @callback
    def handle_alarms(self, listed: AlarmList) -> None:
        """Show the satellite's alarms, and tell what happened to them."""
        self.alarms.handle_listed(listed)
        self.health.note_alarms(self.alarms.listed)

    @callback
    def handle_media(self, status: MediaStatus) -> None:
        """Show what the satellite plays."""
        self.health.note_media(status)
        self.music.handle_status(status)

    @callback
    def handle_verified(self, words: frozenset[str]) -> None:
        """Note that the satellite uses the household's verifiers."""
        _LOGGER.debug("%s verifies %d wake words", self._entry.title, len(words))
        self.verifiers.handle_verified()

    @callback
    def handle_error(self, code: str) -> None:
        """Fail the pending requests that the error may answer."""
        _LOGGER.debug("%s reports %s", self._entry.title, code)
        if code in _ABOUT_MUSIC:
            return
        if code in REFUSALS:
            self.alarms.handle_refused(code)
            return
        if code != "muted-on-device":
            self.wake_words.refused(code)
        if code != "unknown-wake-word":
            self.muting.refused(code)
        if code not in ("muted-on-device", "unknown-wake-word"):
            self._adjusting.refused(code)
            self.alarms.handle_refused(code)
            self.verifiers.handle_refused(code)

    async def _async_send_if_connected(self, message: Event) -> None:
        with suppress(LinkError):
            await self.send(message)

    def _refuse_turn(self, turn: int | None) -> None:
        self._create_task(self._async_refuse_turn(turn), "refusal")

    async def _async_refuse_turn(self, turn: int | None) -> None:
        error = Error(text="The satellite is disabled in Home Assistant", code=_REFUSAL_CODE)
        event = error.event()
        if turn is not None:
            event.data["turn"] = turn
        await self._async_send_if_connected(event)

    def _create_task(self, work: Coroutine[Any, Any, None], name: str) -> None:
        self._entry.async_create_background_task(
            self._hass, work, f"{DOMAIN} {name} of {self._entry.title}"
        )


class _TurnRefuser(TurnHandler):
    """Refuses every turn at once, which the satellite makes audible."""

    def __init__(self, refuse: Callable[[int | None], None]) -> None:
        self._refuse = refuse

    @override
    def handle_run(
        self, turn: int | None, wake_word_name: str | None, features: bytes | None
    ) -> None:
        self._refuse(turn)
