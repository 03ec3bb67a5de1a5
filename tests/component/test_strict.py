"""In strict mode, turns use only engines that are known to run in the house."""

from typing import TYPE_CHECKING

import pytest
from homeassistant.const import Platform

from custom_components.indoor_voice.assistant import locality
from custom_components.indoor_voice.const import CONF_STRICT

from .engines import Agent, Recogniser, add_engine, use
from .keeping import set_up_household
from .repair_issues import check_locality_again, titles_by_issue
from .waiting import reaches

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

    from .peers import FakeSatellite, FakeSpeech

REFUSAL = "I can't answer"


@pytest.fixture
async def strict(house: HomeAssistant) -> HomeAssistant:
    await set_up_household(house, **{CONF_STRICT: True})
    return house


async def turn(house: HomeAssistant, satellite: FakeSatellite) -> list[str]:
    """Take a turn, and return the events that the satellite received."""
    number = await satellite.begin_turn()
    await satellite.speak(0.2)
    await satellite.wait_for("pipeline-ended")
    await house.async_block_till_done()
    await reaches(house, "idle")
    return satellite.of_turn(number)


def spoken(speech: FakeSpeech) -> list[str]:
    return [event.data["text"] for event in speech.of_type("synthesize-chunk")]


async def test_what_is_local_is_answered(
    strict: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    assert "error" not in await turn(strict, satellite)
    assert not any(REFUSAL in text for text in spoken(speech))


async def test_a_cloud_recogniser_hears_nothing(
    strict: HomeAssistant,
    satellite: FakeSatellite,
    speech: FakeSpeech,
) -> None:
    recogniser = Recogniser()
    await add_engine(strict, recogniser, Platform.STT, "cloud_push")
    await use(strict, stt_engine="stt.recogniser")
    assert await turn(strict, satellite) == ["error", "pipeline-ended"]
    assert satellite.of_type("error")[0].data["code"] == locality.NOT_LOCAL
    assert recogniser.asked == 0
    assert len(spoken(speech)) == 1
    assert REFUSAL in spoken(speech)[0]
    await check_locality_again(strict)
    assert titles_by_issue(strict) == {"strict": "Kitchen satellite"}


async def test_without_strict_mode_it_hears(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    await set_up_household(house)
    recogniser = Recogniser()
    await add_engine(house, recogniser, Platform.STT, "cloud_push")
    await use(house, stt_engine="stt.recogniser")
    assert "error" not in await turn(house, satellite)
    assert recogniser.asked == 1


@pytest.mark.parametrize(
    ("iot_class", "data"), [("local_polling", {"url": "http://93.184.216.34"}), (None, {})]
)
async def test_what_is_not_known_to_be_local_is_not_asked(
    strict: HomeAssistant,
    satellite: FakeSatellite,
    iot_class: str | None,
    data: dict[str, str],
) -> None:
    await add_engine(strict, Agent(), Platform.CONVERSATION, iot_class, data)
    await use(strict, conversation_engine="conversation.agent", prefer_local_intents=True)
    assert await turn(strict, satellite) == ["error", "pipeline-ended"]


async def test_a_voice_from_elsewhere_says_nothing(
    strict: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    await add_engine(strict, Agent(), Platform.CONVERSATION, "cloud_polling")
    await use(strict, tts_engine="elsewhere")
    assert await turn(strict, satellite) == ["error", "pipeline-ended"]
    assert satellite.of_type("audio-start") == []


async def test_the_notice_goes_with_strict_mode(
    strict: HomeAssistant, satellite: FakeSatellite
) -> None:
    await add_engine(strict, Recogniser(), Platform.STT, "cloud_push")
    await use(strict, stt_engine="stt.recogniser")
    await check_locality_again(strict)
    household = next(
        entry
        for entry in strict.config_entries.async_entries("indoor_voice")
        if entry.data["kind"] == "household"
    )
    strict.config_entries.async_update_entry(
        household, options={**household.options, CONF_STRICT: False}
    )
    await strict.async_block_till_done()
    await check_locality_again(strict)
    assert titles_by_issue(strict) == {"cloud_stt": "Kitchen satellite"}
