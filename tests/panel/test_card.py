"""The card shows on a dashboard what a room keeps, and anyone can stop it there."""

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, expect

from .dashboards import (
    VIEWS,
    card,
    check_cards,
    dashboard,
    open_dashboard,
    save_dashboard,
    saved_cards,
)
from .people import DESKTOP, PHONE, Login
from .websocket_proxy import WebSocketProxy

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from .flat import Flat

KEPT: Final = "Commands that the assistant understands here are kept for 1 day."
NOT_KEPT: Final = "Nothing is kept here."
_MOST_BYTES: Final = 3000
"""How much every page of Home Assistant may load for cards that it doesn't show."""
_LOADED: Final = """performance.getEntriesByType("resource")
    .filter(({ name }) => new URL(name).pathname.startsWith("/indoor_voice/"))
    .map(({ name, decodedBodySize }) => [name.split("/").pop(), decodedBodySize])"""
_TOO_EARLY: Final = """async () => {
    const native = customElements, defined = [];
    const { promise: waits, resolve } = Promise.withResolvers();
    native.whenDefined = (name) => {
        resolve();
        return CustomElementRegistry.prototype.whenDefined.call(native, name);
    };
    const loading = import(new URL("indoor-voice-card.js", location));
    await waits;
    const replacement = { get() {}, define: (name) => defined.push(name) };
    Object.defineProperty(globalThis, "customElements", { value: replacement });
    native.define("home-assistant", class extends HTMLElement {});
    await loading;
    return [defined, native.get("indoor-voice-card") === undefined];
}"""
"""Loads the card before Home Assistant replaces `customElements`."""
_RECONNECT: Final = """async () => {
    const { connection } = document.querySelector("home-assistant").hass;
    const isAsking = () => [...connection.commands.values()].some((one) => !("subscribe" in one));
    while (isAsking()) await new Promise(requestAnimationFrame);
    connection.reconnect(true);
}"""
"""Loses the connection while nothing is asked: the frontend doesn't catch its own lost answers."""


@pytest_asyncio.fixture(loop_scope="session", autouse=True)
async def cards(flat: Flat) -> None:
    """Show a card for each room, in which recordings may be kept."""
    await save_dashboard(flat.home_assistant, flat.house.entities.values())
    for scope in ({"scope": "household"}, {"scope": "guests"}):
        await flat.admin.ask("pause/set", paused=False, **scope)
    for room in flat.house.rooms:
        await flat.admin.ask("pause/set", scope="room", room=room, paused=False)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def guest(flat: Flat) -> Login:
    return await Login.create(flat.home_assistant, "Guest", person=False)


async def sees_answer(where: Locator, text: str) -> None:
    """Check that a card shows an outcome, which screen readers read out."""
    await expect(where.get_by_role("status").get_by_text(text)).to_be_visible()


def calls(proxy: WebSocketProxy, service: str) -> list[dict[str, Any]]:
    return [message for message in proxy.asked if message.get("service") == service]


@pytest.mark.parametrize("view", VIEWS)
async def test_two_cards_show_what_their_rooms_keep_and_why_one_keeps_nothing(
    flat: Flat, browser: Browser, view: str
) -> None:
    await flat.admin.ask("pause/set", scope="room", room=flat.house.rooms[1], paused=True)
    async with dashboard(flat.other, browser, view) as panel:
        conservatory, scullery = card(panel, "Conservatory"), card(panel, "Scullery")
        await expect(conservatory).to_contain_text(KEPT)
        await expect(conservatory).to_contain_text("Waiting for the wake word")
        await expect(scullery).to_contain_text(NOT_KEPT)
        await expect(scullery).to_contain_text("until somebody turns off “Keep nothing here”")
        await expect(scullery).not_to_contain_text(KEPT)
        assert [url for url in panel.requests if not url.startswith(panel.url)] == []
        assert panel.errors == []


async def test_a_page_without_a_card_loads_one_small_file_and_asks_for_nothing(
    flat: Flat, browser: Browser
) -> None:
    await save_dashboard(flat.home_assistant, [])
    async with dashboard(flat.other, browser) as panel:
        loaded = await panel.page.evaluate(_LOADED)
        assert [name for name, _ in loaded] == ["indoor-voice-card.js"]
        assert 0 < loaded[0][1] < _MOST_BYTES
        assert [message for message in panel.sent if "indoor_voice/" in message] == []


