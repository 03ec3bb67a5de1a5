"""The blueprints do what they say, and can be imported from their links."""

import shutil
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, override
from urllib.parse import parse_qs, urlsplit

import pytest
from homeassistant.components.calendar import CalendarEntity, CalendarEvent
from homeassistant.const import Platform
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from homeassistant.util.yaml import load_yaml_dict
from pytest_homeassistant_custom_component.common import async_capture_events, async_mock_service

from tests.documents import ROOT, Document, doc, named
from tests.waiting import until

from .engines import add_engine
from .keeping import set_up_household
from .waiting import SATELLITE, reaches, shows

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence
    from pathlib import Path

    from homeassistant.core import Event, HomeAssistant
    from pytest_homeassistant_custom_component.test_util.aiohttp import AiohttpClientMocker
    from pytest_homeassistant_custom_component.typing import WebSocketGenerator

    from .peers import FakeSatellite, FakeSpeech

BLUEPRINTS: Final = sorted((ROOT / "blueprints" / "automation" / "indoor_voice").glob("*.yaml"))
AUTOMATION: Final = "automation.from_a_blueprint"
GUEST_MODE: Final = "switch.household_guest_mode"
POWER: Final = "sensor.washing_machine_power"
BELL: Final = {"trigger": "event", "event_type": "begin"}
LEFT: Final = "Have the guests left? Then I switch guest mode off."


async def use(hass: HomeAssistant, name: str, **inputs: Any) -> None:
    """Make an automation of a blueprint."""
    folder = hass.config.path("blueprints", "automation", "indoor_voice")
    shutil.copytree(BLUEPRINTS[0].parent, folder)
    from_blueprint = {"path": f"indoor_voice/{name}.yaml", "input": inputs}
    automation = {"alias": "From a blueprint", "use_blueprint": from_blueprint}
    assert await async_setup_component(hass, "automation", {"automation": [automation]})
    await hass.async_block_till_done(wait_background_tasks=False)
    state = hass.states.get(AUTOMATION)
    assert state is not None
    assert state.state == "on"


async def ends(hass: HomeAssistant) -> None:
    """Wait until the automation has nothing more to do."""

    def runs() -> int:
        state = hass.states.get(AUTOMATION)
        assert state is not None
        current: int = state.attributes["current"]
        return current

    await until(runs, lambda current: current == 0)


def spoken(speech: FakeSpeech) -> list[str]:
    return [event.data["text"] for event in speech.of_type("synthesize-chunk")]


async def answer(satellite: FakeSatellite, speech: FakeSpeech, words: str) -> None:
    """Answer the question that is being asked; no words are silence."""
    speech.transcript = words
    await satellite.wait_for("run-pipeline")
    await satellite.speak()


def happening(hass: HomeAssistant, *names: str) -> dict[str, Sequence[Event[Any]]]:
    return {name: async_capture_events(hass, name) for name in names}


# Ask before acting


async def ask_before_acting(house: HomeAssistant, **more: Any) -> None:
    """Use the blueprint, which asks at `begin` and then fires `act`."""
    acts = [{"event": "act"}]
    await use(
        house, "ask_before_acting", triggers=[BELL], satellite=SATELLITE, actions=acts, **more
    )


@pytest.mark.parametrize(
    ("words", "acts"), [("Yes, please.", 1), ("Do it!", 1), ("No, thanks.", 0), ("", 0)]
)
async def test_it_acts_only_after_a_yes(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech, words: str, acts: int
) -> None:
    acted = happening(house, "act")["act"]
    await ask_before_acting(house)
    house.bus.async_fire("begin")
    await answer(satellite, speech, words)
    await ends(house)
    assert spoken(speech)[0] == "Shall I close the blinds?"
    assert len(acted) == acts


async def test_nothing_is_done_or_asked_unless_the_conditions_are_met(
    house: HomeAssistant, speech: FakeSpeech
) -> None:
    acted = happening(house, "act")["act"]
    unless_closed = {"condition": "state", "entity_id": "cover.blinds", "state": "open"}
    await ask_before_acting(house, conditions=[unless_closed])
    house.states.async_set("cover.blinds", "closed")
    house.bus.async_fire("begin")
    await house.async_block_till_done(wait_background_tasks=False)
    await ends(house)
    assert not acted
    assert not spoken(speech)


async def test_nothing_is_done_while_the_satellite_is_away(
    house: HomeAssistant, satellite: FakeSatellite
) -> None:
    acted = happening(house, "act")["act"]
    await ask_before_acting(house)
    await satellite.stop()
    await reaches(house, "unavailable")
    house.bus.async_fire("begin")
    await house.async_block_till_done(wait_background_tasks=False)
    await ends(house)
    assert not acted


