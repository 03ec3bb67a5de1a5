"""Who listened: each opening and refusal, who and why, and counts that add up."""

import json
from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import expect

from demo.home_assistant import RequestError
from indoor_voice.verify import check

from .between import Between

if TYPE_CHECKING:
    from playwright.async_api import Browser

    from .home import Home


async def test_everybody_who_was_heard_sees_who_listened_when_where_how_long_and_why(
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
    await home.go_on()
    async with home.cleo.panel(browser, "ledger") as panel:
        await panel.sees("Yes: all its")
        await panel.sees("It starts at row 1, on ")
        await panel.page.reload()
        await panel.sees("They match what this browser saw last time.")
        for part in ("the text", "the sound"):
            opened = panel.page.get_by_text(f"Ben opened {part} of a recording of ").first
            await expect(opened).to_contain_text("seconds in Kitchen, to hear it.")
        await panel.sees("Someone who does not live here asked for a recording and was refused.")
        await expect(panel.page.get_by_text("That adds up.")).to_have_count(2)
        await panel.press("Everything")
        await panel.sees("seconds was kept in Kitchen.")
        await panel.sees("Someone who does not live here changed in Kitchen: keep nothing here.")
        assert await panel.violations() == []
        kept = await panel.saves("Save a copy with its signature")
        assert check(json.dumps(kept)).person == home.cleo.id
        assert "opened" in {row["kind"] for row in kept["rows"]}
        assert (await home.cleo.ask("ledger/verify", heads=[kept["head"]]))["ok"]


async def test_it_says_so_if_the_ledger_or_the_counts_were_changed(
    home: Home, browser: Browser
) -> None:
    def taken_away(totals: Any) -> Any:
        return totals | {"adds_up": totals["adds_up"] | {"recordings": False}}

    between = Between()
    # The store itself is tampered with in the tests of what keeps.
    between.changes["indoor_voice/household/totals"] = taken_away
    between.answers["indoor_voice/ledger/verify"] = [
        {"ok": False, "rows": 9, "first_broken": 7, "reason": "edited"}
    ]
    async with home.cleo.panel(browser, "ledger", prepare=between.attach) as panel:
        await panel.sees("No: row 7 is not as it was written. Somebody changed the file.")
        await expect(panel.page.get_by_text("That adds up.")).to_have_count(1)
        await panel.sees("That does not add up: the file is damaged, or somebody changed it.")
        asked = {one["type"] for one in between.asked}
        assert "indoor_voice/ledger/head" not in asked, "what is broken is not remembered"
