"""A recording is disguised by a speech server that can, and a bad answer is none."""

import asyncio
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from wyoming.audio import AudioChunk, AudioStop
from wyoming.event import Event, async_write_event

from custom_components.indoor_voice.link import disguise
from custom_components.indoor_voice.link.client import UnreachableError
from custom_components.indoor_voice.link.disguise import async_disguise
from custom_components.indoor_voice.link.refusal import BUSY, ServerRefusedError
from custom_components.indoor_voice.link.wire import FrameError, LinkError

from .hostile_speech import sending
from .memory import bounded

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from custom_components.indoor_voice.devices.speech_server import SpeechData

    from .peers import FakeSpeech, Peer

FORMAT = {"rate": 16000, "width": 2, "channels": 1}
START = Event("audio-start", FORMAT)
STOP = AudioStop().event()
SOUND = b"".join(number.to_bytes(2, "little") for number in range(16_000))
"""One second."""


def chunk(payload: bytes, **changed: Any) -> Event:
    return Event("audio-chunk", FORMAT | changed, payload)


async def set_up(hass: HomeAssistant, entry: MockConfigEntry) -> SpeechData:
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    data: SpeechData = entry.runtime_data
    return data


async def disguised(data: SpeechData, sound: bytes = SOUND) -> bytes:
    coordinator = data.coordinator
    return await async_disguise(coordinator.address, coordinator.tls_context, sound)


@pytest.mark.parametrize("samples", [0, 1, 16_000, 15 * 16_000])
async def test_a_recording_comes_back_as_long_as_it_was(
    hass: HomeAssistant, speech: FakeSpeech, speech_entry: MockConfigEntry, samples: int
) -> None:
    data = await set_up(hass, speech_entry)
    sound = (15 * SOUND)[: 2 * samples]
    answer = await disguised(data, sound)
    assert len(answer) == len(sound)
    assert answer[:2] == sound[-2:]
    begun = speech.of_type("disguise")
    assert [event.data for event in begun] == [{}]
    assert all(event.data.items() >= FORMAT.items() for event in speech.of_type("audio-start"))


async def test_home_assistant_knows_whether_a_server_can(
    hass: HomeAssistant, speech: FakeSpeech, speech_entry: MockConfigEntry
) -> None:
    data = await set_up(hass, speech_entry)
    assert not data.can_disguise, "an older server"
    speech.disguises = True
    await data.coordinator.async_refresh()
    assert data.can_disguise
    await speech.stop()
    await data.coordinator.async_refresh()
    assert not data.can_disguise, "it is away"


async def endless(peer: Peer, writer: asyncio.StreamWriter) -> None:
    await async_write_event(START, writer)
    while True:
        await async_write_event(AudioChunk(16000, 2, 1, bytes(200_000)).event(), writer)
        await asyncio.sleep(0)  # Home Assistant is in the same loop


async def flood(peer: Peer, writer: asyncio.StreamWriter) -> None:
    while True:
        await async_write_event(Event("pong"), writer)
        await asyncio.sleep(0)  # Home Assistant is in the same loop


WRONG = {
    "endless sound": endless,
    "a flood of events": flood,
    "no sound": sending(STOP),
    "only a header": sending(START, STOP),
    "less sound": sending(START, chunk(SOUND[2:]), STOP),
    "more sound": sending(START, chunk(SOUND), chunk(b"\0\0"), STOP),
    "no header": sending(chunk(SOUND), STOP),
    "another rate": sending(Event("audio-start", FORMAT | {"rate": 22050}), chunk(SOUND), STOP),
    "another format in the midst of it": sending(START, chunk(SOUND, channels=2), STOP),
    "true for one channel": sending(START, chunk(SOUND, channels=1.5), STOP),
    "no format": sending(Event("audio-start", {}), chunk(SOUND), STOP),
    "a large payload": sending(START, chunk(bytes(300_000)), STOP),
}


async def test_an_answer_that_cannot_be_the_recording_is_refused(
    hass: HomeAssistant, speech: FakeSpeech, speech_entry: MockConfigEntry
) -> None:
    data = await set_up(hass, speech_entry)
    for script in WRONG.values():
        speech.disguise = script
        with bounded():
            async with asyncio.timeout(60):
                with pytest.raises(FrameError):
                    await disguised(data)
    speech.disguise = None
    assert len(await disguised(data)) == len(SOUND)


@pytest.mark.parametrize(
    ("code", "understood"), [("bad-audio", "bad-audio"), ("busy", BUSY), ("secret", "failed")]
)
async def test_a_refusal_has_its_code(
    hass: HomeAssistant,
    speech: FakeSpeech,
    speech_entry: MockConfigEntry,
    code: str,
    understood: str,
) -> None:
    data = await set_up(hass, speech_entry)
    speech.disguise = sending(Event("error", {"code": code, "text": "anything"}))
    with pytest.raises(ServerRefusedError) as refused:
        await disguised(data)
    assert refused.value.code == understood


async def test_a_busy_server_refuses_at_once(
    hass: HomeAssistant, speech: FakeSpeech, speech_entry: MockConfigEntry
) -> None:
    data = await set_up(hass, speech_entry)
    speech.busy = True
    with pytest.raises(ServerRefusedError) as refused:
        await disguised(data, 15 * SOUND)
    assert refused.value.code == BUSY


async def test_a_server_that_hangs_is_given_up(
    hass: HomeAssistant, speech: FakeSpeech, speech_entry: MockConfigEntry
) -> None:
    async def hang(peer: Peer, writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    data = await set_up(hass, speech_entry)
    speech.disguise = hang
    with patch.object(disguise, "TOTAL_SECONDS", 0.5), pytest.raises(TimeoutError):
        await disguised(data)


async def test_a_server_that_dies_is_a_link_error(
    hass: HomeAssistant, speech: FakeSpeech, speech_entry: MockConfigEntry
) -> None:
    async def die(peer: Peer, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    data = await set_up(hass, speech_entry)
    speech.disguise = die
    with pytest.raises(LinkError):
        await disguised(data)
    await speech.stop()
    with pytest.raises(UnreachableError):
        await disguised(data)
