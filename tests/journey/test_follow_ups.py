"""A question opens the microphone, and a satellite never answers its own."""

from demo.house import House
from demo.turns import Watcher
from demo.voice import Person

from .test_answers import answered_by

ROOM = "Bedroom"
"""Its microphone is close to its loudspeaker."""


async def test_a_reply_needs_no_wake_word_and_the_question_is_none(
    house: House, person: Person, watcher: Watcher
) -> None:
    room, entity_id = house.rooms[ROOM], house.satellite_entities[ROOM]

    async def reaches(wanted: str) -> None:
        await house.home_assistant.wait_for(entity_id, lambda state: state == wanted)

    async with answered_by(house, "conversation.asking"):
        await room.say(person.speech("Hey Jarvis, what about this evening?"))
        question = await watcher.next_run(25)
        await reaches("responding")
        await reaches("listening")
        await room.say(person.speech("Yes, please."))
        reply = await watcher.next_run(25)
        await house.wait_until_idle(ROOM)
        await room.say(person.speech("Hey Jarvis, what about this evening?"))
        await watcher.next_run(25)
        silence = await watcher.next_run(25)
        await house.wait_until_idle(ROOM)
    assert question is not None
    assert question.answer is not None
    assert question.answer.endswith("?")
    assert reply is not None
    assert reply.transcript is not None
    assert set(reply.transcript.lower().strip(".!").split()) <= {"yes,", "yes", "please"}
    assert reply.answer == "Thank you."
    assert silence is not None
    assert silence.error == "stt-no-text-recognized", "it has taken its own question for a reply"
