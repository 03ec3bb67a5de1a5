"""Speech to text by a speech server."""

import asyncio
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
from wyoming.asr import Transcribe
from wyoming.audio import AudioChunk, AudioStart, AudioStop

from .entity import SpeechEntity
from .link.client import connected
from .link.recognition import BOUNDS, transcript
from .link.refusal import BUSY, ServerRefusedError
from .link.wire import Connection, LinkError
from .turn import turn_hints

if TYPE_CHECKING:
    from collections.abc import AsyncIterable

    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
    from wyoming.info import AsrProgram

    from .data import SpeechConfigEntry

PARALLEL_UPDATES: Final = 0

TOTAL_SECONDS: Final = 30.0
"""From the request to its answer: no turn waits longer, whatever the server does."""
AFTER_AUDIO_SECONDS: Final = 12.0
"""From the last of the sound to the answer; our server itself gives up after 10 s."""

_RATE, _WIDTH, _CHANNELS = 16000, 2, 1


async def async_setup_entry(
    _hass: HomeAssistant,
    entry: SpeechConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the server's speech to text, if it offers that."""
    if entry.runtime_data.coordinator.data.info.asr:
        async_add_entities([IndoorVoiceSpeechToText(entry)])


class IndoorVoiceSpeechToText(SpeechEntity, SpeechToTextEntity):
    """The recogniser of a speech server."""

    _attr_translation_key = "speech_to_text"

    @property
    def _program(self) -> AsrProgram | None:
        return next(iter(self.coordinator.data.info.asr), None)

    @property
    @override
    def supported_languages(self) -> list[str]:
        """The languages of the models that are installed."""
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
        """Whether Home Assistant must find the end of speech, and what suits the recogniser."""
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
        """Return what was said; an answer that comes too late is not given."""
        counts = self._entry.runtime_data.counts
        counts["recognitions"] += 1
        try:
            async with (
                asyncio.timeout(TOTAL_SECONDS),
                connected(
                    self.coordinator.address, self.coordinator.security, BOUNDS
                ) as connection,
            ):
                text = await self._recognise(connection, metadata.language, stream)
        except ServerRefusedError as err:
            self._warn("did not recognise speech", err.code)
            counts[f"recognition refused {err.code}"] += 1
            if err.code == BUSY and (hints := turn_hints.get()) is not None:
                hints.busy()
        except TimeoutError:
            self._warn("failed", "it did not answer in time")
            self._request_failed("recognition too late")
        except LinkError as err:
            self._warn("failed", err)
            self._request_failed("recognition failed")
        else:
            return SpeechResult(text, SpeechResultState.SUCCESS)
        return SpeechResult(None, SpeechResultState.ERROR)

    async def _recognise(
        self, connection: Connection, language: str, stream: AsyncIterable[bytes]
    ) -> str:
        hints = turn_hints.get()
        phrase = hints.wake_word_phrase if hints else None
        await connection.send(
            Transcribe(
                language=language,
                vad_sensitivity=hints.vad_sensitivity if hints else None,
                context={"wake_word_phrase": phrase} if phrase else None,
            )
        )
        await connection.send(AudioStart(_RATE, _WIDTH, _CHANNELS))
        # Both at once: a server that finds the end of speech answers in the midst of the sound.
        upload = asyncio.create_task(_upload(connection, stream))
        answer = asyncio.create_task(transcript(connection, hints))
        try:
            await asyncio.wait((upload, answer), return_when=asyncio.FIRST_COMPLETED)
            async with asyncio.timeout(AFTER_AUDIO_SECONDS):
                return await answer
        finally:
            upload.cancel()
            answer.cancel()
            await asyncio.gather(upload, answer, return_exceptions=True)


async def _upload(connection: Connection, stream: AsyncIterable[bytes]) -> None:
    try:
        async for audio in stream:
            await connection.send(AudioChunk(_RATE, _WIDTH, _CHANNELS, audio))
        await connection.send(AudioStop())
    except LinkError:
        # The answer may have been sent before the server hung up: who waits for it will see.
        return
