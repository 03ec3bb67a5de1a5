"""Recordings: heard, read and deleted by who may hear them."""

import wave
from base64 import b64decode, b64encode
from io import BytesIO
from typing import TYPE_CHECKING, Any

import aiohttp
import numpy as np
from playwright.async_api import Browser, Page, expect

from .between import Between
from .people import log_in

if TYPE_CHECKING:
    from .home import Home

RATE = 16_000
_COMFORTABLE = """async (bytes) => {
    const { comfortable } = await import(new URL('sound.js', location));
    const { wave, begins } = comfortable(Uint8Array.from(atob(bytes), (one) => one.charCodeAt(0)));
    return [btoa(Array.from(wave, (one) => String.fromCharCode(one)).join("")), begins];
}"""


def wav(samples: np.ndarray) -> bytes:
    with BytesIO() as file:
        with wave.open(file, "wb") as writer:
            writer.setframerate(RATE)
            writer.setsampwidth(2)
            writer.setnchannels(1)
            writer.writeframes(samples.astype("<i2").tobytes())
        return file.getvalue()


async def made_comfortable(modules: Page, samples: np.ndarray) -> tuple[np.ndarray, float]:
    """Return samples as the panel plays them, and where it begins, in seconds."""
    played, begins = await modules.evaluate(_COMFORTABLE, b64encode(wav(samples)).decode())
    with wave.open(BytesIO(b64decode(played))) as reader:
        assert reader.getframerate() == RATE
        return np.frombuffer(reader.readframes(reader.getnframes()), "<i2"), begins


async def test_they_are_equally_loud_fade_in_and_begin_where_something_is_heard(
    modules: Page,
) -> None:
    chance = np.random.default_rng(1)
    speech = np.sin(np.arange(2 * RATE) * 0.05) * 30_000
    loudest = []
    for loudness in (1.0, 0.2, 0.02):
        said = speech * loudness + chance.normal(0, 3, speech.size)
        played, begins = await made_comfortable(modules, np.pad(said, (RATE, 0)))
        assert 0.85 <= begins <= 0.95, "a moment before it"
        loudest.append(float(np.abs(played).max()))
        start = round(begins * RATE)
        assert np.abs(played[start : start + RATE // 50]).max() < 0.05 * loudest[-1]
        rising = np.abs(played[RATE : RATE + RATE // 100]).max()
        assert rising < 0.8 * loudest[-1], "it fades in"
    scream = np.concatenate([speech * 0.1, speech])
    assert np.abs((await made_comfortable(modules, scream))[0]).max() <= loudest[0] * 1.05
    silence, begins = await made_comfortable(modules, np.zeros(RATE))
    assert not silence.any()
    assert begins == 0
    assert max(loudest) <= 32_768 / 2
    assert max(loudest) < 1.1 * min(loudest)


async def test_they_are_heard_by_keyboard_alone_and_at_the_speed_one_likes(
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
        await panel.tab_to("Show the text")
        await keyboard.press("Enter")
        await expect(first).to_contain_text("Said: “turn on the kitchen light", ignore_case=True)
        assert await panel.violations() == []
        await panel.turn_to("Review")
        await panel.turn_to("Recordings")
        await expect(page.get_by_label("Speed")).to_have_value("0.75")
        await panel.press("Lock it")
        await expect(page.get_by_label("Speed")).to_have_value("1")


async def test_who_is_logged_out_sees_no_recording_any_more(home: Home, browser: Browser) -> None:
    await home.keep(1)
    ben = await log_in(home.house.home_assistant, "Ben", "ben")
    async with ben.panel(browser, "recordings") as panel:
        await panel.unlock()
        await panel.sees("Your key is unlocked in this browser")
        await panel.page.get_by_role("button", name="Show the text").first.click()
        await panel.sees("Said: ")
        async with aiohttp.ClientSession() as session:
            revoked = {"action": "revoke", "token": ben.tokens["refresh_token"]}
            await session.post(f"{ben.url}/auth/token", data=revoked)
        await panel.sees("Welcome home!")
        await expect(panel.page.get_by_text("Said: ")).to_have_count(0)


async def test_they_are_found_by_room_and_day_and_deleted_one_several_or_all(
    home: Home, browser: Browser
) -> None:
    await home.keep(3)

    def yesterday(listed: Any) -> Any:
        """Let one be of another day and of another room, which cannot be waited for."""
        listed["recordings"][-1] |= {"day": "2026-11-01", "room": "gone"}
        return listed

    between = Between()
    between.changes["indoor_voice/recordings/list"] = yesterday
    async with home.ben.panel(browser, "recordings", prepare=between.attach) as panel:
        page = panel.page
        shown = page.get_by_role("article")
        await expect(shown).to_have_count(3)
        await page.get_by_role("combobox", name="Room").select_option(label="Kitchen")
        await expect(shown).to_have_count(2)
        await page.get_by_role("combobox", name="Room").select_option(label="a room that is gone")
        await expect(shown).to_have_count(1)
        await page.get_by_role("combobox", name="Room").select_option(label="All")
        await page.get_by_role("combobox", name="Day").select_option("2026-11-01")
        await expect(shown).to_have_count(1)
        await panel.sees_heading("Sunday, November 1, 2026")

        await panel.press("Delete all shown (1)")
        await panel.press("Cancel")
        await panel.press("Delete all shown (1)")
        await panel.sees("Delete one recording for everybody? This can't be undone.")
        assert await panel.violations() == []
        await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
        await panel.sees("One recording was deleted.")
        await page.get_by_role("combobox", name="Day").select_option(label="All")
        await expect(shown).to_have_count(2)

        await shown.first.get_by_role("button", name="This was not meant for you").click()
        await panel.sees("This was not meant for the assistant")
        await page.keyboard.press("Escape")
        await expect(shown).to_have_count(2)
        for box in await shown.get_by_role("checkbox").all():
            await box.check()
        await panel.tab_to("Delete chosen (2)")
        await page.keyboard.press("Enter")
        await panel.sees("Delete 2 recordings for everybody? This can't be undone.")
        await panel.tab_to("Delete")
        await page.keyboard.press("Enter")
        await panel.sees("2 recordings were deleted.")
        await panel.sees("There is no recording that you can hear.")
        await panel.turn_to("Who listened")
        await panel.press("Everything")
        await panel.sees("You deleted 2 recordings in Kitchen, on request.")
    assert await home.kept() == 0
