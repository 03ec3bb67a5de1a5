"""The page "Recordings": users play, read and delete the recordings that they may hear."""

import wave
from base64 import b64decode, b64encode
from io import BytesIO
from typing import TYPE_CHECKING, Any

import aiohttp
import numpy as np
from playwright.async_api import Browser, Page, expect

from .people import log_in
from .websocket_proxy import WebSocketProxy

if TYPE_CHECKING:
    from .home import Home

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
        await panel.tab_to("Show the text")
        await keyboard.press("Enter")
        await expect(first).to_contain_text("Said: “turn on the kitchen light", ignore_case=True)
        assert await panel.violations() == []
        await panel.open_page("Review")
        await panel.open_page("Recordings")
        await expect(page.get_by_label("Speed")).to_have_value("0.75")
        await panel.press("Lock it")
        await expect(page.get_by_label("Speed")).to_have_value("1")


async def test_a_user_who_is_logged_out_sees_no_recordings(home: Home, browser: Browser) -> None:
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


async def test_recordings_are_filtered_by_room_and_day_and_deleted(
    home: Home, browser: Browser
) -> None:
    await home.keep(3)

    def moved(listed: Any) -> Any:
        """Move one recording to another day and room, which the test can't wait for."""
        listed["recordings"][-1] |= {"day": "2026-11-01", "room": "gone"}
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

        await panel.press("Delete all shown (1)")
        await panel.press("Cancel")
        await panel.press("Delete all shown (1)")
        await panel.sees("Delete one recording for everyone? This can't be undone.")
        assert await panel.violations() == []
        await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
        await panel.sees("One recording was deleted.")
        await page.get_by_role("combobox", name="Day").select_option(label="All")
        await expect(shown).to_have_count(2)

        await shown.first.get_by_role("button", name="Not meant for the assistant").click()
        await panel.sees("This wasn't meant for the assistant.")
        await page.keyboard.press("Escape")
        await expect(shown).to_have_count(2)
        for box in await shown.get_by_role("checkbox").all():
            await box.check()
        await panel.tab_to("Delete selected (2)")
        await page.keyboard.press("Enter")
        await panel.sees("Delete 2 recordings for everyone? This can't be undone.")
        await panel.tab_to("Delete")
        await page.keyboard.press("Enter")
        await panel.sees("2 recordings were deleted.")
        await panel.sees("There are no recordings that you can hear.")
        await panel.open_page("Who listened")
        await panel.press("Everything")
        await panel.sees("You deleted 2 recordings in Kitchen, on request.")
    assert await home.kept() == 0