async def test_the_card_waits_until_home_assistant_has_replaced_the_registry_of_elements(
    flat: Flat, browser: Browser
) -> None:
    panels = await flat.home_assistant.call("get_panels")
    module = panels["indoor-voice"]["config"]["_panel_custom"]["module_url"]
    page = await browser.new_page()
    await page.goto(f"{flat.home_assistant.url}{module}")
    assert await page.evaluate(_TOO_EARLY) == [["indoor-voice-card"], True]
    await page.close()


async def test_the_card_picker_shows_a_preview_and_the_editor_asks_for_the_satellite(
    flat: Flat, browser: Browser
) -> None:
    await save_dashboard(flat.home_assistant, [])
    conservatory, scullery = flat.house.entities.values()
    async with dashboard(flat.admin, browser, "sections?edit=1") as panel:
        page = panel.page
        await page.get_by_role("button", name="Add card").click()
        await page.get_by_text("By card", exact=True).click()
        await page.get_by_placeholder("Search cards").fill("Indoor Voice")
        picker = page.locator("hui-card-picker")
        await expect(picker.get_by_text("Indoor Voice", exact=True)).to_be_visible()
        preview = picker.get_by_role("region", name="Conservatory", exact=True)
        await expect(preview).to_contain_text(KEPT)
        await picker.locator(".card:has(indoor-voice-card) .overlay").click()
        editor = page.locator("hui-dialog-edit-card")
        await expect(editor.locator("label").get_by_text("Assist satellite")).to_be_visible()
        shown = editor.get_by_role("region", name="Conservatory", exact=True)
        await expect(shown).to_contain_text(KEPT)
        await editor.locator("ha-entity-picker").click()
        await page.get_by_text("Marigold", exact=True).last.click()
        shown = editor.get_by_role("region", name="Scullery", exact=True)
        await expect(shown).to_contain_text(KEPT)
        await editor.get_by_role("button", name="Save").click()
        await expect(editor.get_by_role("button", name="Save")).to_be_hidden()
        await expect(card(panel, "Scullery")).to_contain_text(KEPT)
        assert panel.errors == []
    (saved,) = await saved_cards(flat.home_assistant)
    assert saved["entity"] == scullery
    assert scullery != conservatory


async def test_the_card_is_suggested_for_a_satellite_and_for_nothing_else(
    flat: Flat, browser: Browser
) -> None:
    await save_dashboard(flat.home_assistant, [])
    async with dashboard(flat.admin, browser, "sections?edit=1") as panel:
        page = panel.page
        await page.get_by_role("button", name="Add card").click()
        search = page.get_by_placeholder("Search entities")
        community = page.get_by_text("Community", exact=True)
        await search.fill("Marigold")
        await page.get_by_text("Mute", exact=True).first.click()
        await expect(page.get_by_text("Suggestions", exact=True)).to_be_visible()
        await expect(community).to_have_count(0)
        await page.get_by_text("Marigold", exact=True).first.click()
        await expect(community).to_be_visible()
        await expect(card(panel, "Scullery")).to_contain_text(KEPT)


async def test_the_buttons_mute_pause_and_resume_and_answer_in_their_card(
    flat: Flat, browser: Browser
) -> None:
    satellite = flat.house.satellites["Conservatory"]
    async with dashboard(flat.other, browser) as panel:
        conservatory, scullery = card(panel, "Conservatory"), card(panel, "Scullery")
        await panel.press("Mute: Conservatory")
        await sees_answer(conservatory, "The microphone is off.")
        await expect(conservatory).to_contain_text("Muted")
        assert satellite.status["muted"]
        await panel.press("Unmute: Conservatory")
        await sees_answer(conservatory, "The microphone is on again.")
        assert not satellite.status["muted"]
        await panel.press("Keep nothing here: Conservatory")
        await sees_answer(conservatory, "“Keep nothing here” is now on: Conservatory.")
        await expect(conservatory).to_contain_text(NOT_KEPT)
        await expect(scullery).to_contain_text(KEPT)
        await panel.press("Turn off “Keep nothing here”: Conservatory")
        await sees_answer(conservatory, "“Keep nothing here” is now off: Conservatory.")
        await panel.press("Guest mode until six in the morning: Scullery")
        await sees_answer(scullery, "Guest mode is now on.")
        await expect(conservatory).to_contain_text("Nothing is kept while there are guests.")
        await panel.press("Turn off guest mode: Conservatory")
        await sees_answer(conservatory, "Guest mode is now off.")
        await expect(scullery).to_contain_text(KEPT)


