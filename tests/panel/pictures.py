"""Make the screenshots for the documents, from a real house and Home Assistant's own pages.

    script/pictures

writes them to docs/, with few colours to keep the files small.
"""

import asyncio
import io
import re
import shutil
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.async_api import Browser, Page, async_playwright, expect

from demo.house import COMMAND, START_TIMEOUT_SECONDS, pairing_code
from demo.ports import free_port
from demo.processes import Program
from demo.sound import SoundServer, VirtualRoom

from .chromium import ARGUMENTS, CHROMIUM
from .dashboards import PATH, card_of, save_views
from .home import Home, set_up_home
from .house import running_house
from .page_pictures import picture_pages
from .people import DESKTOP, HOST, PHONE

ROOT: Final = Path(__file__).parents[2]
DOCS: Final = ROOT / "docs"
DIALOGUE: Final = (760, 620)
DEVICE: Final = (1280, 800)
DASHBOARD: Final = (1100, 530)
COLOURS: Final = 64


async def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="indoor-voice-"))
    expect.set_options(timeout=30_000)
    try:
        async with (
            running_house(folder, {"Kitchen": "Satellite"}, seals=True) as house,
            async_playwright() as playwright,
        ):
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS])
            await _draw(browser)
            home = await set_up_home(house)
            await _pair(home, browser, folder)
            await _show_panel(home, browser)
            await picture_pages(home, browser, _save_screenshot)
            await browser.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _draw(browser: Browser) -> None:
    """Convert the drawing of the house to a PNG, for pages that do not show SVG."""
    page = await browser.new_page(viewport={"width": 880, "height": 530})
    await page.goto((DOCS / "house.svg").as_uri())
    await _save_screenshot(page, "house")
    await page.close()


async def _pair(home: Home, browser: Browser, folder: Path) -> None:
    """Add a satellite as its owner would, and take screenshots."""
    sound = SoundServer(folder / "sound")
    async with sound.running():
        await _pair_in(await sound.room("bedroom"), home, browser, folder)


async def _pair_in(room: VirtualRoom, home: Home, browser: Browser, folder: Path) -> None:
    port = free_port()
    satellite = Program(
        "The satellite in the bedroom",
        (COMMAND, "satellite", "--host=127.0.0.1", f"--port={port}", "--name=Satellite",
         "--area=Bedroom", f"--state-dir={folder / 'bedroom'}"),
        log=folder / "bedroom.log",
        env=room.env,
    )  # fmt: skip
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(satellite)
        await satellite.wait_for_output("Listening", START_TIMEOUT_SECONDS)
        page = await _page(home, browser, DIALOGUE)
        await page.goto(f"{_url(home)}/config/integrations/dashboard/add?domain=indoor_voice")
        await _press(page, "OK")
        menu = page.get_by_text("A satellite: a microphone and loudspeaker in a room")
        await expect(menu).to_be_visible()
        await _save_screenshot(page, "set-up")
        await menu.click()
        await expect(page.get_by_text("Add a satellite")).to_be_visible()
        fields = page.locator("ha-form input")
        await expect(fields.nth(1)).to_be_visible()
        await page.wait_for_timeout(1500)
        await fields.nth(0).fill("127.0.0.1")
        await fields.nth(1).fill(str(port))
        await _press(page, "Submit")
        code = page.locator("ha-form input")
        await expect(page.get_by_text("six-digit pairing code")).to_be_visible()
        await page.wait_for_timeout(1500)
        digits = await pairing_code(satellite)
        await code.fill(f"{digits[:3]} {digits[3:]}")
        await _save_screenshot(page, "pairing")
        await _press(page, "Submit")
        await expect(page.get_by_text("six-digit pairing code")).to_be_hidden()
        await page.close()
        await _show_device(home, browser)
        await _show_cards(home, browser)


async def _show_device(home: Home, browser: Browser) -> None:
    devices = await home.house.home_assistant.call("config/device_registry/list")
    (device,) = [one["id"] for one in devices if one["model"] == "Satellite"][:1]
    page = await _page(home, browser, DEVICE)
    await page.goto(f"{_url(home)}/config/devices/device/{device}")
    await expect(page.get_by_text("Finished speaking detection").first).to_be_visible()
    await _save_screenshot(page, "device")
    await page.close()


async def _show_cards(home: Home, browser: Browser) -> None:
    """Show a dashboard with the kitchen, where Ben has listened, and the new bedroom."""
    await home.keep(2)
    async with home.ben.socket() as socket:
        listed = (await socket.call("indoor_voice/recordings/list"))["recordings"]
        first = listed[0]["recording"]
        await socket.call("indoor_voice/recordings/open", recording=first, part="sound", why="own")
    entities = (home.house.entities["Kitchen"], "assist_satellite.bedroom_satellite")
    sections = [{"cards": [card_of(entity)]} for entity in entities]
    await save_views(
        home.house.home_assistant, {"title": "Home", "type": "sections", "sections": sections}
    )
    page = await _page(home, browser, DASHBOARD)
    await page.goto(f"{_url(home)}/{PATH}")
    await expect(page.get_by_text("Who listened last")).to_be_visible()
    await expect(page.get_by_role("heading", name="Bedroom")).to_be_visible()
    await _save_screenshot(page, "card")
    await page.close()


async def _show_panel(home: Home, browser: Browser) -> None:
    await home.keep(2)
    async with home.ben.panel(browser, size=PHONE, dark=True) as panel:
        await panel.sees_heading("Kitchen")
        await _save_screenshot(panel.page, "panel-phone")
    async with home.ben.panel(browser, "recordings", size=DESKTOP) as panel:
        await panel.unlock()
        await panel.sees("Your key is unlocked in this browser")
        first = panel.page.get_by_role("article").first
        await first.get_by_role("button", name="Show words").click()
        await first.get_by_role("button", name="Play").click()
        await expect(first.locator("canvas").first).to_be_visible()
        await first.get_by_role("button", name="Pause").click()
        await expect(first).to_contain_text("“Turn on")
        await _save_screenshot(panel.page, "panel")


def _url(home: Home) -> str:
    return home.admin.url.replace("127.0.0.1", HOST)


async def _page(home: Home, browser: Browser, size: tuple[int, int]) -> Page:
    """Return a page in a new browser that is logged in as the owner."""
    context = await home.admin.new_context(browser, _url(home), size, dark=False)
    return await context.new_page()


async def _press(page: Page, name: str) -> None:
    await page.get_by_role("button", name=re.compile(f"^{name}$", re.IGNORECASE)).click()


async def _save_screenshot(page: Page, name: str) -> None:
    """Save a screenshot to docs/, once animations are over."""
    await page.wait_for_timeout(1500)
    picture = Image.open(io.BytesIO(await page.screenshot(animations="disabled")))
    path = DOCS / f"{name}.png"
    picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size // 1024} KiB")  # noqa: T201


if __name__ == "__main__":
    asyncio.run(main())
