"""Alarms: the satellite keeps them and rings, and Home Assistant sets and shows them."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import voluptuous as vol
from homeassistant.components import persistent_notification
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from wyoming.event import Event
from wyoming.ping import Ping

from custom_components.indoor_voice.const import DOMAIN
from custom_components.indoor_voice.devices.alarms import REFUSALS
from custom_components.indoor_voice.link.alarms import MAX_ALARMS
from custom_components.indoor_voice.voice_commands.alarms.execute import async_execute
from custom_components.indoor_voice.voice_commands.alarms.recognise import command_of
from tests.waiting import until

from .peers import SATELLITE_ID
from .waiting import CONNECTION, SATELLITE, shows

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_registry import RegistryEntry
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from .peers import FakeSatellite, FakeSpeech

NEXT_ALARM = "sensor.kitchen_kitchen_satellite_next_alarm"
ALARMS = "event.kitchen_kitchen_satellite_alarms"
ON_WEEKDAYS = "switch.kitchen_kitchen_satellite_alarm_06_30_weekdays"
MOMENT = 1_800_000_000
"""In January 2027."""


def listed(alarm_id: str, time: str = "06:30:00", **more: Any) -> dict[str, Any]:
    days = {} if "date" in more else {"weekdays": [0, 1, 2, 3, 4]}
    return {
        "id": alarm_id,
        "time": time,
        "time_zone": "US/Pacific",
        "enabled": True,
        "state": "waiting",
        "next": MOMENT,
        **days,
        **more,
    }


def happening(number: int, event: str, alarm_id: str = "a") -> dict[str, Any]:
    return {"number": number, "event": event, "id": alarm_id, "time": "06:30:00", "at": MOMENT}


async def call(hass: HomeAssistant, action: str, **data: Any) -> None:
    await hass.services.async_call(DOMAIN, action, data, blocking=True)


async def say(satellite: FakeSatellite, speech: FakeSpeech, text: str) -> str:
    """Say something, and return the answer."""
    before = len(speech.of_type("synthesize-chunk"))
    speech.transcript = text
    await satellite.begin_turn(None)
    await satellite.speak(0.2)
    await until(lambda: len(speech.of_type("synthesize-chunk")) > before)
    answer: str = speech.of_type("synthesize-chunk")[before].data["text"]
    return answer


@pytest.fixture
async def home(house: HomeAssistant, satellite: FakeSatellite) -> HomeAssistant:
    assert await async_setup_component(house, "intent", {})
    await shows(house, CONNECTION, lambda state: state == "on")
    satellite.alarms = []
    await satellite.list_alarms()
    await satellite.send(Ping())
    await satellite.wait_for("pong")
    return house


async def test_an_alarm_is_set_asked_for_and_cancelled_by_voice(
    home: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    assert await say(satellite, speech, "What alarms are set?") == "No alarm is set here."
    answer = await say(satellite, speech, "Wake me every weekday at half past six.")
    assert answer == "I'll wake you on weekdays at 6:30 AM."
    alarm = (await satellite.wait_for("alarm-set")).data
    assert alarm == {
        "id": alarm["id"],
        "time": "06:30:00",
        "weekdays": [0, 1, 2, 3, 4],
        "time_zone": "US/Pacific",
        "enabled": True,
    }
    answer = await say(satellite, speech, "Wake me tomorrow at 7.")
    assert answer == "I'll wake you tomorrow at 7 AM."
    tomorrow = (await satellite.wait_for("alarm-set", 2)).data
    assert tomorrow["date"] == (dt_util.now().date() + timedelta(days=1)).isoformat()
    answer = await say(satellite, speech, "Which alarms do I have?")
    assert answer == "2 alarms are set: on weekdays at 6:30 AM and tomorrow at 7 AM."
    answer = await say(satellite, speech, "Cancel my alarm.")
    assert answer.startswith("Which one? There are alarms on weekdays at 6:30 AM and tomorrow")
    assert await say(satellite, speech, "Cancel the eight o'clock alarm.") == (
        "There is no such alarm here."
    )
    answer = await say(satellite, speech, "Cancel the alarm for half past six.")
    assert answer == "I deleted the alarm on weekdays at 6:30 AM."
    assert (await satellite.wait_for("alarm-removed")).data == {"id": alarm["id"]}
    await say(satellite, speech, "Wake me on Mondays at 5.")
    answer = await say(satellite, speech, "Delete all alarms.")
    assert answer == "I deleted 2 alarms: tomorrow at 7 AM and every Monday at 5 AM."
    assert satellite.alarms == []


async def test_german(home: HomeAssistant, satellite: FakeSatellite) -> None:
    entry = home.config_entries.async_entry_for_domain_unique_id(DOMAIN, SATELLITE_ID)
    assert entry is not None

    async def answer(text: str) -> str:
        said = command_of(text, "de")
        assert said is not None
        return await async_execute(home, said, entry.runtime_data.alarms, "de-AT")

    assert await answer("Welche Wecker sind gestellt?") == "Hier ist kein Wecker gestellt."
    assert await answer("Weck mich morgen um halb sieben") == "Ich wecke dich morgen um 6:30 Uhr."
    assert await answer("Weck mich montags und mittwochs um sieben") == (
        "Ich wecke dich jeden Montag und Mittwoch um 7 Uhr."
    )
    assert await answer("Lösche den Wecker um halb sieben") == (
        "Ich habe den Wecker morgen um 6:30 Uhr gelöscht."
    )
    assert await answer("Wann klingelt mein Wecker?") == (
        "Ein Wecker ist gestellt: jeden Montag und Mittwoch um 7 Uhr."
    )
    satellite.refuses_alarms = "unknown-alarm"
    assert await answer("Schlummern") == "Gerade klingelt kein Wecker."


async def test_who_is_in_no_room_sets_no_alarm(
    home: HomeAssistant, satellite: FakeSatellite
) -> None:
    result: Any = await home.services.async_call(
        "conversation",
        "process",
        {"text": "Wake me tomorrow at seven"},
        blocking=True,
        return_response=True,
    )
    assert result["response"]["speech"]["plain"]["speech"] == (
        "Nothing was done. Say that to an Indoor Voice satellite in the room you mean."
    )
    assert satellite.of_type("alarm-set") == []


async def test_what_is_set_twice_is_set_once_and_on(
    home: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    satellite.alarms = [listed("mine", enabled=False, next=None)]
    await satellite.list_alarms()
    await shows(home, ON_WEEKDAYS, lambda state: state == "off")
    await say(satellite, speech, "Wake me every weekday at half past six.")
    alarm = (await satellite.wait_for("alarm-set")).data
    assert (alarm["id"], alarm["enabled"]) == ("mine", True)
    await shows(home, ON_WEEKDAYS, lambda state: state == "on")


async def test_alarms_are_switched_by_voice(
    home: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    satellite.alarms = [listed("a"), listed("b", "08:00:00", weekdays=[5, 6])]
    await satellite.list_alarms()
    await shows(home, ON_WEEKDAYS, lambda state: state == "on")
    answer = await say(satellite, speech, "Turn off my alarm.")
    assert answer.startswith("Which one?")
    answer = await say(satellite, speech, "Turn off the half past six alarm.")
    assert answer == "The alarm on weekdays at 6:30 AM is off."
    await shows(home, ON_WEEKDAYS, lambda state: state == "off")
    answer = await say(satellite, speech, "Turn on my half past six alarm.")
    assert answer == "The alarm on weekdays at 6:30 AM is on."
    await shows(home, ON_WEEKDAYS, lambda state: state == "on")


@pytest.mark.parametrize("said", ["Cancel the alarm.", "Turn off my alarm.", "I'm awake!"])
async def test_who_was_just_woken_wants_quiet_and_keeps_the_alarm(
    home: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech, said: str
) -> None:
    satellite.alarms = [listed("a")]
    satellite.happened = [happening(1, "rang"), happening(2, "stopped")]
    await satellite.list_alarms()
    await satellite.wait_for("alarms-noted")
    speech.transcript = said
    await satellite.begin_turn()
    await satellite.speak(0.2)
    assert (await satellite.wait_for("pipeline-ended")).data["answer"] is False
    assert (satellite.of_type("alarm-removed"), satellite.of_type("alarm-set")) == ([], [])


async def test_snoozing_by_voice(
    home: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    satellite.refuses_alarms = "unknown-alarm"
    assert await say(satellite, speech, "Snooze.") == "No alarm is ringing."
    satellite.refuses_alarms = None
    satellite.alarms = [listed("a", state="ringing", next=None)]
    assert await say(satellite, speech, "Five more minutes.") == (
        "I'll wake you again in nine minutes."
    )
    await satellite.wait_for("alarm-snoozed", 2)


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ("too-many-alarms", "There are too many alarms already."),
        ("alarm-passed", "That time has passed already."),
        ("unknown-time-zone", "Sorry, this satellite doesn't know Home Assistant's time zone."),
        ("failed", "Sorry, I couldn't change the alarm."),
    ],
)
async def test_what_the_satellite_refuses_is_said(
    home: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech, code: str, answer: str
) -> None:
    satellite.refuses_alarms = code
    assert await say(satellite, speech, "Wake me tomorrow at 7.") == answer


async def test_a_satellite_without_alarms_says_so(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    await shows(house, CONNECTION, lambda state: state == "on")
    assert await say(satellite, speech, "Wake me tomorrow at 7.") == (
        "This satellite can't set alarms. It needs an update."
    )
    with pytest.raises(ServiceValidationError, match="update it"):
        await call(house, "set_alarm", satellites=SATELLITE, time="07:00")


async def test_each_alarm_has_a_switch_that_goes_with_it(
    home: HomeAssistant, satellite: FakeSatellite
) -> None:
    satellite.alarms = [
        listed("a"),
        listed("b", "07:00:00", date="2027-01-15", next=MOMENT - 60),
        listed("c", "08:00:30", weekdays=[0, 2]),
        listed("d", "09:00:00", weekdays=[5, 6], enabled=False, next=None),
        listed("e", "10:00:00", weekdays=[0, 1, 2, 3, 4, 5, 6]),
    ]
    await satellite.list_alarms()
    await shows(home, ON_WEEKDAYS, lambda state: state == "on")
    names = {
        state.name.removeprefix("Kitchen satellite "): state.state
        for state in home.states.async_all("switch")
        if "Alarm" in state.name
    }
    assert names == {
        "Alarm 06:30, weekdays": "on",
        "Alarm 07:00, 2027-01-15": "on",
        "Alarm 08:00:30, Mon, Wed": "on",
        "Alarm 09:00, weekends": "off",
        "Alarm 10:00, every day": "on",
    }
    state = home.states.get(NEXT_ALARM)
    assert state is not None
    assert state.state == dt_util.utc_from_timestamp(MOMENT - 60).isoformat()
    first, *_, last = state.attributes["alarms"]
    assert (first["time"], str(first["date"]), first["weekdays"]) == ("07:00:00", "2027-01-15", [])
    assert (last["weekdays"], last["enabled"], last["rings_at"]) == (["sat", "sun"], False, None)
    satellite.alarms = []
    await satellite.list_alarms()
    await shows(home, NEXT_ALARM, lambda state: state == "unknown")
    await home.async_block_till_done()
    assert home.states.get(ON_WEEKDAYS) is None
    assert er.async_get(home).async_get(ON_WEEKDAYS) is None


async def test_an_alarm_is_switched_off_and_on(
    home: HomeAssistant, satellite: FakeSatellite
) -> None:
    satellite.alarms = [listed("a")]
    await satellite.list_alarms()
    await shows(home, ON_WEEKDAYS, lambda state: state == "on")

    async def switch(action: str) -> None:
        target = {"entity_id": ON_WEEKDAYS}
        await home.services.async_call("switch", action, target, blocking=True)

    await switch("turn_off")
    assert (await satellite.wait_for("alarm-set")).data["enabled"] is False
    await shows(home, ON_WEEKDAYS, lambda state: state == "off")
    await shows(home, NEXT_ALARM, lambda state: state == "unknown")
    await switch("turn_on")
    assert (await satellite.wait_for("alarm-set", 2)).data["enabled"] is True
    await shows(home, ON_WEEKDAYS, lambda state: state == "on")
    satellite.refuses_alarms = "failed"
    with pytest.raises(HomeAssistantError, match="was not changed"):
        await switch("turn_off")
    await satellite.stop()
    await shows(home, ON_WEEKDAYS, lambda state: state == "unavailable")
    await shows(home, NEXT_ALARM, lambda state: state not in ("unknown", "unavailable"))


async def test_switches_of_alarms_that_went_while_home_assistant_was_off_are_removed(
    home: HomeAssistant, satellite: FakeSatellite, satellite_entry: MockConfigEntry
) -> None:
    satellite.alarms = [listed("a")]
    await satellite.list_alarms()
    await shows(home, ON_WEEKDAYS, lambda state: state == "on")
    assert await home.config_entries.async_unload(satellite_entry.entry_id)
    satellite.alarms = [listed("b", "07:00:00")]
    assert await home.config_entries.async_setup(satellite_entry.entry_id)
    await shows(home, f"{ON_WEEKDAYS.replace('06_30', '07_00')}", lambda state: state == "on")
    assert er.async_get(home).async_get(ON_WEEKDAYS) is None


async def test_actions(home: HomeAssistant, satellite: FakeSatellite) -> None:
    await call(home, "set_alarm", satellites=SATELLITE, time="06:30", weekdays=["mon", "sun"])
    assert (await satellite.wait_for("alarm-set")).data["weekdays"] == [0, 6]
    await call(home, "set_alarm", satellites=SATELLITE, time="06:30", date="2027-01-15")
    assert (await satellite.wait_for("alarm-set", 2)).data["date"] == "2027-01-15"
    soon = dt_util.now() + timedelta(hours=1)
    await call(home, "set_alarm", satellites=SATELLITE, time=soon.strftime("%H:%M:%S"))
    alarm = (await satellite.wait_for("alarm-set", 3)).data
    assert (alarm["date"], alarm["time"]) == (
        soon.date().isoformat(),
        soon.strftime("%H:%M:%S"),
    )
    once = "switch.kitchen_kitchen_satellite_alarm_06_30_2027_01_15"
    await shows(home, once, lambda state: state == "on")
    await call(home, "remove_alarm", alarms=[once])
    await satellite.wait_for("alarm-removed")
    await home.async_block_till_done()
    assert er.async_get(home).async_get(once) is None
    await call(home, "snooze_alarm", satellites=SATELLITE)
    await satellite.wait_for("alarm-snoozed")


@pytest.mark.parametrize(
    ("action", "data"),
    [
        ("set_alarm", {"satellites": "light.nothing", "time": "07:00"}),
        ("set_alarm", {"satellites": SATELLITE, "time": "25:00"}),
        ("set_alarm", {"satellites": SATELLITE}),
        ("set_alarm", {"satellites": SATELLITE, "time": "07:00", "weekdays": []}),
        ("set_alarm", {"satellites": SATELLITE, "time": "07:00", "weekdays": ["xyz"]}),
        (
            "set_alarm",
            {
                "satellites": SATELLITE,
                "time": "07:00",
                "date": "2027-01-15",
                "weekdays": ["mon"],
            },
        ),
        ("remove_alarm", {"alarms": [SATELLITE]}),
        ("remove_alarm", {"alarms": ["switch.nothing"]}),
    ],
)
async def test_an_impossible_alarm_is_refused_to_an_automation(
    home: HomeAssistant, satellite: FakeSatellite, action: str, data: dict[str, Any]
) -> None:
    with pytest.raises((ServiceValidationError, vol.Invalid)):
        await call(home, action, **data)
    assert satellite.alarms == []


@pytest.mark.parametrize("code", REFUSALS)
async def test_what_the_satellite_refuses_is_said_to_an_automation(
    home: HomeAssistant, satellite: FakeSatellite, code: str
) -> None:
    satellite.refuses_alarms = code
    with pytest.raises(ServiceValidationError) as refused:
        await call(home, "set_alarm", satellites=SATELLITE, time="07:00")
    assert refused.value.translation_key == REFUSALS[code]


async def test_what_happened_is_an_event_once_and_is_noted(
    home: HomeAssistant, satellite: FakeSatellite
) -> None:
    satellite.alarms = [listed("a")]
    satellite.happened = [happening(1, "rang"), happening(2, "stopped")]
    await satellite.list_alarms()
    await shows(home, ALARMS, lambda state: state not in ("unknown", "unavailable"))
    state = home.states.get(ALARMS)
    assert state is not None
    assert (state.attributes["event_type"], state.attributes["time"]) == ("stopped", "06:30:00")
    assert (await satellite.wait_for("alarms-noted")).data == {"number": 2}
    # It repeats what it does not know to have arrived.
    satellite.happened = [happening(1, "rang"), happening(2, "stopped")]
    await satellite.list_alarms()
    assert (await satellite.wait_for("alarms-noted", 2)).data == {"number": 2}
    assert home.states.get(ALARMS) == state


@pytest.mark.parametrize(
    ("event", "words"), [("ended", "nobody stopped it"), ("missed", "did not ring")]
)
async def test_an_alarm_that_nobody_heard_leaves_a_notice(
    home: HomeAssistant, satellite: FakeSatellite, event: str, words: str
) -> None:
    satellite.happened = [happening(1, "rang", "z"), happening(2, event)]
    await satellite.list_alarms()
    await satellite.wait_for("alarms-noted")
    await home.async_block_till_done()
    (notice,) = persistent_notification._async_get_or_create_notifications(home).values()  # noqa: SLF001 - it has no public way
    assert words in notice["message"]
    assert "06:30" in notice["message"]
    assert "Kitchen satellite" in str(notice["title"])


async def test_alarms_follow_home_assistants_time_zone(
    home: HomeAssistant, satellite: FakeSatellite
) -> None:
    satellite.alarms = [listed("a"), listed("b", "08:00:00", time_zone="Europe/Berlin")]
    await satellite.list_alarms()
    moved = (await satellite.wait_for("alarm-set")).data
    assert (moved["id"], moved["time_zone"]) == ("b", "US/Pacific")
    await home.config.async_update(time_zone="Europe/Vienna")
    await satellite.wait_for("alarm-set", 3)
    assert {alarm["time_zone"] for alarm in satellite.alarms} == {"Europe/Vienna"}


async def test_a_satellite_that_refuses_to_move_is_asked_once(
    home: HomeAssistant, satellite: FakeSatellite
) -> None:
    satellite.refuses_alarms = "unknown-time-zone"
    satellite.alarms = [listed("b", time_zone="Europe/Berlin")]
    for _ in range(5):
        await satellite.list_alarms()
    await satellite.send(Ping())
    await satellite.wait_for("pong", 2)
    assert len(satellite.of_type("alarm-set")) == 1


async def test_with_its_main_entity_disabled_alarms_still_work(
    disabled_entity: RegistryEntry, home: HomeAssistant, satellite: FakeSatellite
) -> None:
    satellite.alarms = [listed("a", state="ringing", next=None)]
    await satellite.list_alarms()
    entry = home.config_entries.async_entry_for_domain_unique_id(DOMAIN, SATELLITE_ID)
    assert entry is not None
    await entry.runtime_data.alarms.async_snooze()
    await satellite.wait_for("alarm-snoozed")


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"alarms": None, "happened": []},
        {"alarms": [1], "happened": []},
        {"alarms": [{}], "happened": []},
        {"alarms": [listed("")], "happened": []},
        {"alarms": [listed("a" * 101)], "happened": []},
        {"alarms": [listed("a", "25:00")], "happened": []},
        {"alarms": [listed("a", "07:00:00+01:00")], "happened": []},
        {"alarms": [listed("a", weekdays=[7])], "happened": []},
        {"alarms": [listed("a", weekdays=[True])], "happened": []},
        {"alarms": [listed("a", weekdays=[])], "happened": []},
        {"alarms": [listed("a", date="2027-02-30")], "happened": []},
        {"alarms": [listed("a", date=5)], "happened": []},
        {"alarms": [listed("a", time_zone=None)], "happened": []},
        {"alarms": [listed("a", enabled=1)], "happened": []},
        {"alarms": [listed("a", state="x")], "happened": []},
        {"alarms": [listed("a", next=float("nan"))], "happened": []},
        {"alarms": [listed("a", next=1e300)], "happened": []},
        {"alarms": [listed(str(n)) for n in range(MAX_ALARMS + 1)], "happened": []},
        {"alarms": [], "happened": [happening(1, "x")]},
        {"alarms": [], "happened": [happening(-1, "rang")]},
        {"alarms": [], "happened": [happening(2**60, "rang")]},
        {"alarms": [], "happened": [happening(1, "rang")] * 51},
    ],
)
async def test_an_invalid_list_is_refused_and_changes_nothing(
    home: HomeAssistant, satellite: FakeSatellite, data: dict[str, Any]
) -> None:
    satellite.alarms = [listed("a")]
    await satellite.list_alarms()
    await shows(home, ON_WEEKDAYS, lambda state: state == "on")
    await satellite.send(Event(type="alarms", data=data))
    assert (await satellite.wait_for("error")).data["code"] == "bad-request"
    await shows(home, ON_WEEKDAYS, lambda state: state == "on")


async def test_as_many_as_there_can_be(home: HomeAssistant, satellite: FakeSatellite) -> None:
    satellite.alarms = [
        listed(f"{number:026}", f"{number // 60:02}:{number % 60:02}:00")
        for number in range(MAX_ALARMS)
    ]
    await satellite.list_alarms()
    await shows(home, NEXT_ALARM, lambda state: state != "unknown")
    await home.async_block_till_done()
    assert len([s for s in home.states.async_all("switch") if "Alarm" in s.name]) == MAX_ALARMS
