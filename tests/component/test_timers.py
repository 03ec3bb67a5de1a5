"""Timers: the satellite counts them, and Home Assistant's voice commands work on them."""

import math
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import voluptuous as vol
from homeassistant.components.intent.const import TIMER_DATA
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import intent
from homeassistant.helpers.storage import Store
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from wyoming.event import Event
from wyoming.ping import Ping

from custom_components.indoor_voice.const import DOMAIN
from custom_components.indoor_voice.link.timers import MAX_TIMERS

from .peers import SATELLITE_ID
from .waiting import CONNECTION, SATELLITE, shows

if TYPE_CHECKING:
    from homeassistant.components.intent.timers import TimerManager
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_registry import RegistryEntry
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from .peers import FakeSatellite, FakeSpeech

NEXT_TIMER = "sensor.kitchen_kitchen_satellite_next_timer"
TIMERS = "event.kitchen_kitchen_satellite_timers"
NAME = "zyzzyva"
"""A word that stands in for whatever somebody calls a timer."""


def device_of(hass: HomeAssistant) -> str:
    entry = hass.config_entries.async_entry_for_domain_unique_id(DOMAIN, SATELLITE_ID)
    assert entry is not None
    (device,) = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    return device.id


def manager_of(hass: HomeAssistant) -> TimerManager:
    manager: TimerManager = hass.data[TIMER_DATA]
    return manager


async def command(hass: HomeAssistant, intent_type: str, /, **slots: Any) -> intent.IntentResponse:
    return await intent.async_handle(
        hass,
        "test",
        intent_type,
        {key: {"value": value} for key, value in slots.items()},
        device_id=device_of(hass),
    )


def listed(timer_id: str, left: float, state: str = "running", **more: Any) -> dict[str, Any]:
    return {
        "id": timer_id,
        "total_seconds": left,
        "left_seconds": left,
        "state": state,
        **more,
    }


@pytest.fixture
async def home(house: HomeAssistant, satellite: FakeSatellite) -> HomeAssistant:
    assert await async_setup_component(house, "intent", {})
    await shows(house, CONNECTION, lambda state: state == "on")
    # The answer comes after what the satellite has sent before is dealt with, its timers above all.
    await satellite.send(Ping())
    await satellite.wait_for("pong")
    return house


async def restart_home_assistants_timers(hass: HomeAssistant, satellite: FakeSatellite) -> None:
    """Forget all timers as a restart does, and connect anew."""
    entry = hass.config_entries.async_entry_for_domain_unique_id(DOMAIN, SATELLITE_ID)
    assert entry is not None
    manager = manager_of(hass)
    for task in manager.timer_tasks.values():
        task.cancel()
    manager.timers.clear()
    assert await hass.config_entries.async_reload(entry.entry_id)
    await satellite.wait_for("run-satellite")
    await shows(hass, CONNECTION, lambda state: state == "on")


async def test_a_timer_is_set_changed_paused_asked_for_and_cancelled(
    home: HomeAssistant, satellite: FakeSatellite
) -> None:
    await command(home, intent.INTENT_START_TIMER, minutes=5, name=NAME)
    started = (await satellite.wait_for("timer-started")).data
    assert started == {
        "id": started["id"],
        "total_seconds": 300,
        "left_seconds": pytest.approx(300, abs=1),
        "start_minutes": 5,
    }
    await command(home, intent.INTENT_INCREASE_TIMER, minutes=1, name=NAME)
    updated = (await satellite.wait_for("timer-updated")).data
    assert updated["id"] == started["id"]
    assert (updated["is_active"], updated["total_seconds"]) == (True, pytest.approx(360, abs=1))
    await command(home, intent.INTENT_PAUSE_TIMER)
    assert (await satellite.wait_for("timer-updated", 2)).data["is_active"] is False
    answer = await command(home, intent.INTENT_TIMER_STATUS)
    assert [timer["name"] for timer in answer.speech_slots["timers"]] == [NAME]
    await command(home, intent.INTENT_UNPAUSE_TIMER)
    assert (await satellite.wait_for("timer-updated", 3)).data["is_active"] is True
    await command(home, intent.INTENT_CANCEL_TIMER)
    assert (await satellite.wait_for("timer-cancelled")).data == {"id": started["id"]}


async def test_a_timer_that_ends_by_home_assistants_count_is_told(
    home: HomeAssistant, satellite: FakeSatellite
) -> None:
    await command(home, intent.INTENT_START_TIMER, seconds=0)
    started = await satellite.wait_for("timer-started")
    assert (await satellite.wait_for("timer-finished")).data == {"id": started.data["id"]}


