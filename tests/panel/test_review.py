"""The page "Review": one recording at a time, by keys or by buttons, and stopping at once."""

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import Browser, Page, expect

from demo.home_assistant import RequestError
from tests.waiting import until

from .home import SCREENSHOTS
from .people import DESKTOP, PHONE
from .screens import every
from .websocket_proxy import WebSocketProxy

if TYPE_CHECKING:
    from .home import Home
    from .people import Panel

LISTEN_FIRST = "Listen first, then choose a verdict."
WORDS = "The assistant understood"
JUDGED = "Saved. You can undo it for 10 seconds."


def right(panel: Panel) -> Any:
    return panel.page.get_by_role("button", name="Right", exact=False)


async def begin(panel: Panel) -> None:
    await panel.unlock()
    await panel.press("Begin")
    await panel.sees(LISTEN_FIRST)
    await ready(panel)


async def ready(panel: Panel) -> None:
    """Wait until the review takes the next action."""
    await expect(panel.page.locator("section[aria-busy=true]")).to_have_count(0)


async def test_esc_stops_at_once_and_discards_pending_answers(home: Home, browser: Browser) -> None:
    await home.keep(1)
    proxy = WebSocketProxy()
    async with home.ben.panel(browser, "review", prepare=proxy.attach) as panel:
        page, keyboard = panel.page, panel.page.keyboard
        await begin(panel)
        await keyboard.press("Space")
        await expect(page.get_by_role("button", name="Pause")).to_be_visible()
        await keyboard.press("e")
        await keyboard.press("Escape")
        await panel.sees("Stopped. Nothing is open.")
        await expect(page.locator("audio, canvas, [name=words]")).to_have_count(0)

        proxy.held.add("indoor_voice/review/open")
        await panel.press("Begin")
        await proxy.waits.wait()
        await keyboard.press("Escape")
        await panel.sees("Stopped.")
        proxy.release()
        await expect(page.get_by_role("button", name="Begin")).to_be_enabled()
        await expect(page.get_by_label(WORDS)).to_have_count(0)

        await panel.press("Begin")
        await panel.sees(LISTEN_FIRST)
        await ready(panel)
        proxy.waits.clear()
        proxy.held.add("indoor_voice/review/open")
        await keyboard.press("Space")
        await proxy.waits.wait()
        await keyboard.press("Escape")
        proxy.release()
        await expect(page.get_by_role("button", name="Begin")).to_be_enabled()
        await expect(page.locator("audio")).to_have_count(0)
        await panel.sees("Stopped.")
        assert panel.errors == []


async def test_without_single_key_shortcuts_only_buttons_and_esc_work(
    home: Home, browser: Browser
) -> None:
    await home.keep(1)
    async with home.ben.panel(browser, "review") as panel:
        page, keyboard = panel.page, panel.page.keyboard
        await panel.sees("Your key is locked.")
        await panel.unlock()
        await page.get_by_text("Keyboard shortcuts", exact=True).click()
        await page.get_by_label("Use single-key shortcuts").uncheck()
        await page.reload()
        await begin(panel)
        for key in (" ", "s", "n", "x", "?"):
            await keyboard.press(key)
        await panel.press("Play")
        await expect(page.get_by_role("button", name="Right", exact=True)).to_be_enabled()
        await keyboard.press("1")
        await expect(page.get_by_role("button", name="Right", exact=True)).to_be_enabled()
        await keyboard.press("Escape")
        await panel.sees("Stopped.")
        sent = "".join(panel.sent)
        for command in ("verdict", "skip", "give_up", "destroy"):
            assert f"review/{command}" not in sent
        await page.get_by_text("Keyboard shortcuts", exact=True).click()
        await page.get_by_label("Use single-key shortcuts").check()


async def test_breaks_are_suggested_and_the_day_has_a_limit(home: Home, browser: Browser) -> None:
    await home.keep(1)
    proxy = WebSocketProxy()
    # Really, these breaks come after ten, fifty and a hundred recordings.
    proxy.answers["indoor_voice/review/next"] = [
        {"stop": "batch", "may_go_on": True},
        {"stop": "rest", "may_go_on": True, "rest_seconds": 300.0},
        {"stop": "enough", "may_go_on": False},
    ]
    async with home.ben.panel(browser, "review", prepare=proxy.attach) as panel:
        await panel.unlock()
        await panel.press("Begin")
        await panel.sees("You have reviewed ten. This is a good place to stop.")
        await panel.press("Continue")
        await panel.sees("You have been listening for a while. Take a break of 5 minutes.")
        await panel.press("Continue")
        await panel.sees("That is enough for one day. Continue tomorrow.")
        await expect(panel.page.get_by_role("button", name="Continue")).to_have_count(0)
        await panel.press("Stop")
        await panel.press("Begin")
        await panel.sees(LISTEN_FIRST)
        asked = [one for one in proxy.asked if one["type"] == "indoor_voice/review/next"]
        assert [one["go_on"] for one in asked] == [False, True, True, False]


async def with_fake_clock(page: Page) -> None:
    await page.clock.install()


async def stop_time(page: Page) -> None:
    """Stop the clock of a page, so that a slow browser can't hold a key for too long."""
    await page.clock.pause_at((await page.evaluate("Date.now()")) / 1000 + 1)


