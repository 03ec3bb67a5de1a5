"""Dashboards with cards, as people see them in a browser."""

import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from .home import SCREENSHOTS
from .people import DESKTOP

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

    from playwright.async_api import Browser, Locator, Page

    from demo.home_assistant import HomeAssistant

    from .people import Login, Panel

CARD: Final = "indoor-voice-card"
VIEWS: Final = ("sections", "masonry")
PATH: Final = "my-home"
_OVERFLOWS: Final = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


async def save_dashboard(home_assistant: HomeAssistant, entities: Iterable[str]) -> None:
    """Save a dashboard with a card for each of some satellites, in a view of each kind."""
    cards = [card_of(entity) for entity in entities]
    note = {"type": "markdown", "content": "A dashboard"}
    sections = {"path": "sections", "type": "sections", "sections": [{"cards": [note, *cards]}]}
    masonry = {"path": "masonry", "type": "masonry", "cards": [note, *cards]}
    await save_views(home_assistant, sections, masonry)


async def save_views(home_assistant: HomeAssistant, *views: dict[str, Any]) -> None:
    """Save a dashboard with these views, in place of an earlier one."""
    dashboards = await home_assistant.call("lovelace/dashboards/list")
    if PATH not in [one["url_path"] for one in dashboards]:
        await home_assistant.call(
            "lovelace/dashboards/create", url_path=PATH, title="My home", mode="storage"
        )
    await home_assistant.call("lovelace/config/save", url_path=PATH, config={"views": views})


def card_of(entity: str) -> dict[str, str]:
    """Return what a dashboard stores of the card of a satellite."""
    return {"type": f"custom:{CARD}", "entity": entity}


async def saved_cards(home_assistant: HomeAssistant) -> list[dict[str, Any]]:
    """Return the cards in the view with sections."""
    config = await home_assistant.call("lovelace/config", url_path=PATH)
    cards = [one for section in config["views"][0]["sections"] for one in section["cards"]]
    return [card for card in cards if card["type"] == f"custom:{CARD}"]


@asynccontextmanager
async def dashboard(
    login: Login,
    browser: Browser,
    view: str = "sections",
    *,
    size: tuple[int, int] = DESKTOP,
    dark: bool = False,
    prepare: Callable[[Page], Awaitable[None]] | None = None,
) -> AsyncIterator[Panel]:
    """Open the dashboard in a user's browser."""
    async with login.panel(browser, size=size, dark=dark, prepare=prepare) as panel:
        await open_dashboard(panel, view)
        yield panel


async def open_dashboard(panel: Panel, view: str = "sections") -> None:
    """Load the dashboard anew."""
    for heard in (panel.requests, panel.sent, panel.received):
        heard.clear()
    await panel.page.goto(f"{panel.url}/{PATH}/{view}")
    await expect(panel.page.get_by_text("A dashboard", exact=True)).to_be_visible()


def card(panel: Panel, room: str) -> Locator:
    """Return the card of a room."""
    return panel.page.locator(CARD).get_by_role("region", name=room, exact=True)


async def check_cards(panel: Panel, name: str) -> None:
    """Take a screenshot, and check the cards' accessibility, the page's width and its scripts."""
    await panel.wait_until_settled()
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    await panel.page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)
    results = await Axe().run(panel.page)
    violations = [
        f"{one['id']}: {node['html']} {node['failureSummary']}"
        for one in results.response["violations"]
        for node in one["nodes"]
        if CARD in json.dumps(node["target"])
    ]
    assert violations == [], name
    assert not await panel.page.evaluate(_OVERFLOWS), name
    assert panel.errors == [], name
