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
        await panel.sees_heading("Others who listened")
        mark = panel.page.get_by_text("The ledger is complete")
        await mark.click()
        await panel.sees("rows are as they were written. It starts with row 1, on ")
        await panel.page.reload()
        await mark.click()
        await panel.sees("It matches what this browser saw last time.")
        await expect(panel.page.locator(".rows > li").first).to_be_visible()
        for series in await panel.page.locator(".rows summary").all():
            await series.click()
        for did in ("listened to", "read the words of"):
            opened = panel.page.get_by_text(f"Ben {did} a recording of ").first
            await expect(opened).to_contain_text("seconds in Kitchen.")
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


async def test_a_series_is_one_line_with_each_opening_on_demand(
    home: Home, browser: Browser
) -> None:
    await home.keep(2)
    async with home.ben.socket() as socket:
        listed = (await socket.call("indoor_voice/recordings/list"))["recordings"]
        for part in ("words", "sound", "sound"):
            for one in listed:
                await socket.call(
                    "indoor_voice/recordings/open",
                    recording=one["recording"],
                    part=part,
                    why="own",
                )
    mine = await home.ben.ask("ledger/rows", about="mine")
    async with home.cleo.panel(browser, "ledger") as panel:
        series = panel.page.locator(".rows > li").first
        await expect(series).to_contain_text("Ben listened to ")
        await expect(series).to_contain_text(" and read the words of ")
        entries = series.locator("details li")
        count = await entries.count()
        assert 6 <= count <= len(mine)
        await expect(series).to_contain_text(f"{count} entries")
        await expect(entries.first).to_be_hidden()
        await series.locator("summary").click()
        await expect(entries.first).to_be_visible()
        await expect(entries.first).to_contain_text("Ben listened to a recording of 8 seconds")
        assert await panel.violations() == []
        await panel.press("Me")
        await panel.sees_heading("When you listened")
        await expect(panel.page.get_by_text("Ben listened")).to_have_count(0)
    async with home.ben.panel(browser, "ledger") as panel:
        await panel.sees_heading("Others who listened")
        await expect(panel.page.get_by_text("You listened")).to_have_count(0)
        await panel.press("Me")
        await panel.sees("You listened to ")


async def test_older_rows_come_in_pages_that_end_no_series(home: Home, browser: Browser) -> None:
    rows: list[dict[str, Any]] = [
        {
            "seq": 1000 - number,
            "time": 1_800_000_000 - number,
            "kind": "opened",
            "actor": home.ben.id,
            "subjects": [home.cleo.id],
            "room": home.room,
            "detail": {"clip": f"{number}", "part": "sound", "seconds": 3, "why": "own"},
        }
        for number in range(60)
    ]
    rows += [
        row | {"seq": row["seq"] - 60, "time": row["time"] - 9000 * (number + 1)}
        for number, row in enumerate(rows)
    ]
    proxy = WebSocketProxy()
    proxy.answers["indoor_voice/ledger/rows"] = [rows[:51], rows[50:101], rows[100:]]
    async with home.cleo.panel(browser, "ledger", prepare=proxy.attach) as panel:
        await panel.sees("Ben listened to 60 recordings in Kitchen.")
        await panel.press("Show older")
        await expect(panel.page.get_by_role("button", name="Show older")).to_have_count(0)
        asked = [one for one in proxy.asked if one["type"] == "indoor_voice/ledger/rows"]
        assert [one.get("before") for one in asked] == [None, 951, 901]
        assert {one["about"] for one in asked} == {"others"}
        await expect(panel.page.get_by_text("Ben listened to a recording of")).to_have_count(120)


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
        await panel.sees("Row 7 is not as it was written: somebody changed the file.")
        await panel.sees("The ledger is not complete")
        await expect(panel.page.get_by_text("That adds up.")).to_have_count(1)
        await panel.sees("That doesn't add up: the file is damaged, or somebody changed it.")
        asked = {one["type"] for one in proxy.asked}
        assert "indoor_voice/ledger/head" not in asked, "a broken ledger's head is not remembered"
