"""The panel answers where one clicked, sends nothing twice, and moves nothing by itself."""

from typing import TYPE_CHECKING, Any, Final

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.waiting import until

from .people import DESKTOP, PHONE
from .screens import check_screen, section
from .test_consent import QUESTIONS
from .websocket_proxy import WebSocketProxy

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from .home import Home
    from .people import Panel

ZOOMED: Final = (640, 450)
"""What is left of a desktop's screen at 200 % zoom."""
PAUSE: Final = "indoor_voice/pause/set"
_FOCUSED: Final = """() => {
    let focused = document.activeElement;
    while (focused?.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement;
    return focused?.closest("[role=status]")?.innerText ?? "";
}"""
"""Returns the text of the answer that has the focus."""
_PLACES: Final = """all => all.map((one) => {
    const { x, y, width, height } = one.getBoundingClientRect();
    return [one.textContent, x, y + scrollY, width, height];
})"""
_WITHOUT_HOME_ASSISTANTS_ELEMENTS: Final = """
    const { define } = CustomElementRegistry.prototype;
    const missing = ["ha-card", "ha-icon", "ha-menu-button"];
    CustomElementRegistry.prototype.define = function (name, ...rest) {
        if (!missing.includes(name)) define.call(this, name, ...rest);
    };
"""


def card(panel: Panel, heading: str) -> Locator:
    """Return the card with this heading."""
    return panel.page.get_by_role("region", name=heading, exact=True)


async def sees_answer(where: Locator, text: str) -> None:
    """Check that a card shows an outcome, which screen readers read out."""
    await expect(where.get_by_role("status")).to_contain_text(text)


def sent(proxy: WebSocketProxy, command: str) -> list[dict[str, Any]]:
    return [message for message in proxy.asked if message.get("type") == command]


async def test_what_a_switch_did_is_said_in_the_card_that_was_clicked(
    home: Home, browser: Browser
) -> None:
    await home.end_pauses()
    async with home.ben.panel(browser) as panel:
        kitchen, house = card(panel, "Kitchen"), card(panel, "The whole household")
        await panel.press("Keep nothing here: Kitchen")
        await sees_answer(kitchen, "“Keep nothing here” is now on: Kitchen.")
        await expect(house.get_by_role("status")).to_be_empty()
        await panel.press("Turn off “Keep nothing here”: Kitchen")
        await sees_answer(kitchen, "“Keep nothing here” is now off: Kitchen.")
        await panel.press("Keep nothing anywhere")
        await sees_answer(house, "“Keep nothing anywhere” is now on.")
        await panel.press("Turn off “Keep nothing anywhere”")
        await sees_answer(house, "“Keep nothing anywhere” is now off.")
        await panel.press("Guest mode until I turn it off")
        await sees_answer(house, "Guest mode is now on.")
        await panel.press("Turn off guest mode")
        await sees_answer(house, "Guest mode is now off.")


@pytest.mark.parametrize("slow", [False, True], ids=["fast", "slow"])
@pytest.mark.parametrize("twice", ["mouse", "keyboard"])
async def test_a_double_click_pauses_once(
    home: Home, browser: Browser, twice: str, *, slow: bool
) -> None:
    """The button that ends the pause appears in the same place, often before the second click."""
    await home.end_pauses()
    proxy = WebSocketProxy()
    async with home.ben.panel(browser, prepare=proxy.attach) as panel:
        kitchen = card(panel, "Kitchen")
        button = panel.page.get_by_role("button", name="Keep nothing here: Kitchen")
        if slow:
            proxy.held.add(PAUSE)
        if twice == "mouse":
            await button.dblclick()
        else:
            await button.focus()
            await panel.page.keyboard.press("Enter")
            await panel.page.keyboard.press("Enter")
        if slow:
            await sees_answer(kitchen, "One moment …")
            proxy.release()
        await sees_answer(kitchen, "is now on")
        assert [message["paused"] for message in sent(proxy, PAUSE)] == [True]
        await panel.press("Turn off “Keep nothing here”: Kitchen")
        await sees_answer(kitchen, "is now off")


async def test_a_double_click_on_any_button_sends_one_command(home: Home, browser: Browser) -> None:
    await home.allow()
    if await home.cleo.ask("key/get") is None:
        await home.cleo.create_key()
    await home.cleo.ask("consent/withdraw", purpose="keep")
    proxy = WebSocketProxy()
    async with home.cleo.panel(browser, "consent", prepare=proxy.attach) as panel:
        page = panel.page

        def named(name: str) -> Locator:
            return page.get_by_role("button", name=name)

        keep = section(panel, "keep")

        async def answer_yes() -> None:
            await keep.get_by_text("Read the details and answer").click()
            await keep.get_by_label("Kitchen").check()
            await named(f"Yes: {QUESTIONS['keep']}").dblclick()

        async def answer_no() -> None:
            await keep.get_by_text("Read the details and answer").click()
            await named(f"No: {QUESTIONS['keep']}").dblclick()

        async def withdraw() -> None:
            await keep.get_by_role("button", name="Take it back").dblclick()

        async def save() -> None:
            async with page.expect_download():
                await named("Save my records").dblclick()

        async def give_up() -> None:
            await named("Give up this key").dblclick()
            await named("Give it up").dblclick()

        steps: tuple[tuple[Callable[[], Awaitable[None]], str, str], ...] = (
            (answer_yes, "indoor_voice/consent/give", "You said yes."),
            (withdraw, "indoor_voice/consent/withdraw", "Withdrawn. No recordings depended on it."),
            (answer_no, "indoor_voice/consent/refuse", "You said no. The assistant works"),
            (save, "call_service", "Your records were saved as a file."),
            (give_up, "indoor_voice/key/remove", "Your key is gone."),
        )
        for step, command, outcome in steps:
            before = len(sent(proxy, command))
            await step()
            await panel.sees(outcome)
            await expect(page.get_by_role("button", disabled=True)).to_have_count(0)
            assert len(sent(proxy, command)) == before + 1, command


