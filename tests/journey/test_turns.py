"""Turns as people take them: spoken into a room, answered from its loudspeaker."""

import asyncio
import re
import time

import pytest

from demo.house import House
from demo.turns import Turn, Watcher, take_turn
from demo.voice import Person, noise, silence
from indoor_voice.room.sound.cues import Cue
from tests.bench.spoken_commands import NEWS
from tests.listening import cues_in, must_hear

from .television import television_behind

WAKE_WORD = "Hey Jarvis"


async def say(house: House, person: Person, watcher: Watcher, sentence: str) -> Turn:
    return await take_turn(house, "Kitchen", person.speech(sentence), watcher=watcher)


def words(text: str) -> set[str]:
    return set(re.findall(r"[a-z]+", text.lower()))


async def test_a_command_switches_a_light_and_the_answer_is_heard(
    house: House, person: Person, watcher: Watcher
) -> None:
    turn = await say(house, person, watcher, "Hey Jarvis, turn on the bedroom light.")
    assert await house.home_assistant.state("light.bedroom_light") == "on"
    must_hear(turn.answer_audio, "turned on the light")


async def test_what_changes_in_the_room_is_acknowledged_with_a_sound(
    house: House, person: Person, watcher: Watcher
) -> None:
    turn = await say(house, person, watcher, "Hey Jarvis, turn on the kitchen light.")
    assert await house.home_assistant.state("light.kitchen_light") == "on"
    assert turn.run is not None
    assert turn.run.acknowledged
    assert any(turn.answer_audio)
    assert cues_in(turn.answer_audio) == set()


async def test_two_commands_in_a_row(house: House, person: Person, watcher: Watcher) -> None:
    for verb, state in (("on", "on"), ("off", "off")):
        turn = await say(house, person, watcher, f"Hey Jarvis, turn {verb} the bedroom light.")
        assert await house.home_assistant.state("light.bedroom_light") == state
        must_hear(turn.answer_audio, f"turned {verb} the light")


@pytest.mark.parametrize("pause_seconds", [0.0, 0.3, 0.8, 1.5])
async def test_a_command_after_any_pause_is_heard_whole(
    house: House, person: Person, watcher: Watcher, pause_seconds: float
) -> None:
    audio = (
        person.speech(f"{WAKE_WORD}!")
        + silence(pause_seconds)
        + person.speech("Close the bedroom blinds.")
    )
    await house.home_assistant.action("cover.open_cover", entity_id="cover.bedroom_blinds")
    turn = await take_turn(house, "Kitchen", audio, watcher=watcher)
    assert turn.run is not None
    assert await house.home_assistant.state("cover.bedroom_blinds") == "closed"


async def test_a_command_in_the_same_breath(house: House, person: Person, watcher: Watcher) -> None:
    await say(house, person, watcher, "Hey Jarvis turn on the bedroom light")
    assert await house.home_assistant.state("light.bedroom_light") == "on"


async def test_a_command_in_noise(house: House, person: Person, watcher: Watcher) -> None:
    room = house.rooms["Kitchen"]
    humming = asyncio.create_task(room.say(noise(14, level_dbfs=-42)))
    turn = await say(house, person, watcher, "Hey Jarvis, turn on the kitchen light.")
    await humming
    assert await house.home_assistant.state("light.kitchen_light") == "on"
    assert turn.run is not None
    assert turn.run.error is None


async def test_a_command_before_a_television_that_goes_on(
    house: House, person: Person, watcher: Watcher
) -> None:
    command = person.speech("Hey Jarvis, turn on the bedroom light.")
    before, after = silence(2.0), silence(11.5)
    news = television_behind(command, before + command + after)
    watching = asyncio.create_task(house.rooms["Kitchen"].say(news))
    turn = await take_turn(house, "Kitchen", before + command, watcher=watcher)
    await watching
    television_ended = time.time()
    assert await house.home_assistant.state("light.bedroom_light") == "on"
    assert turn.run is not None
    assert turn.run.times["stt-end"] < television_ended
    others_words = words(" ".join(NEWS)) - words("Turn on the bedroom light.")
    heard_the_television = bool(words(turn.run.transcript or "") & others_words)
    assert not heard_the_television


async def test_the_wake_word_with_nothing_after_it_ends_quietly_and_the_next_turn_works(
    house: House, person: Person, watcher: Watcher
) -> None:
    room = house.rooms["Kitchen"]
    humming = asyncio.create_task(room.say(noise(12, level_dbfs=-45)))
    turn = await say(house, person, watcher, f"{WAKE_WORD}!")
    await humming
    assert turn.run is not None
    assert turn.run.error == "stt-no-text-recognized"
    assert Cue.NOTHING in cues_in(turn.answer_audio)
    await say(house, person, watcher, "Hey Jarvis, turn on the kitchen light.")
    assert await house.home_assistant.state("light.kitchen_light") == "on"


async def test_talk_and_noise_without_the_wake_word_begin_no_turn(
    house: House, person: Person, watcher: Watcher
) -> None:
    room = house.rooms["Kitchen"]
    async with room.recorded() as recording:
        await room.say(noise(4, level_dbfs=-25))
        await room.say(person.speech("I told her to turn on the kitchen light, and she did."))
        await asyncio.sleep(1)
    assert await watcher.new_runs() == []
    assert cues_in(bytes(recording)) == set()


