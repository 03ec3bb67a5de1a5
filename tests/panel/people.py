"""Accounts of the people in a house, each with its own browser, and the panel as they use it."""

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Download, Page, WebSocket, expect

from demo import people
from tests.privacy.listener import Listener
from tests.waiting import PATIENCE_SECONDS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

HOST: Final = "indoors.test"
"""The host name that browsers use. Over plain HTTP it is not a secure context, as in a LAN."""
PHONE: Final = (390, 844)
DESKTOP: Final = (1280, 900)
PASSPHRASE: Final = "seven copper otters yodel"  # noqa: S105 - of a key made for the tests
_WHERE: Final = {"fromShadowDom": ["home-assistant", "home-assistant-main", "indoor-voice-panel"]}
_FRONTEND_SECONDS: Final = 60.0
_TABS: Final = 100
_SETTLED: Final = """async () => {
    await document.fonts.ready;
    const frame = () => new Promise(requestAnimationFrame);
    const measured = () => {
        const found = [];
        const measure = (root) => root.querySelectorAll("*").forEach((one) => {
            const { x, y, width, height } = one.getBoundingClientRect();
            found.push(x, y, width, height);
            if (one.shadowRoot) measure(one.shadowRoot);
        });
        measure(document);
        return found.join();
    };
    for (let before = "", same = 0; same < 10; await frame()) {
        const now = measured();
        same = now === before ? same + 1 : 0;
        before = now;
    }
}"""
_FOCUS: Final = """() => {
    let focused = document.activeElement;
    while (focused?.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement;
    return focused;
}"""
_FOCUSED: Final = f"""() => {{
    const focused = ({_FOCUS})();
    const named = focused?.labels?.length ? focused.labels[0] : focused;
    return (focused?.ariaLabel ?? named?.textContent ?? "").replace(/\\s+/g, " ").trim();
}}"""
"""Returns the accessible name of the focused element."""
_CAN_BE_USED: Final = f"""() => ({_FOCUS})()?.ariaDisabled !== "true\""""
"""Returns whether the focused element does something; a button ignores a second click at once."""


@dataclass(slots=True, kw_only=True)
class Login(people.Login):
    """A logged-in account and the actions of its owner, in browsers too."""

    listener: Listener | None = field(default=None)
    browsers: dict[tuple[tuple[int, int], bool], BrowserContext] = field(default_factory=dict)
    """The browsers that are logged in to this account, by size and by whether they are dark."""

    async def create_key(self) -> None:
        """Create a listening key that `PASSPHRASE` unlocks, at a low cost for Argon2id."""
        self.listener = Listener.create(PASSPHRASE)
        await self.ask("key/create", key=self.listener.locked.to_json())

    @asynccontextmanager
    async def panel(
        self,
        browser: Browser,
        page: str = "rooms",
        *,
        size: tuple[int, int] = DESKTOP,
        dark: bool = False,
        prepare: Callable[[Page], Awaitable[None]] | None = None,
    ) -> AsyncIterator[Panel]:
        """Open the panel in this user's browser, with an empty localStorage.

        If `prepare` is given, it is called with the empty page of a new browser first.
        """
        url = self.url.replace("127.0.0.1", HOST)
        context = self.browsers.get((size, dark)) if prepare is None else None
        if context is None:
            context = await self.new_context(browser, url, size, dark=dark)
            if prepare is None:
                # Reused, so that Home Assistant's frontend comes from the browser's cache.
                self.browsers[size, dark] = context
        shown = await context.new_page()
        if prepare:
            await prepare(shown)
        panel = Panel(shown, url)
        shown.on("request", lambda request: panel.requests.append(request.url))
        shown.on("websocket", panel.overhear)
        shown.on("pageerror", lambda error: panel.errors.append(str(error)))
        await panel.go(page)
        try:
            yield panel
        finally:
            if prepare is None:
                await shown.evaluate("localStorage.clear()")
                await shown.close()
            else:
                await context.close()

    async def new_context(
        self, browser: Browser, url: str, size: tuple[int, int], *, dark: bool
    ) -> BrowserContext:
        """Return a browser context that is logged in to this account."""
        context = await browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if dark else "light",
            accept_downloads=True,
        )
        stored = json.dumps(json.dumps({**self.tokens, "hassUrl": url}))
        await context.add_init_script(f"localStorage.setItem('hassTokens', {stored})")
        return context


