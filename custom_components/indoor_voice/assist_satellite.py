"""A satellite: its turns, its announcements and its wake words."""

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, override

from homeassistant.components import ffmpeg, tts
from homeassistant.components.assist_pipeline import PipelineEvent, PipelineEventType
from homeassistant.components.assist_pipeline.vad import VadSensitivity
from homeassistant.components.assist_satellite import (
    AssistSatelliteAnnouncement,
    AssistSatelliteConfiguration,
    AssistSatelliteEntity,
    AssistSatelliteEntityFeature,
)
from homeassistant.const import STATE_UNAVAILABLE, Platform
from homeassistant.core import callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from wyoming.asr import Transcribe, Transcript
from wyoming.error import Error
from wyoming.event import Event, Eventable
from wyoming.pipeline import PipelineStage, RunPipeline
from wyoming.vad import VoiceStarted, VoiceStopped

from .const import DOMAIN
from .data import device_key
from .entity import satellite_device
from .link.satellite import SatelliteLink
from .link.wire import LinkError
from .playback import Playback
from .sound import SoundError, media_sound, wav_sound
from .spoken import async_failure_sentence, is_worth_a_sentence
from .turn import Turn, TurnHints, turn_hints
from .wake_words import WakeWordChoice, WakeWordsError, wake_word_configuration

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Coroutine

    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
    from wyoming.audio import AudioChunk

    from .data import SatelliteConfigEntry
    from .link.client import Peer

_LOGGER = logging.getLogger(__name__)

PARALLEL_UPDATES: Final = 0

_OPEN_MICROPHONE_SECONDS: Final = 5.0
"""For the satellite to begin the turn that Home Assistant asked for."""


