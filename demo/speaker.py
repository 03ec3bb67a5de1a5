"""A person who speaks into one room of the demo's house, and waits for what comes of it."""

import asyncio

from .house import House
from .turns import Turn, Watcher, take_turn
from .voice import Person


class Speaker:
    """Speaks sentences into a room, one turn after the other."""

    def __init__(self, house: House, room_name: str) -> None:
        """Prepare to speak into a room of a running house."""
        self._house = house
        self._room_name = room_name
        self._person = Person()
        self._watcher = Watcher(house.home_assistant)

    async def load_voice(self) -> None:
        """Synthesise something, because the first time takes a while."""
        await asyncio.to_thread(self._person.speech, "Warming up.")

    async def say(self, sentence: str) -> Turn:
        """Speak a sentence, wait until it is answered, and return the turn."""
        audio = await asyncio.to_thread(self._person.speech, sentence)
        return await take_turn(self._house, self._room_name, audio, watcher=self._watcher)
