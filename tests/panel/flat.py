"""A home with two rooms, in which scripted satellites and a scripted speech server run whole turns.

Commands pass through Home Assistant's pipeline, logs and database. The names of rooms and people
occur in no command, so that tests can search for them.
"""

import shutil
import sqlite3
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from wyoming.audio import AudioChunk, AudioStart, AudioStop

from tests.waiting import until

from .house import RATE, House, murmur, running_house
from .people import Login

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from demo.home_assistant import HomeAssistant

ROOMS: Final = {"Conservatory": "Heliotrope", "Scullery": "Marigold"}
"""The names of the areas and their satellites, words that occur in no command."""


@dataclass(frozen=True, slots=True)
class Flat:
    """A house with two rooms and the three people who live in it."""

    house: House
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
        """Make everyone consent to keeping, and name the reviewer as a listener."""
        await self.house.set_option("retention", retention_seconds="week", max_hours=1)
        for login in self.people:
            await login.agree(self.house.rooms)
            if login is not self.reviewer:
                await login.name_listener(self.house.rooms, self.reviewer)
        await self.reviewer.create_key()
        for satellite in self.house.satellites.values():
            # It announces that recordings are kept from now on.
            await satellite.wait_for("audio-stop")

    @property
    def store(self) -> Path:
        """The database file with the recordings."""
        folder = self.home_assistant.folder / ".cache" / "indoor_voice"
        return folder / "household.log.sqlite"

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Query a copy of the store, because Home Assistant locks the original while it runs."""
        copy = self.store.parent.parent / "stolen"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.store.parent, copy)
        with closing(sqlite3.connect(copy / self.store.name)) as database:
            return database.execute(sql).fetchall()

    async def say(self, area: str, sentence: str, *, seconds: float = 1.0) -> None:
        """Run a turn with a command that is understood, and wait until its recording is kept."""
        before = await self._kept()
        self.house.speech.transcript = sentence
        entity_id = self.house.entities[area]
        await self.home_assistant.wait_for(entity_id, lambda state: state == "idle")
        satellite = self.house.satellites[area]
        # With a wake word, turns in two rooms would count as the same one.
        await satellite.begin_turn(None)
        await satellite.send(AudioStart(RATE, 2, 1))
        await satellite.send(AudioChunk(RATE, 2, 1, murmur(seconds)))
        await satellite.send(AudioStop())
        await until(self._kept, lambda kept: kept > before)

    async def _kept(self) -> int:
        return int((await self.admin.ask("household/totals"))["kept"])


@asynccontextmanager
async def move_into(folder: Path) -> AsyncIterator[Flat]:
    """Run a flat, with its files in `folder`, and create its people while the block runs."""
    async with running_house(folder, ROOMS) as house:
        admin = await Login.owner(house.home_assistant)
        reviewer = await Login.create(house.home_assistant, "Bernadette")
        other = await Login.create(house.home_assistant, "Clementine")
        yield Flat(house, admin, reviewer, other)
