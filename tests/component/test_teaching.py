"""What is learned from reviewed recordings takes effect in Home Assistant, and ends with them."""

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

import pytest
from homeassistant.components import conversation
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component

from custom_components.indoor_voice.assistant.learned import (
    LEARNED,
    Learned,
    Mishearing,
    learned,
)
from custom_components.indoor_voice.assistant.understanding import Understanding
from custom_components.indoor_voice.household.store_issues import store_path
from custom_components.indoor_voice.privacy.consent.consent import Purpose

from .logins import KITCHEN, WEEK, Home, Login, ask, notice, refused
from .test_review import hear, sealed

if TYPE_CHECKING:
    from collections.abc import Collection

    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.typing import MockHAClientWebSocket

    from tests.privacy.listener import Listener

CORRECTION: Final = {"heard": "kitchen mic", "meant": "kitchen light", "language": "en"}
CEILING: Final = "light.living_room_ceiling"
ALIAS: Final = {"entity_id": CEILING, "alias": "big light"}


@pytest.fixture
async def home(home: Home) -> Home:
    """A home in which everybody agreed to everything in the kitchen, where Ben listens."""
    await home.agree(KITCHEN)
    for login in (home.ada, home.cleo):
        await login.name(KITCHEN, home.ben)
    for login in home.people:
        await agree_to_teach(login)
    assert await async_setup_component(home.hass, "homeassistant", {})
    entry = er.async_get(home.hass).async_get_or_create(
        "light", "test", "1", suggested_object_id="living_room_ceiling"
    )
    assert entry.entity_id == CEILING
    home.hass.states.async_set(CEILING, "off", {"friendly_name": "Ceiling"})
    return home


@pytest.fixture
async def ben(home: Home) -> Listener:
    return await home.ben.add_listening_key()


async def agree_to_teach(login: Login) -> None:
    await login.ask(
        "consent/give",
        purpose="teach",
        rooms=[KITCHEN],
        notice_sha256=notice(Purpose.TEACH),
        valid_seconds=WEEK,
    )


async def review_all(client: MockHAClientWebSocket, ben: Listener, count: int) -> None:
    for _ in range(count):
        recording = (await ask(client, "review/next", go_on=True))["recording"]
        opened = await hear(client, ben, recording)
        given = sealed(opened, "wrong-words", "turn on the kitchen light")
        fields = {"recording": recording, "verdict": "wrong-words", "sealed": given}
        await ask(client, "review/verdict", **fields)


async def evidence_of(home: Home, ben: Listener, count: int = 1) -> MockHAClientWebSocket:
    """Let Ben review some recordings, and return his connection."""
    for _ in range(count):
        await home.say()
    client = await home.ben.connect()
    await review_all(client, ben, count)
    return client


async def names(client: MockHAClientWebSocket) -> list[str]:
    shown = (await ask(client, "teach/evidence"))["evidence"]
    return [one["recording"] for one in shown]


async def approve(
    client: MockHAClientWebSocket,
    kind: str,
    content: dict[str, Any],
    recordings: Collection[str] | None = None,
) -> str:
    recordings = await names(client) if recordings is None else recordings
    fields = {"kind": kind, "content": content, "recordings": list(recordings)}
    answer = await ask(client, "lessons/approve", **fields)
    lesson: str = answer["lesson"]
    return lesson


def aliases(hass: HomeAssistant) -> list[str]:
    entry = er.async_get(hass).async_get(CEILING)
    assert entry is not None
    return [alias for alias in entry.aliases if isinstance(alias, str)]


async def test_evidence_opens_with_the_readers_key_and_comes_in_pages(
    home: Home, ben: Listener
) -> None:
    client = await evidence_of(home, ben, 51)
    first = await ask(client, "teach/evidence")
    assert len(first["evidence"]) == 50
    second = await ask(client, "teach/evidence", after=first["next"])
    assert len(second["evidence"]) == 1
    assert second["next"] is None
    every = first["evidence"] + second["evidence"]
    assert len({one["recording"] for one in every}) == 51
    assert all(one["teachable"] and one["own"] for one in every)
    assert all(len(one["verdicts"]) == 1 for one in every)


async def test_an_alias_is_written_with_one_command_and_goes_with_its_lesson(
    home: Home, ben: Listener
) -> None:
    client = await evidence_of(home, ben)
    lesson = await approve(client, "alias", ALIAS)
    await home.hass.async_block_till_done()
    assert aliases(home.hass) == ["big light"]
    await home.ada.ask("lessons/end", lesson=lesson)
    await home.hass.async_block_till_done()
    assert aliases(home.hass) == []