async def test_each_satellite_hears_its_own_room(
    house: House, person: Person, watcher: Watcher
) -> None:
    async with house.rooms["Kitchen"].recorded() as in_the_kitchen:
        turn = await take_turn(
            house, "Bedroom", person.speech("Hey Jarvis, turn on the lights."), watcher=watcher
        )
    assert turn.run is not None
    assert await house.home_assistant.state("light.bedroom_light") == "on"
    assert await house.home_assistant.state("light.kitchen_light") == "off"
    assert not any(in_the_kitchen)


async def test_two_satellites_at_once(house: House, person: Person, watcher: Watcher) -> None:
    kitchen = person.speech("Hey Jarvis, turn on the kitchen light.")
    # Home Assistant treats the same wake word twice within two seconds as one person heard twice.
    bedroom = silence(3) + person.speech("Hey Jarvis, turn on the bedroom light.")
    await asyncio.gather(
        take_turn(house, "Kitchen", kitchen, watcher=watcher),
        take_turn(house, "Bedroom", bedroom, watcher=Watcher(house.home_assistant)),
    )
    for light in ("light.kitchen_light", "light.bedroom_light"):
        await house.home_assistant.wait_for(light, lambda state: state == "on")


async def test_a_new_wake_word_stops_the_answer(
    house: House, person: Person, watcher: Watcher
) -> None:
    room = house.rooms["Kitchen"]
    entity_id = house.satellite_entities["Kitchen"]
    long_text = "This is a long announcement that nobody wants to hear to its very end. " * 4
    talking = asyncio.create_task(
        house.home_assistant.action(
            "assist_satellite.announce", entity_id=entity_id, message=long_text, preannounce=False
        )
    )
    await house.home_assistant.wait_for(entity_id, lambda state: state == "responding")
    await asyncio.sleep(1.5)
    await room.say(person.speech("Hey Jarvis, turn on the kitchen light."))
    await house.home_assistant.wait_for("light.kitchen_light", lambda state: state == "on")
    await talking


async def test_the_wake_word_in_an_announcement_begins_no_turn_and_a_person_is_served_afterwards(
    house: House, person: Person, watcher: Watcher
) -> None:
    runs = Watcher(house.home_assistant)
    await runs.new_runs()
    async with house.rooms["Bedroom"].recorded(what="air") as heard_by_the_microphone:
        await house.home_assistant.action(
            "assist_satellite.announce",
            entity_id=house.satellite_entities["Bedroom"],
            message="Say hey Jarvis! Then tell me what you want to be done in this room.",
            preannounce=False,
        )
    must_hear(bytes(heard_by_the_microphone), "then tell me what you want")
    turn = await take_turn(
        house, "Bedroom", person.speech("Hey Jarvis, turn on the kitchen light."), watcher=watcher
    )
    assert turn.run is not None
    assert await house.home_assistant.state("light.kitchen_light") == "on"
    assert len(await runs.new_runs()) == 1


async def test_an_announcement_is_heard_and_waited_for(
    house: House,
    watcher: Watcher,
) -> None:
    async with house.rooms["Bedroom"].recorded() as recording:
        await house.home_assistant.action(
            "assist_satellite.announce",
            entity_id=house.satellite_entities["Bedroom"],
            message="Dinner is ready in the kitchen.",
        )
    must_hear(bytes(recording), "dinner is ready in the kitchen")


async def test_a_question_is_asked_and_its_answer_heard(
    house: House, person: Person, watcher: Watcher
) -> None:
    room = house.rooms["Kitchen"]
    entity_id = house.satellite_entities["Kitchen"]
    asking = asyncio.create_task(
        house.home_assistant.request(
            "POST",
            "/api/services/assist_satellite/ask_question?return_response",
            {
                "entity_id": entity_id,
                "question": "Shall I close the blinds?",
                "preannounce": False,
                "answers": [{"id": "yes", "sentences": ["yes [please]"]}],
            },
        )
    )
    await house.home_assistant.wait_for(entity_id, lambda state: state == "listening")
    await asyncio.sleep(0.3)
    await room.say(person.speech("Yes, please."))
    answer = (await asking)["service_response"]
    assert answer["id"] == "yes"
    assert [run.error for run in await watcher.new_runs()] == [None]


async def test_another_wake_word_is_chosen_and_kept_over_a_restart(
    house: House, person: Person, watcher: Watcher
) -> None:
    entity_id = house.satellite_entities["Bedroom"]

    async def choose(*names: str) -> None:
        await house.home_assistant.call(
            "assist_satellite/set_wake_words", entity_id=entity_id, wake_word_ids=list(names)
        )

    configuration = await house.home_assistant.call(
        "assist_satellite/get_configuration", entity_id=entity_id
    )
    assert {"hey_jarvis", "alexa"} <= {one["id"] for one in configuration["available_wake_words"]}
    await choose("alexa")
    try:
        await house.satellites["Bedroom"].stop()
        await house.home_assistant.wait_for(entity_id, lambda state: state == "unavailable")
        await house.satellites["Bedroom"].start()
        await house.wait_until_idle("Bedroom")
        await take_turn(
            house, "Bedroom", person.speech("Alexa! Turn on the bedroom light."), watcher=watcher
        )
        assert await house.home_assistant.state("light.bedroom_light") == "on"
    finally:
        await choose("hey_jarvis")
