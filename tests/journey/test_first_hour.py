"""Pairing as a person does it, by clicking in Home Assistant's own pages, until a command works."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest_asyncio
from playwright.async_api import Page, async_playwright, expect

from demo.house import COMMAND, START_TIMEOUT_SECONDS, House, pairing_code
from demo.ports import free_port
from demo.processes import Program
from demo.turns import Watcher, take_turn
from demo.voice import Person
from tests.panel.chromium import ARGUMENTS, CHROMIUM
from tests.panel.pairing_pages import DIALOGUE, choose_room, close, ending, pair
from tests.panel.people import DESKTOP, Login
from tests.waiting import PATIENCE_SECONDS, until

ROOM: Final = "Living Room"
SATELLITE: Final = "assist_satellite.living_room_satellite"
LIGHT: Final = "light.living_room_light"
_WIZARD: Final = "ha-voice-assistant-setup-dialog"
"""Home Assistant's own set-up of voice assistants."""


@pytest_asyncio.fixture(loop_scope="session")
async def new_satellite(house: House, folder: Path) -> AsyncIterator[Program]:
    """A satellite that was told neither its name nor its room; its port is in `house.ports`."""
    house.rooms[ROOM] = await house.sound.room("living_room")
    house.ports[ROOM] = free_port()
    program = Program(
        "The satellite in the living room",
        (COMMAND, "satellite", "--host=127.0.0.1", f"--port={house.ports[ROOM]}",
         f"--state-dir={house.state_dir(ROOM)}"),
        log=folder / "living_room.log",
        env=house.rooms[ROOM].env,
    )  # fmt: skip
    async with program:
        await program.wait_for_output("Listening", START_TIMEOUT_SECONDS)
        yield program
        for entry in await house.home_assistant.call("config_entries/get", domain="indoor_voice"):
            if entry["title"] == "Satellite" and entry["entry_id"] not in house.entry_ids.values():
                path = f"/api/config/config_entries/entry/{entry['entry_id']}"
                await house.home_assistant.request("DELETE", path)
    del house.rooms[ROOM], house.ports[ROOM]


@pytest_asyncio.fixture(loop_scope="session")
async def page(house: House) -> AsyncIterator[Page]:
    """A page in the owner's browser."""
    expect.set_options(timeout=PATIENCE_SECONDS * 1000)
    login = await Login.owner(house.home_assistant)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS])
        context = await login.new_context(browser, login.url, DESKTOP, dark=False)
        yield await context.new_page()
        await browser.close()


async def test_pairing_in_the_browser_ends_in_a_room_that_obeys(
    house: House, person: Person, watcher: Watcher, page: Page, new_satellite: Program
) -> None:
    home_assistant = house.home_assistant
    await pair(page, home_assistant.url, house.ports[ROOM], await pairing_code(new_satellite))
    await choose_room(page, ROOM)
    (words,) = re.findall("“(.+)”", await (await ending(page)).inner_text())
    assert words == "Hey Jarvis, turn on the Living room light"
    picture = page.locator(DIALOGUE).locator("ha-markdown img")
    await until(lambda: picture.evaluate("image => image.complete && image.naturalWidth"))
    await close(page)
    await expect(page.locator(_WIZARD)).to_have_count(0)

    house.satellite_entities[ROOM] = SATELLITE
    await house.wait_until_idle(ROOM)
    await take_turn(house, ROOM, person.speech(words), watcher=watcher)
    assert await home_assistant.state(LIGHT) == "on"

    # Home Assistant's own set-up, which can still be opened by hand, begins by testing the
    # connection, and may do so twice at once.
    command = {"command": "assist_satellite/test_connection", "entity_id": SATELLITE}
    tests = [home_assistant.call(**command) for _ in range(2)]
    assert await asyncio.gather(*tests) == [{"status": "success"}] * 2
    del house.satellite_entities[ROOM]
