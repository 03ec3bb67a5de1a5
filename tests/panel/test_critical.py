"""A recording with critical words: the warning, what is hidden, and what the keys do."""

from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.waiting import until

from .home import SCREENSHOTS
from .people import DESKTOP, PHONE
from .screens import every

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from .home import Home
    from .people import Panel

CODE = "Remember that the code is 4821."
MASKED = "Remember that the code is ••••."
HEALTH = "Remind me to take my insulin."
LIGHT = "Turn on the kitchen light."
WORDS = "The assistant understood"
WARNING = "This recording may contain a code or a password."
GUIDANCE = "Talk to Grandma."
SECONDS = 3.0
"""As long as it takes to say the sentences."""


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def _nothing_left_for_the_next_tests(home: Home) -> AsyncIterator[None]:
    yield
    await home.keep(0)


async def keep(home: Home, *sentences: str) -> None:
    """Replace all recordings by one of each sentence."""
    await home.set_option("guidance", guidance=GUIDANCE)
    await home.keep(0)
    for sentence in sentences:
        assert (await home.house.end_turn(home.room, sentence, seconds=SECONDS))["recording"]


async def begin(panel: Panel) -> None:
    await panel.unlock()
    await panel.press("Begin")
    await panel.sees_heading("Before you listen")
    await expect(panel.page.locator("section[aria-busy=true]")).to_have_count(0)


def sound_was_asked_for(panel: Panel) -> bool:
    return any('"sound"' in frame for frame in panel.sent)


def article(page: Page) -> Any:
    return page.get_by_role("article").first


@pytest.mark.parametrize(
    ("look", "size", "dark"),
    [("light", DESKTOP, False), ("dark", DESKTOP, True), ("phone", PHONE, False)],
)
async def test_a_review_warns_and_hides_until_asked(
    home: Home, browser: Browser, look: str, size: tuple[int, int], *, dark: bool
) -> None:
    await keep(home, CODE)
    async with home.ben.panel(browser, "review", size=size, dark=dark) as panel:
        page, keyboard = panel.page, panel.page.keyboard
        await begin(panel)
        await panel.sees(WARNING)
        await panel.sees(GUIDANCE)
        title = page.get_by_role("heading", name="Before you listen")
        await expect(title).to_be_focused()
        await expect(title).to_have_accessible_description(
            f"{WARNING} The words suggest it. "
            "This is a help and no protection: a recording without a warning may contain such "
            f"things too. If it troubles you {GUIDANCE}"
        )
        assert await panel.violations() == []
        await panel.wait_until_settled()
        await page.screenshot(path=SCREENSHOTS / f"critical-warning-{look}.png", full_page=True)
        for key in (" ", "r", "e", "m", "1"):
            await keyboard.press(key)
        await expect(page.locator("audio, canvas, [name=words]")).to_have_count(0)
        assert not sound_was_asked_for(panel)

        await keyboard.press("l")
        await expect(page.get_by_label(WORDS)).to_have_value(MASKED)
        await expect(page.get_by_label(WORDS)).to_have_attribute("readonly", "")
        await expect(page.get_by_role("button", name="Right")).to_be_enabled()
        assert await panel.violations() == []
        await panel.wait_until_settled()
        await page.screenshot(path=SCREENSHOTS / f"critical-hidden-{look}.png", full_page=True)

        await keyboard.press("m")
        await expect(page.get_by_label(WORDS)).to_have_value(CODE)
        await expect(page.get_by_label(WORDS)).to_be_editable()
        await expect(page.get_by_label(WORDS)).to_be_focused()
        await expect(page.get_by_role("button", name="Show and play them")).to_have_count(0)
        assert panel.errors == []


