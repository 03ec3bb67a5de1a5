"""Says sentences of our own in a satellite's room: why a turn failed, and answers to commands."""

from contextlib import suppress
from typing import TYPE_CHECKING

from homeassistant.exceptions import HomeAssistantError

from ..assistant.assistants import chosen_pipeline, turn_assistant
from ..assistant.locality import NOT_LOCAL, speaks_locally
from ..assistant.phrases import async_failure_sentence, other_voices
from ..devices.entries import device_key
from ..link.wire import LinkError
from .playback import SPEECH, CutOffError
from .sound import SoundError, wav_sound

if TYPE_CHECKING:
    from homeassistant.components.assist_satellite import AssistSatelliteEntity

    from ..data import SatelliteConfigEntry
    from .loudspeaker import Loudspeaker
    from .speaking_queue import SpeakingQueue
    from .turn import Turn


class Sentences:
    """Says sentences on one satellite, in the voice of the assistant whose turn it is."""

    def __init__(
        self,
        satellite: AssistSatelliteEntity,
        entry: SatelliteConfigEntry,
        loudspeaker: Loudspeaker,
        queue: SpeakingQueue,
    ) -> None:
        """Initialize for a satellite."""
        self._satellite = satellite
        self._entry = entry
        self._loudspeaker = loudspeaker
        self._queue = queue

    async def async_why_failed(self, turn: Turn, code: str) -> str | None:
        """Return the sentence for a turn's error; None if nothing can or should be said."""
        hass = self._satellite.hass
        if code == NOT_LOCAL and not speaks_locally(hass, self._entry, turn.assistant):
            return None
        return await async_failure_sentence(hass, self._pipeline_id(), code, busy=turn.busy)

    async def async_say(self, sentence: str) -> None:
        """Say a sentence, with the voice of another speech server if the assistant's fails.

        If every voice fails, the satellite's own cue is all that is heard.
        """
        try:
            await self._satellite.async_internal_announce(sentence, preannounce=False)
        except HomeAssistantError:
            for stream in other_voices(self._satellite.hass, self._pipeline_id()):
                stream.async_set_message(sentence)
                with suppress(HomeAssistantError, CutOffError, LinkError, SoundError):
                    async with self._queue.place():
                        sound = wav_sound(stream.async_stream_result())
                        await self._loudspeaker.play(sound, SPEECH)
                        return

    def _pipeline_id(self) -> str | None:
        key = device_key(self._entry)
        return chosen_pipeline(self._satellite.hass, key, turn_assistant.get())
