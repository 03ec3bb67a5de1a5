"""The page "Teach": what reviewed recordings teach is shown, approved and taken back."""

import base64
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from .people import DESKTOP, PHONE
from .reviewing import Reviewed, agree_to_teach, aliases, end_lessons, make_reviewed
from .screens import check_screen

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Locator

    from .home import Home
    from .people import Panel

LIGHT = "light.kitchen_light"
FAILED = Reviewed(heard="turn on the big lamp", done=(), verdict="wrong-action")
AGAIN = Reviewed(heard="turn on the kitchen light")
ALIAS = "Call Kitchen light also “big lamp”"
MISHEARD = Reviewed(
    heard="turn on the kitchen mic", verdict="wrong-words", corrected="turn on the kitchen light"
)
VERIFIER = "Learn how “hey jarvis” sounds in Kitchen"
THRESHOLD = "Wake a little less easily for “hey jarvis” in Kitchen"
CORRECTION = "Understand “kitchen mic” as “kitchen light”"


@pytest_asyncio.fixture(loop_scope="session")
async def school(home: Home) -> AsyncIterator[Home]:
    """Yield a home in which everybody agrees to teach and nothing has been learned."""
    await home.keep(0)
    await agree_to_teach(home, *home.people)
    await end_lessons(home)
    yield home
    for login in home.people:
        await login.ask("consent/withdraw", purpose="teach")
    await home.keep(0)


def proposal(panel: Panel, sentence: str) -> Locator:
    """Return what the page shows of something that could be learned."""
    return _item(panel, "What could be learned", sentence)


def lesson(panel: Panel, sentence: str) -> Locator:
    """Return what the page shows of something that was learned."""
    return _item(panel, "What was learned", sentence)


def _item(panel: Panel, heading: str, sentence: str) -> Locator:
    listed = panel.page.get_by_role("list", name=heading)
    return listed.locator("> li").filter(
        has=panel.page.get_by_role("heading", name=sentence, exact=True)
    )


async def approve(panel: Panel, sentence: str) -> None:
    shown = proposal(panel, sentence)
    await shown.get_by_role("button", name="Approve").click()
    await expect(shown).to_contain_text("This is learned now.")
    await expect(lesson(panel, sentence)).to_be_visible()


async def open_teach(panel: Panel) -> None:
    await panel.unlock()
    await expect(panel.page.get_by_text("reviewed recording").first).to_be_visible()
    await expect(panel.page.get_by_role("button", name="Look again")).not_to_have_attribute(
        "aria-disabled", "true"
    )


def sent(panel: Panel, words: str) -> list[str]:
    """Return the messages to Home Assistant that contain some words."""
    return [frame for frame in panel.sent if words in frame]


async def test_another_name_is_learned_with_one_click_and_taken_back_with_one(
    school: Home, browser: Browser
) -> None:
    await make_reviewed(school, FAILED, AGAIN)
    async with school.ben.panel(browser, "teach") as panel:
        await panel.sees("Nothing has been learned yet.")
        await open_teach(panel)
        await panel.sees(ALIAS)
        assert sent(panel, "big lamp") == [], "nothing is sent before it is approved"
        await proposal(panel, ALIAS).get_by_text("2 recordings").click()
        await panel.sees("“turn on the big lamp”")
        await approve(panel, ALIAS)
        (approved,) = sent(panel, "big lamp")
        assert "lessons/approve" in approved
        assert "big lamp" in await aliases(school, LIGHT)
        await expect(lesson(panel, ALIAS)).to_contain_text("from 2 recordings")
        await lesson(panel, ALIAS).get_by_role("button", name="Undo this lesson").click()
        await panel.sees(f"No longer learned: {ALIAS}.")
        assert "big lamp" not in await aliases(school, LIGHT)
        await expect(proposal(panel, ALIAS).get_by_role("button", name="Approve")).to_be_visible()
        assert panel.errors == []


async def test_what_was_approved_stays_when_the_browser_is_closed(
    school: Home, browser: Browser
) -> None:
    await make_reviewed(school, MISHEARD, FAILED, AGAIN)
    async with school.ben.panel(browser, "teach") as panel:
        await open_teach(panel)
        await approve(panel, CORRECTION)
    async with school.ben.panel(browser, "teach") as panel:
        await expect(lesson(panel, CORRECTION)).to_contain_text("Approved by Ben")
        await open_teach(panel)
        await panel.sees(ALIAS)
        await expect(proposal(panel, CORRECTION)).to_have_count(0)


async def test_corrections_that_contradict_each_other_are_shown_and_not_learned(
    school: Home, browser: Browser
) -> None:
    other = Reviewed(
        heard="turn off the kitchen mic",
        verdict="wrong-words",
        corrected="turn off the kitchen fan",
    )
    await make_reviewed(school, MISHEARD, other)
    async with school.ben.panel(browser, "teach") as panel:
        await open_teach(panel)
        for sentence in (CORRECTION, "Understand “mic” as “fan”"):
            shown = proposal(panel, sentence)
            await expect(shown).to_contain_text("corrected in more than one way")
            await expect(shown.get_by_role("button", name="Approve")).to_have_count(0)


async def test_nothing_is_learned_without_the_consent_of_everybody_heard(
    school: Home, browser: Browser
) -> None:
    await make_reviewed(school, MISHEARD)
    async with school.ben.panel(browser, "teach") as panel:
        await open_teach(panel)
        await approve(panel, CORRECTION)
        await school.cleo.ask("consent/withdraw", purpose="teach", rooms=[school.room])
        await panel.press("Look again")
        await panel.sees("Nothing has been learned yet.")
        shown = proposal(panel, CORRECTION)
        await expect(shown).to_contain_text("everybody who was heard must have agreed to teach")
        await expect(shown.get_by_role("button", name="Approve")).to_have_count(0)