# Good night


@pytest.mark.parametrize(
    ("window", "said"),
    [("off", "Good night."), ("on", "Good night. Still open: Kitchen window.")],
)
async def test_good_night_switches_off_and_names_what_is_open(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech, window: str, said: str
) -> None:
    house.states.async_set("binary_sensor.window", window, {"friendly_name": "Kitchen window"})
    house.states.async_set("binary_sensor.door", "off", {"friendly_name": "Back door"})
    switched_off = async_mock_service(house, "light", "turn_off")
    satellite.alarms = []
    await satellite.list_alarms()
    await use(
        house,
        "good_night",
        switch_off={"entity_id": "light.kitchen_light"},
        openings=["binary_sensor.window", "binary_sensor.door"],
        alarm_satellites=[SATELLITE],
        alarm_time="06:45:00",
    )
    speech.transcript = "Good night."
    await satellite.begin_turn()
    await satellite.speak()
    await satellite.wait_for("pipeline-ended")
    await until(lambda: spoken(speech), bool)
    assert "".join(spoken(speech)) == said
    assert [call.data["entity_id"] for call in switched_off] == [["light.kitchen_light"]]
    assert [alarm["time"] for alarm in satellite.alarms] == ["06:45:00"]


async def test_good_night_needs_nothing_to_switch_off_and_no_alarm(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    await use(house, "good_night")
    speech.transcript = "I'm going to bed."
    await satellite.begin_turn()
    await satellite.speak()
    assert (await satellite.wait_for("pipeline-ended")).data.get("error") is None
    await until(lambda: spoken(speech), bool)
    assert "".join(spoken(speech)) == "Good night."


# Washing machine


async def wash(hass: HomeAssistant, **quiet: str) -> None:
    """Let a washing machine run and end."""
    hass.states.async_set(POWER, "0")
    await use(
        hass,
        "washing_machine",
        power=POWER,
        idle_for={"seconds": 0},
        satellites=[SATELLITE],
        **quiet,
    )
    hass.states.async_set(POWER, "2100")
    hass.states.async_set(POWER, "1.5")


async def test_a_washing_machine_is_announced_when_it_is_done(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    await wash(house, quiet_from="00:00:00", quiet_until="00:00:00")
    await satellite.wait_for("audio-stop")
    await ends(house)
    assert spoken(speech) == ["The washing machine is done."]


async def test_in_the_quiet_time_it_waits_for_the_end(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    now = dt_util.now()
    end = (now + timedelta(seconds=3)).replace(microsecond=0)
    await wash(
        house,
        quiet_from=(now - timedelta(hours=1)).time().isoformat("seconds"),
        quiet_until=end.time().isoformat(),
    )
    await satellite.wait_for("audio-stop")
    assert dt_util.now() >= end
    await ends(house)
    assert spoken(speech) == ["The washing machine is done."]


# Door bell


@pytest.mark.parametrize(
    ("words", "happens"),
    [
        ("Yes, please.", "opened"),
        ("Let them in!", "opened"),
        ("I'm coming.", "told"),
        ("Just a minute.", "told"),
        ("Not now.", "left"),
        ("What a lovely day.", "left"),
        ("", "left"),
    ],
)
async def test_the_answer_decides_about_the_door(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech, words: str, happens: str
) -> None:
    happened = happening(house, "opened", "told", "left")
    await use(
        house,
        "door_bell",
        triggers=[BELL],
        satellite=SATELLITE,
        open_actions=[{"event": "opened"}],
        coming_actions=[{"event": "told"}],
        leave_actions=[{"event": "left"}],
    )
    house.bus.async_fire("begin")
    await answer(satellite, speech, words)
    await ends(house)
    assert spoken(speech)[0] == "Somebody is at the door. Shall I open?"
    assert [name for name, events in happened.items() if events] == [happens]


async def test_the_door_bell_is_announced_in_the_other_rooms(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    announced = async_mock_service(house, "assist_satellite", "announce")
    await use(
        house,
        "door_bell",
        triggers=[BELL],
        satellite=SATELLITE,
        other_satellites=["assist_satellite.hall"],
    )
    house.bus.async_fire("begin")
    await answer(satellite, speech, "No.")
    await ends(house)
    (call,) = announced
    assert call.data["entity_id"] == ["assist_satellite.hall"]
    assert call.data["message"] == "Somebody is at the door."


# Guest mode by calendar


@pytest.fixture
async def host(house: HomeAssistant) -> AsyncGenerator[HomeAssistant]:
    """A house with a household, whose automation is switched off at the end."""
    await set_up_household(house)
    yield house
    off = {"entity_id": AUTOMATION}
    await house.services.async_call("automation", "turn_off", off, blocking=True)


class Agenda(CalendarEntity):
    """A calendar with fixed events."""

    _attr_name = "Agenda"
    _attr_unique_id = "agenda"

    def __init__(self, *events: CalendarEvent) -> None:
        self._events = events

    @property
    @override
    def event(self) -> CalendarEvent | None:
        return None

    @override
    async def async_get_events(
        self, hass: HomeAssistant, start_date: datetime, end_date: datetime
    ) -> list[CalendarEvent]:
        return [
            it
            for it in self._events
            if it.start_datetime_local < end_date and it.end_datetime_local > start_date
        ]


async def visit(hass: HomeAssistant, *events: CalendarEvent) -> None:
    """Let a household follow a calendar."""
    await add_engine(hass, Agenda(*events), Platform.CALENDAR, "local_polling")
    await use(
        hass,
        "guest_mode_by_calendar",
        calendar="calendar.agenda",
        guest_mode=GUEST_MODE,
        satellite=SATELLITE,
    )


def event(title: str, begins_in: float, lasts: float = 3600) -> CalendarEvent:
    """Return an event that begins in `begins_in` seconds and lasts `lasts` seconds."""
    start = dt_util.now() + timedelta(seconds=begins_in)
    return CalendarEvent(summary=title, start=start, end=start + timedelta(seconds=lasts))


@pytest.mark.parametrize(("words", "afterwards"), [("They have left.", "off"), ("", "on")])
async def test_guest_mode_begins_with_the_event_and_ends_when_somebody_says_so(
    host: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech, words: str, afterwards: str
) -> None:
    await visit(host, event("Guests for dinner", 2, 2))
    await shows(host, GUEST_MODE, lambda state: state == "on")
    await answer(satellite, speech, words)
    await ends(host)
    assert spoken(speech)[-1] == LEFT
    await shows(host, GUEST_MODE, lambda state: state == afterwards)


async def test_only_events_for_guests_count(host: HomeAssistant) -> None:
    guests = event("Guests", 3)
    await visit(host, event("Dentist", 1), guests)
    await shows(host, GUEST_MODE, lambda state: state == "on")
    assert dt_util.now() >= guests.start_datetime_local


async def test_nobody_is_asked_while_other_guests_are_there(
    host: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    await visit(host, event("Guests", -60, 62), event("More guests", 1, 4))
    await shows(host, GUEST_MODE, lambda state: state == "on")
    await answer(satellite, speech, "Not yet.")
    await ends(host)
    assert spoken(speech).count(LEFT) == 1
    await shows(host, GUEST_MODE, lambda state: state == "on")


# Importing


def links() -> dict[str, str]:
    """Return the links in the document by the names of the blueprints."""
    return {
        named(row[0])[0]: row[2].removeprefix("[Import](").removesuffix(")")
        for row in doc("blueprints.md").table("Blueprints")
    }


def test_every_blueprint_is_documented_by_its_name() -> None:
    assert set(links()) == {load_yaml_dict(str(it))["blueprint"]["name"] for it in BLUEPRINTS}


@pytest.mark.parametrize("path", BLUEPRINTS, ids=lambda path: path.stem)
async def test_a_blueprint_is_imported_from_its_link(
    hass: HomeAssistant,
    hass_ws_client: WebSocketGenerator,
    aioclient_mock: AiohttpClientMocker,
    path: Path,
) -> None:
    blueprint = load_yaml_dict(str(path))["blueprint"]
    link = urlsplit(links()[blueprint["name"]])
    assert link.hostname == "my.home-assistant.io"
    assert link.path == "/redirect/blueprint_import/"
    (url,) = parse_qs(link.query)["blueprint_url"]
    assert url == blueprint["source_url"]
    assert url.endswith(f"/blob/main/{path.relative_to(ROOT)}")
    raw = url.replace("github.com", "raw.githubusercontent.com").replace("/blob/", "/")
    aioclient_mock.get(raw, text=Document(path).text)
    assert await async_setup_component(hass, "automation", {})
    client = await hass_ws_client(hass)
    await client.send_json_auto_id({"type": "blueprint/import", "url": url})
    answer = await client.receive_json()
    assert answer["success"], answer
    assert answer["result"]["validation_errors"] is None
    assert answer["result"]["blueprint"]["metadata"]["name"] == blueprint["name"]
