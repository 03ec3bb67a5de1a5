"""Somebody from outside a room hears and reviews what its people chose, and is told so."""

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from playwright.async_api import expect

from .house import murmur
from .screens import check_screen, section

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from playwright.async_api import Browser, Locator

    from .home import Home
    from .people import Panel

RESPOKEN = "You get the words, spoken again by the assistant's voice."
WORDS = "You get the words only."
SECONDS = 8.0


@asynccontextmanager
async def ben_outside(home: Home) -> AsyncGenerator[None]:
    """Have Ben, whom the others named, not expected in the kitchen."""
    await home.keep(0)
    await home.set_option("review", review=True)
    room = [home.room]
    await home.ben.ask(
        "consent/give",
        purpose="left-out",
        rooms=room,
        notice_sha256=await home.ben.notice("left-out"),
        valid_seconds=86_400,
    )
    await home.admin.ask("setup/expect", room=home.room, people=[home.admin.id, home.cleo.id])
    yield
    await home.delete()
    await home.admin.ask("setup/expect", room=home.room, people=[one.id for one in home.people])
    await home.ben.ask("consent/withdraw", purpose="left-out", rooms=room)
    await home.set_option("review", review=False)
    await home.agree()


async def choose(home: Home, disguise: str) -> None:
    """Let the others choose what Ben gets."""
    for login in (home.admin, home.cleo):
        await login.ask(
            "consent/give",
            purpose="listen",
            rooms=[home.room],
            listeners=[home.ben.id],
            notice_sha256=await login.notice("listen"),
            valid_seconds=86_400,
            disguise=disguise,
        )


async def end_turn(home: Home) -> None:
    outcome = await home.house.end_turn(
        home.room, "Turn on the light.", seconds=SECONDS, respoken=murmur(SECONDS)
    )
    assert outcome["recording"], outcome["dropped"]


async def test_the_choice_is_made_with_the_question(home: Home, browser: Browser) -> None:
    async with ben_outside(home), home.cleo.panel(browser, "consent") as panel:
        await choose(home, "respoken")
        asked = section(panel, "listen")
        await asked.get_by_text("Read the details and answer").click()
        respoken = asked.get_by_label("The words, spoken again by the assistant's voice")
        await expect(respoken).to_be_checked()
        await expect(asked.get_by_role("radio")).to_have_count(4)
        await check_screen(panel, "outsiders-choice")
        for choice in ("Kitchen", "Ben"):
            await asked.get_by_role("checkbox", name=choice).check()
        await asked.get_by_label("The words only, without sound").check()
        await asked.get_by_role("button", name="Yes:").click()
        await panel.sees("Those who aren't expected there get the words only.")
        await panel.open_page("Rooms")
        await panel.sees("Ben, who was named by everyone here and gets the words only")


@asynccontextmanager
async def bens_recording(
    home: Home, browser: Browser, disguise: str, told: str
) -> AsyncGenerator[tuple[Panel, Locator]]:
    """Show Ben, who has unlocked his key, the only recording, of which he gets a form."""
    async with ben_outside(home):
        await choose(home, disguise)
        await end_turn(home)
        async with home.ben.panel(browser, "recordings") as panel:
            await panel.sees(told)
            await panel.unlock()
            await panel.sees("Your key is unlocked in this browser")
            yield panel, panel.page.get_by_role("article")


async def test_the_words_are_heard_again_and_judged(home: Home, browser: Browser) -> None:
    async with bens_recording(home, browser, "respoken", RESPOKEN) as (panel, shown):
        await shown.get_by_role("button", name="Play").click()
        await expect(shown.locator("canvas").first).to_be_visible()
        await expect(shown.get_by_role("button", name="Pause")).to_be_visible()
        await shown.get_by_role("button", name="Show words").click()
        await expect(shown).to_contain_text("“Turn on the light.”")
        await check_screen(panel, "outsiders-recordings")
        await panel.open_page("Review")
        await panel.press("Begin")
        await panel.sees(RESPOKEN)
        await check_screen(panel, "outsiders-review")
        async with home.cleo.panel(browser, "ledger") as hers:
            await hers.sees(
                "Ben listened to one recording, spoken again by the assistant's voice, and read"
            )


async def test_words_without_sound_have_no_button_to_play(home: Home, browser: Browser) -> None:
    async with bens_recording(home, browser, "words", WORDS) as (panel, shown):
        await expect(shown.get_by_role("button", name="Show words")).to_be_visible()
        await expect(shown.get_by_role("button", name="Play")).to_have_count(0)
        await panel.open_page("Review")
        await panel.press("Begin")
        await panel.sees(WORDS)
        await panel.press("1 · Right")
        await panel.sees("Saved.")
        assert panel.errors == []