async def test_the_next_recording_with_a_warning_does_not_start_by_itself(
    home: Home, browser: Browser
) -> None:
    await keep(home, CODE, HEALTH)
    async with home.ben.panel(browser, "review") as panel:
        page = panel.page
        await begin(panel)
        await panel.press("Listen anyway")
        await expect(page.get_by_role("button", name="Right")).to_be_enabled()
        await panel.press("1 · Right")
        await panel.sees_heading("Before you listen")
        await panel.sees("Saved.")
        await expect(page.locator("audio, canvas, [name=words]")).to_have_count(0)
        opened = [frame for frame in panel.sent if '"sound"' in frame]
        assert len(opened) == 1
        await panel.open_page("Recordings")
        for button in await every(page.get_by_role("button", name="Show words")):
            await button.click()
        await panel.sees("Reviewed as: Right.")
        await expect(page.get_by_text("Corrected to")).to_have_count(0)


async def test_a_recording_is_destroyed_without_having_been_heard(
    home: Home, browser: Browser
) -> None:
    await keep(home, CODE)
    async with home.ben.panel(browser, "review") as panel:
        await begin(panel)
        await panel.tab_to("Destroy (sensitive)")
        await panel.page.keyboard.press("Enter")
        await panel.sees("Destroy this recording?")
        await panel.page.get_by_role("dialog").get_by_role("button", name="Destroy").click()
        await until(home.kept, lambda kept: kept == 0)
        await panel.sees("There is nothing to review.")
        assert not sound_was_asked_for(panel)


@pytest.mark.parametrize(("look", "dark"), [("light", False), ("dark", True)])
async def test_the_list_warns_before_playing_and_hides_words_by_keyboard_alone(
    home: Home, browser: Browser, look: str, *, dark: bool
) -> None:
    await keep(home, CODE)
    async with home.ben.panel(browser, "recordings", dark=dark) as panel:
        page, keyboard = panel.page, panel.page.keyboard
        await panel.unlock_by_keyboard()
        await panel.sees("Your key is unlocked in this browser")
        await panel.tab_to("Play")
        await keyboard.press("Enter")
        await expect(page.locator("#warning")).to_be_focused()
        await expect(article(page)).to_contain_text(WARNING)
        await expect(article(page)).to_contain_text(GUIDANCE)
        await expect(page.locator("audio, canvas")).to_have_count(0)
        assert not sound_was_asked_for(panel)
        await panel.tab_to("Show words")
        await keyboard.press("Enter")
        await expect(article(page)).to_contain_text(f"“{MASKED}”")
        hidden = article(page).get_by_role("img", name="hidden")
        await expect(hidden).to_have_count(1)
        assert await panel.violations() == []
        await panel.wait_until_settled()
        await page.screenshot(path=SCREENSHOTS / f"critical-list-{look}.png", full_page=True)
        await panel.tab_to("Listen anyway")
        await keyboard.press("Enter")
        await expect(article(page).locator("canvas").first).to_be_visible()
        await expect(page.locator("#warning")).to_have_count(0)
        await panel.tab_to("Show and play them")
        await keyboard.press("Enter")
        await expect(article(page)).to_contain_text(f"“{CODE}”")
        await expect(hidden).to_have_count(0)
        await expect(page.locator("audio, canvas")).to_have_count(0)
        await panel.press("Lock it")
        await expect(page.get_by_text("4821")).to_have_count(0)
        assert panel.errors == []


async def test_playing_a_day_leaves_out_what_has_a_warning(home: Home, browser: Browser) -> None:
    await keep(home, LIGHT, HEALTH)
    async with home.ben.panel(browser, "recordings") as panel:
        await panel.unlock()
        await panel.sees("Your key is unlocked in this browser")
        await panel.page.get_by_role("button", name="Play all").click()
        await panel.sees("Played one recording. One was not played because it has a warning.")
        await panel.sees("This recording may contain something about health.")
        assert len([frame for frame in panel.sent if '"sound"' in frame]) == 1


async def test_a_warning_is_sealed_and_the_ledger_does_not_tell(home: Home) -> None:
    await keep(home, CODE)
    rows = await home.ben.ask("ledger/rows", about="everything", limit=5)
    listed = await home.ben.ask("recordings/list")
    for told in (rows, listed):
        assert not any(word in str(told) for word in ("code", "mark", "span", "4821"))