async def test_a_name_that_was_given_by_hand_stays(home: Home, ben: Listener) -> None:
    client = await evidence_of(home, ben)
    lesson = await approve(client, "alias", ALIAS)
    await home.hass.async_block_till_done()
    registry = er.async_get(home.hass)
    entry = registry.async_get(CEILING)
    assert entry is not None
    registry.async_update_entity(CEILING, aliases=[*entry.aliases, "by hand"])
    await home.ada.ask("lessons/end", lesson=lesson)
    await home.hass.async_block_till_done()
    assert aliases(home.hass) == ["by hand"]


@pytest.mark.parametrize("alias", ["Ceiling", "scullery", "back Kitchen"])
async def test_a_name_that_something_has_is_refused(home: Home, ben: Listener, alias: str) -> None:
    ar.async_get(home.hass).async_create("Scullery", aliases={"Back kitchen"})
    client = await evidence_of(home, ben)
    fields = {"kind": "alias", "content": ALIAS | {"alias": alias}}
    assert await refusal(client, "lessons/approve", **fields) == "not_allowed: name-taken"
    assert aliases(home.hass) == []


async def test_a_thing_that_is_not_registered_gets_no_name(home: Home, ben: Listener) -> None:
    client = await evidence_of(home, ben)
    fields = {"kind": "alias", "content": ALIAS | {"entity_id": "light.other"}}
    assert await refusal(client, "lessons/approve", **fields) == "not_allowed: unknown-entity"


async def refusal(client: MockHAClientWebSocket, command: str, **fields: Any) -> str:
    return await refused(client, command, recordings=await names(client), **fields)


async def test_words_are_known_while_their_lesson_holds(home: Home, ben: Listener) -> None:
    client = await evidence_of(home, ben)
    await approve(client, "correction", CORRECTION)
    await approve(client, "names", {"names": ["Ovosec"]})
    await home.hass.async_block_till_done()
    assert learned(home.hass) == Learned(
        mishearings=(Mishearing(heard="kitchen mic", meant="kitchen light", language="en"),),
        names=("Ovosec",),
    )
    await home.cleo.ask("consent/withdraw", purpose="teach")
    await home.hass.async_block_till_done()
    assert learned(home.hass) == Learned()


async def test_lessons_are_seen_by_those_who_were_heard(home: Home, ben: Listener) -> None:
    client = await evidence_of(home, ben, 2)
    recordings = await names(client)
    lesson = await approve(client, "correction", CORRECTION, recordings)
    (mine,) = (await ask(client, "lessons/list"))["lessons"]
    assert mine["lesson"] == lesson
    assert sorted(mine.pop("recordings")) == sorted(recordings)
    assert mine["content"] == CORRECTION
    assert (mine["by"], mine["state"], mine["sources"]) == (home.ben.id, "on", 2)
    (others,) = (await home.ada.ask("lessons/list"))["lessons"]
    assert others.pop("recordings") == []
    assert others == mine
    counts = (await home.ada.ask("lessons/list"))["counts"]
    assert [(one["commands"], one["misunderstood"]) for one in counts] == [(2, 2)]


async def test_names_of_others_and_of_earlier_pages_are_refused(home: Home, ben: Listener) -> None:
    client = await evidence_of(home, ben)
    (old,) = await names(client)
    await names(client)
    fields = {"kind": "correction", "content": CORRECTION, "recordings": [old]}
    assert await refused(client, "lessons/approve", **fields) == "not_allowed: unknown-recording"
    assert await refused(client, "teach/evidence", after=old) == "not_allowed: unknown-recording"


async def test_who_changes_lessons_in_the_store_ends_them(home: Home, ben: Listener) -> None:
    client = await evidence_of(home, ben)
    await approve(client, "alias", ALIAS)
    await approve(client, "correction", CORRECTION)
    await home.hass.async_block_till_done()
    await home.hass.config_entries.async_unload(home.entry.entry_id)
    with closing(sqlite3.connect(store_path(home.hass))) as connection, connection:
        connection.execute("UPDATE lesson SET content = replace(content, 'light', 'lock')")
    await home.hass.config_entries.async_setup(home.entry.entry_id)
    await home.hass.async_block_till_done()
    assert learned(home.hass) == Learned()
    assert aliases(home.hass) == []


async def test_names_stay_while_the_household_is_loaded_again(home: Home, ben: Listener) -> None:
    client = await evidence_of(home, ben)
    await approve(client, "alias", ALIAS)
    await home.hass.async_block_till_done()
    changes: list[str] = []
    home.hass.bus.async_listen(
        er.EVENT_ENTITY_REGISTRY_UPDATED,
        lambda event: changes.append(event.data["entity_id"]),
    )
    await home.hass.config_entries.async_reload(home.entry.entry_id)
    await home.hass.async_block_till_done()
    assert CEILING not in changes
    assert aliases(home.hass) == ["big light"]


