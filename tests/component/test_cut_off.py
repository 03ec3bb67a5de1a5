"""Sound that breaks off is audibly reported, and never taken for the whole."""

import asyncio
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest
from homeassistant.exceptions import HomeAssistantError
from wyoming.event import Event, async_write_event

from custom_components.indoor_voice import assist_satellite
from custom_components.indoor_voice.turn import playback

from .announcing import announce
from .cutting_off import (
    closed_after_a_second,
    closed_after_the_header,
    closed_at_once,
    failed_after_a_second,
    killed_after_a_second,
    send_event,
)
from .entries import data_of
from .peers import FakeSatellite, FakeSpeech, Peer
from .protection import Protection
from .waiting import SATELLITE, reaches, shows

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from custom_components.indoor_voice.link.certificate import OwnCertificate

LAST_TURN = "sensor.kitchen_kitchen_satellite_last_turn"

type Script = Callable[[Peer, asyncio.StreamWriter], Awaitable[None]]


async def failed_after_the_header(peer: Peer, writer: asyncio.StreamWriter) -> None:
    await send_event(writer, "audio-start")
    await async_write_event(Event(type="error", data={"code": "failed"}), writer)


async def audio_stop_without_the_end(peer: Peer, writer: asyncio.StreamWriter) -> None:
    await send_event(writer, "audio-start")
    await send_event(writer, "audio-chunk", bytes(32_000))
    await send_event(writer, "audio-stop")
    writer.close()


@pytest.mark.parametrize(
    "script",
    [
        closed_at_once,
        closed_after_the_header,
        failed_after_the_header,
        closed_after_a_second,
        failed_after_a_second,
        killed_after_a_second,
        audio_stop_without_the_end,
    ],
)
async def test_an_answer_that_breaks_off_ends_in_an_error_and_a_sentence(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech, script: Script
) -> None:
    async def once(peer: Peer, writer: asyncio.StreamWriter) -> None:
        speech.synthesise = None
        await script(peer, writer)

    speech.synthesise = once
    turn = await satellite.begin_turn()
    await satellite.speak()
    assert (await satellite.wait_for("error")).data == {
        "code": "tts-failed",
        "text": "Home Assistant could not complete the turn",
        "turn": turn,
    }
    await satellite.wait_for("audio-stop")
    await reaches(house, "idle")
    assert "audio-stop" not in satellite.of_turn(turn)
    assert satellite.sound().endswith(b"\x01\x02" * 4410)
    assert "Sorry" in speech.of_type("synthesize-chunk")[-1].data["text"]
    await shows(house, LAST_TURN, lambda state: state == "failed")


async def test_where_speech_is_gone_another_server_says_that_it_failed(
    house: HomeAssistant,
    satellite: FakeSatellite,
    speech: FakeSpeech,
    own: OwnCertificate,
    tmp_path: Path,
) -> None:
    from pytest_homeassistant_custom_component.common import MockConfigEntry  # noqa: PLC0415

    async with FakeSpeech(Protection(tmp_path / "other.pem", own.pem)) as other:
        other.id = "07e5" * 8
        entry = MockConfigEntry(
            domain="indoor_voice", title="Other", unique_id=other.id, data=data_of(other)
        )
        entry.add_to_hass(house)
        assert await house.config_entries.async_setup(entry.entry_id)
        speech.synthesise = killed_after_a_second
        await satellite.begin_turn()
        await satellite.speak()
        await satellite.wait_for("error")
        await satellite.wait_for("audio-stop")
        await house.config_entries.async_unload(entry.entry_id)
    assert "Sorry" in other.of_type("synthesize-chunk")[0].data["text"]


async def test_an_announcement_that_breaks_off_is_an_error_there_and_here(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    speech.synthesise = killed_after_a_second
    with pytest.raises(HomeAssistantError, match="stopped speaking before the end of the text"):
        await announce(house, message="Dinner is ready")
    failed = await satellite.wait_for("error")
    assert failed.data["code"] == "announcement-failed"
    assert "turn" not in failed.data
    assert not satellite.of_type("audio-stop")
    await reaches(house, "idle")


async def test_an_announcement_without_a_loudspeaker_is_no_success(
    house: HomeAssistant, satellite: FakeSatellite
) -> None:
    await satellite.report_status(loudspeaker=False)
    await shows(
        house,
        "binary_sensor.kitchen_kitchen_satellite_loudspeaker",
        lambda state: state == "on",
    )
    with pytest.raises(HomeAssistantError, match="loudspeaker became unavailable"):
        await announce(house, message="Dinner is ready")
    await satellite.report_status(loudspeaker=True)
    await shows(
        house,
        "binary_sensor.kitchen_kitchen_satellite_loudspeaker",
        lambda state: state == "off",
    )
    await announce(house, message="Dinner is ready")


async def test_what_the_satellite_could_not_play_is_no_success(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    satellite.is_heard = False
    with pytest.raises(HomeAssistantError, match="loudspeaker became unavailable"):
        await announce(house, message="Dinner is ready")
    await satellite.begin_turn(None)
    await satellite.speak(0.1)
    await shows(house, LAST_TURN, lambda state: state == "failed")


@pytest.mark.parametrize("answer", [True, False])
async def test_a_loudspeaker_that_goes_in_the_middle_is_noticed(
    house: HomeAssistant, satellite: FakeSatellite, *, answer: bool
) -> None:
    satellite.plays = False
    if answer:
        await satellite.begin_turn()
        await satellite.speak()
    else:
        task = asyncio.create_task(announce(house, message="Dinner is ready"))
    await satellite.wait_for("audio-stop")
    await satellite.report_status(loudspeaker=False)
    if answer:
        await shows(house, LAST_TURN, lambda state: state == "failed")
    else:
        with pytest.raises(HomeAssistantError, match="loudspeaker became unavailable"):
            await task
    await reaches(house, "idle")


async def test_an_announcement_that_a_reload_cuts_is_no_success(
    house: HomeAssistant, satellite: FakeSatellite, satellite_entry: MockConfigEntry
) -> None:
    satellite.plays = False
    task = asyncio.create_task(announce(house, message="Dinner is ready"))
    await satellite.wait_for("audio-stop")
    assert await house.config_entries.async_reload(satellite_entry.entry_id)
    with pytest.raises(HomeAssistantError):
        await task
    await satellite.wait_for("run-satellite", 2)
    assert house.states.get(SATELLITE) is not None


async def test_an_engine_that_hangs_keeps_no_announcement_for_long(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    async def hang(peer: Peer, writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    speech.synthesise = hang
    impatient = playback.Patience(source=0.2, length=60)
    with (
        patch.object(assist_satellite, "SPEECH", impatient),
        pytest.raises(HomeAssistantError, match="couldn't be played"),
    ):
        await announce(house, message="Dinner is ready")
    assert playback.SPEECH.source <= 20
    assert not satellite.of_type("audio-start")
