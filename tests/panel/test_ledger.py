"""The page "Who listened" shows each opening and refusal, and whether the ledger is intact."""

import json
from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import expect

from demo.home_assistant import RequestError
from indoor_voice.verify import check

from .websocket_proxy import WebSocketProxy

if TYPE_CHECKING:
    from playwright.async_api import Browser

    from .home import Home


async def test_everyone_who_was_heard_sees_who_listened_when_where_how_long_and_why(
    home: Home, browser: Browser
) -> None:
    await home.keep(1)
    async with home.ben.socket() as socket:
        recording = (await socket.call("indoor_voice/recordings/list"))["recordings"][0][
            "recording"
        ]
        await socket.call(
            "indoor_voice/recordings/open", recording=recording, part="words", why="own"
        )
        await socket.call(
            "indoor_voice/recordings/open", recording=recording, part="sound", why="own"
        )
    with pytest.raises(RequestError, match="unknown-person"):
        await home.guest.ask("review/next")
    await home.guest.ask("pause/set", scope="room", room=home.room, paused=True)
    await home.end_pauses()
    async with home.cleo.panel(browser, "ledger") as panel:
        await panel.sees("Yes. All its")
        await panel.sees("It starts with row 1, on ")
        await panel.page.reload()
        await panel.sees("It matches what this browser saw last time.")
        for part in ("the text", "the sound"):
            opened = panel.page.get_by_text(f"Ben opened {part} of a recording of ").first
            await expect(opened).to_contain_text("seconds in Kitchen, to hear it.")
        await panel.sees("Someone who doesn't live here asked for a recording and was refused.")
        await expect(panel.page.get_by_text("That adds up.")).to_have_count(2)
        await panel.press("Everything")
        await panel.sees("seconds was kept in Kitchen.")
        await panel.sees(
            "Someone who doesn't live here changed what is kept in Kitchen: keep nothing here."
        )
        assert await panel.violations() == []
        copy = await panel.download("Save a signed copy")
        assert check(json.dumps(copy)).person == home.cleo.id
        assert "opened" in {row["kind"] for row in copy["rows"]}
        assert (await home.cleo.ask("ledger/verify", heads=[copy["head"]]))["ok"]


async def test_a_changed_ledger_or_count_is_reported(home: Home, browser: Browser) -> None:
    def with_wrong_counts(totals: Any) -> Any:
        return totals | {"adds_up": totals["adds_up"] | {"recordings": False}}

    proxy = WebSocketProxy()
    # Tests in tests/privacy tamper with the store itself.
    proxy.changes["indoor_voice/household/totals"] = with_wrong_counts
    proxy.answers["indoor_voice/ledger/verify"] = [
        {"ok": False, "rows": 9, "first_broken": 7, "reason": "edited"}
    ]
    async with home.cleo.panel(browser, "ledger", prepare=proxy.attach) as panel:
        await panel.sees("No. Row 7 is not as it was written: somebody changed the file.")
        await expect(panel.page.get_by_text("That adds up.")).to_have_count(1)
        await panel.sees("That doesn't add up: the file is damaged, or somebody changed it.")
        asked = {one["type"] for one in proxy.asked}
        assert "indoor_voice/ledger/head" not in asked, "a broken ledger's head is not remembered"
