"""Our real satellite in a virtual room: how soon it answers what is said into the air."""

from dataclasses import dataclass, field
from typing import Final

from demo.house import House
from demo.turns import Watcher, take_turn
from demo.voice import Person

from .commands import COMMANDS

ROOM: Final = "Kitchen"
WAKE_PHRASE: Final = "Hey Jarvis"


@dataclass(slots=True)
class InTheAir:
    """From the last sound of speech to the first sound of the answer, in seconds."""

    first: float | None = None
    """The first turn after the start; None when nothing was answered, as in those that failed."""
    later: list[float] = field(default_factory=list)
    failed: int = 0


async def take_turns(house: House, count: int) -> InTheAir:
    """Take turns in a house that has just been started, one more than `count`."""
    person, watcher = Person(), Watcher(house.home_assistant)
    taken = InTheAir(first=await _take(house, person, watcher, COMMANDS[0].sentence))
    for number in range(count):
        sentence = COMMANDS[number % len(COMMANDS)].sentence
        if (seconds := await _take(house, person, watcher, sentence)) is None:
            taken.failed += 1
        else:
            taken.later.append(seconds)
    return taken


async def _take(house: House, person: Person, watcher: Watcher, sentence: str) -> float | None:
    spoken = person.speech(f"{WAKE_PHRASE}, {sentence[0].lower()}{sentence[1:]}")
    # Else Home Assistant would play the sound that it kept of the same answer.
    await house.home_assistant.action("tts.clear_cache")
    await watcher.new_runs()
    turn = await take_turn(house, ROOM, spoken, watcher=watcher)
    if turn.answer_began is None or turn.run is None or turn.run.error is not None:
        return None
    return turn.answer_began - turn.speech_ended
