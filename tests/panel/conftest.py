"""A house with one room and several people, a real Home Assistant, and a real browser."""

import asyncio
import shutil
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from inspect import iscoroutinefunction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

from demo.house import House
from demo.turns import Watcher, take_turn
from demo.voice import Person

from .flat import Flat, move_into
from .people import HOST, Login, move_in, owner

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

CHROMIUM: Final = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "chromium"
)
"""Whichever of them the machine has; script/bootstrap sees to it that there is one."""
ARGUMENTS: Final = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    f"--host-resolver-rules=MAP {HOST} 127.0.0.1",
)  # fmt: skip
_KEPT_SECONDS: Final = 5.0
SCREENSHOTS: Final = Path(__file__).parents[2] / ".cache" / "screenshots"


@dataclass(frozen=True, slots=True)
class Home:
    """The house and who is in it."""

    house: House
    room: str
    admin: Login
    ben: Login
    cleo: Login
    guest: Login
    """Has an account, and does not live here."""

    @property
    def people(self) -> tuple[Login, Login, Login]:
        return self.admin, self.ben, self.cleo

    async def allow(self, seconds: str = "week") -> None:
        """Have the administrator allow keeping."""
        await self.set_option("retention", retention_seconds=seconds, max_size_mb=50)

    async def set_option(self, step: str, **answers: Any) -> None:
        """Have the administrator change what the household's options ask in one step."""
        home_assistant = self.house.home_assistant
        entries = await home_assistant.call("config_entries/get", domain="indoor_voice")
        (entry,) = [entry["entry_id"] for entry in entries if entry["title"] == "Household"]
        await home_assistant.set_options(entry, {"next_step_id": step}, answers)

    async def agree(self) -> None:
        """Have everybody agree to keeping, and to Ben as a listener."""
        await self.allow()
        for login in self.people:
            await login.agree([self.room])
            if login is not self.ben:
                await login.name_listener([self.room], self.ben)

    async def keep(self, clips: int) -> None:
        """See to it that just so many recordings are kept which Ben may hear."""
        await self.go_on()
        if not (await self.admin.ask("rooms"))[0]["keeps_for_seconds"]:
            await self.agree()
        if await self.ben.ask("key/get") is None:
            await self.ben.bring_key()
        await self.delete(max(0, await self.kept() - clips))
        for _ in range(2 * clips):
            if (kept := await self.kept()) >= clips:
                return
            # On a busy machine the wake word, or a word, is missed now and then.
            await self.say()
            await self._wait_for_more_than(kept)
        raise AssertionError("What is said is not kept")

    async def _wait_for_more_than(self, kept: int) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_KEPT_SECONDS):
                while await self.kept() <= kept:
                    await asyncio.sleep(0.1)

    async def keep_new(self, clips: int) -> None:
        """See to it that so many recordings are kept, and nobody has judged one of them."""
        await self.delete()
        await self.keep(clips)

    async def kept(self) -> int:
        """Return how many recordings Ben may hear."""
        return int((await self.ben.ask("clips/list"))["total"])

    async def delete(self, surplus: int | None = None) -> None:
        """Delete the recordings that Ben may hear, or some of them."""
        async with self.ben.socket() as socket:
            listed = (await socket.call("indoor_voice/clips/list"))["clips"]
            if names := [one["clip"] for one in listed][:surplus]:
                await socket.call("indoor_voice/clips/delete", clips=names)

    async def go_on(self) -> None:
        """End whatever keeps from keeping."""
        for of in (
            {"scope": "household"},
            {"scope": "room", "room": self.room},
            {"scope": "guests"},
        ):
            await self.ben.ask("pause/set", paused=False, **of)

    async def say(self, sentence: str = "Hey Jarvis, turn on the kitchen light.") -> None:
        """Say a command that is understood."""
        watcher = Watcher(self.house.home_assistant)
        await watcher.new_runs()
        await self.house.wait_until_idle("Kitchen")
        await take_turn(self.house, "Kitchen", _voice().speech(sentence), watcher=watcher)


@cache
def _voice() -> Person:
    return Person()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let all tests use one event loop, that of the house."""
    for item in items:
        if isinstance(item, pytest.Function) and iscoroutinefunction(item.function):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def home(folder: Path) -> AsyncIterator[Home]:
    house = House(folder, room_names=("Kitchen",))
    async with house.running():
        yield await furnish(house)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def flat(folder: Path, request: pytest.FixtureRequest) -> AsyncIterator[Flat]:
    """A home of a module's own that keeps already, for what is not about how that came to be."""
    async with move_into(folder / request.module.__name__) as flat:
        await flat.agree()
        yield flat


async def furnish(house: House) -> Home:
    """Have people move in."""
    home_assistant = house.home_assistant
    admin = await owner(home_assistant)
    ben = await move_in(home_assistant, "Ben")
    cleo = await move_in(home_assistant, "Cleo")
    guest = await move_in(home_assistant, "Guest", person=False)
    ((room),) = [one["room"] for one in await admin.ask("rooms")]
    return Home(house, room, admin, ben, cleo, guest)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    expect.set_options(timeout=15_000)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS])
        yield browser
        await browser.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def modules(home: Home, browser: Browser) -> AsyncIterator[Page]:
    """Yield a page from which a test imports the panel's modules, by their own names."""
    panels = await home.house.home_assistant.call("get_panels")
    page = await browser.new_page()
    module = panels["indoor-voice"]["config"]["_panel_custom"]["module_url"]
    await page.goto(f"{home.ben.url}{module}")
    yield page
    await page.close()