async def test_a_satellite_that_was_muted_on_the_device_can_be_unmuted_only_there(
    flat: Flat, browser: Browser
) -> None:
    satellite = flat.house.satellites["Conservatory"]
    async with dashboard(flat.other, browser) as panel:
        conservatory = card(panel, "Conservatory")
        await satellite.report_status(muted=True, muted_on_device=True)
        await panel.press("Unmute: Conservatory")
        await sees_answer(conservatory, "The satellite was muted on the device itself.")
        await satellite.report_status(muted=False, muted_on_device=False)
        await expect(panel.page.get_by_role("button", name="Mute: Conservatory")).to_be_enabled()


async def test_a_satellite_that_is_away_cannot_be_muted(flat: Flat, browser: Browser) -> None:
    satellite = flat.house.entities["Conservatory"]
    mute = f"switch.{satellite.partition('.')[2]}_mute"

    async def set_states(state: str, muted: str) -> None:
        for entity, value in ((satellite, state), (mute, muted)):
            await flat.home_assistant.request("POST", f"/api/states/{entity}", {"state": value})

    async with dashboard(flat.other, browser) as panel:
        button = panel.page.get_by_role("button", name="Mute: Conservatory")
        await expect(button).to_be_enabled()
        await set_states("unavailable", "unavailable")
        try:
            await expect(card(panel, "Conservatory")).to_contain_text("Not connected")
            await expect(button).to_be_disabled()
        finally:
            await set_states("idle", "off")
        await expect(button).to_be_enabled()


@pytest.mark.parametrize("slow", [False, True], ids=["fast", "slow"])
async def test_a_double_click_sends_one_command(
    flat: Flat, browser: Browser, *, slow: bool
) -> None:
    proxy = WebSocketProxy()
    async with dashboard(flat.other, browser, prepare=proxy.attach) as panel:
        scullery = card(panel, "Scullery")
        if slow:
            proxy.held.add("call_service")
        await panel.page.get_by_role("button", name="Mute: Scullery").dblclick()
        if slow:
            await sees_answer(scullery, "One moment …")
            proxy.release()
        await sees_answer(scullery, "The microphone is off.")
        assert len(calls(proxy, "turn_on")) == 1
        assert calls(proxy, "turn_off") == []
        await panel.press("Unmute: Scullery")
        await sees_answer(scullery, "The microphone is on again.")


async def test_the_last_recording_is_deleted_once_somebody_confirms_it(
    flat: Flat, browser: Browser
) -> None:
    await flat.say("Scullery", "Turn on the kitchen light")
    proxy = WebSocketProxy()
    async with dashboard(flat.other, browser, prepare=proxy.attach) as panel:
        page, scullery = panel.page, card(panel, "Scullery")
        await expect(scullery).to_contain_text("There is one recording now.")
        await panel.tab_to("Delete the last recording: Scullery")
        await page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog", name="Delete the last recording in Scullery?")
        await expect(dialog).to_contain_text("can't be undone")
        await page.keyboard.press("Escape")
        await expect(dialog).to_be_hidden()
        assert calls(proxy, "press") == []
        await page.keyboard.press("Enter")
        await panel.tab_to("Delete")
        await page.keyboard.press("Enter")
        await sees_answer(scullery, "The last recording of this room is deleted.")
        await expect(page.get_by_role("button", name="Delete the last recording")).to_have_count(0)
        assert len(calls(proxy, "press")) == 1
    (room,) = [one for one in await flat.other.ask("rooms") if one["room"] == flat.house.rooms[1]]
    assert room["recordings"] == 0


async def test_people_see_at_once_who_listened_last_and_only_in_that_room(
    flat: Flat, browser: Browser
) -> None:
    await flat.say("Conservatory", "Turn on the kitchen light")
    async with dashboard(flat.other, browser) as panel:
        conservatory, scullery = card(panel, "Conservatory"), card(panel, "Scullery")
        await expect(conservatory).to_contain_text("Nobody else has opened a recording from here")
        async with flat.reviewer.socket() as socket:
            listed = await socket.call("indoor_voice/recordings/list")
            await socket.call(
                "indoor_voice/recordings/open",
                recording=listed["recordings"][0]["recording"],
                part="sound",
                why="own",
            )
        await expect(conservatory).to_contain_text("Who listened last")
        await expect(conservatory).to_contain_text("Bernadette listened to a recording of 1 second")
        await expect(scullery).not_to_contain_text("Bernadette")
    async with dashboard(flat.reviewer, browser) as panel:
        conservatory = card(panel, "Conservatory")
        await expect(conservatory).to_contain_text("Nobody else has opened a recording from here")


