"""An event entity tells that a satellite has heard a wake word."""

from typing import TYPE_CHECKING

from .waiting import CONNECTION, shows

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

    from .peers import FakeSatellite

WAKE_WORD = "event.kitchen_kitchen_satellite_wake_word"


async def test_it_fires_with_the_wake_word(house: HomeAssistant, satellite: FakeSatellite) -> None:
    await shows(house, CONNECTION, lambda state: state == "on")
    await shows(house, WAKE_WORD, lambda state: state == "unknown")
    await satellite.begin_turn("alexa")
    await shows(house, WAKE_WORD, lambda state: state not in ("unknown", "unavailable"))
    state = house.states.get(WAKE_WORD)
    assert state is not None
    assert state.attributes["event_type"] == "heard"
    assert state.attributes["wake_word"] == "alexa"
    await satellite.speak()
    await satellite.wait_for("pipeline-ended")


async def test_the_button_is_no_wake_word(house: HomeAssistant, satellite: FakeSatellite) -> None:
    await shows(house, CONNECTION, lambda state: state == "on")
    await satellite.begin_turn(None)
    await satellite.speak()
    await satellite.wait_for("pipeline-ended")
    await shows(house, WAKE_WORD, lambda state: state == "unknown")
