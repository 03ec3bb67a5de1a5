"""The page "Recordings": users play, read and delete the recordings that they may hear."""

import re
import wave
from base64 import b64decode, b64encode
from io import BytesIO
from typing import TYPE_CHECKING, Any

import aiohttp
import numpy as np
from playwright.async_api import Browser, Page, expect

from .people import Login
from .screens import every
from .websocket_proxy import WebSocketProxy

if TYPE_CHECKING:
    from .home import Home
    from .people import Panel

RATE = 16_000
_COMFORTABLE = """async (bytes) => {
    const { makeComfortable } = await import(new URL('sound.js', location));
    const file = Uint8Array.from(atob(bytes), (one) => one.charCodeAt(0));
    const { wave, audibleFrom } = makeComfortable(file);
    return [btoa(Array.from(wave, (one) => String.fromCharCode(one)).join("")), audibleFrom];
}"""


def wav(samples: np.ndarray) -> bytes:
    with BytesIO() as file:
        with wave.open(file, "wb") as writer:
            writer.setframerate(RATE)
            writer.setsampwidth(2)
            writer.setnchannels(1)
            writer.writeframes(samples.astype("<i2").tobytes())
        return file.getvalue()


async def make_comfortable(modules: Page, samples: np.ndarray) -> tuple[np.ndarray, float]:
    """Return samples as the panel plays them, and the second at which they become audible."""
    played, audible_from = await modules.evaluate(_COMFORTABLE, b64encode(wav(samples)).decode())
    with wave.open(BytesIO(b64decode(played))) as reader:
        assert reader.getframerate() == RATE
        return np.frombuffer(reader.readframes(reader.getnframes()), "<i2"), audible_from