async def test_the_answer_takes_the_focus_of_a_control_that_goes_away(
    home: Home, browser: Browser
) -> None:
    await home.allow()
    await home.cleo.ask("consent/withdraw", purpose="keep")
    async with home.cleo.panel(browser, "consent") as panel:
        page, keep = panel.page, section(panel, "keep")

        async def focused() -> str:
            return str(await page.evaluate(_FOCUSED))

        await keep.get_by_text("Read the details and answer").click()
        yes = page.get_by_role("button", name=f"Yes: {QUESTIONS['keep']}")
        await yes.click()
        await sees_answer(keep, "Choose the rooms that you say yes for.")
        await expect(yes).to_be_focused()
        await keep.get_by_label("Kitchen").check()
        await yes.click()
        await until(focused, lambda text: text.startswith("You said yes."))
        await keep.get_by_role("button", name="Take it back").click()
        await until(focused, lambda text: text.startswith("Withdrawn."))


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
async def test_nothing_moves_when_an_answer_appears(
    home: Home, browser: Browser, size: tuple[int, int]
) -> None:
    await home.allow()
    async with home.ben.panel(browser, "consent", size=size) as panel:
        page, keep = panel.page, section(panel, "keep")
        await keep.get_by_text("Read the details and answer").click()
        await panel.wait_until_settled()
        everything = page.locator("main").locator("h2, button, input, select")
        before = await everything.evaluate_all(_PLACES)
        await page.get_by_role("button", name=f"Yes: {QUESTIONS['keep']}").click()
        await sees_answer(keep, "Choose the rooms that you say yes for.")
        await panel.download("Save my records")
        await sees_answer(card(panel, "My records"), "Your records were saved as a file.")
        await panel.wait_until_settled()
        assert await everything.evaluate_all(_PLACES) == before


async def test_a_page_that_is_loading_shows_where_its_cards_will_be(
    home: Home, browser: Browser
) -> None:
    proxy = WebSocketProxy()
    proxy.held.add("indoor_voice/notices")
    async with home.ben.panel(browser, "consent", prepare=proxy.attach) as panel:
        bones = panel.page.locator("indoor-voice-consent .bone")
        await expect(bones.first).to_be_visible()
        await expect(panel.page.get_by_role("status").get_by_text("Loading")).to_have_count(1)
        proxy.release()
        await panel.sees_heading(QUESTIONS["keep"])
        await expect(bones).to_have_count(0)


async def test_the_panel_works_without_home_assistants_elements(
    home: Home, browser: Browser
) -> None:
    async def without(page: Page) -> None:
        await page.add_init_script(_WITHOUT_HOME_ASSISTANTS_ELEMENTS)

    await home.end_pauses()
    async with home.ben.panel(browser, prepare=without) as panel:
        await expect(panel.page.locator("ha-card").first).to_be_visible()
        await expect(panel.page.locator("ha-card:defined")).to_have_count(0)
        await panel.press("Keep nothing here: Kitchen")
        await sees_answer(card(panel, "Kitchen"), "is now on")
        await panel.press("Turn off “Keep nothing here”: Kitchen")
        await sees_answer(card(panel, "Kitchen"), "is now off")
        await check_screen(panel, "rooms-plain")


@pytest.mark.parametrize("page", ["rooms", "consent"])
async def test_pages_fit_at_200_percent_and_respect_what_the_system_asks_for(
    home: Home, browser: Browser, page: str
) -> None:
    async with home.ben.panel(browser, page, size=ZOOMED) as panel:
        await expect(panel.page.get_by_role("heading", level=2).first).to_be_visible()
        await expect(panel.page.locator("main button").first).to_be_visible()
        for details in await panel.page.locator("summary").all():
            await details.click()
        await check_screen(panel, f"{page}-zoomed")
        await panel.page.emulate_media(forced_colors="active", reduced_motion="reduce")
        await check_screen(panel, f"{page}-forced-colors")
        borders = await panel.page.locator("main button").evaluate_all(
            "all => all.map((one) => getComputedStyle(one).borderTopColor)"
        )
        assert borders
        assert "rgba(0, 0, 0, 0)" not in borders, "forced colours remove the fill of a button"
        for theirs in await panel.page.locator("main button").evaluate_all(
            "all => all.map((one) => getComputedStyle(one).transitionDuration)"
        ):
            assert theirs == "0s"
