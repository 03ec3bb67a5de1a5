"""Pictures of every page of the panel: light, dark, and on a phone."""

from typing import TYPE_CHECKING, Final

from playwright.async_api import expect

from .people import DESKTOP, PHONE, Login, Panel
from .reviewing import Reviewed, agree_to_teach, make_reviewed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from playwright.async_api import Browser, Page

    from .home import Home

    type Save = Callable[[Page, str], Awaitable[None]]

LOOKS: Final = {"light": (DESKTOP, False), "dark": (DESKTOP, True), "phone": (PHONE, False)}
"""The size of the browser, and whether it is dark."""


async def picture_pages(home: Home, browser: Browser, save: Save) -> None:
    """Take a picture of each page in each look, and give it to `save` with its name."""
    await home.keep(2)
    for login, page, prepare in (
        (home.ben, "rooms", _see("Kitchen")),
        (home.ben, "consent", _see("Yes in Kitchen")),
        (home.ben, "recordings", _open_a_recording),
        (home.ben, "review", _begin_a_review),
        (home.ben, "ledger", _see("The ledger is complete")),
        (home.guest, "guide", _see("Kitchen")),
    ):
        await _picture(login, browser, page, prepare, save)
    await agree_to_teach(home, *home.people)
    await make_reviewed(
        home,
        Reviewed(heard="turn on the big lamp", done=(), verdict="wrong-action"),
        Reviewed(heard="turn on the kitchen light"),
        Reviewed(
            heard="turn on the kitchen mic",
            verdict="wrong-words",
            corrected="turn on the kitchen light",
        ),
    )
    await _picture(home.ben, browser, "teach", _look_for_lessons, save)
    # Last, because nobody can open a recording until somebody new has named them.
    newcomer = await Login.create(home.house.home_assistant, "Dana")
    await _picture(newcomer, browser, "start", _see_recovery_code, save)


async def _picture(
    login: Login,
    browser: Browser,
    page: str,
    prepare: Callable[[Panel], Awaitable[None]],
    save: Save,
) -> None:
    for look, (size, dark) in LOOKS.items():
        async with login.panel(browser, page, size=size, dark=dark) as panel:
            await prepare(panel)
            await save(panel.page, f"panel-{page}-{look}")


def _see(text: str) -> Callable[[Panel], Awaitable[None]]:
    async def see(panel: Panel) -> None:
        await panel.sees(text)

    return see


async def _see_recovery_code(panel: Panel) -> None:
    await expect(panel.page.locator("[data-code]")).to_be_visible()


async def _look_for_lessons(panel: Panel) -> None:
    await panel.unlock()
    await panel.sees("Understand “kitchen mic” as “kitchen light”")


async def _open_a_recording(panel: Panel) -> None:
    await panel.unlock()
    await panel.sees("Your key is unlocked in this browser")
    first = panel.page.get_by_role("article").first
    await first.get_by_role("button", name="Show words").click()
    await expect(first).to_contain_text("“Turn on")


async def _begin_a_review(panel: Panel) -> None:
    await panel.unlock()
    await panel.press("Begin")
    await panel.press("Play")
    await expect(panel.page.get_by_role("button", name="Right")).to_be_enabled()
