"""Adding and removing the household, and its entities and announcements."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.components.person import async_create_person
from homeassistant.config_entries import SOURCE_USER
from homeassistant.const import (
    EVENT_CALL_SERVICE,
    STATE_OFF,
    STATE_ON,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
)
from homeassistant.core import Context
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import HomeAssistantError
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_capture_events
from wyoming.event import Event

from custom_components.indoor_voice.const import CONF_RETENTION, DOMAIN, HOUSEHOLD_ID
from custom_components.indoor_voice.household.events import EVENT_RECORDINGS
from custom_components.indoor_voice.household.keeper import KEEPER
from custom_components.indoor_voice.household.settings import async_allow
from custom_components.indoor_voice.privacy.consent.consent import Purpose
from custom_components.indoor_voice.privacy.consent.rules import DropReason
from custom_components.indoor_voice.privacy.store.ledger_rows import RowKind
from custom_components.indoor_voice.privacy.store.sealing import Part
from custom_components.indoor_voice.privacy.types import ITSELF

from .flows import begin, enter, enter_code
from .household_entities import (
    DELETE_LAST,
    KEEPS,
    KEPT,
    OPTED_OUT,
    attributes_of,
    say,
    state_of,
)
from .keeping import (
    Inhabitant,
    add_consenting_person,
    add_listening_key,
    add_person,
    keeper_of,
    set_read_only,
    set_up_household,
    totals,
)
from .peers import SATELLITE_ID, FakeSatellite
from .waiting import reaches

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

NEXT_EXPIRY = "sensor.household_next_expiry"
LAST_DELETION = "sensor.household_last_deletion"
GUESTS = "switch.household_guest_mode"
ROOM_OPTED_OUT = "switch.kitchen_kitchen_satellite_keep_nothing_here"
ROOM_DELETE_LAST = "button.kitchen_kitchen_satellite_delete_the_last_recording"
RECORDINGS = "event.household_recordings"


async def act(hass: HomeAssistant, action: str, entity_id: str, user_id: str | None = None) -> None:
    await hass.services.async_call(
        entity_id.partition(".")[0],
        action,
        {"entity_id": entity_id},
        blocking=True,
        context=Context(user_id=user_id),
    )
    await hass.async_block_till_done()


@pytest.fixture
async def home(house: HomeAssistant) -> HomeAssistant:
    """A household with a ceiling of a week and no members yet."""
    await set_up_household(house)
    return house


@pytest.fixture
async def ada(home: HomeAssistant) -> Inhabitant:
    """The only member, with a listening key and consent to keeping."""
    return await add_consenting_person(home, "Ada")


# Adding and removing it


async def test_it_is_added_and_keeps_nothing(hass: HomeAssistant, own: Any) -> None:
    assert await async_setup_component(hass, "person", {})
    menu: Any = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    flow = hass.config_entries.flow
    form: Any = await flow.async_configure(menu["flow_id"], {"next_step_id": "household"})
    assert form["type"] is FlowResultType.FORM
    result: Any = await flow.async_configure(form["flow_id"], {})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "Household"
    assert result["data"] == {"kind": "household"}
    assert result["result"].unique_id == HOUSEHOLD_ID
    assert state_of(hass, KEPT) == "0"
    assert state_of(hass, NEXT_EXPIRY) == STATE_UNKNOWN
    again: Any = await flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    assert "household" not in again["menu_options"]


async def test_there_is_one(hass: HomeAssistant, own: Any) -> None:
    flow = hass.config_entries.flow
    first: Any = await begin_household(hass)
    second: Any = await begin_household(hass)
    await flow.async_configure(first["flow_id"], {})
    result: Any = await flow.async_configure(second["flow_id"], {})
    assert result["reason"] == "already_configured"
    assert result["description_placeholders"] == {"name": "Household"}


async def begin_household(hass: HomeAssistant) -> Any:
    flow = hass.config_entries.flow
    menu: Any = await flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    return await flow.async_configure(menu["flow_id"], {"next_step_id": "household"})


async def test_the_first_satellite_brings_it(hass: HomeAssistant, satellite: FakeSatellite) -> None:
    ada = await add_person(hass, "Ada")
    await satellite.trust(None)
    form = await enter(hass, await begin(hass, "satellite"), satellite.port)
    result = await enter_code(hass, form)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    household = hass.config_entries.async_entry_for_domain_unique_id(DOMAIN, HOUSEHOLD_ID)
    assert household is not None
    assert dict(household.options) == {}
    rows = await keeper_of(hass).run(lambda it: it.rows(ada.id))
    assert (RowKind.PAIRED, SATELLITE_ID) in [(row.kind, row.room) for row in rows]
    await hass.config_entries.async_remove(household.entry_id)
    await satellite.wait_for("run-satellite")
    assert state_of(hass, KEEPS) == STATE_OFF
    assert await hass.config_entries.async_unload(result["result"].entry_id)


async def test_it_has_no_address(home: HomeAssistant) -> None:
    household = home.config_entries.async_entry_for_domain_unique_id(DOMAIN, HOUSEHOLD_ID)
    assert household is not None
    result: Any = await home.config_entries.flow.async_init(
        DOMAIN, context={"source": "reconfigure", "entry_id": household.entry_id}
    )
    assert result["reason"] == "no_address"


async def test_removing_it_deletes_all_that_is_kept(
    home: HomeAssistant, ada: Inhabitant, hass_storage: dict[str, Any]
) -> None:
    await say(home)
    folder = Path(home.config.cache_path(DOMAIN))
    assert list(folder.iterdir())  # noqa: ASYNC240 - the test's own folder
    assert f"{DOMAIN}.ledger" in hass_storage
    household = home.config_entries.async_entry_for_domain_unique_id(DOMAIN, HOUSEHOLD_ID)
    assert household is not None
    await home.config_entries.async_remove(household.entry_id)
    await home.async_block_till_done()
    assert KEEPER not in home.data
    assert not list(folder.iterdir())  # noqa: ASYNC240 - the test's own folder
    assert not [key for key in hass_storage if key in (f"{DOMAIN}.ledger", f"{DOMAIN}.keys")]
    assert state_of(home, KEEPS) == STATE_OFF
    assert state_of(home, ROOM_OPTED_OUT) == STATE_UNAVAILABLE


async def test_without_it_a_satellite_keeps_nothing_and_works(house: HomeAssistant) -> None:
    assert state_of(house, KEEPS) == STATE_OFF
    assert state_of(house, ROOM_OPTED_OUT) == STATE_UNAVAILABLE
    assert state_of(house, ROOM_DELETE_LAST) == STATE_UNAVAILABLE


# Entities


async def test_recordings_are_kept_exactly_while_everybody_wants_it(
    home: HomeAssistant, ada: Inhabitant
) -> None:
    assert state_of(home, KEEPS) == STATE_ON
    ben = await add_person(home, "Ben")
    assert state_of(home, KEEPS) == STATE_OFF
    await ben.consent(home)
    assert state_of(home, KEEPS) == STATE_OFF  # they have not named each other
    await keeper_of(home).run(lambda it: it.withdraw(ada.id, Purpose.KEEP, None, "panel"))
    assert state_of(home, KEEPS) == STATE_OFF


async def test_the_counts_follow(home: HomeAssistant, ada: Inhabitant) -> None:
    before = dt_util.utcnow()
    await say(home)
    await say(home)
    await home.async_block_till_done()
    assert state_of(home, KEPT) == "2"
    expiry = dt_util.parse_datetime(state_of(home, NEXT_EXPIRY), raise_on_error=True)
    assert abs((expiry - before).total_seconds() - 7 * 86_400) < 60
    await act(home, "press", DELETE_LAST)
    assert state_of(home, KEPT) == "1"
    deletion = dt_util.parse_datetime(state_of(home, LAST_DELETION), raise_on_error=True)
    assert abs((deletion - before).total_seconds()) < 60
    await act(home, "press", ROOM_DELETE_LAST)
    assert state_of(home, KEPT) == "0"
    assert state_of(home, NEXT_EXPIRY) == STATE_UNKNOWN
    await act(home, "press", DELETE_LAST)


async def test_events_tell_what_happened_and_nothing_of_what_was_said(
    home: HomeAssistant, ada: Inhabitant
) -> None:
    fired = async_capture_events(home, EVENT_RECORDINGS)
    shown = []
    await say(home)
    await home.async_block_till_done()
    shown.append(home.states.get(RECORDINGS))
    (recording,) = await ada.recordings(home)
    await ada.open(home, recording, Part.WORDS)
    await home.async_block_till_done()
    shown.append(home.states.get(RECORDINGS))
    await act(home, "press", DELETE_LAST)
    shown.append(home.states.get(RECORDINGS))
    assert [state.attributes["event_type"] for state in shown if state] == [
        "kept",
        "opened",
        "deleted",
    ]
    assert [event.data for event in fired] == [
        {"kind": what, "count": 1} for what in ("kept", "opened", "deleted")
    ]


@pytest.mark.parametrize(
    ("switch", "reason"),
    [(OPTED_OUT, "household"), (GUESTS, "guests"), (ROOM_OPTED_OUT, "room")],
)
async def test_a_switch_pauses_and_takes_no_consent_away(
    home: HomeAssistant, ada: Inhabitant, switch: str, reason: str
) -> None:
    await act(home, "turn_on", switch, ada.id)
    assert state_of(home, switch) == STATE_ON
    assert state_of(home, KEEPS) == STATE_OFF
    status = keeper_of(home).status(SATELLITE_ID)
    assert status is not None
    assert status.paused == reason
    await say(home)
    assert state_of(home, KEPT) == "0"
    await act(home, "turn_off", switch, ada.id)
    assert state_of(home, switch) == STATE_OFF
    assert state_of(home, KEEPS) == STATE_ON
    rows = await keeper_of(home).run(lambda it: it.rows(ada.id))
    assert [row.actor for row in rows if row.kind is RowKind.PAUSED] == [ada.id, ada.id]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("nothing allowed", DropReason.NOT_ALLOWED),
        ("guests", DropReason.GUESTS),
        ("somebody new", DropReason.NOT_AGREED),
        ("a child", DropReason.NO_ACCOUNT),
        ("no key", DropReason.NO_KEY),
        ("read-only", DropReason.FAILED),
    ],
)
async def test_the_sensor_says_what_happens_to_the_next_turn_and_why(
    home: HomeAssistant, ada: Inhabitant, change: str, reason: DropReason
) -> None:
    assert "why_not" not in attributes_of(home, KEEPS)
    keeper = keeper_of(home)
    match change:
        case "nothing allowed":
            async_allow(home, 0)
        case "guests":
            await act(home, "turn_on", GUESTS, ada.id)
        case "somebody new":
            await add_person(home, "Bob")
        case "a child":
            await async_create_person(home, "Dora")
        case "no key":
            await keeper.run(lambda it: it.remove_key(ada.id, ITSELF))
        case _:
            await set_read_only(home)
            await say(home)
            await set_read_only(home, read_only=False)
            # It works again, but that is found out within a minute.
    await home.async_block_till_done()
    assert state_of(home, KEEPS) == STATE_OFF
    assert attributes_of(home, KEEPS)["why_not"] == reason
    before = keeper.view.totals.dropped[reason] if keeper.view else 0
    await say(home)
    assert state_of(home, KEPT) == "0"
    assert (await totals(home))[1][reason] == before + 1


async def test_guest_mode_stays_on_until_it_is_switched_off(home: HomeAssistant) -> None:
    await act(home, "turn_on", GUESTS)
    view = keeper_of(home).view
    assert view is not None
    assert view.pauses.guests_until == math.inf


async def test_an_action_that_the_store_cannot_do_says_so(
    home: HomeAssistant, ada: Inhabitant
) -> None:
    await set_read_only(home)
    with pytest.raises(HomeAssistantError, match="The household's recordings can't be"):
        await act(home, "turn_on", OPTED_OUT)
    assert state_of(home, OPTED_OUT) == STATE_OFF


# Announcements


async def test_the_room_is_told_once_when_keeping_begins_and_ends(
    home: HomeAssistant, satellite: FakeSatellite
) -> None:
    ada = await add_person(home, "Ada")
    await add_listening_key(home, ada)
    await ada.consent(home)
    await satellite.wait_for("audio-stop")
    await reaches(home, "idle")
    await ada.consent(home, 3_600.0)
    await act(home, "turn_on", OPTED_OUT)
    await satellite.wait_for("audio-stop", 2)
    await reaches(home, "idle")
    await home.async_block_till_done(wait_background_tasks=False)
    assert len(satellite.of_type("audio-start")) == 2


async def test_what_a_room_is_told_says_how_long(
    home: HomeAssistant, satellite: FakeSatellite
) -> None:
    calls = async_capture_events(home, EVENT_CALL_SERVICE)
    ada = await add_person(home, "Ada")
    await add_listening_key(home, ada)
    await ada.consent(home, 3 * 86_400.0)
    await satellite.wait_for("audio-stop")
    await reaches(home, "idle")
    await act(home, "turn_on", ROOM_OPTED_OUT)
    await satellite.wait_for("audio-stop", 2)
    announcements = [call.data for call in calls if call.data["service"] == "announce"]
    assert [call["service_data"]["message"] for call in announcements] == [
        (
            "From now on, what you say to me here is kept for up to 3 days."
            " To end that, say: stop keeping recordings here."
        ),
        "From now on, nothing you say to me here is kept.",
    ]


async def test_a_room_whose_satellite_is_away_is_told_when_it_is_back(
    home: HomeAssistant, satellite: FakeSatellite
) -> None:
    await satellite.stop()
    await reaches(home, STATE_UNAVAILABLE)
    ada = await add_person(home, "Ada")
    await add_listening_key(home, ada)
    await ada.consent(home)
    assert state_of(home, KEEPS) == STATE_ON
    assert not satellite.of_type("audio-start")
    await satellite.start()
    await satellite.wait_for("audio-stop")


async def test_a_room_hears_nothing_of_what_was_undone_before_it_could_be_told(
    home: HomeAssistant, satellite: FakeSatellite
) -> None:
    await satellite.stop()
    await reaches(home, STATE_UNAVAILABLE)
    ada = await add_person(home, "Ada")
    await add_listening_key(home, ada)
    await ada.consent(home)
    await keeper_of(home).run(lambda it: it.withdraw(ada.id, Purpose.KEEP, None, "panel"))
    await satellite.start()
    await reaches(home, "idle")
    await home.async_block_till_done()
    assert not satellite.of_type("audio-start")


async def test_who_speaks_is_not_interrupted(home: HomeAssistant, satellite: FakeSatellite) -> None:
    ada = await add_person(home, "Ada")
    await add_listening_key(home, ada)
    satellite.plays = False
    number = await satellite.begin_turn()
    await satellite.speak()
    await satellite.wait_for("audio-stop")
    await reaches(home, "responding")
    await ada.consent(home)
    assert len(satellite.of_type("audio-start")) == 1
    satellite.plays = True
    await satellite.send(Event(type="played"))
    await satellite.wait_for("audio-stop", 2)
    assert satellite.of_turn(number).count("audio-stop") == 1


async def test_the_household_is_there_again_after_a_restart(
    home: HomeAssistant, ada: Inhabitant
) -> None:
    await say(home)
    household = home.config_entries.async_entry_for_domain_unique_id(DOMAIN, HOUSEHOLD_ID)
    assert household is not None
    assert await home.config_entries.async_reload(household.entry_id)
    await home.async_block_till_done()
    assert state_of(home, KEPT) == "1"
    assert state_of(home, KEEPS) == STATE_ON
    (recording,) = await ada.recordings(home)
    assert (await ada.words(home, recording))["transcript"] == "what is the secret of the marzipan"


async def test_a_lower_retention_holds_at_once(home: HomeAssistant, ada: Inhabitant) -> None:
    household = home.config_entries.async_entry_for_domain_unique_id(DOMAIN, HOUSEHOLD_ID)
    assert household is not None
    home.config_entries.async_update_entry(household, options={CONF_RETENTION: 0})
    await home.async_block_till_done()
    assert state_of(home, KEEPS) == STATE_OFF
