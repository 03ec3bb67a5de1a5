"""Text-to-speech platform for speech servers."""

import io
import wave
from typing import TYPE_CHECKING, Any, Final, override

from homeassistant.components.tts import (
    ATTR_PREFERRED_SAMPLE_RATE,
    ATTR_VOICE,
    TextToSpeechEntity,
    TTSAudioResponse,
    TtsAudioType,
    Voice,
)
from homeassistant.core import callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import language as language_util
from wyoming.audio import AudioFormat, AudioStop
from wyoming.tts import SynthesizeStopped, SynthesizeVoice

from .const import DOMAIN
from .entity import SpeechEntity
from .link.refusal import BUSY, ServerRefusedError
from .link.synthesis import TextError, speech, streamed_text, whole_text
from .link.wire import LinkError
from .turn.sound import wav_header

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from homeassistant.components.tts.entity import TTSAudioRequest
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
    from wyoming.event import Eventable
    from wyoming.info import TtsVoice

    from .data import SpeechConfigEntry

PARALLEL_UPDATES: Final = 0

ATTR_SPEAKER: Final = "speaker"

_RATES: Final = range(8000, 48_001)
"""Sample rates in Hz that our own server converts to."""


async def async_setup_entry(
    hass: HomeAssistant,
    entry: SpeechConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the server's text-to-speech entity, if it offers one."""
    if entry.runtime_data.coordinator.data.info.tts:
        async_add_entities([IndoorVoiceTextToSpeech(hass, entry)])


class IndoorVoiceTextToSpeech(SpeechEntity, TextToSpeechEntity):
    """Text-to-speech entity of a speech server."""

    _attr_translation_key = "text_to_speech"

    def __init__(self, hass: HomeAssistant, entry: SpeechConfigEntry) -> None:
        """Initialize the entity of a speech server's config entry."""
        super().__init__(entry)
        self.hass = hass
        self._update_attributes()

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        self._update_attributes()
        super()._handle_coordinator_update()

    def _update_attributes(self) -> None:
        """Update from the server's latest description, which remains valid while it is gone."""
        peer = self.coordinator.data
        self._voices = peer.voices
        self._streams = any(program.supports_synthesize_streaming for program in peer.info.tts)
        self._converts_rate = peer.device_id is not None
        languages = sorted({language for voice in self._voices for language in voice.languages})
        matching = language_util.matches(
            self.hass.config.language, languages, country=self.hass.config.country
        )
        self._attr_supported_languages = languages
        self._attr_default_language = next(iter((*matching, *languages)), "")
        # Home Assistant itself converts to whatever is not listed here.
        self._attr_supported_options = [
            ATTR_VOICE,
            ATTR_SPEAKER,
            *((ATTR_PREFERRED_SAMPLE_RATE,) if self._converts_rate else ()),
        ]

    @callback
    @override
    def async_get_supported_voices(self, language: str) -> list[Voice] | None:
        """Return the voices for a language."""
        return [
            Voice(voice_id=voice.name, name=voice.description or voice.name)
            for voice in self._voices_of(language)
        ] or None

    def _voices_of(self, language: str) -> list[TtsVoice]:
        return [voice for voice in self._voices if language in voice.languages]

    @override
    def async_supports_streaming_input(self) -> bool:
        """Return whether the server can speak the first sentence before it has the last."""
        return self._streams

    @override
    async def async_stream_tts_audio(self, request: TTSAudioRequest) -> TTSAudioResponse:
        """Return speech that starts before the text is complete."""
        voice, context = self._voice_and_context(request.language, request.options)
        text = streamed_text(request.message_gen, voice, context)
        return TTSAudioResponse("wav", self._streamed_wav(text))

    @override
    async def async_get_tts_audio(
        self, message: str, language: str, options: dict[str, Any]
    ) -> TtsAudioType:
        """Return the speech for a complete text."""
        voice, context = self._voice_and_context(language, options)
        text = whole_text(message, voice, context)
        with io.BytesIO() as file:
            with wave.open(file, "wb") as wav:
                async for sound in self._speak(text, AudioStop):
                    if isinstance(sound, bytes):
                        wav.writeframes(sound)
                    else:
                        wav.setframerate(sound.rate)
                        wav.setsampwidth(sound.width)
                        wav.setnchannels(sound.channels)
            return "wav", file.getvalue()

    def _voice_and_context(
        self, language: str, options: Mapping[str, Any]
    ) -> tuple[SynthesizeVoice | None, dict[str, Any] | None]:
        """Return the voice and the context to request."""
        name = options.get(ATTR_VOICE)
        if name is None:
            name = next((voice.name for voice in self._voices_of(language)), None)
        voice = SynthesizeVoice(name=name, speaker=options.get(ATTR_SPEAKER)) if name else None
        rate = int(options.get(ATTR_PREFERRED_SAMPLE_RATE) or 0)
        return voice, {"rate": rate} if self._converts_rate and rate in _RATES else None

    async def _streamed_wav(self, text: AsyncGenerator[Eventable]) -> AsyncGenerator[bytes]:
        async for sound in self._speak(text, SynthesizeStopped):
            yield sound if isinstance(sound, bytes) else wav_header(sound)

    async def _speak(
        self, text: AsyncGenerator[Eventable], last: type[Eventable]
    ) -> AsyncGenerator[AudioFormat | bytes]:
        """Send a text and yield the format of its speech once, then the speech.

        Raises `HomeAssistantError`, whose message contains nothing of the text.
        """
        counts = self._entry.runtime_data.counts
        counts["syntheses"] += 1
        try:
            async for sound in speech(
                self.coordinator.address, self.coordinator.tls_context, text, last
            ):
                yield sound
        except ServerRefusedError as err:
            self._warn("did not synthesise speech", err.code)
            counts[f"synthesis refused {err.code}"] += 1
            key = "speech_busy" if err.code == BUSY else "synthesis_refused"
            raise HomeAssistantError(translation_domain=DOMAIN, translation_key=key) from err
        except TextError as err:
            counts["synthesis text broke off"] += 1
            raise HomeAssistantError(
                translation_domain=DOMAIN, translation_key="synthesis_refused"
            ) from err
        except LinkError as err:
            self._warn("failed", err)
            await self._request_failed("synthesis failed")
            raise HomeAssistantError(
                translation_domain=DOMAIN, translation_key="synthesis_failed"
            ) from err
