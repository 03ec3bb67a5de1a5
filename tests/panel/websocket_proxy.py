"""Intercepts the WebSocket between a browser and Home Assistant, to fake what takes too long."""

import asyncio
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.async_api import Page, WebSocketRoute


class WebSocketProxy:
    """Forwards messages between a browser and Home Assistant, except those it is told to change."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        """The messages that the browser has sent."""
        self.answers: dict[str, list[Any]] = {}
        """The answers to give to commands, in turn, instead of asking Home Assistant."""
        self.changes: dict[str, Callable[[Any], Any]] = {}
        """Functions that change Home Assistant's answers, by command."""
        self.held: set[str] = set()
        """The commands whose answers are held back until `release`."""
        self.waits = asyncio.Event()
        """Set when an answer is held back."""
        self._waiting: list[tuple[WebSocketRoute, str]] = []

    async def attach(self, page: Page) -> None:
        await page.route_web_socket("**/api/websocket", self._connected)

    def release(self) -> None:
        """Send the answers that were held back, and hold back no more."""
        self.held.clear()
        for browser, text in self._waiting:
            browser.send(text)
        self._waiting.clear()

    def _connected(self, browser: WebSocketRoute) -> None:
        home_assistant = browser.connect_to_server()
        asked: dict[int, str] = {}

        def from_browser(frame: str | bytes) -> None:
            for message in _messages(frame):
                command = message.get("type", "")
                asked[message.get("id", 0)] = command
                self.asked.append(message)
                if answers := self.answers.get(command):
                    browser.send(json.dumps(_result(message["id"], answers.pop(0))))
                else:
                    home_assistant.send(json.dumps(message))

        def from_home_assistant(frame: str | bytes) -> None:
            for message in _messages(frame):
                command = asked.get(message.get("id", 0), "")
                if message.get("type") != "result":
                    command = ""
                if command in self.changes and message["success"]:
                    message["result"] = self.changes[command](message["result"])
                text = json.dumps(message)
                if command in self.held:
                    self._waiting.append((browser, text))
                    self.waits.set()
                else:
                    browser.send(text)

        browser.on_message(from_browser)
        home_assistant.on_message(from_home_assistant)


def _messages(frame: str | bytes) -> list[dict[str, Any]]:
    content = json.loads(frame)
    return content if isinstance(content, list) else [content]


def _result(id_: int, result: Any) -> dict[str, Any]:
    return {"id": id_, "type": "result", "success": True, "result": result}
