"""What led to nothing is kept for review if somebody says at once that it was wrong."""

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.indoor_voice.household.held_turns import HELD_SECONDS
from custom_components.indoor_voice.household.keeper import KEEPER
from custom_components.indoor_voice.privacy.store.sealing import Part
from custom_components.indoor_voice.privacy.types import EndedTurn, OpenReason
from custom_components.indoor_voice.voice_commands.execute import async_execute
from custom_components.indoor_voice.voice_commands.recognise import command_in
from custom_components.indoor_voice.voice_commands.sentences import Command

from .logins import KITCHEN, STUDY, Home
from .peers import SATELLITE_ID
from .spoken_turns import ada

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

    from tests.privacy.listener import Listener

    from .keeping import Inhabitant

__all__ = ["ada"]

SAID = "zyzzyva the marzipan"


@pytest.fixture
async def ben(home: Home) -> Listener:
    """Ben listens in the kitchen, whose turns are kept."""
    await home.agree(KITCHEN)
    for login in (home.ada, home.cleo):
        await login.name(KITCHEN, home.ben)
    return await home.ben.add_listening_key()


async def fail(home: Home, room: str = KITCHEN) -> None:
    """End a turn that led to nothing."""
    await home.keeper.async_turn_ended(
        EndedTurn(
            room=room,
            understood=False,
            about_keeping=False,
            sound=bytes(6400),
            words={"transcript": SAID},
        )
    )


async def report(home: Home, room: str = KITCHEN) -> str:
    return await async_execute(home.hass, Command.THAT_WAS_WRONG, room, "en")


async def words_of(home: Home, ben: Listener) -> dict[str, Any]:
    """Return the words of the only recording."""
    (recording,) = await home.keeper.run(lambda household: household.recordings(home.ben.id))
    opened = await home.keeper.run(
        lambda household: household.open_recording(
            recording.id, home.ben.id, Part.WORDS, OpenReason.OWN
        )
    )
    words: dict[str, Any] = json.loads(
        ben.open(opened.key, recording.id, "words", opened.ciphertext)
    )
    return words


async def kept(home: Home) -> int:
    return await home.keeper.run(lambda household: household.totals().recordings)


@pytest.mark.parametrize(
    "said",
    [
        "that was wrong",
        "That's wrong.",
        "that is not what I said",
        "you misunderstood me",
        "You didn't understand me.",
    ],
)
def test_many_sentences_say_so(said: str) -> None:
    assert command_in(said) is Command.THAT_WAS_WRONG


async def test_it_is_kept_for_its_listeners(home: Home, ben: Listener) -> None:
    await fail(home)
    assert await kept(home) == 0
    assert (await report(home)).startswith("Thank you.")
    content = await words_of(home, ben)
    assert (content["transcript"], content["reported"]) == (SAID, True)
    totals = await home.keeper.run(lambda household: household.totals())
    assert totals.commands_add_up
    assert totals.recordings_add_up
    assert (totals.captured, totals.kept) == (1, 1)


async def test_what_was_heard_by_mistake_is_kept_without_words(home: Home, ben: Listener) -> None:
    turn = EndedTurn(
        room=KITCHEN, understood=False, about_keeping=False, sound=bytes(6400), words={}
    )
    await home.keeper.async_turn_ended(turn)
    assert (await report(home)).startswith("Thank you.")
    assert (await words_of(home, ben))["transcript"] == ""


@pytest.mark.usefixtures("ben")
async def test_it_is_kept_once_only(home: Home) -> None:
    await fail(home)
    await report(home)
    assert (await report(home)).startswith("There is nothing")
    assert await kept(home) == 1


@pytest.mark.usefixtures("ben")
@pytest.mark.parametrize("ending", ["time", "turn", "delete", "elsewhere", "restart"])
async def test_after_that_it_is_gone(home: Home, ending: str) -> None:
    await fail(home)
    match ending:
        case "time":
            later = dt_util.utcnow() + timedelta(seconds=HELD_SECONDS + 1)
            async_fire_time_changed(home.hass, later)
        case "turn":
            await home.say()
        case "delete":
            await async_execute(home.hass, Command.DELETE_LAST, KITCHEN, "en")
        case "restart":
            await home.hass.config_entries.async_reload(home.entry.entry_id)
            await home.hass.async_block_till_done()
        case _:
            await report(home, STUDY)
            home.keeper.held.drop(KITCHEN)
    before = await kept(home)
    assert (await report(home)).startswith("There is nothing")
    assert await kept(home) == before


@pytest.mark.usefixtures("ben")
async def test_the_next_failure_replaces_it(home: Home) -> None:
    await fail(home)
    await fail(home)
    await report(home)
    assert await kept(home) == 1


@pytest.mark.usefixtures("ben")
async def test_a_command_about_keeping_leaves_it(home: Home) -> None:
    await fail(home)
    about = EndedTurn(room=KITCHEN, understood=True, about_keeping=True, sound=b"", words={})
    await home.keeper.async_turn_ended(about)
    assert (await report(home)).startswith("Thank you.")


@pytest.mark.usefixtures("ben")
async def test_not_if_somebody_no_longer_agrees(home: Home) -> None:
    await fail(home)
    await home.cleo.ask("consent/withdraw", purpose="keep")
    assert await report(home) == "Not everyone who is expected here has agreed."
    assert await kept(home) == 0


async def test_not_where_nothing_is_kept(home: Home) -> None:
    await fail(home, STUDY)
    answer = await report(home, STUDY)
    assert "Thank you" not in answer
    assert await kept(home) == 0


async def test_a_press_does_the_same(house: HomeAssistant, ada: Inhabitant) -> None:
    turn = EndedTurn(
        room=SATELLITE_ID,
        understood=False,
        about_keeping=False,
        sound=bytes(6400),
        words={"transcript": SAID},
    )
    await house.data[KEEPER].async_turn_ended(turn)
    await press(house)
    (recording,) = await ada.recordings(house)
    assert (await ada.words(house, recording))["reported"] is True
    with pytest.raises(HomeAssistantError):
        await press(house)


async def press(house: HomeAssistant) -> None:
    button = {"entity_id": "button.kitchen_kitchen_satellite_that_was_wrong"}
    await house.services.async_call("button", "press", button, blocking=True)
