"""A home with two rooms and names that nobody says, whose turns go the whole way by scripted peers.

What is said there passes Home Assistant's pipeline, its logs and its database.
"""

import shutil
import sqlite3
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from wyoming.audio import AudioChunk, AudioStart, AudioStop

from tests.waiting import until

from .furnished import RATE, Furnished, furnished, murmur
from .people import Login, move_in, owner

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from demo.home_assistant import HomeAssistant

ROOMS: Final = {"Conservatory": "Heliotrope", "Scullery": "Marigold"}
"""The areas, and what the satellites there are called: words that nobody says."""


@dataclass(frozen=True, slots=True)
class Flat:
    """Who lives there, and with what."""

    house: Furnished
    admin: Login
    reviewer: Login
    other: Login

    @property
    def home_assistant(self) -> HomeAssistant:
        return self.house.home_assistant

    @property
    def people(self) -> tuple[Login, Login, Login]:
        return self.admin, self.reviewer, self.other

    async def agree(self) -> None:
        """Have everybody agree to keeping, and to the reviewer as a listener."""
        await self.house.set_option("retention", retention_seconds="week", max_size_mb=50)
        for login in self.people:
            await login.agree(self.house.rooms)
            if login is not self.reviewer:
                await login.name_listener(self.house.rooms, self.reviewer)
        await self.reviewer.bring_key()
        for satellite in self.house.satellites.values():
            # It says aloud that it keeps from now on.
            await satellite.wait_for("audio-stop")

    @property
    def store(self) -> Path:
        """The file of what is kept."""
        folder = self.home_assistant.folder / ".cache" / "indoor_voice"
        return folder / "household.log.sqlite"

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Read a copy of the store, which Home Assistant holds while it runs."""
        copy = self.store.parent.parent / "stolen"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.store.parent, copy)
        with closing(sqlite3.connect(copy / self.store.name)) as database:
            return database.execute(sql).fetchall()

    async def say(self, area: str, sentence: str, *, seconds: float = 1.0) -> None:
        """Say a command that is understood, and wait until it is kept."""
        before = await self._kept()
        self.house.speech.transcript = sentence
        entity_id = self.house.entities[area]
        await self.home_assistant.wait_for(entity_id, lambda state: state == "idle")
        satellite = self.house.satellites[area]
        await satellite.begin_turn(None)  # with a wake word, two rooms would hear the same
        await satellite.send(AudioStart(RATE, 2, 1))
        await satellite.send(AudioChunk(RATE, 2, 1, murmur(seconds)))
        await satellite.send(AudioStop())
        await until(self._kept, lambda kept: kept > before)

    async def _kept(self) -> int:
        return int((await self.admin.ask("household/totals"))["kept"])


@asynccontextmanager
async def move_into(folder: Path) -> AsyncIterator[Flat]:
    """Furnish the flat in `folder`, which is made, and have people in it while the block runs."""
    async with furnished(folder, ROOMS) as house:
        admin = await owner(house.home_assistant)
        reviewer = await move_in(house.home_assistant, "Bernadette")
        other = await move_in(house.home_assistant, "Clementine")
        yield Flat(house, admin, reviewer, other)