async def test_a_lesson_is_worked_out_again_when_a_recording_is_deleted(
    school: Home, browser: Browser
) -> None:
    again = Reviewed(
        heard="the kitchen mic please", verdict="wrong-words", corrected="the kitchen light please"
    )
    await make_reviewed(school, MISHEARD, again)
    async with school.ben.panel(browser, "teach") as panel:
        await open_teach(panel)
        await approve(panel, CORRECTION)
        await expect(lesson(panel, CORRECTION)).to_contain_text("from 2 recordings")
        await school.delete(1)
        assert await states(school) == ["off"]
        await panel.press("Look again")
        await panel.sees("One lesson was worked out again and is on.")
        await expect(lesson(panel, CORRECTION)).to_contain_text("from one recording")
        assert await states(school) == ["on"]


async def test_a_lesson_that_no_longer_follows_stays_off_until_somebody_ends_it(
    school: Home, browser: Browser
) -> None:
    await make_reviewed(
        school,
        *(
            Reviewed(heard=f"{name} said so", verdict="not-for-it")
            for name in ("Ada", "Ben", "Cleo")
        ),
    )
    async with school.ben.panel(browser, "teach") as panel:
        await open_teach(panel)
        await approve(panel, THRESHOLD)
        await school.delete(1)
        await panel.press("Look again")
        shown = lesson(panel, THRESHOLD)
        await expect(shown).to_contain_text("It can't be worked out again")
        assert await states(school) == ["off"]
        await shown.get_by_role("button", name="Undo this lesson").click()
        await panel.sees(f"No longer learned: {THRESHOLD}.")
        assert await states(school) == []


async def test_a_verifier_is_tested_before_it_is_approved(school: Home, browser: Browser) -> None:
    await make_reviewed(school, *wake_words("right", 10, 1.0), *wake_words("not-speech", 3, -1.0))
    async with school.ben.panel(browser, "teach") as panel:
        await open_teach(panel)
        shown = proposal(panel, VERIFIER)
        await expect(shown).to_contain_text(
            "it would have let 10 of 10 through and stopped 3 of 3 that were not meant."
        )
        assert sent(panel, "weights") == []
        await approve(panel, VERIFIER)
        (learned,) = (await school.ben.ask("lessons/list"))["lessons"]
        weights = np.frombuffer(base64.b64decode(learned["content"]["weights"]), "<f4")
        assert weights.shape == (12 * 96,)
        assert weights.mean() > 0, "what is meant has the higher numbers"


def wake_words(verdict: str, count: int, loudness: float) -> list[Reviewed]:
    """Return reviewed turns whose wake words sound alike, but not the same."""
    rng = np.random.default_rng(1)
    return [
        Reviewed(
            heard=f"turn on the kitchen light {verdict} {number}",
            verdict=verdict,
            features=rng.normal(loudness, 1, 12 * 96).astype("<f2").tobytes(),
        )
        for number in range(count)
    ]


async def states(home: Home) -> list[Any]:
    return [one["state"] for one in (await home.ben.ask("lessons/list"))["lessons"]]


async def test_locking_the_key_closes_what_was_opened(school: Home, browser: Browser) -> None:
    await make_reviewed(school, MISHEARD)
    async with school.ben.panel(browser, "teach") as panel:
        await open_teach(panel)
        await panel.sees(CORRECTION)
        await panel.press("Lock it")
        await expect(panel.page.get_by_text(CORRECTION)).to_have_count(0)
        await expect(panel.page.get_by_text("kitchen mic")).to_have_count(0)


async def test_teaching_works_by_keyboard_alone(school: Home, browser: Browser) -> None:
    await make_reviewed(school, FAILED, AGAIN)
    async with school.ben.panel(browser, "teach") as panel:
        keyboard = panel.page.keyboard
        await panel.unlock_by_keyboard()
        await panel.sees(ALIAS)
        await panel.tab_to(f"Approve: {ALIAS}")
        await keyboard.press("Enter")
        await panel.sees("This is learned now.")
        await panel.tab_to(f"Undo this lesson: {ALIAS}")
        await keyboard.press("Enter")
        await panel.sees(f"No longer learned: {ALIAS}.")


@pytest.mark.parametrize(
    ("size", "dark", "where"), [(DESKTOP, False, "desktop-light"), (PHONE, True, "phone-dark")]
)
async def test_the_page_is_accessible_and_fits_the_screen(
    school: Home, browser: Browser, size: tuple[int, int], where: str, *, dark: bool
) -> None:
    other = Reviewed(heard="set a time", verdict="wrong-words", corrected="set a timer")
    contrary = Reviewed(heard="start a time", verdict="wrong-words", corrected="start a rhyme")
    await make_reviewed(school, MISHEARD, other, contrary, FAILED, AGAIN)
    async with school.ben.panel(browser, "teach", size=size, dark=dark) as panel:
        await panel.sees("Nothing has been learned yet.")
        await check_screen(panel, f"teach-locked-{where}")
        await open_teach(panel)
        await approve(panel, CORRECTION)
        await proposal(panel, ALIAS).get_by_text("2 recordings").click()
        await panel.wait_until_settled()
        await check_screen(panel, f"teach-{where}")
