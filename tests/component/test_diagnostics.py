"""Diagnostics, which users may send when something is wrong."""

import json
from typing import TYPE_CHECKING, Any

from custom_components.indoor_voice.diagnostics import async_get_config_entry_diagnostics

from .peers import SATELLITE_ID, SPEECH_ID, FakeSatellite, FakeSpeech
from .waiting import reaches

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from syrupy.assertion import SnapshotAssertion


async def test_they_hold_nothing_of_what_was_said_or_who_lives_here(
    house: HomeAssistant,
    satellite: FakeSatellite,
    speech: FakeSpeech,
    snapshot: SnapshotAssertion,
) -> None:
    speech.transcript = "what is the secret of Ada"
    await satellite.begin_turn()
    await satellite.speak()
    await satellite.wait_for("audio-stop")
    await satellite.wait_for("pipeline-ended")
    await reaches(house, "idle")
    diagnostics: list[Any] = [
        await async_get_config_entry_diagnostics(house, entry)
        for entry in house.config_entries.async_entries("indoor_voice")
    ]
    assert diagnostics == snapshot
    text = json.dumps(diagnostics).lower()
    for private in ("secret", "ada", "sorry", "kitchen", "127.0.0.1", SATELLITE_ID, SPEECH_ID):
        assert private not in text