async def test_after_a_restart_home_assistant_knows_the_timers_again(
    home: HomeAssistant, satellite: FakeSatellite
) -> None:
    await command(home, intent.INTENT_START_TIMER, hours=1, name=NAME)
    started = (await satellite.wait_for("timer-started")).data["id"]
    await home.async_block_till_done()
    satellite.received.clear()
    satellite.timers = [
        listed(started, 600, total_seconds=3600, start_hours=1),
        listed("paused", 42, "paused", start_seconds=50),
        listed("rings", 0, "ringing"),
    ]
    await restart_home_assistants_timers(home, satellite)
    await shows(home, NEXT_TIMER, lambda state: state != "unknown")
    long, paused = sorted(manager_of(home).timers.values(), key=lambda timer: -timer.seconds_left)
    assert (long.name, long.start_hours, long.start_seconds) == (NAME, 1, None)
    assert long.seconds_left == pytest.approx(600, abs=2)
    assert (paused.is_active, paused.seconds_left, paused.start_seconds) == (False, 42, 50)
    assert satellite.of_type("timer-started") == []
    # They are the same timers as before, by the satellite's ids.
    await command(home, intent.INTENT_CANCEL_TIMER, name=NAME)
    assert (await satellite.wait_for("timer-cancelled")).data == {"id": started}
    await command(home, intent.INTENT_UNPAUSE_TIMER, start_seconds=50)
    updated = (await satellite.wait_for("timer-updated")).data
    assert (updated["id"], updated["is_active"]) == ("paused", True)


async def test_the_name_is_told_to_no_satellite_and_forgotten_with_the_timer(
    home: HomeAssistant, satellite: FakeSatellite, satellite_entry: MockConfigEntry
) -> None:
    async def stored() -> dict[str, str] | None:
        key = f"{DOMAIN}.timers.{satellite_entry.entry_id}"
        return await Store[dict[str, str]](home, 1, key).async_load()

    await command(home, intent.INTENT_START_TIMER, hours=1, name=NAME)
    started = (await satellite.wait_for("timer-started")).data
    await home.async_block_till_done()
    assert NAME not in str(started)
    assert await stored() == {started["id"]: NAME}
    await command(home, intent.INTENT_CANCEL_TIMER, name=NAME)
    await home.async_block_till_done()
    assert await stored() == {}
    await home.config_entries.async_remove(satellite_entry.entry_id)
    assert await stored() is None


async def test_what_changed_while_the_satellite_was_away_is_passed_on(
    home: HomeAssistant, satellite: FakeSatellite
) -> None:
    for minutes in (10, 20, 30):
        await command(home, intent.INTENT_START_TIMER, minutes=minutes)
    await satellite.wait_for("timer-started", 3)
    ten, twenty, thirty = (event.data["id"] for event in satellite.of_type("timer-started"))
    await satellite.stop()
    await shows(home, CONNECTION, lambda state: state == "off")
    await command(home, intent.INTENT_CANCEL_TIMER, start_minutes=10)
    await command(home, intent.INTENT_PAUSE_TIMER, start_minutes=20)
    await command(home, intent.INTENT_START_TIMER, minutes=40)
    satellite.received.clear()
    satellite.timers = [listed(ten, 590), listed(twenty, 1190), listed(thirty, 1799)]
    await satellite.start()
    forty = (await satellite.wait_for("timer-started")).data
    assert (forty["start_minutes"], forty["left_seconds"]) == (40, pytest.approx(2400, abs=40))
    assert (await satellite.wait_for("timer-cancelled")).data == {"id": ten}
    updated = (await satellite.wait_for("timer-updated")).data
    assert (updated["id"], updated["is_active"]) == (twenty, False)
    assert {timer.start_minutes for timer in manager_of(home).timers.values()} == {20, 30, 40}


async def test_the_next_end_is_shown_and_no_name(
    home: HomeAssistant, satellite: FakeSatellite
) -> None:
    await command(home, intent.INTENT_START_TIMER, hours=1, name=NAME)
    started = (await satellite.wait_for("timer-started")).data["id"]
    satellite.timers = [
        listed(started, 3600),
        listed("b", 60),
        listed("c", 5, "paused"),
    ]
    await satellite.list_timers()
    await shows(home, NEXT_TIMER, lambda state: state != "unknown")
    state = home.states.get(NEXT_TIMER)
    assert state is not None
    shown = dt_util.parse_datetime(state.state)
    assert shown is not None
    assert abs(shown - dt_util.utcnow() - timedelta(seconds=60)) < timedelta(seconds=5)
    assert [timer["state"] for timer in state.attributes["timers"]] == [
        "running",
        "running",
        "paused",
    ]
    assert [timer["remaining"] for timer in state.attributes["timers"]] == [None, None, 5]
    assert NAME not in str(state.as_dict())
    satellite.timers = []
    await satellite.list_timers()
    await shows(home, NEXT_TIMER, lambda state: state == "unknown")


async def test_an_ended_timer_is_an_event_once(
    home: HomeAssistant, satellite: FakeSatellite
) -> None:
    await command(home, intent.INTENT_START_TIMER, minutes=5, name=NAME)
    started = (await satellite.wait_for("timer-started")).data["id"]
    satellite.timers = [listed(started, 0, "ringing", total_seconds=300)]
    await satellite.list_timers()
    await shows(home, TIMERS, lambda state: state not in ("unknown", "unavailable"))
    state = home.states.get(TIMERS)
    assert state is not None
    assert (state.attributes["event_type"], state.attributes["duration"]) == ("finished", 300)
    assert NAME not in str(state.as_dict())
    await satellite.list_timers()
    satellite.timers = []
    await satellite.list_timers()
    await shows(home, NEXT_TIMER, lambda state: state == "unknown")
    assert home.states.get(TIMERS) == state