class Panel:
    """The panel in a browser, with methods for what its user does and sees."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.requests: list[str] = []
        self.sent: list[str] = []
        """The frames that were sent to Home Assistant over the WebSocket."""
        self.received: list[str] = []
        self.errors: list[str] = []

    def overhear(self, socket: WebSocket) -> None:
        socket.on("framesent", lambda frame: self.sent.append(str(frame)))
        socket.on("framereceived", lambda frame: self.received.append(str(frame)))

    async def go(self, page: str) -> None:
        await self.page.goto(f"{self.url}/indoor-voice/{page}")
        await expect(self.page.get_by_role("heading", level=1, name="Indoor Voice")).to_be_visible(
            timeout=_FRONTEND_SECONDS * 1000
        )

    async def wait_until_settled(self) -> None:
        """Wait until fonts are loaded and animations, such as that of the sidebar, are over."""
        await self.page.evaluate(_SETTLED)

    async def open_page(self, page: str) -> None:
        await self.page.get_by_role("link", name=page, exact=True).click()

    async def press(self, name: str) -> None:
        await self.page.get_by_role("button", name=name, exact=True).click()

    async def unlock(self) -> None:
        """Unlock the key from `Login.create_key`."""
        await self.page.get_by_label("Passphrase").fill(PASSPHRASE)
        await self.press("Unlock")

    async def unlock_by_keyboard(self) -> None:
        """Unlock the key from `Login.create_key` without a mouse."""
        await self.tab_to("Passphrase")
        await self.page.keyboard.type(PASSPHRASE)
        await self.page.keyboard.press("Enter")

    async def tab_to(self, name: str) -> None:
        """Wait for the element with this name, and move the focus to it with the Tab key."""
        button, text = self.page.get_by_role("button", name=name), self.page.get_by_text(name)
        there = button.or_(text).or_(self.page.get_by_label(name))
        await expect(there.first).to_be_visible()
        for _ in range(_TABS):
            await self.page.keyboard.press("Tab")
            if name in await self.page.evaluate(_FOCUSED):
                await self.page.wait_for_function(_CAN_BE_USED)
                return
        raise AssertionError(f"The Tab key does not reach {name}")

    async def download(self, button: str) -> Any:
        """Press a button that downloads a JSON file, and return the file's content."""
        async with self.page.expect_download() as waiting:
            await self.press(button)
        download: Download = await waiting.value
        content = await asyncio.to_thread((await download.path()).read_bytes)
        return json.loads(content)

    async def sees_heading(self, name: str) -> None:
        await expect(self.page.get_by_role("heading", name=name, exact=True)).to_be_visible()

    async def sees(self, text: str, *, timeout_seconds: float = PATIENCE_SECONDS) -> None:
        await expect(self.page.get_by_text(text).first).to_be_visible(
            timeout=timeout_seconds * 1000
        )

    def answers(self, commands: str) -> list[dict[str, Any] | None]:
        """Return Home Assistant's answers to commands whose type starts with `commands`."""
        asked = {
            message["id"]
            for message in _messages(self.sent)
            if message.get("type", "").startswith(commands)
        }
        return [
            message["result"]
            for message in _messages(self.received)
            if message.get("type") == "result" and message["id"] in asked
        ]

    async def violations(self) -> list[str]:
        """Return the accessibility problems that axe finds in the panel."""
        results = await Axe().run(self.page, context={"include": [[_WHERE]]})
        return [
            f"{one['id']}: {node['html']} {node['failureSummary']}"
            for one in results.response["violations"]
            for node in one["nodes"]
        ]


def _messages(frames: list[str]) -> list[dict[str, Any]]:
    """Return the messages in some frames. A frame can hold several messages."""
    found: list[dict[str, Any]] = []
    for frame in frames:
        content = json.loads(frame)
        found += content if isinstance(content, list) else [content]
    return found