async def test_a_guest_sees_what_is_kept_and_can_stop_it_and_sees_nothing_else(
    flat: Flat, guest: Login, browser: Browser
) -> None:
    async with dashboard(guest, browser) as panel:
        conservatory = card(panel, "Conservatory")
        await expect(conservatory).to_contain_text(KEPT)
        await panel.press("Keep nothing here: Conservatory")
        await sees_answer(conservatory, "“Keep nothing here” is now on: Conservatory.")
        await expect(conservatory).to_contain_text(NOT_KEPT)
        await panel.press("Guest mode until six in the morning: Conservatory")
        await sees_answer(conservatory, "Guest mode is now on.")
        await expect(panel.page.get_by_role("button", name="Turn off")).to_have_count(0)
        await expect(panel.page.get_by_text("Who listened last")).to_have_count(0)
        assert panel.answers("indoor_voice/ledger") == []
        assert panel.answers("indoor_voice/recordings") == []
    rooms = await flat.other.ask("rooms")
    assert [room["keeps_for_seconds"] for room in rooms] == [0, 0]


async def test_more_leads_to_the_panel_without_loading_the_page_again(
    flat: Flat, browser: Browser
) -> None:
    async with dashboard(flat.other, browser) as panel:
        await expect(card(panel, "Scullery")).to_contain_text(KEPT)
        await panel.page.evaluate("globalThis.isTheSamePage = true")
        await panel.page.get_by_role("link", name="More: Scullery").click()
        await panel.sees_heading("The whole household")
        assert await panel.page.evaluate("globalThis.isTheSamePage")


@asynccontextmanager
async def without_household(flat: Flat) -> AsyncIterator[None]:
    """Disable the household while the block runs."""
    entry = await flat.house.household()

    async def disable(by: str | None) -> None:
        await flat.home_assistant.call("config_entries/disable", entry_id=entry, disabled_by=by)

    await disable("user")
    try:
        yield
    finally:
        await disable(None)


async def test_a_card_says_that_the_household_is_away_and_recovers_by_itself(
    flat: Flat, browser: Browser
) -> None:
    async with dashboard(flat.other, browser) as panel:
        problem = panel.page.get_by_role("alert").get_by_text("The household isn't available")
        await expect(card(panel, "Scullery")).to_contain_text(KEPT)
        async with without_household(flat):
            await panel.page.evaluate(_RECONNECT)
            await expect(problem).to_have_count(2)
        await expect(card(panel, "Scullery")).to_contain_text(KEPT)
        await expect(problem).to_have_count(0)
        assert panel.errors == []


async def test_a_dashboard_without_a_household_loads_nothing_of_indoor_voice(
    flat: Flat, browser: Browser
) -> None:
    async with dashboard(flat.other, browser) as panel:
        async with without_household(flat):
            await open_dashboard(panel)
            assert await panel.page.evaluate(_LOADED) == []
            assert panel.errors == []
        await open_dashboard(panel)
        await expect(card(panel, "Scullery")).to_contain_text(KEPT)


async def test_a_card_without_a_satellite_says_what_to_do(flat: Flat, browser: Browser) -> None:
    await save_dashboard(flat.home_assistant, ["assist_satellite.gone", ""])
    async with dashboard(flat.other, browser) as panel:
        await expect(panel.page.get_by_text("This satellite no longer exists.")).to_have_count(2)
        assert panel.errors == []


@pytest.mark.parametrize(
    ("view", "size", "dark", "where"),
    [
        ("sections", DESKTOP, False, "desktop-light"),
        ("masonry", DESKTOP, True, "desktop-dark"),
        ("sections", PHONE, True, "phone-dark"),
        ("masonry", PHONE, False, "phone-light"),
    ],
)
async def test_cards_are_accessible_and_fit_the_screen(
    flat: Flat, browser: Browser, view: str, size: tuple[int, int], where: str, *, dark: bool
) -> None:
    await flat.say("Conservatory", "Turn on the kitchen light")
    await flat.admin.ask("pause/set", scope="room", room=flat.house.rooms[1], paused=True)
    async with dashboard(flat.other, browser, view, size=size, dark=dark) as panel:
        await expect(card(panel, "Conservatory")).to_contain_text("Who listened last")
        await panel.press("Guest mode until six in the morning: Scullery")
        await sees_answer(card(panel, "Scullery"), "Guest mode is now on.")
        await check_cards(panel, f"card-{where}")
        await panel.press("Delete the last recording: Conservatory")
        await check_cards(panel, f"card-deleting-{where}")
