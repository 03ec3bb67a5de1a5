"""Assist satellite platform: turns, announcements and wake words."""

import asyncio
from typing import TYPE_CHECKING, Any, Final, override

from homeassistant.components import ffmpeg, media_source, tts
from homeassistant.components.assist_satellite import (
    AssistSatelliteAnnouncement,
    AssistSatelliteAnswer,
    AssistSatelliteConfiguration,
    AssistSatelliteEntityFeature,
)
from homeassistant.components.assist_satellite.const import PREANNOUNCE_URL
from homeassistant.core import callback
from homeassistant.exceptions import HomeAssistantError
from wyoming.audio import AudioStop
from wyoming.error import Error
from wyoming.pipeline import PipelineStage, RunPipeline
from wyoming.wake import Detect

from .assistant.assistants import (
    FIRST,
    assistant_select,
    chosen_pipeline,
    find_select,
    turn_assistant,
)
from .assistant.phrases import is_ours, spoken_language
from .const import DOMAIN
from .devices.entries import device_key
from .devices.request import SatelliteRefusedError
from .entity import satellite_device
from .link.wire import LinkError
from .turn.follow_ups import OPEN_MICROPHONE_SECONDS
from .turn.playback import MEDIA, SPEECH, TONE, CutOffError
from .turn.runner import TurnRunner
from .turn.sound import SoundError, media_sound, wav_sound
from .turn.wake_words import wake_word_configuration

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
    from wyoming.audio import AudioChunk

    from .data import SatelliteConfigEntry

PARALLEL_UPDATES: Final = 0

ANNOUNCEMENT_FAILED: Final = "announcement-failed"
"""Error code that ends an incomplete announcement; it belongs to no turn."""


