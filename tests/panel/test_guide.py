"""The page for people who have just walked into the room, and the sheet that it prints."""

import re
from typing import TYPE_CHECKING

import pypdfium2
import pytest
import zxingcpp
from playwright.async_api import Browser, Page, expect

from .home import SCREENSHOTS
from .people import DESKTOP, PHONE
from .screens import check_screen

if TYPE_CHECKING:
    from PIL.Image import Image

    from .home import Home

PAPERS = ("A4", "Letter")
_PRINT = "window.print = () => (window.top.printed = document.documentElement.outerHTML)"
_DOTS_PER_INCH = 150
_SHEET_WITH = """async ([root, facts]) => {
    const load = (name) => import(new URL(name, root));
    const [i18n, print, sheet] = await Promise.all(
        ["./i18n.js", "./print.js", "./guide-sheet.js"].map(load));
    await i18n.loadTranslations({ language: "en", time_format: "language" });
    print.printSheet(sheet.guideSheet(facts), { style: sheet.SHEET_STYLE });
    const printed = [...document.querySelectorAll("iframe")].at(-1).contentDocument;
    return printed.documentElement.outerHTML;
}"""


async def with_fake_printer(page: Page) -> None:
    """Store a printed document in `window.printed` instead of printing it."""
    await page.add_init_script(_PRINT)


async def print_on(paper: str, document: str, browser: Browser, name: str) -> list[Image]:
    """Print a document, and return the pages as pictures."""
    page = await browser.new_page()
    await page.set_content(document)
    pdf = pypdfium2.PdfDocument(await page.pdf(format=paper))
    await page.close()
    pages = [sheet.render(scale=_DOTS_PER_INCH / 72).to_pil() for sheet in pdf]
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    pages[0].save(SCREENSHOTS / f"{name}-{paper}.png")
    return pages


def codes_in(picture: Image) -> list[str]:
    return [code.text for code in zxingcpp.read_barcodes(picture)]


@pytest.mark.parametrize(
    ("size", "dark", "where"),
    [(DESKTOP, False, "desktop-light"), (PHONE, False, "phone-light"), (PHONE, True, "phone-dark")],
)
async def test_the_guide_is_open_to_any_account_and_says_what_holds_now(
    home: Home, browser: Browser, size: tuple[int, int], where: str, *, dark: bool
) -> None:
    await home.keep(1)
    async with home.guest.panel(browser, size=size, dark=dark) as panel:
        await panel.page.get_by_role("link", name="For guests and everyone else").click()
        await panel.sees_heading("There is a microphone here")
        await panel.sees("Its wake word is “Hey Jarvis”.")
        await panel.sees("are kept for")
        await panel.sees("These people can hear the recordings: Ben.")
        await panel.sees("Say “Hey Jarvis”, and then one of these.")
        await check_screen(panel, f"guide-guest-{where}")
        await home.ben.ask("pause/set", scope="household", paused=True)
        await panel.sees("Nothing is kept anywhere until somebody turns off")
        await expect(panel.page.get_by_text("can hear the recordings")).to_have_count(0)
        await home.end_pauses()
    async with home.cleo.panel(browser, "guide", size=size, dark=dark) as panel:
        await expect(panel.page.get_by_text("which other devices can't reach")).to_have_count(0)
        await panel.sees_heading("What anyone can say")
        await panel.sees("Ask anyone who lives here: Demo, Ben, and Cleo.")
        await expect(panel.page.locator("nav a[aria-current]")).to_have_count(0)
        await check_screen(panel, f"guide-person-{where}")


async def test_whoever_uses_an_address_that_only_this_machine_has_is_told_so(
    home: Home, browser: Browser
) -> None:
    context = await home.cleo.new_context(browser, home.cleo.url, DESKTOP, dark=False)
    page = await context.new_page()
    await page.goto(f"{home.cleo.url}/indoor-voice/guide")
    warning = page.get_by_text(f"{home.cleo.url}/indoor-voice/guide, which other devices can't")
    await expect(warning).to_be_visible()
    await context.close()


async def test_the_printed_sheet_fits_one_page_and_its_code_leads_to_the_guide(
    home: Home, browser: Browser
) -> None:
    async with home.guest.panel(browser, "guide", prepare=with_fake_printer) as panel:
        await panel.sees("Its wake word is “Hey Jarvis”.")
        await panel.press("Print it")
        printed = await panel.page.evaluate("window.printed")
        assert panel.errors == []
        address = f"{panel.url}/indoor-voice/guide"
    for paper in PAPERS:
        (sheet,) = await print_on(paper, printed, browser, "guide-sheet")
        assert codes_in(sheet) == [address]
    assert f">{address}<" in re.sub("<!--.*?-->", "", printed), "in words below the code"
    assert "are kept for" not in printed, "a sheet on the wall must not say what holds today"


async def test_the_longest_sheet_fits_one_page_too(modules: Page, browser: Browser) -> None:
    address = f"https://{'abcdefgh' * 4}.ui.nabu.casa/indoor-voice/guide"
    facts = {
        "address": address,
        "wakeWords": ["Hey Jarvis", "Hey Mycroft", "Alexa"],
        "residents": ["Alexandra", "Bartholomew", "Clementine", "Dominique", "Ekaterina", "Fitz"],
        "debugRecordings": "/share/somewhere/assist-debug-recordings",
    }
    printed = await modules.evaluate(_SHEET_WITH, [modules.url, facts])
    for paper in PAPERS:
        (sheet,) = await print_on(paper, printed, browser, "guide-sheet-longest")
        assert codes_in(sheet) == [address]