@pytest.mark.parametrize(
    "said", ["stop", "Stop it.", "be quiet", "Stop ringing!", "stopp", "Ruhe!"]
)
async def test_who_only_wants_quiet_gets_no_words(
    home: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech, said: str
) -> None:
    speech.transcript = said
    await satellite.begin_turn()
    await satellite.speak()
    assert (await satellite.wait_for("pipeline-ended")).data["answer"] is False
    assert satellite.of_type("error") == []
    assert satellite.sound() == b""


async def start(hass: HomeAssistant, satellites: str, duration: Any, **data: Any) -> None:
    await hass.services.async_call(
        DOMAIN,
        "start_timer",
        {"satellites": satellites, "duration": duration, **data},
        blocking=True,
    )


async def test_an_automation_starts_a_timer(home: HomeAssistant, satellite: FakeSatellite) -> None:
    await start(home, SATELLITE, "00:10:00", name="eggs")
    started = (await satellite.wait_for("timer-started")).data
    assert started["total_seconds"] == 600
    await start(home, device_of(home), {"seconds": 0})
    await satellite.wait_for("timer-finished")
    answer = await command(home, intent.INTENT_TIMER_STATUS)
    assert [timer["name"] for timer in answer.speech_slots["timers"]] == ["eggs"]


@pytest.mark.parametrize(
    ("satellites", "duration", "name"),
    [
        ("light.nothing", "00:01:00", "x"),
        (SATELLITE, {"days": 367}, "x"),
        (SATELLITE, "-00:01:00", "x"),
        (SATELLITE, "00:01:00", ""),
        (SATELLITE, "00:01:00", "x" * 101),
    ],
)
async def test_an_impossible_timer_is_refused_to_an_automation(
    home: HomeAssistant, satellites: str, duration: Any, name: str
) -> None:
    with pytest.raises((ServiceValidationError, vol.Invalid)):
        await start(home, satellites, duration, name=name)
    assert manager_of(home).timers == {}


async def test_a_satellite_that_is_not_set_up_takes_no_timer(
    home: HomeAssistant, satellite_entry: MockConfigEntry
) -> None:
    assert await home.config_entries.async_unload(satellite_entry.entry_id)
    with pytest.raises(ServiceValidationError, match="not set up"):
        await start(home, SATELLITE, "00:01:00")


async def test_one_timer_too_many_is_refused(home: HomeAssistant, satellite: FakeSatellite) -> None:
    for _ in range(MAX_TIMERS):
        await command(home, intent.INTENT_START_TIMER, minutes=1)
    with pytest.raises(intent.IntentHandleError, match="200 timers"):
        await command(home, intent.INTENT_START_TIMER, minutes=1)
    with pytest.raises(ServiceValidationError, match="200 timers"):
        await start(home, SATELLITE, "00:01:00")
    assert len(manager_of(home).timers) == MAX_TIMERS
    await satellite.wait_for("timer-started", MAX_TIMERS)
    assert len(satellite.of_type("timer-started")) == MAX_TIMERS
    await command(home, intent.INTENT_CANCEL_ALL_TIMERS)
    await satellite.wait_for("timer-cancelled", MAX_TIMERS)
    await command(home, intent.INTENT_START_TIMER, minutes=1)


async def test_with_its_main_entity_disabled_timers_still_work(
    disabled_entity: RegistryEntry, home: HomeAssistant, satellite: FakeSatellite
) -> None:
    await command(home, intent.INTENT_START_TIMER, minutes=1)
    await satellite.wait_for("timer-started")


@pytest.mark.parametrize(
    "timers",
    [
        None,
        {},
        [1],
        [listed("a", 1)] * (MAX_TIMERS + 1),
        [listed("", 1)],
        [listed("a" * 101, 1)],
        [listed("a", -1)],
        [listed("a", math.inf)],
        [listed("a", 1e300)],
        [listed("a", True)],
        [listed("a", 1, "gone")],
        [listed("a", 1, start_hours="one")],
    ],
)
async def test_impossible_timers_are_refused_and_change_nothing(
    home: HomeAssistant, satellite: FakeSatellite, timers: Any
) -> None:
    await satellite.send(Event(type="timers", data={"timers": timers}))
    assert (await satellite.wait_for("error")).data["code"] == "bad-request"
    assert manager_of(home).timers == {}


async def test_after_it_is_removed_no_timer_can_be_set(
    home: HomeAssistant, satellite: FakeSatellite, satellite_entry: MockConfigEntry
) -> None:
    device = device_of(home)
    assert await home.config_entries.async_unload(satellite_entry.entry_id)
    assert not manager_of(home).is_timer_device(device)
