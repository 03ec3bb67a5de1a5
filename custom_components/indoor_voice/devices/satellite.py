"""A satellite's runtime data: its connection, and what is known of it while its entry is loaded.

The connection belongs to the config entry, not to the `assist_satellite` entity: a user may disable
that entity and still wants to mute the microphone and to see that the satellite is connected.
"""

import logging
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Protocol

from homeassistant.core import callback
from wyoming.error import Error

from ..const import DOMAIN
from ..health import SatelliteCoordinator
from ..link.satellite import SatelliteLink
from ..link.wire import LinkError
from ..reach import withdraw_reauth
from ..request import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from ssl import SSLContext

    from homeassistant.config_entries import ConfigEntry
    from homeassistant.core import HomeAssistant
    from wyoming.event import Event, Eventable

    from ..link.client import Address, Peer
    from ..link.satellite import Status

_LOGGER = logging.getLogger(__name__)

_NO_TURNS: Final = "pipeline-failed"


class TurnHandler(Protocol):
    """Takes the satellite's turns; every method returns at once."""

    def handle_detection(self, name: str | None) -> None:
        """The satellite heard its wake word `name`; a turn follows."""

    def handle_run(self, turn: int | None, wake_word_name: str | None) -> None:
        """The satellite begins a turn."""

    def handle_audio(self, audio: bytes) -> None:
        """The turn's next sound: 16 kHz, 16 bit, mono."""

    def handle_audio_stop(self) -> None:
        """The satellite has closed its microphone."""

    def handle_played(self, *, heard: bool) -> None:
        """What was sent last has been played to its end, or the loudspeaker failed."""

    def handle_turn_given_up(self, turn: int | None) -> None:
        """The satellite has told the user that the turn failed."""

    def handle_loudspeaker_failed(self) -> None:
        """Nothing that is being played is heard any more."""

    def handle_disconnected(self) -> None:
        """The satellite is gone, and so is whatever was going on."""


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
        """To mute or unmute its microphone."""
        self.wake_words: Request[Peer] = Request()
        """To listen for other wake words."""
        self.counts: Counter[str] = Counter()
        """How often each outcome occurred since set-up; holds nothing of what was said."""
        self._link = SatelliteLink(address, tls_context, entry.unique_id, self)
        self._turns: TurnHandler | None = None

    @property
    def is_reachable(self) -> bool:
        """Whether the satellite is connected."""
        return self.health.data.connected

    @property
    def connections(self) -> int:
        """How often the satellite has been connected since set-up."""
        return self._link.connections

    @callback
    def async_connect(self) -> None:
        """Keep the satellite connected until the entry is unloaded."""
        self._create_task(self._link.run(), "link")

    @callback
    def take_turns(self, handler: TurnHandler) -> Callable[[], None]:
        """Hand the satellite's turns to `handler`, until the returned function is called."""
        self._turns = handler

        def release() -> None:
            self._turns = None

        return release

    async def send(self, message: Event | Eventable) -> None:
        """Send the satellite one event; raises `PeerGoneError`, also while it is not connected."""
        await self._link.send(message)

    # `SatelliteHandler`: what the link reports

    @callback
    def handle_connected(self, peer: Peer) -> None:
        """Show the satellite as available."""
        self.peer = peer
        self.health.note_connected()
        withdraw_reauth(self._hass, self._entry)

    @callback
    def handle_disconnected(self) -> None:
        """Show the satellite as gone, and end whatever was waiting for it."""
        self.health.note_disconnected()
        self.wake_words.refused()
        self.muting.refused()
        if self._turns is not None:
            self._turns.handle_disconnected()

    @callback
    def handle_untrusted(self) -> None:
        """Ask the user to pair the satellite again."""
        self._entry.async_start_reauth(self._hass)

    @callback
    def handle_peer(self, peer: Peer) -> None:
        """Store the satellite's new description of itself."""
        self.peer = peer
        self.wake_words.answered(peer)

    @callback
    def handle_status(self, status: Status) -> None:
        """Show the satellite's new status."""
        before = self.health.data.status
        failed = before is not None and before.loudspeaker and not status.loudspeaker
        if failed and self._turns is not None:
            self._turns.handle_loudspeaker_failed()
        self.health.note_status(status)
        self.muting.answered(status)

    @callback
    def handle_error(self, code: str) -> None:
        """Tell whoever made the request that the satellite can't fulfil it."""
        _LOGGER.debug("%s reports %s", self._entry.title, code)
        if code != "muted-on-device":
            self.wake_words.refused(code)
        if code != "unknown-wake-word":
            self.muting.refused(code)

    @callback
    def handle_detection(self, name: str | None) -> None:
        """Pass on the wake word of the turn that follows."""
        if self._turns is not None:
            self._turns.handle_detection(name)

    @callback
    def handle_run(self, turn: int | None, wake_word_name: str | None) -> None:
        """Begin a turn; without a handler it fails at once, which the satellite makes audible."""
        if self._turns is not None:
            self._turns.handle_run(turn, wake_word_name)
        else:
            self._create_task(self._refuse_turn(turn), "refusal")

    @callback
    def handle_audio(self, audio: bytes) -> None:
        """Pass on sound of the turn."""
        if self._turns is not None:
            self._turns.handle_audio(audio)

    @callback
    def handle_audio_stop(self) -> None:
        """Pass on that the sound of the turn is complete."""
        if self._turns is not None:
            self._turns.handle_audio_stop()

    @callback
    def handle_played(self, *, heard: bool) -> None:
        """Pass on that a playback has ended."""
        if self._turns is not None:
            self._turns.handle_played(heard=heard)

    @callback
    def handle_turn_given_up(self, turn: int | None) -> None:
        """Pass on that the satellite has reported the turn as failed."""
        if self._turns is not None:
            self._turns.handle_turn_given_up(turn)

    async def _refuse_turn(self, turn: int | None) -> None:
        error = Error(text="The satellite is disabled in Home Assistant", code=_NO_TURNS).event()
        if turn is not None:
            error.data["turn"] = turn
        with suppress(LinkError):
            await self.send(error)

    def _create_task(self, work: Coroutine[Any, Any, None], what: str) -> None:
        self._entry.async_create_background_task(
            self._hass, work, f"{DOMAIN} {what} of {self._entry.title}"
        )