async def async_setup_entry(
    _hass: HomeAssistant,
    entry: SatelliteConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add one satellite."""
    async_add_entities([IndoorVoiceSatellite(entry)])


class IndoorVoiceSatellite(AssistSatelliteEntity):
    """A microphone and loudspeaker in a room."""

    _attr_has_entity_name = True
    _attr_name = None
    _attr_available = False
    _attr_translation_key = "satellite"
    _attr_supported_features = (
        AssistSatelliteEntityFeature.ANNOUNCE | AssistSatelliteEntityFeature.START_CONVERSATION
    )

    def __init__(self, entry: SatelliteConfigEntry) -> None:
        """Belong to the device of `entry`."""
        self._entry = entry
        self._data = entry.runtime_data
        self._link = SatelliteLink(self._data.address, entry.unique_id, self)
        self._link_task: asyncio.Task[None] | None = None
        self._turn: Turn | None = None
        """The latest turn of the satellite."""
        self._running: Turn | None = None
        """The turn whose pipeline is the one that reports events."""
        self._turn_begun = asyncio.Event()
        self._detected: str | None = None
        self._playback: Playback | None = None
        self._wake_words = WakeWordChoice(self._link.send)
        self._attr_unique_id = device_key(entry)
        self._attr_device_info = satellite_device(entry)

    # The entity

    @override
    async def async_added_to_hass(self) -> None:
        """Begin to keep the satellite connected."""
        await super().async_added_to_hass()
        self._data.link = self._link
        self._link_task = self._background(self._link.run(), "link")

    @override
    async def async_will_remove_from_hass(self) -> None:
        """Let the satellite go."""
        await super().async_will_remove_from_hass()
        self._data.link = None
        if self._link_task is not None:
            self._link_task.cancel()
            await asyncio.gather(self._link_task, return_exceptions=True)
        await self._stop_turn()

    @property
    @override
    def pipeline_entity_id(self) -> str | None:
        """The entity that chooses the satellite's assistant."""
        return self._select_entity_id("pipeline")

    @property
    @override
    def vad_sensitivity_entity_id(self) -> str | None:
        """The entity that chooses how long a pause ends what is said."""
        return self._select_entity_id("vad_sensitivity")

    def _select_entity_id(self, key: str) -> str | None:
        entity_id = er.async_get(self.hass).async_get_entity_id(
            Platform.SELECT, DOMAIN, f"{device_key(self._entry)}-{key}"
        )
        state = self.hass.states.get(entity_id) if entity_id else None
        # The user may have switched the choice off; then Home Assistant's default holds.
        return None if state is None or state.state == STATE_UNAVAILABLE else entity_id

    @property
    @override
    def tts_options(self) -> dict[str, Any]:
        """The sound that suits the satellite's loudspeaker."""
        if self._data.peer.device_id is not None:
            # Ours plays any rate. To name one makes Home Assistant 2026.10 run ffmpeg even where
            # nothing is to convert, and the answer begin 0.2 to 0.5 s later.
            return {tts.ATTR_PREFERRED_FORMAT: "wav"}
        sound = self._data.peer.sound_format
        return {
            tts.ATTR_PREFERRED_FORMAT: "wav",
            tts.ATTR_PREFERRED_SAMPLE_RATE: sound.rate,
            tts.ATTR_PREFERRED_SAMPLE_CHANNELS: sound.channels,
            tts.ATTR_PREFERRED_SAMPLE_BYTES: sound.width,
        }

    def _background(self, work: Coroutine[Any, Any, None], what: str) -> asyncio.Task[None]:
        return self._entry.async_create_background_task(
            self.hass, work, f"{DOMAIN} {what} of {self.entity_id}"
        )

    # The satellite's events

    @callback
    def handle_connected(self, peer: Peer) -> None:
        """Show the satellite as available."""
        self._data.peer = peer
        self._attr_available = True
        self.async_write_ha_state()

    @callback
    def handle_disconnected(self) -> None:
        """End what goes on; nobody would hear it."""
        self._attr_available = False
        self._interrupt_playback()
        self._wake_words.answered(taken=False)
        if self._turn is not None:
            self._background(self._stop_turn(), "end")
        self.async_write_ha_state()

    @callback
    def handle_peer(self, peer: Peer) -> None:
        """Take note of what the satellite is now."""
        self._data.peer = peer
        self._wake_words.answered(taken=True)

    @callback
    def handle_detection(self, name: str | None) -> None:
        """Remember the wake word for the turn that follows."""
        self._detected = name

    @callback
    def handle_run(self, turn: int | None, wake_word_name: str | None) -> None:
        """Begin a turn; one that still runs is given up, and so is what is being played."""
        self._interrupt_playback()
        name = wake_word_name or self._detected
        self._detected = None
        previous = self._turn
        new = Turn(number=turn, wake_word_phrase=self._data.peer.wake_word_phrase(name))
        self._turn = new
        self._data.counts["turns"] += 1
        self._turn_begun.set()
        new.task = self._background(self._run_turn(new, previous), "turn")

    @callback
    def handle_audio(self, audio: bytes) -> None:
        """Let the turn have its sound."""
        if self._turn is not None:
            self._turn.microphone.feed(audio)

    @callback
    def handle_audio_stop(self) -> None:
        """End the turn's sound."""
        if self._turn is not None:
            self._turn.microphone.end()

    @callback
    def handle_played(self) -> None:
        """Take note that the sound was heard."""
        if self._playback is not None:
            self._playback.heard()

    @callback
    def handle_turn_given_up(self, turn: int | None) -> None:
        """Let nothing come of a turn that the user believes to have failed."""
        if self._turn is not None and self._turn.number == turn:
            self._data.counts["given up"] += 1
            self._background(self._stop_turn(), "end")

    @callback
    def handle_error(self, code: str | None) -> None:
        """Take note of what the satellite could not do."""
        _LOGGER.debug("%s reports %s", self.entity_id, code)
        self._wake_words.answered(taken=False)

    # A turn

    async def _run_turn(self, turn: Turn, previous: Turn | None) -> None:
        if previous is not None:
            await previous.stop()
        self._running = turn
        try:
            turn_hints.set(self._hints(turn))
            await self.async_accept_pipeline_from_satellite(
                turn.microphone.read(), wake_word_phrase=turn.wake_word_phrase
            )
        except HomeAssistantError as err:
            # Raised before the pipeline ran, so it could not report an error itself.
            _LOGGER.warning("%s cannot use its assistant: %s", self.entity_id, err)
            self._fail(turn, "pipeline-failed")
        finally:
            turn.microphone.end()
            if not turn.ended:
                # Brings the state back, and whoever waits for the answer to a question.
                self._internal_on_pipeline_event(PipelineEvent(PipelineEventType.RUN_END))
        if turn.answer is None:
            self._come_to_rest(turn)

    def _hints(self, turn: Turn) -> TurnHints:
        entity_id = self.vad_sensitivity_entity_id
        state = self.hass.states.get(entity_id) if entity_id else None
        return TurnHints(
            wake_word_phrase=turn.wake_word_phrase,
            vad_sensitivity=state.state if state else VadSensitivity.DEFAULT,
            voice_started=lambda: self._tell(turn, VoiceStarted()),
            voice_stopped=lambda: self._tell(turn, VoiceStopped()),
        )

    @callback
    @override
    def on_pipeline_event(self, event: PipelineEvent) -> None:
        """Tell the satellite what it needs to know of its turn."""
        turn = self._running
        if turn is None or turn.ended:
            return
        data = event.data or {}
        match event.type:
            case PipelineEventType.RUN_START:
                turn.tts_token = data.get("tts_output", {}).get("token")
            case PipelineEventType.INTENT_PROGRESS if data.get("tts_start_streaming"):
                self._begin_answer(turn)
            case PipelineEventType.TTS_END:
                self._begin_answer(turn)
            case PipelineEventType.ERROR:
                self._fail(turn, data["code"])
            case PipelineEventType.RUN_END:
                self._end(turn)
            case _ if (message := _progress(event)) is not None:
                self._tell(turn, message)

    def _end(self, turn: Turn) -> None:
        turn.ended = True
        data = {"answer": turn.answer is not None}
        self._tell(turn, Event(type="pipeline-ended", data=data))
        if turn is self._turn and is_worth_a_sentence(turn.error_code):
            self._background(self._speak_failure(), "apology")

    def _fail(self, turn: Turn, code: str) -> None:
        turn.error_code = code
        self._data.counts[f"error {code}"] += 1
        self._tell(turn, Error(text="Home Assistant could not complete the turn", code=code))

    @callback
    def _begin_answer(self, turn: Turn) -> None:
        if turn.answer is None and turn.tts_token is not None:
            stream = tts.async_get_stream(self.hass, turn.tts_token)
            if stream is not None:
                turn.answer = self._background(self._give_answer(turn, stream), "answer")

    async def _give_answer(self, turn: Turn, stream: tts.ResultStream) -> None:
        try:
            await self._play(wav_sound(stream.async_stream_result()), turn)
            self._data.counts["answers"] += 1
        except (HomeAssistantError, LinkError, SoundError) as err:
            _LOGGER.warning("The answer did not reach %s: %s", self.entity_id, err)
            self._fail(turn, "tts-failed")
        finally:
            self._come_to_rest(turn)

    async def _speak_failure(self) -> None:
        sentence = await async_failure_sentence(self.hass, self._resolve_pipeline())
        if sentence is not None:
            # Where this fails too, the satellite's own cue is all that is heard.
            with suppress(HomeAssistantError):
                await self.async_internal_announce(sentence, preannounce=False)

    def _tell(self, turn: Turn, message: Event | Eventable) -> None:
        """Send an event of a turn, in the order of the calls, unless a newer turn has begun."""
        if turn is self._turn and self._link.connected:
            self._background(self._send_quietly(turn, message), "event")

    async def _send_quietly(self, turn: Turn, message: Event | Eventable) -> None:
        with suppress(LinkError):  # a lost satellite is noticed, and logged, by its link
            await self._send(turn, message)

    async def _send(self, turn: Turn | None, message: Event | Eventable) -> None:
        event = message if isinstance(message, Event) else message.event()
        if turn is not None and turn.number is not None:
            event.data["turn"] = turn.number
        await self._link.send(event)

    async def _stop_turn(self) -> None:
        if (turn := self._turn) is not None:
            await turn.stop()
            self._come_to_rest(turn)
            if self._turn is turn:
                self._turn = None

    def _come_to_rest(self, turn: Turn) -> None:
        """Show the satellite as idle, unless something newer than the turn goes on."""
        if self._turn is turn and not self._is_announcing:
            self.tts_response_finished()

    # Sound

    async def _play(self, chunks: AsyncGenerator[AudioChunk], turn: Turn | None) -> bool:
        """Play to the end, or until interrupted; return whether it was the end."""
        playback = Playback(lambda message: self._send(turn, message))
        self._playback = playback
        try:
            return await playback.play(chunks)
        finally:
            if self._playback is playback:
                self._playback = None

    def _interrupt_playback(self) -> None:
        if self._playback is not None:
            self._playback.interrupt()

    @override
    async def async_announce(self, announcement: AssistSatelliteAnnouncement) -> None:
        """Play an announcement and wait until it was heard."""
        await self._stop_turn()
        try:
            tone = announcement.preannounce_media_id
            if tone is None or await self._play(self._media(tone), None):
                await self._play(self._announcement_sound(announcement), None)
        except LinkError as err:
            raise HomeAssistantError(
                translation_domain=DOMAIN,
                translation_key="not_connected",
                translation_placeholders={"address": str(self._data.address)},
            ) from err
        except SoundError as err:
            raise HomeAssistantError(
                translation_domain=DOMAIN, translation_key="cannot_play"
            ) from err
        self._data.counts["announcements"] += 1

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
        """Play an announcement, then let the satellite listen."""
        self._turn_begun.clear()
        await self.async_announce(start_announcement)
        try:
            if not self._turn_begun.is_set():  # somebody may have spoken into the announcement
                await self._link.send(RunPipeline(PipelineStage.ASR, PipelineStage.TTS))
            async with asyncio.timeout(_OPEN_MICROPHONE_SECONDS):
                await self._turn_begun.wait()
        except (LinkError, TimeoutError) as err:
            raise HomeAssistantError(
                translation_domain=DOMAIN, translation_key="does_not_listen"
            ) from err

    # Wake words

    @callback
    @override
    def async_get_configuration(self) -> AssistSatelliteConfiguration:
        """Return the wake words that the satellite knows and listens for."""
        return wake_word_configuration(self._data.peer)

    @override
    async def async_set_configuration(self, config: AssistSatelliteConfiguration) -> None:
        """Choose the wake words that the satellite listens for."""
        try:
            await self._wake_words.choose(config.active_wake_words)
        except WakeWordsError as err:
            raise HomeAssistantError(
                translation_domain=DOMAIN, translation_key="wake_words_not_set"
            ) from err


def _progress(event: PipelineEvent) -> Eventable | None:
    """Return what a satellite is told of speech-to-text's progress."""
    data = event.data or {}
    match event.type:
        case PipelineEventType.STT_START:
            return Transcribe(language=data["metadata"]["language"])
        case PipelineEventType.STT_VAD_START:
            return VoiceStarted(timestamp=data["timestamp"])
        case PipelineEventType.STT_VAD_END:
            return VoiceStopped(timestamp=data["timestamp"])
        case PipelineEventType.STT_END:
            # The satellite needs to know that it is over, not what was said.
            return Transcript(text="")
    return None