async def test_sensitive_recordings_are_destroyed_and_troubling_ones_do_not_come_back(
    home: Home, browser: Browser
) -> None:
    await home.set_option("guidance", guidance="Talk to Grandma.")
    await home.keep(3)
    async with home.ben.panel(browser, "review", prepare=with_fake_clock) as panel:
        page, keyboard = panel.page, panel.page.keyboard
        await begin(panel)
        await stop_time(page)
        await keyboard.down("x")
        await panel.sees("Keep holding to destroy …")
        await keyboard.up("x")
        await page.clock.fast_forward(2000)
        await panel.sees("Destroy (sensitive)")
        assert await home.kept() == 3, "the key was released too early"
        await keyboard.down("x")
        await page.clock.fast_forward(700)
        await panel.sees("The recording was destroyed.")
        await keyboard.up("x")
        await page.clock.resume()

        await panel.press("Destroy (sensitive)")
        await panel.sees("Destroy this recording?")
        assert await panel.violations() == []
        await panel.press("Cancel")
        assert await home.kept() == 2
        await panel.press("Destroy (sensitive)")
        await page.get_by_role("dialog").get_by_role("button", name="Destroy").click()
        # The page may still show this message about the previous recording.
        await until(home.kept, lambda kept: kept == 1)
        await panel.sees("The recording was destroyed.")

        await ready(panel)
        await keyboard.press("n")
        await panel.sees("You won't hear it again.")
        await panel.sees("Talk to Grandma.")
        await page.screenshot(path=SCREENSHOTS / "review-guidance.png", full_page=True)
        await panel.press("Continue")
        await panel.sees("There is nothing to review.")
    assert await home.kept() == 0, "nobody else could hear it"


async def test_a_review_works_by_keyboard_alone_and_skipped_recordings_come_back(
    home: Home, browser: Browser
) -> None:
    await home.keep_new(1)
    async with home.ben.panel(browser, "review") as panel:
        page, keyboard = panel.page, panel.page.keyboard
        await panel.unlock_by_keyboard()
        await panel.tab_to("Begin")
        await keyboard.press("Enter")
        await panel.sees(LISTEN_FIRST)
        await ready(panel)
        await keyboard.press("s")
        await panel.sees("Skipped.")
        await panel.sees("There is nothing to review.")
        await keyboard.press("Escape")
        await panel.tab_to("Begin")
        await keyboard.press("Enter")
        await panel.sees(LISTEN_FIRST)
        await ready(panel)
        await keyboard.press("1")
        await keyboard.press("Space")
        await expect(right(panel)).to_be_enabled()
        await keyboard.press("r")
        await expect(page.get_by_role("button", name="Pause")).to_be_visible()
        await keyboard.press("+")
        await expect(page.get_by_label("Speed")).to_have_value("1.25")
        for _ in range(2):
            await keyboard.press("-")
        await expect(page.get_by_label("Speed")).to_have_value("0.75")
        await keyboard.press("?")
        await panel.sees("Sensitive: hold to destroy")
        await keyboard.press("?")
        await expect(page.get_by_text("Sensitive: hold to destroy")).to_be_hidden()
        await correct(panel, " please")
        await panel.sees(JUDGED)
        await ready(panel)
        await keyboard.press("z")
        await panel.sees("Undone.")
        await ready(panel)
        await correct(panel, " and the bathroom")
        await panel.sees(JUDGED)
        assert_no_hints(panel, home.room, "itchen", "satellite", "Demo", "Ben", "Cleo", "2026")
        for corrected in ("please", "bathroom"):
            assert corrected not in "".join(panel.sent), "it is sealed in the browser"
        await panel.open_page("Recordings")
        await page.get_by_role("button", name="Show words").click()
        await panel.sees("Reviewed as: Wrong words.")
        await panel.sees(" and the bathroom”")
    with pytest.raises(RequestError, match="not-a-listener"):
        await home.admin.ask("review/next")


async def places(panel: Panel) -> dict[str, Any]:
    """Return where each button and field of the review is."""
    question = panel.page.locator("section[aria-labelledby=question]")
    controls = await every(question.locator("button, input, select, .wave, [data-place]"))
    return {
        f"{number} {await control.evaluate('one => one.localName')}": await control.bounding_box()
        for number, control in enumerate(controls)
    }


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
async def test_nothing_moves_between_two_verdicts(
    home: Home, browser: Browser, size: tuple[int, int]
) -> None:
    await home.keep_new(2)
    proxy = WebSocketProxy()
    async with home.ben.panel(browser, "review", size=size, prepare=proxy.attach) as panel:
        page = panel.page
        await begin(panel)
        await panel.wait_until_settled()
        before = await places(panel)
        assert len(before) > 12
        await page.keyboard.press("Space")
        await expect(right(panel)).to_be_enabled()
        await panel.wait_until_settled()
        assert await places(panel) == before
        proxy.held.add("indoor_voice/review/next")
        await right(panel).click()
        await proxy.waits.wait()
        await panel.sees("One moment")
        assert await places(panel) == before
        proxy.release()
        await panel.sees(JUDGED)
        await expect(page.get_by_label(WORDS)).not_to_have_value("")
        assert await places(panel) == before
        assert panel.errors == []


async def correct(panel: Panel, words: str) -> None:
    """Append words by keyboard, and choose the verdict "Wrong words"."""
    keyboard = panel.page.keyboard
    await expect(right(panel)).to_be_enabled()
    await keyboard.press("e")
    await keyboard.type(words)
    await expect(panel.page.get_by_label(WORDS)).to_have_value(re.compile(f"{words}$"))
    await keyboard.press("Enter")
    await keyboard.press("2")


def assert_no_hints(panel: Panel, *telling: str) -> None:
    """Check that the unsealed parts of all answers contain no hint about a recording."""
    answers = [answer or {} for answer in panel.answers("indoor_voice/review/")]
    sealed = {"key", "ciphertext", "readers"}
    assert any(sealed <= answer.keys() for answer in answers)
    told = json.dumps([{k: v for k, v in one.items() if k not in sealed} for one in answers])
    assert [one for one in (*telling, "time") if one in told] == []
