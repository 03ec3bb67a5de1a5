"""Speech-to-text platform for speech servers."""

from typing import TYPE_CHECKING, Final, override

from homeassistant.components.stt import (
    AudioBitRates,
    AudioChannels,
    AudioCodecs,
    AudioFormats,
    AudioSampleRates,
    SpeechMetadata,
    SpeechResult,
    SpeechResultState,
    SpeechToTextEntity,
)
from homeassistant.components.stt.models import SpeechAudioProcessing

from .assistant.turn_context import turn_hints
from .entity import SpeechEntity
from .link.recognition import recognise
from .link.refusal import BUSY, ServerRefusedError
from .link.wire import LinkError

if TYPE_CHECKING:
    from collections.abc import AsyncIterable

    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
    from wyoming.info import AsrProgram

    from .data import SpeechConfigEntry

PARALLEL_UPDATES: Final = 0


async def async_setup_entry(
    _hass: HomeAssistant,
    entry: SpeechConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the server's speech-to-text entity, if it offers one."""
    if entry.runtime_data.coordinator.data.info.asr:
        async_add_entities([IndoorVoiceSpeechToText(entry)])


class IndoorVoiceSpeechToText(SpeechEntity, SpeechToTextEntity):
    """Speech-to-text entity of a speech server."""

    _attr_translation_key = "speech_to_text"

    @property
    def _program(self) -> AsrProgram | None:
        return next(iter(self.coordinator.data.info.asr), None)

    @property
    @override
    def supported_languages(self) -> list[str]:
        """The languages of the installed models."""
        models = self._program.models if self._program else []
        return sorted({language for m in models if m.installed for language in m.languages})

    @property
    @override
    def supported_formats(self) -> list[AudioFormats]:
        """WAV."""
        return [AudioFormats.WAV]

    @property
    @override
    def supported_codecs(self) -> list[AudioCodecs]:
        """PCM."""
        return [AudioCodecs.PCM]

    @property
    @override
    def supported_bit_rates(self) -> list[AudioBitRates]:
        """16 bit."""
        return [AudioBitRates.BITRATE_16]

    @property
    @override
    def supported_sample_rates(self) -> list[AudioSampleRates]:
        """16 kHz."""
        return [AudioSampleRates.SAMPLERATE_16000]

    @property
    @override
    def supported_channels(self) -> list[AudioChannels]:
        """Mono."""
        return [AudioChannels.CHANNEL_MONO]

    @property
    @override
    def audio_processing(self) -> SpeechAudioProcessing:
        """The audio processing that the recogniser needs from Home Assistant."""
        program = self._program
        return SpeechAudioProcessing(
            requires_external_vad=program is None or program.requires_external_vad,
            prefers_auto_gain_enabled=program is None or program.prefers_auto_gain_enabled,
            prefers_noise_reduction_enabled=(
                program is None or program.prefers_noise_reduction_enabled
            ),
        )

    @override
    async def async_process_audio_stream(
        self, metadata: SpeechMetadata, stream: AsyncIterable[bytes]
    ) -> SpeechResult:
        """Return the recognised text, or an error if the server fails or is too late."""
        counts = self._entry.runtime_data.counts
        counts["recognitions"] += 1
        hints = turn_hints.get()
        try:
            text = await recognise(
                self.coordinator.address,
                self.coordinator.tls_context,
                stream,
                language=metadata.language,
                hints=hints,
            )
        except ServerRefusedError as err:
            self._warn("did not recognise speech", err.code)
            counts[f"recognition refused {err.code}"] += 1
            if err.code == BUSY and hints is not None:
                hints.busy()
        except TimeoutError:
            self._warn("failed", "it did not answer in time")
            await self._request_failed("recognition timed out")
        except LinkError as err:
            self._warn("failed", err)
            await self._request_failed("recognition failed")
        else:
            return SpeechResult(text, SpeechResultState.SUCCESS)
        return SpeechResult(None, SpeechResultState.ERROR)
