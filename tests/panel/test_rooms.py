"""The page "Rooms" shows what is kept and what would change that, and anyone can stop it."""

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import Browser, Page, expect

from .people import DESKTOP, PHONE
from .screens import check_screen

if TYPE_CHECKING:
    from .home import Home

_NAMES = """async () => {
    const { Page } = await import(new URL('page.js', location));
    const areas = { k: { area_id: 'k', name: 'Kitchen' } };
    const device = (id, area) => ({ area_id: area, identifiers: [['indoor_voice', id]] });
    const roomNames = (rooms) => {
        const devices = rooms.map(([area], id) => device(id, area));
        const page = Object.create(Page.prototype, {
            hass: { value: { areas, devices } },
            home: { value: { rooms: rooms.map(([, name], id) => ({ id, name })) } },
        });
        return rooms.map((_, id) => page.roomName(id));
    };
    return [
        roomNames([['k', 'Satellite'], [null, 'Cellar']]),
        roomNames([['k', 'By the oven'], ['k', 'Kitchen door']]),
    ];
}"""
_SHOW_WARNING = "(panel, folder) => (panel._home = { ...panel._home, debug_recordings: folder })"
PAGES = ("My consent", "Recordings", "Review", "Who listened")


async def test_the_panel_is_in_everyones_sidebar_and_makes_no_external_requests(
    home: Home, browser: Browser
) -> None:
    for login in (home.ben, home.guest):
        async with login.panel(browser) as panel:
            await panel.page.goto(panel.url)
            await panel.page.get_by_role("link", name="Indoor Voice").click()
            await panel.open_page("Rooms")
            await panel.sees_heading("Kitchen")
            assert not await panel.page.evaluate("isSecureContext"), "as over HTTP in a LAN"
            assert [url for url in panel.requests if not url.startswith(panel.url)] == []
            assert panel.errors == []


async def test_rooms_show_what_is_kept_and_what_would_change_that(
    home: Home, browser: Browser
) -> None:
    await home.allow("nothing")
    await home.cleo.ask("consent/withdraw", purpose="keep")
    async with home.cleo.panel(browser) as panel:
        await panel.sees("Waiting for the wake word")
        await panel.sees("Nothing is kept here.")
        await panel.sees("The administrator doesn't allow anything to be kept")
        await home.allow()
        await panel.go("rooms")
        await panel.sees("You are expected here and haven't agreed to anything being kept.")
        await panel.page.get_by_role("link", name="Answer for this room").click()
        await panel.sees("May what I say to the assistant be kept for a limited time?")


async def test_a_guest_can_stop_keeping_and_sees_nothing_else(home: Home, browser: Browser) -> None:
    await home.end_pauses()
    async with home.guest.panel(browser) as panel:
        await panel.press("Keep nothing here: Kitchen")
        await panel.sees("Nothing is kept in this room until somebody turns off")
        await expect(panel.page.get_by_text("Turn off “Keep nothing here”")).to_have_count(0)
        await panel.press("Guest mode until six in the morning")
        for page in PAGES:
            await panel.open_page(page)
            await panel.sees("Your account isn't linked to a person in this home")
            await expect(panel.page.locator("main").get_by_role("button")).to_have_count(0)
        assert (
            panel.answers("indoor_voice/recordings") == panel.answers("indoor_voice/ledger") == []
        )
    async with home.ben.panel(browser) as panel:
        await panel.press("Turn off “Keep nothing here”: Kitchen")
        await panel.sees("Nothing is kept while there are guests.")
        await panel.press("Turn off guest mode")
        guests = panel.page.get_by_role("button", name="Guest mode until I turn it off")
        await expect(guests).to_be_visible()


async def test_a_room_has_the_name_of_its_area_unless_that_has_several_satellites(
    modules: Page,
) -> None:
    named = await modules.evaluate(_NAMES)
    assert named == [["Kitchen", "Cellar"], ["Kitchen (By the oven)", "Kitchen door"]]


@pytest.mark.parametrize(
    ("size", "dark", "where"),
    [(DESKTOP, False, "desktop-light"), (PHONE, False, "phone-light"), (PHONE, True, "phone-dark")],
)
async def test_every_page_warns_everyone_if_commands_are_written_to_disk(
    home: Home, browser: Browser, size: tuple[int, int], where: str, *, dark: bool
) -> None:
    async with home.guest.panel(browser, size=size, dark=dark) as panel:
        await panel.sees_heading("Kitchen")
        await expect(panel.page.get_by_text("written to disk")).to_have_count(0)
        shown = panel.page.locator("indoor-voice-panel")
        folder = "/share/assist-debug"
        for page in ("My consent", "Rooms"):
            await panel.open_page(page)
            await panel.page.wait_for_load_state("networkidle")
            await shown.evaluate(_SHOW_WARNING, folder)
            await panel.sees("Every command is written to disk")
            await panel.sees(folder)
        await check_screen(panel, f"unsealed-{where}")
