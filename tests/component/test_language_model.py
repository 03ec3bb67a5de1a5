"""A turn with a language model is kept only if the model reached or found something."""

from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component

from custom_components.indoor_voice.privacy.consent.rules import DropReason

from .keeping import wait_for_totals
from .language_model import Call, LanguageModel, add_language_model
from .spoken_turns import LIGHT, ada, dropped, ends, kept, say

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant, ServiceCall

    from .keeping import Inhabitant
    from .peers import FakeSatellite, FakeSpeech

__all__ = ["ada"]

LAMP = {"name": "kitchen light", "domain": ["light"]}
TURN_ON = Call("HassTurnOn", LAMP)


@pytest.fixture
async def model(house: HomeAssistant, ada: Inhabitant, speech: FakeSpeech) -> LanguageModel:
    """A model that always answers, and overhears what people say to each other."""
    speech.transcript = "and then she went to the tower"
    assert await async_setup_component(house, "intent", {})
    return await add_language_model(house, LIGHT)


def put_into_the_kitchen(house: HomeAssistant) -> None:
    """Put the light into an area, which requires a registry entry."""
    kitchen = ar.async_get(house).async_get_or_create("Kitchen")
    house.states.async_remove(LIGHT)
    entities = er.async_get(house)
    name = LIGHT.removeprefix("light.")
    entities.async_get_or_create("light", "elsewhere", "1", suggested_object_id=name)
    entities.async_update_entity(LIGHT, area_id=kitchen.id)
    async_expose_entity(house, "conversation", LIGHT, should_expose=True)
    house.states.async_set(LIGHT, "off", {"friendly_name": "kitchen light"})


async def overhear(house: HomeAssistant, satellite: FakeSatellite, count: int = 1) -> None:
    await say(satellite)
    await ends(house, satellite, count)


async def test_what_a_model_only_talked_about_is_not_kept(
    house: HomeAssistant, satellite: FakeSatellite, ada: Inhabitant, model: LanguageModel
) -> None:
    await overhear(house, satellite)
    await dropped(house, DropReason.ACCIDENT)
    assert model.asked == ["and then she went to the tower"]
    assert not await ada.recordings(house)


async def test_what_a_model_only_asked_back_about_is_not_kept(
    house: HomeAssistant, satellite: FakeSatellite, model: LanguageModel
) -> None:
    model.answer = "Which tower?"
    await overhear(house, satellite)
    await dropped(house, DropReason.ACCIDENT)


async def test_what_a_model_did_is_kept(
    house: HomeAssistant, satellite: FakeSatellite, ada: Inhabitant, model: LanguageModel
) -> None:
    model.calls, model.answer = [TURN_ON], "Done."
    await overhear(house, satellite)
    await kept(house, ada)
    (recording,) = await ada.recordings(house)
    words = await ada.words(house, recording)
    assert (words["answer"], words["done"]) == ("Done.", [{"name": "kitchen light", "what": "on"}])


async def test_what_a_model_looked_up_is_kept(
    house: HomeAssistant, satellite: FakeSatellite, ada: Inhabitant, model: LanguageModel
) -> None:
    model.calls, model.answer = [Call("GetLiveContext", {"name": "kitchen light"})], "It is off."
    await overhear(house, satellite)
    await kept(house, ada)


@pytest.mark.parametrize(
    "call",
    [
        Call("HassTurnOn", {"name": "tower", "domain": ["light"]}),
        Call("GetLiveContext", {"name": "tower"}),
        Call("HassNoSuchTool"),
    ],
    ids=lambda call: call.tool,
)
async def test_what_a_model_tried_in_vain_is_not_kept(
    house: HomeAssistant, satellite: FakeSatellite, model: LanguageModel, call: Call
) -> None:
    model.calls = [call]
    await overhear(house, satellite)
    await dropped(house, DropReason.ACCIDENT)


@pytest.mark.parametrize("arguments", [LAMP, {"area": "Kitchen", "domain": ["light"]}])
async def test_a_device_that_refuses_is_no_success(
    house: HomeAssistant,
    satellite: FakeSatellite,
    model: LanguageModel,
    arguments: dict[str, Any],
) -> None:
    """Even if its area was found, which alone counts as reached in Home Assistant."""

    async def refuse(_call: ServiceCall) -> None:
        raise HomeAssistantError("no current")

    put_into_the_kitchen(house)
    house.services.async_register("light", "turn_on", refuse)
    model.calls = [Call("HassTurnOn", arguments)]
    await overhear(house, satellite)
    await dropped(house, DropReason.ACCIDENT)


@pytest.mark.parametrize(
    "result",
    [
        {"success": False},
        {"result": {"success": False}},
        {"error": "not found"},
        {"result": {"error": "not found"}},
        {"isError": True, "content": []},
        HomeAssistantError("not today"),
    ],
    ids=str,
)
async def test_a_tool_that_says_that_it_failed_did_nothing(
    house: HomeAssistant, satellite: FakeSatellite, model: LanguageModel, result: Any
) -> None:
    model.own.result, model.calls = result, [Call("own")]
    await overhear(house, satellite)
    await dropped(house, DropReason.ACCIDENT)


async def test_what_a_model_did_in_the_turn_before_does_not_count(
    house: HomeAssistant, satellite: FakeSatellite, ada: Inhabitant, model: LanguageModel
) -> None:
    model.calls, model.answer = [TURN_ON], "Done. Anything else?"
    await overhear(house, satellite)
    await kept(house, ada)
    model.calls, model.answer = [], "I am not sure what you mean."
    await overhear(house, satellite, 2)
    await wait_for_totals(house, 1, {DropReason.ACCIDENT: 1})