async def test_without_a_household_nothing_is_left_of_what_it_learned(
    home: Home, ben: Listener, hass_storage: dict[str, Any]
) -> None:
    client = await evidence_of(home, ben)
    await approve(client, "alias", ALIAS)
    await home.hass.async_block_till_done()
    assert "indoor_voice.aliases" in hass_storage
    await home.hass.config_entries.async_remove(home.entry.entry_id)
    await home.hass.async_block_till_done()
    assert aliases(home.hass) == []
    assert "indoor_voice.aliases" not in hass_storage


# Corrections and the choice among readings


@pytest.fixture
async def understanding(house: HomeAssistant) -> Understanding:
    assert await async_setup_component(house, "intent", {})
    for entity_id, name in (("light.kitchen", "Kitchen light"), ("light.hall", "Hall light")):
        house.states.async_set(entity_id, "off", {"friendly_name": name})
        async_expose_entity(house, conversation.DOMAIN, entity_id, should_expose=True)
    return Understanding(house, "en", "assist_satellite.x", None)


def know(hass: HomeAssistant, *pairs: tuple[str, str], language: str = "en") -> None:
    hass.data[LEARNED] = Learned(
        mishearings=tuple(
            Mishearing(heard=heard, meant=meant, language=language) for heard, meant in pairs
        )
    )


async def test_a_correction_makes_a_text_understood(
    house: HomeAssistant, understanding: Understanding
) -> None:
    know(house, ("kitchen mic", "kitchen light"))
    texts = ["Turn on the kitchen mic.", "Turn on the kitchen Mike."]
    assert await understanding.async_first_understood(texts) is None
    assert await understanding.async_corrected(texts) == "Turn on the kitchen light."
    assert (await understanding.async_taught(texts))[-1] == "Turn on the kitchen light."


@pytest.mark.parametrize(
    ("heard", "language"),
    [
        ("turn on the kitchen microphone", "en"),
        ("tell me about the kitchen mic", "en"),
        ("turn on the kitchen mic", "de"),
    ],
)
async def test_it_is_no_blind_replacement(
    house: HomeAssistant, understanding: Understanding, heard: str, language: str
) -> None:
    know(house, ("kitchen mic", "kitchen light"), language=language)
    assert await understanding.async_corrected([heard]) is None


@pytest.mark.parametrize(
    "heard",
    ["Turn on the kit chin mic.", "turn on the kitten lied", "Turn on the Kitchen's Night."],
)
async def test_a_corrected_name_is_found_in_what_sounds_like_it(
    house: HomeAssistant, understanding: Understanding, heard: str
) -> None:
    know(house, ("chicken mic", "the kitchen light on"))
    assert await understanding.async_first_understood([heard]) is None
    assert await understanding.async_corrected([heard]) == "Turn on the Kitchen light".replace(
        "Turn on the", " ".join(heard.split()[:3])
    )


@pytest.mark.parametrize(
    ("heard", "meant", "language"),
    [
        ("turn on the kitten lied", "hall light", "en"),  # nobody has corrected this name
        ("turn on the hull lied", "kitchen light", "en"),  # it sounds more like the other name
        ("turn on the vacuum cleaner", "kitchen light", "en"),
        ("we turned on the kitten lied yesterday", "kitchen light", "en"),
        ("turn on the kitten lied", "kitchen light", "de"),
    ],
)
async def test_nothing_else_becomes_a_command_for_it(
    house: HomeAssistant, understanding: Understanding, heard: str, meant: str, language: str
) -> None:
    know(house, ("something else", meant), language=language)
    assert await understanding.async_corrected([heard]) is None


async def test_what_was_misheard_before_is_expected_at_last(
    house: HomeAssistant, understanding: Understanding
) -> None:
    know(house, ("chicken mic", "kitchen light"))
    taught = await understanding.async_taught(["turn off the chick and light"])
    assert taught
    assert all("Kitchen light" in sentence for sentence in taught)


async def test_what_was_learned_changes_nothing_that_the_home_expects(
    house: HomeAssistant, understanding: Understanding
) -> None:
    texts = ["Turn on the kitchen mic."]
    own = await understanding.async_expected(texts)
    assert await understanding.async_taught(texts) == []
    names = tuple(f"Name number {number}" for number in range(500))
    mishearings = tuple(
        Mishearing(heard="kitchen mic", meant=f"lamp {number}", language="en")
        for number in range(50)
    )
    house.data[LEARNED] = Learned(mishearings=mishearings, names=names)
    assert await understanding.async_expected(texts) == own
    expected = await understanding.async_taught(texts)
    assert len(expected) == 5
    assert expected[0].startswith("Name number 0, ")
    assert expected[-1] == "Turn on the lamp 0."
    assert all(len(sentence) <= 200 for sentence in expected)


async def test_several_corrections_work_together(
    house: HomeAssistant, understanding: Understanding
) -> None:
    know(house, ("kitchen mic", "kitchen light"), ("turn of", "turn off"))
    text = "turn of the kitchen-mic"
    assert await understanding.async_corrected([text]) == "turn off the kitchen light"
