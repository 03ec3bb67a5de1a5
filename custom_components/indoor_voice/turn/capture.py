"""Holds a turn's sound and text in RAM until the turn ends and the keeper decides on it."""

from typing import TYPE_CHECKING, Any, Final

from homeassistant.components.assist_pipeline import PipelineEvent, PipelineEventType
from homeassistant.util import dt as dt_util

from ..devices.coordinator import Outcome
from ..devices.entries import device_key
from ..household.keeper import KEEPER
from ..privacy.types import EndedTurn
from .done import what_was_done
from .microphone import MAX_STREAM_SECONDS
from .understood import led_to_something

if TYPE_CHECKING:
    from datetime import datetime

    from homeassistant.core import HomeAssistant

    from ..data import SatelliteConfigEntry
    from ..privacy.people import RoomId

_MAX_BYTES: Final = int(MAX_STREAM_SECONDS * 32_000)
_NEVER_KEPT: Final = (Outcome.GIVEN_UP, Outcome.FAILED)


class TurnCapture:
    """A copy of what was said in one turn, and of the result."""

    def __init__(
        self,
        hass: HomeAssistant,
        room: RoomId,
        wake_word: str | None = None,
        features: bytes | None = None,
    ) -> None:
        """Initialize with what is known of the wake word that began the turn."""
        self.wake_word = wake_word
        """The satellite's name for it; None for a turn without one."""
        self.features = features
        """What openWakeWord heard in it (`link/verifiers.py`), if that is wanted."""
        self._hass = hass
        self._room = room
        self._sound = bytearray()
        self._words: dict[str, Any] = {} if wake_word is None else {"wake_word": wake_word}
        self._is_listening = True
        self._intent_started: datetime | None = None
        """When the conversation agent was given the text."""
        self._understood = False

    def hear(self, audio: bytes) -> None:
        """Add sound (16 kHz, 16 bit, mono), up to the most that a turn can have."""
        if self._is_listening:
            self._sound += audio[: _MAX_BYTES - len(self._sound)]

    def note(self, event: PipelineEvent) -> None:
        """Record from a pipeline event what a listener wants to know."""
        data = event.data or {}
        match event.type:
            case PipelineEventType.STT_END:
                # The satellite may send a little more sound than was recognised.
                self._is_listening = False
                self._words["transcript"] = data["stt_output"]["text"]
            case PipelineEventType.INTENT_START:
                self._intent_started = dt_util.utcnow()
            case PipelineEventType.INTENT_END:
                response = data["intent_output"]["response"]
                self._understood = led_to_something(self._hass, data, self._intent_started)
                self._words["language"] = response["language"]
                self._words["answer"] = response["speech"].get("plain", {}).get("speech", "")
                self._words["done"] = what_was_done(self._hass, data, self._intent_started)

    def ended(self, outcome: Outcome | None, *, about_keeping: bool) -> EndedTurn:
        """Return the turn for the keeper, without its content if it failed or is about keeping."""
        turn = EndedTurn(
            room=self._room,
            understood=self._understood and outcome not in _NEVER_KEPT,
            about_keeping=about_keeping,
            sound=bytes(self._sound),
            words=self._words,
            features=self.features or b"",
        )
        return turn.without_content() if about_keeping or outcome in _NEVER_KEPT else turn


def begin_capture(
    hass: HomeAssistant,
    entry: SatelliteConfigEntry,
    wake_word: str | None,
    features: bytes | None,
) -> TurnCapture | None:
    """Return a new capture if the turns in this satellite's room are kept, otherwise None."""
    room = device_key(entry)
    keeper = hass.data.get(KEEPER)
    status = keeper.status(room) if keeper is not None else None
    if status is None or status.why_not:
        return None
    return TurnCapture(hass, room, wake_word, entry.runtime_data.verifiers.wanted(features))
