"""Makes what listeners from outside a room get of a turn, before it is sealed.

Only speech servers of ours make it, and nothing of it is stored unsealed. Where none can, or it
takes too long, such listeners get the words only.
"""

import asyncio
import logging
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from homeassistant.components.assist_pipeline import PipelineNotFound
from homeassistant.components.assist_pipeline.pipeline import async_get_pipeline
from homeassistant.helpers import entity_registry as er
from homeassistant.util import language as language_util
from wyoming.audio import AudioStop
from wyoming.tts import SynthesizeVoice

from ..assistant.assistants import FIRST, chosen_pipeline
from ..const import DOMAIN
from ..data import is_speech
from ..link.disguise import async_disguise
from ..link.synthesis import speech, whole_text
from ..privacy.consent.disguise import Disguise
from ..privacy.types import Disguised

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from homeassistant.components.assist_pipeline import Pipeline
    from homeassistant.core import HomeAssistant

    from ..data import SpeechConfigEntry
    from ..privacy.people import RoomId
    from ..privacy.types import EndedTurn, RoomStatus

_LOGGER = logging.getLogger(__name__)

_MOST_SECONDS: Final = 20.0
"""How long a turn may wait to be stored."""

_RATE: Final = 16_000
_SAMPLE_BYTES: Final = 2


@dataclass(eq=False, slots=True, kw_only=True)
class _UnderWay:
    """A turn that is not stored yet."""

    room: RoomId
    making: asyncio.Task[Disguised | None] | None = None
    stored: asyncio.Event = field(default_factory=asyncio.Event)


class Disguising:
    """Disguises turns for listeners from outside their rooms."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Initialize without turns."""
        self._hass = hass
        self._under_way: set[_UnderWay] = set()

    @asynccontextmanager
    async def disguised(
        self, turn: EndedTurn, status: RoomStatus | None
    ) -> AsyncGenerator[Disguised | None]:
        """Provide what outsiders get of a turn, which the caller then stores."""
        under_way = _UnderWay(room=turn.room)
        self._under_way.add(under_way)
        try:
            yield await self._async_make(turn, status, under_way)
        finally:
            self._under_way.discard(under_way)
            under_way.stored.set()

    async def async_finish(self, room: RoomId | None) -> None:
        """Have the turns of a room, or of every room, stored at once, without their sound."""
        turns = [one for one in self._under_way if room in {None, one.room}]
        for one in turns:
            if one.making is not None:
                one.making.cancel()
        for one in turns:
            await one.stored.wait()

    async def _async_make(
        self, turn: EndedTurn, status: RoomStatus | None, under_way: _UnderWay
    ) -> Disguised | None:
        if status is None or status.why_not or not status.outsiders:
            return None
        match status.disguise:
            case Disguise.RESPOKEN:
                work = self._async_speak_again(turn)
            case Disguise.VOICE:
                work = self._async_change_voice(turn)
            case _:
                return None
        making = under_way.making = asyncio.create_task(work)
        try:
            await asyncio.wait({making}, timeout=_MOST_SECONDS)
        finally:
            making.cancel()
        await asyncio.wait({making})
        if making.cancelled():
            return None
        if (err := making.exception()) is not None:
            # Without its text or traceback, which may contain speech.
            _LOGGER.warning("A recording has no sound for others: %s", type(err).__name__)
            return None
        return making.result()

    async def _async_speak_again(self, turn: EndedTurn) -> Disguised | None:
        """Return the words of a turn in the assistant's voice."""
        text = turn.words.get("transcript")
        pipeline = self._pipeline(turn.room)
        server = self._speaker(pipeline)
        if not isinstance(text, str) or not text or server is None:
            return None
        coordinator = server.runtime_data.coordinator
        converts_rate = coordinator.data.device_id is not None
        spoken = speech(
            coordinator.address,
            coordinator.tls_context,
            whole_text(
                text,
                _voice(server, pipeline, turn.words.get("language")),
                {"rate": _RATE} if converts_rate else None,
            ),
            AudioStop,
        )
        sound, rate = bytearray(), _RATE
        async for piece in spoken:
            if isinstance(piece, bytes):
                sound += piece
            elif (piece.width, piece.channels) == (_SAMPLE_BYTES, 1):
                rate = piece.rate
            else:
                return None
        return Disguised(disguise=Disguise.RESPOKEN, sound=bytes(sound), rate=rate)

    async def _async_change_voice(self, turn: EndedTurn) -> Disguised | None:
        """Return the sound of a turn with another voice."""
        server = next((one for one in self._servers() if one.runtime_data.can_disguise), None)
        if server is None:
            return None
        coordinator = server.runtime_data.coordinator
        sound = await async_disguise(coordinator.address, coordinator.tls_context, turn.sound)
        return Disguised(disguise=Disguise.VOICE, sound=sound)

    def _pipeline(self, room: RoomId) -> Pipeline | None:
        """Return the room's assistant."""
        try:
            return async_get_pipeline(self._hass, chosen_pipeline(self._hass, room, FIRST))
        except PipelineNotFound:
            return None

    def _servers(self) -> list[SpeechConfigEntry]:
        """Return our speech servers that answer."""
        return [
            entry
            for entry in self._hass.config_entries.async_loaded_entries(DOMAIN)
            if is_speech(entry) and entry.runtime_data.is_reachable
        ]

    def _speaker(self, pipeline: Pipeline | None) -> SpeechConfigEntry | None:
        """Return a speech server of ours that speaks, if possible the one of the assistant."""
        own = None if pipeline is None else self._entry_id(pipeline)
        speakers = [entry for entry in self._servers() if entry.runtime_data.peer.info.tts]
        return min(speakers, key=lambda entry: entry.entry_id != own, default=None)

    def _entry_id(self, pipeline: Pipeline) -> str | None:
        engine = er.async_get(self._hass).async_get(pipeline.tts_engine or "")
        return None if engine is None else engine.config_entry_id


def _voice(
    server: SpeechConfigEntry, pipeline: Pipeline | None, language: object
) -> SynthesizeVoice | None:
    """Return the assistant's voice if the server has it, or another one for the language."""
    voices = server.runtime_data.peer.voices
    if pipeline is not None and pipeline.tts_voice in {voice.name for voice in voices}:
        return SynthesizeVoice(name=pipeline.tts_voice)
    for voice in voices:
        if isinstance(language, str) and language_util.matches(language, voice.languages):
            return SynthesizeVoice(name=voice.name)
    return None
