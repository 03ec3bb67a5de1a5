"""A real Home Assistant with two rooms, whose peers are scripted: much is said in little time."""

import asyncio
import shutil
import sqlite3
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from wyoming.audio import AudioChunk, AudioStart, AudioStop

from demo.home_assistant import HomeAssistant
from tests.component.peers import FakeSatellite, FakeSpeech
from tests.component.protection import Protection

from .people import Login, move_in, owner

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

ROOMS: Final = {"Conservatory": "Heliotrope", "Scullery": "Marigold"}
"""The areas, and what the satellites there are called: words that nobody says."""
RATE: Final = 16_000
_KEPT_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Flat:
    """Who lives there, and with what."""

    home_assistant: HomeAssistant
    speech: FakeSpeech
    satellites: dict[str, FakeSatellite]
    """By area; their ids are those of the rooms."""
    entities: dict[str, str]
    """Of the satellites, by area."""
    admin: Login
    reviewer: Login
    other: Login

    @property
    def people(self) -> tuple[Login, Login, Login]:
        return self.admin, self.reviewer, self.other

    @property
    def rooms(self) -> list[str]:
        return [str(satellite.id) for satellite in self.satellites.values()]

    async def agree(self) -> None:
        """Have everybody agree to keeping, and to the reviewer as a listener."""
        answers = {"retention_seconds": "week", "max_size_mb": 50}
        step = {"next_step_id": "retention"}
        await self.home_assistant.set_options(await self.household(), step, answers)
        for login in self.people:
            await login.agree(self.rooms)
            if login is not self.reviewer:
                await login.name_listener(self.rooms, self.reviewer)
        await self.reviewer.bring_key()
        for satellite in self.satellites.values():
            async with asyncio.timeout(_KEPT_SECONDS):
                while not satellite.of_type("audio-stop"):
                    await asyncio.sleep(0.05)  # it says aloud that it keeps from now on

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

    async def household(self) -> str:
        """Return the id of the household's entry."""
        entries = await self.home_assistant.call("config_entries/get", domain="indoor_voice")
        (entry,) = [entry["entry_id"] for entry in entries if entry["title"] == "Household"]
        return str(entry)

    async def say(self, area: str, sentence: str, *, seconds: float = 1.0) -> None:
        """Say a command that is understood, and wait until it is kept."""
        kept = (await self.admin.ask("household/totals"))["kept"]
        self.speech.transcript = sentence
        await self.home_assistant.wait_for(self.entities[area], lambda state: state == "idle")
        satellite = self.satellites[area]
        await satellite.begin_turn(None)  # with a wake word, two rooms would hear the same
        await satellite.send(AudioStart(RATE, 2, 1))
        await satellite.send(AudioChunk(RATE, 2, 1, murmur(seconds)))
        await satellite.send(AudioStop())
        async with asyncio.timeout(_KEPT_SECONDS):
            while (await self.admin.ask("household/totals"))["kept"] == kept:
                await asyncio.sleep(0.1)


def murmur(seconds: float) -> bytes:
    """Return a sound that is not silent."""
    times = np.arange(int(seconds * RATE)) / RATE
    tone = np.sin(2 * np.pi * 220 * times) * np.abs(np.sin(2 * np.pi * 2 * times))
    return bytes((tone * 8000).astype("<i2").tobytes())


@asynccontextmanager
async def move_into(folder: Path) -> AsyncIterator[Flat]:
    """Furnish the flat in `folder`, which is made, and have people in it while the block runs."""
    home_assistant = HomeAssistant(folder / "homeassistant")
    home_assistant.write_configuration()
    async with AsyncExitStack() as stack:
        speech = await stack.enter_async_context(FakeSpeech(Protection(folder / "speech.pem")))
        await stack.enter_async_context(home_assistant.running())
        begin = {"next_step_id": "speech"}
        make = {"create_pipeline": True, "prefer_pipeline": True}
        await home_assistant.configure(
            "indoor_voice", begin, _place(speech), {"code": _code(speech)}, make
        )
        satellites, entities = {}, {}
        for number, (area, name) in enumerate(ROOMS.items()):
            satellite = FakeSatellite(Protection(folder / f"{name}.pem"))
            satellite.id = f"5a7e{number:x}bc9" * 4
            assert satellite.info.satellite
            satellite.info.satellite.name, satellite.info.satellite.area = name, area
            satellites[area] = await stack.enter_async_context(satellite)
            entry = await home_assistant.configure(
                "indoor_voice",
                {"next_step_id": "satellite"},
                _place(satellite),
                {"code": _code(satellite)},
            )
            await satellite.wait_for("run-satellite")
            (entities[area],) = await home_assistant.entity_ids(
                "assist_satellite", entry["entry_id"]
            )
        admin = await owner(home_assistant)
        reviewer = await move_in(home_assistant, "Bernadette")
        other = await move_in(home_assistant, "Clementine")
        yield Flat(home_assistant, speech, satellites, entities, admin, reviewer, other)


def _place(peer: FakeSpeech | FakeSatellite) -> dict[str, str | int]:
    return {"host": "127.0.0.1", "port": peer.port}


def _code(peer: FakeSpeech | FakeSatellite) -> str:
    assert peer.protection
    return peer.protection.code
