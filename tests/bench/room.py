"""Measures how soon our real satellite answers in a virtual room."""

from dataclasses import dataclass, field
from typing import Final

from demo.house import House
from demo.turns import Watcher, take_turn
from demo.voice import Person

from .commands import COMMANDS

ROOM: Final = "Kitchen"
WAKE_PHRASE: Final = "Hey Jarvis"


@dataclass(slots=True)
class InRoom:
    """From the last sound of speech to the first sound of the answer, in seconds."""

    first: float | None = None
    """The first turn after the start; None if it was not answered."""
    later: list[float] = field(default_factory=list)
    failed: int = 0


async def take_turns(house: House, count: int) -> InRoom:
    """Take a first turn and `count` later ones in a house that has just been started."""
    person, watcher = Person(), Watcher(house.home_assistant)
    taken = InRoom(first=await _take(house, person, watcher, COMMANDS[0].sentence))
    for number in range(count):
        sentence = COMMANDS[number % len(COMMANDS)].sentence
        if (seconds := await _take(house, person, watcher, sentence)) is None:
            taken.failed += 1
        else:
            taken.later.append(seconds)
    return taken


async def _take(house: House, person: Person, watcher: Watcher, sentence: str) -> float | None:
    spoken = person.speech(f"{WAKE_PHRASE}, {sentence[0].lower()}{sentence[1:]}")
    # Otherwise Home Assistant would play the cached sound of the same answer.
    await house.home_assistant.action("tts.clear_cache")
    await watcher.new_runs()
    turn = await take_turn(house, ROOM, spoken, watcher=watcher)
    if turn.answer_began is None or turn.run is None or turn.run.error is not None:
        return None
    return turn.answer_began - turn.speech_ended