async def test_recordings_are_equally_loud_fade_in_and_start_at_the_first_sound(
    modules: Page,
) -> None:
    rng = np.random.default_rng(1)
    speech = np.sin(np.arange(2 * RATE) * 0.05) * 30_000
    loudest = []
    for loudness in (1.0, 0.2, 0.02):
        said = speech * loudness + rng.normal(0, 3, speech.size)
        played, audible_from = await make_comfortable(modules, np.pad(said, (RATE, 0)))
        assert 0.85 <= audible_from <= 0.95, "shortly before the first sound"
        loudest.append(float(np.abs(played).max()))
        start = round(audible_from * RATE)
        assert np.abs(played[start : start + RATE // 50]).max() < 0.05 * loudest[-1]
        rising = np.abs(played[RATE : RATE + RATE // 100]).max()
        assert rising < 0.8 * loudest[-1], "it fades in"
    scream = np.concatenate([speech * 0.1, speech])
    assert np.abs((await make_comfortable(modules, scream))[0]).max() <= loudest[0] * 1.05
    silence, audible_from = await make_comfortable(modules, np.zeros(RATE))
    assert not silence.any()
    assert audible_from == 0
    assert max(loudest) <= 32_768 / 2
    assert max(loudest) < 1.1 * min(loudest)


async def test_recordings_are_played_by_keyboard_alone_and_at_any_speed(
    home: Home, browser: Browser
) -> None:
    await home.keep(1)
    async with home.ben.panel(browser, "recordings") as panel:
        page, keyboard = panel.page, panel.page.keyboard
        first = page.get_by_role("article").first
        await panel.tab_to("Play")
        await keyboard.press("Enter")
        await panel.sees("Unlock your listening key first.")
        await page.reload()
        await panel.sees("Your key is locked.")
        await panel.unlock_by_keyboard()
        await panel.sees("Your key is unlocked in this browser")
        await panel.tab_to("Speed")
        await keyboard.press("ArrowUp")
        await expect(page.get_by_label("Speed")).to_have_value("0.75")
        await panel.tab_to("Play")
        await keyboard.press("Enter")
        await expect(first.get_by_role("button", name="Pause")).to_be_visible()
        await expect(first.locator("canvas").first).to_be_visible()
        audio = first.locator("audio")
        await expect(audio).to_have_js_property("playbackRate", 0.75)
        await expect(audio).to_have_js_property("preservesPitch", value=True)
        await panel.tab_to("Show words")
        await keyboard.press("Enter")
        await expect(first).to_contain_text("“Turn on the kitchen light")
        await expect(first.get_by_text("Kitchen light: turned on")).to_be_visible()
        assert await panel.violations() == []
        await panel.open_page("Review")
        await panel.open_page("Recordings")
        await expect(page.get_by_label("Speed")).to_have_value("0.75")
        await panel.press("Lock it")
        await expect(page.get_by_label("Speed")).to_have_value("1")


async def test_a_user_who_is_logged_out_sees_no_recordings(home: Home, browser: Browser) -> None:
    await home.keep(1)
    ben = await Login.log_in(home.house.home_assistant.url, "Ben", "ben")
    async with ben.panel(browser, "recordings") as panel:
        await panel.unlock()
        await panel.sees("Your key is unlocked in this browser")
        await panel.page.get_by_role("button", name="Show words").first.click()
        await panel.sees("“Turn on the kitchen light")
        async with aiohttp.ClientSession() as session:
            revoked = {"action": "revoke", "token": ben.tokens["refresh_token"]}
            await session.post(f"{ben.url}/auth/token", data=revoked)
        await panel.sees("Welcome home!")
        await expect(panel.page.get_by_text("“Turn on")).to_have_count(0)


async def test_recordings_are_filtered_by_room_and_day_and_deleted(
    home: Home, browser: Browser
) -> None:
    await home.keep(3)

    def moved(listed: Any) -> Any:
        """Move one recording to another day and room, which the test can't wait for."""
        listed["recordings"][-1] |= {
            "day": "2026-11-01",
            "room": "gone",
            "own": False,
            "time": None,
        }
        return listed

    proxy = WebSocketProxy()
    proxy.changes["indoor_voice/recordings/list"] = moved
    async with home.ben.panel(browser, "recordings", prepare=proxy.attach) as panel:
        page = panel.page
        shown = page.get_by_role("article")
        await expect(shown).to_have_count(3)
        await page.get_by_role("combobox", name="Room").select_option(label="Kitchen")
        await expect(shown).to_have_count(2)
        await page.get_by_role("combobox", name="Room").select_option(
            label="a room that no longer exists"
        )
        await expect(shown).to_have_count(1)
        await page.get_by_role("combobox", name="Room").select_option(label="All")
        await page.get_by_role("combobox", name="Day").select_option("2026-11-01")
        await expect(shown).to_have_count(1)
        await panel.sees_heading("Sunday, November 1, 2026")
        await expect(shown).to_have_accessible_name(
            "Recording: Recording 1, a room that no longer exists, November 1, 2026"
        )
        await expect(shown).to_contain_text("8 seconds")
        await expect(shown).to_contain_text("You weren't expected in that room")
        await expect(page.get_by_role("button", name="Play all")).to_have_count(0)

        await panel.press("Delete all shown (1)")
        await panel.press("Cancel")
        await panel.press("Delete all shown (1)")
        await panel.sees("Delete this recording?")
        await panel.sees("This deletes for everyone, and can't be undone.")
        assert await panel.violations() == []
        await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
        await panel.sees("One recording was deleted.")
        await page.get_by_role("combobox", name="Day").select_option(label="All")
        await expect(shown).to_have_count(2)

        await shown.first.get_by_role("button", name="Delete").click()
        await panel.sees("Delete this recording?")
        await page.keyboard.press("Escape")
        await expect(shown).to_have_count(2)
        for box in await every(shown.get_by_role("checkbox")):
            await box.check()
        await panel.tab_to("Delete selected (2)")
        await page.keyboard.press("Enter")
        await panel.sees("Delete 2 recordings?")
        await panel.tab_to("Delete")
        await page.keyboard.press("Enter")
        await panel.sees("2 recordings were deleted.")
        await panel.sees("There are no recordings that you can hear.")
        await panel.open_page("Who listened")
        await panel.press("Everything")
        await panel.sees("You deleted 2 recordings in Kitchen, on request.")
    assert await home.kept() == 0


async def keep(home: Home, *sentences: str, seconds: float = 8.0) -> None:
    """Replace all recordings by one of each sentence."""
    await home.keep(0)
    for sentence in sentences:
        assert (await home.house.end_turn(home.room, sentence, seconds=seconds))["recording"]


async def unlock(panel: Panel) -> None:
    await panel.unlock()
    await expect(panel.page.get_by_label("Search in the words")).to_be_enabled()


async def test_ones_own_recordings_have_their_time_and_names_that_tell_them_apart(
    home: Home, browser: Browser
) -> None:
    await home.keep(3)
    listed = (await home.ben.ask("recordings/list"))["recordings"]
    assert [one["own"] for one in listed] == [True] * 3
    assert [one["time"] for one in listed] == sorted((one["time"] for one in listed), reverse=True)
    async with home.ben.panel(browser, "recordings") as panel:
        buttons = panel.page.get_by_role("article").get_by_role("button")
        await expect(buttons).to_have_count(9)
        names = [await button.get_attribute("aria-label") for button in await every(buttons)]
        assert len(set(names)) == 9
        for what in ("Play", "Show words", "Delete"):
            about = rf"^{what}: \d{{1,2}}:\d\d.*, Kitchen, \w+ \d+, 2\d{{3}}$"
            await expect(panel.page.get_by_role("button", name=re.compile(about))).to_have_count(3)


async def test_words_are_searched_once_they_are_shown_and_each_opening_is_on_record(
    home: Home, browser: Browser
) -> None:
    await keep(home, "Turn on the kitchen light.", "Close the blinds.", "Öffne die Tür.")
    async with home.ben.panel(browser, "recordings") as panel:
        page = panel.page
        shown, search = page.get_by_role("article"), page.get_by_label("Search in the words")
        await expect(search).to_be_disabled()
        await unlock(panel)
        await shown.first.get_by_role("button", name="Show words").click()
        await search.fill("marzipan")
        await expect(shown).to_have_count(0)
        await panel.sees("No recording matches. Only words that are shown can be searched.")
        await panel.press("Show the words of 2 more")
        await search.fill("blinds")
        await expect(shown).to_have_count(1)
        await expect(shown).to_contain_text("“Close the blinds.”")
        await expect(page.get_by_role("button", name="All words of your rooms")).to_be_disabled()
        await search.fill("offne TUR")
        await expect(shown).to_contain_text("“Öffne die Tür.”")
        assert await panel.violations() == []
        assert not any("blinds" in frame or "offne" in frame for frame in panel.sent)
        await search.fill("")
        await expect(shown).to_have_count(3)
        opened = [one for one in panel.sent if "recordings/open" in one]
        assert len(opened) == 3
        assert all('"words"' in one for one in opened)
        await panel.press("Lock it")
        await expect(page.get_by_text("“")).to_have_count(0)
    rows = await home.cleo.ask("ledger/rows", about="others", limit=3)
    assert [(row["actor"], row["detail"]["part"]) for row in rows] == [(home.ben.id, "words")] * 3
    assert len({row["detail"]["clip"] for row in rows}) == 3


async def test_a_day_is_played_from_its_first_to_its_last_recording(
    home: Home, browser: Browser
) -> None:
    await keep(home, "Turn on the kitchen light.", "Close the blinds.", seconds=1.0)
    async with home.ben.panel(browser, "recordings") as panel:
        page = panel.page
        current = page.locator("article[aria-current=true]")
        await unlock(panel)
        await page.get_by_role("button", name="Play all").click()
        await panel.sees("Playing 1 of 2: ")
        await expect(current).to_have_count(1)
        await panel.sees("Playing 2 of 2: ")
        await panel.sees("Played 2 recordings.")
        await expect(page.get_by_role("region", name="Playing")).to_have_count(0)
        await expect(current).to_have_count(0)
        assert panel.errors == []
    rows = await home.cleo.ask("ledger/rows", about="others", limit=4)
    assert [row["detail"]["part"] for row in rows] == ["sound", "words"] * 2, "what may warn first"
    assert len({row["detail"]["clip"] for row in rows}) == 2


async def test_playing_a_day_is_paused_skipped_and_stopped_by_keyboard(
    home: Home, browser: Browser
) -> None:
    await keep(home, "Turn on the kitchen light.", "Close the blinds.", "Open the blinds.")
    async with home.ben.panel(browser, "recordings") as panel:
        page, keyboard = panel.page, panel.page.keyboard
        rows = page.get_by_role("article")
        pauses = rows.get_by_role("button", name="Pause")
        await panel.unlock_by_keyboard()
        await expect(page.get_by_label("Search in the words")).to_be_enabled()
        await panel.tab_to("Play all")
        await keyboard.press("Enter")
        await panel.sees("Playing 1 of 3: ")
        await expect(rows.first.get_by_role("button", name="Pause")).to_be_visible()
        assert await panel.violations() == []
        await page.get_by_role("region", name="Playing").get_by_role("button", name="Pause").focus()
        await keyboard.press("Enter")
        await expect(pauses).to_have_count(0)
        await expect(page.get_by_role("button", name="Continue")).to_be_focused()
        await keyboard.press("Enter")
        await expect(pauses).to_have_count(1)
        await panel.tab_to("Next")
        await keyboard.press("Enter")
        await panel.sees("Playing 2 of 3: ")
        await expect(rows.nth(1).get_by_role("button", name="Pause")).to_be_visible()
        await expect(pauses).to_have_count(1)
        await keyboard.press("Escape")
        await panel.sees("Stopped.")
        await expect(pauses).to_have_count(0)

        await page.get_by_role("button", name="Play all").click()
        await panel.sees("Playing 1 of 3: ")
        await expect(pauses).to_have_count(1)
        await rows.nth(2).get_by_role("button", name="Play").click()
        await expect(rows.nth(2).get_by_role("button", name="Pause")).to_be_visible()
        await panel.sees("Stopped.")
        await expect(pauses).to_have_count(1)
        await panel.press("Lock it")
        await expect(page.locator("audio, canvas")).to_have_count(0)
        assert panel.errors == []