async def async_setup_entry(
    _hass: HomeAssistant,
    entry: SatelliteConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add one satellite."""
    async_add_entities([IndoorVoiceSatellite(entry)])


class IndoorVoiceSatellite(TurnRunner):
    """A microphone and loudspeaker in a room."""

    _attr_has_entity_name = True
    _attr_name = None
    _attr_translation_key = "satellite"
    _attr_supported_features = (
        AssistSatelliteEntityFeature.ANNOUNCE | AssistSatelliteEntityFeature.START_CONVERSATION
    )

    def __init__(self, entry: SatelliteConfigEntry) -> None:
        """Initialize the satellite of a config entry."""
        super().__init__(entry)
        self._attr_unique_id = device_key(entry)
        self._attr_device_info = satellite_device(entry)

    # The entity

    @override
    async def async_added_to_hass(self) -> None:
        """Start handling the satellite's turns."""
        await super().async_added_to_hass()
        self.async_on_remove(self._data.health.async_add_listener(self._handle_health))
        self._release_turns = self._data.take_turns(self)
        self.async_on_remove(self._wake_ups.join(self.hass))

    @override
    async def async_will_remove_from_hass(self) -> None:
        """Stop handling turns, and abort the current one."""
        await super().async_will_remove_from_hass()
        self._release_turns()
        self._abort()
        await self._stop_turn()

    @callback
    def _handle_health(self) -> None:
        pipeline_id = chosen_pipeline(self.hass, device_key(self._entry), FIRST)
        self._data.language.tell(spoken_language(self.hass, pipeline_id))
        self.async_write_ha_state()

    @property
    @override
    def available(self) -> bool:
        """Whether the satellite has accepted this Home Assistant as its controller."""
        return self._data.health.data.connected

    @property
    @override
    def pipeline_entity_id(self) -> str | None:
        """The entity that selects the assistant of the running turn, or the first one."""
        return assistant_select(self.hass, device_key(self._entry), turn_assistant.get())

    @property
    @override
    def vad_sensitivity_entity_id(self) -> str | None:
        """The entity that selects how long a pause ends the speech."""
        return find_select(self.hass, device_key(self._entry), "vad_sensitivity")

    @property
    @override
    def tts_options(self) -> dict[str, Any]:
        """The audio format that suits the satellite's loudspeaker."""
        # It plays any rate. Naming one makes Home Assistant 2026.10 run ffmpeg even if there is
        # nothing to convert, and the answer starts 0.2 to 0.5 s later.
        return {tts.ATTR_PREFERRED_FORMAT: "wav"}

    # Announcements

    @override
    async def async_internal_announce(
        self,
        message: str | None = None,
        media_id: str | None = None,
        preannounce: bool = True,
        preannounce_media_id: str = PREANNOUNCE_URL,
    ) -> None:
        """Announce, after earlier announcements and questions have ended."""
        tone = preannounce and await self._has_tone(preannounce_media_id)
        async with self._speaking_queue.place():
            await super().async_internal_announce(message, media_id, tone, preannounce_media_id)

    @override
    async def async_internal_start_conversation(
        self,
        start_message: str | None = None,
        start_media_id: str | None = None,
        extra_system_prompt: str | None = None,
        preannounce: bool = True,
        preannounce_media_id: str = PREANNOUNCE_URL,
    ) -> None:
        """Start a conversation, after earlier announcements and questions have ended."""
        tone = preannounce and await self._has_tone(preannounce_media_id)
        async with self._speaking_queue.place():
            await super().async_internal_start_conversation(
                start_message, start_media_id, extra_system_prompt, tone, preannounce_media_id
            )

    @override
    async def async_internal_ask_question(
        self,
        question: str | None = None,
        question_media_id: str | None = None,
        preannounce: bool = True,
        preannounce_media_id: str = PREANNOUNCE_URL,
        answers: list[dict[str, Any]] | None = None,
    ) -> AssistSatelliteAnswer | None:
        """Ask a question, after earlier announcements and questions have ended."""
        tone = preannounce and await self._has_tone(preannounce_media_id)
        async with self._speaking_queue.place():
            return await super().async_internal_ask_question(
                question, question_media_id, tone, preannounce_media_id, answers
            )

    async def _has_tone(self, media_id: str) -> bool:
        """Return whether Home Assistant can find the tone; without it, only the tone is missing."""
        if not media_source.is_media_source_id(media_id):
            return True
        try:
            async with asyncio.timeout(TONE.source):
                await media_source.async_resolve_media(self.hass, media_id, None)
        except (HomeAssistantError, TimeoutError) as err:
            self._warn("%s announces without the tone: %s", type(err).__name__)
            return False
        return True

    @override
    async def async_announce(self, announcement: AssistSatelliteAnnouncement) -> None:
        """Play an announcement and wait until it has been heard."""
        await self._stop_turn()
        failed = Error(
            text="Home Assistant could not finish the announcement", code=ANNOUNCEMENT_FAILED
        )
        patience = MEDIA if announcement.tts_token is None else SPEECH
        try:
            if await self._play_tone(announcement.preannounce_media_id):
                sound = self._announcement_sound(announcement)
                await self._loudspeaker.play(sound, patience, broken=failed)
        except LinkError as err:
            raise HomeAssistantError(
                translation_domain=DOMAIN,
                translation_key="not_connected",
                translation_placeholders={"address": str(self._data.address)},
            ) from err
        except CutOffError as err:
            raise HomeAssistantError(translation_domain=DOMAIN, translation_key="cut_off") from err
        except Exception as err:
            if is_ours(err):
                raise
            # The error messages of other engines may contain the text.
            raise HomeAssistantError(
                translation_domain=DOMAIN, translation_key="cannot_play"
            ) from None
        self._data.counts["announcements"] += 1

    async def _play_tone(self, media_id: str | None) -> bool:
        """Play the tone before an announcement; return False if a turn interrupted it."""
        if media_id is None:
            return True
        try:
            return await self._loudspeaker.play(self._media(media_id), TONE, broken=AudioStop())
        except SoundError as err:
            self._warn("%s announces without the tone: %s", err)
            return True

    def _announcement_sound(
        self, announcement: AssistSatelliteAnnouncement
    ) -> AsyncGenerator[AudioChunk]:
        token = announcement.tts_token
        stream = tts.async_get_stream(self.hass, token) if token else None
        if stream is not None:
            return wav_sound(stream.async_stream_result())
        return self._media(announcement.media_id)

    def _media(self, url: str) -> AsyncGenerator[AudioChunk]:
        binary = ffmpeg.get_ffmpeg_manager(self.hass).binary
        return media_sound(binary, url, self._data.peer.sound_format)

    @override
    async def async_start_conversation(
        self, start_announcement: AssistSatelliteAnnouncement
    ) -> None:
        """Play an announcement, then make the satellite listen."""
        status = self._data.health.data.status
        if status is not None and status.muted:
            raise HomeAssistantError(translation_domain=DOMAIN, translation_key="muted")
        self._turn_begun.clear()
        await self.async_announce(start_announcement)
        try:
            if not self._turn_begun.is_set():  # a turn may have interrupted the announcement
                await self._data.send(RunPipeline(PipelineStage.ASR, PipelineStage.TTS))
            async with asyncio.timeout(OPEN_MICROPHONE_SECONDS):
                await self._turn_begun.wait()
        except (LinkError, TimeoutError) as err:
            raise HomeAssistantError(
                translation_domain=DOMAIN, translation_key="does_not_listen"
            ) from err

    # Wake words

    @callback
    @override
    def async_get_configuration(self) -> AssistSatelliteConfiguration:
        """Return the wake words that the satellite has and listens for."""
        return wake_word_configuration(self._data.peer)

    @override
    async def async_set_configuration(self, config: AssistSatelliteConfiguration) -> None:
        """Set the wake words that the satellite listens for."""
        try:
            await self._data.wake_words.make(
                self._data.send, Detect(config.active_wake_words), lambda _peer: True
            )
        except (LinkError, SatelliteRefusedError) as err:
            raise HomeAssistantError(
                translation_domain=DOMAIN, translation_key="wake_words_not_set"
            ) from err
