"""The rooms: what is kept, what would change that, and who may stop it."""

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import Browser, Page, expect

from .people import DESKTOP, PHONE
from .test_screens import look

if TYPE_CHECKING:
    from .home import Home

_NAMES = """async () => {
    const { Page } = await import(new URL('page.js', location));
    const areas = { k: { area_id: 'k', name: 'Kitchen' } };
    const device = (id, area) => ({ area_id: area, identifiers: [['indoor_voice', id]] });
    const called = (rooms) => {
        const devices = rooms.map(([area], id) => device(id, area));
        const page = Object.create(Page.prototype, {
            hass: { value: { areas, devices } },
            home: { value: { rooms: rooms.map(([, name], id) => ({ id, name })) } },
        });
        return rooms.map((_, id) => page.roomName(id));
    };
    return [
        called([['k', 'Satellite'], [null, 'Cellar']]),
        called([['k', 'By the oven'], ['k', 'Kitchen door']]),
    ];
}"""
_UNSEALED = "(panel, folder) => (panel._home = { ...panel._home, debug_recordings: folder })"
PAGES = ("My consent", "Recordings", "Review", "Who listened")


async def test_everybody_finds_it_in_the_sidebar_and_it_asks_nothing_of_strangers(
    home: Home, browser: Browser
) -> None:
    for login in (home.ben, home.guest):
        async with login.panel(browser) as panel:
            await panel.page.goto(panel.url)
            await panel.page.get_by_role("link", name="Indoor Voice").click()
            await panel.sees_heading("Kitchen")
            assert not await panel.page.evaluate("isSecureContext"), "as over HTTP in a LAN"
            assert [url for url in panel.requests if not url.startswith(panel.url)] == []
            assert panel.errors == []


async def test_they_say_what_is_kept_and_what_would_change_that(
    home: Home, browser: Browser
) -> None:
    await home.allow("nothing")
    await home.cleo.ask("consent/withdraw", purpose="keep")
    async with home.cleo.panel(browser) as panel:
        await panel.sees("Waiting for its wake word")
        await panel.sees("Nothing is kept here.")
        await panel.sees("The administrator allows nothing to be kept")
        await home.allow()
        await panel.go("rooms")
        await panel.sees("You are expected here and have not agreed to keeping. You don't have to.")
        await panel.page.get_by_role("link", name="Answer for this room").click()
        await panel.sees("May what I say to the assistant be kept for a limited time?")


async def test_a_guest_may_stop_keeping_and_sees_nothing_else(home: Home, browser: Browser) -> None:
    await home.go_on()
    async with home.guest.panel(browser) as panel:
        await panel.press("Keep nothing here")
        await panel.sees("Nothing is kept in this room until somebody ends this")
        await expect(panel.page.get_by_text("End “Keep nothing here”")).to_have_count(0)
        await panel.press("Guests until six in the morning")
        for page in PAGES:
            await panel.turn_to(page)
            await panel.sees("Your account does not belong to any of the people in this home")
            await expect(panel.page.locator("main").get_by_role("button")).to_have_count(0)
        assert (
            panel.answers("indoor_voice/recordings") == panel.answers("indoor_voice/ledger") == []
        )
    async with home.ben.panel(browser) as panel:
        await panel.press("End “Keep nothing here”")
        await panel.sees("Nothing is kept while there are guests.")
        await panel.press("End guest mode")
        await expect(panel.page.get_by_role("button", name="Guests until I end it")).to_be_visible()


async def test_a_room_is_called_by_its_area_as_long_as_that_has_one_satellite(
    modules: Page,
) -> None:
    named = await modules.evaluate(_NAMES)
    assert named == [["Kitchen", "Cellar"], ["Kitchen (By the oven)", "Kitchen door"]]


@pytest.mark.parametrize(
    ("size", "dark", "where"),
    [(DESKTOP, False, "desktop-light"), (PHONE, False, "phone-light"), (PHONE, True, "phone-dark")],
)
async def test_everybody_sees_on_every_page_that_commands_are_written_to_disk(
    home: Home, browser: Browser, size: tuple[int, int], where: str, *, dark: bool
) -> None:
    async with home.guest.panel(browser, size=size, dark=dark) as panel:
        await panel.sees_heading("Kitchen")
        await expect(panel.page.get_by_text("written to disk")).to_have_count(0)
        shown = panel.page.locator("indoor-voice-panel")
        folder = "/share/assist-debug"
        for page in ("My consent", "Rooms"):
            await panel.turn_to(page)
            await panel.page.wait_for_load_state("networkidle")
            await shown.evaluate(_UNSEALED, folder)
            await panel.sees("Every command is written to disk")
            await panel.sees(folder)
        await look(panel, f"unsealed-{where}")
