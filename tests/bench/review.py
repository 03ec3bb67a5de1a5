"""Measures how long a scripted reviewer needs for each recording in the panel, in a browser.

The reviewer uses only the keyboard, at a human pace: they read the text while the sound plays,
decide once, and press a key. The pace is an assumption:

- 238 words a minute of silent reading (Brysbaert, 2019, "How many words do we read per minute?");
- 1.35 s for a decision and 0.28 s for a key (Card, Moran and Newell, 1980, "The
  keystroke-level model", of people who type 40 words a minute).
"""

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from playwright.async_api import async_playwright, expect

from custom_components.indoor_voice.privacy.sitting import BATCH_RECORDINGS
from tests.panel.chromium import ARGUMENTS, CHROMIUM
from tests.panel.flat import ROOMS, move_into
from tests.panel.people import Panel

from .commands import COMMANDS

RECORDING_SECONDS: Final = 3.0
WORDS_A_SECOND: Final = 238 / 60
DECISION_SECONDS: Final = 1.35
KEY_SECONDS: Final = 0.28
_CORRECTED_EACH: Final = 5
"""One in this many recordings gets an additional word."""
_CORRECTION: Final = " please"
_PATIENCE_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """The times for one recording, in seconds."""

    heard: float
    """From when it was shown until it was heard and read."""
    judged: float
    """Until the verdict's key was pressed."""
    next: float
    """Until the next recording was shown."""
    corrected: bool

    @property
    def total(self) -> float:
        return self.heard + self.judged + self.next


async def measure(folder: Path, count: int) -> list[Reviewed]:
    """Review `count` recordings after a first one, which is played by hand and does not count."""
    expect.set_options(timeout=_PATIENCE_SECONDS * 1000)
    async with move_into(folder) as flat, async_playwright() as playwright:
        await flat.agree()
        areas = list(ROOMS)
        # Not counted: the first, the one shown at the end, and the one before each pause.
        for number in range(count + 3 + count // BATCH_RECORDINGS):
            sentence = COMMANDS[number % len(COMMANDS)].sentence
            await flat.say(areas[number % len(areas)], sentence, seconds=RECORDING_SECONDS)
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS])
        async with flat.reviewer.panel(browser, "review") as panel:
            reviewed = await _review(panel, count)
        await browser.close()
    return reviewed


async def _review(panel: Panel, count: int) -> list[Reviewed]:
    await panel.unlock()
    await panel.press("Begin")
    await _is_shown(panel, 1)
    await panel.page.keyboard.press("Space")
    await _judge(panel)
    shown, reviewed = 2, list[Reviewed]()
    await _is_shown(panel, shown)
    while len(reviewed) < count:
        began = time.monotonic()
        corrected = len(reviewed) % _CORRECTED_EACH == _CORRECTED_EACH - 1
        await _hear_and_read(panel, began)
        heard = time.monotonic()
        await _judge(panel, corrected=corrected)
        judged = time.monotonic()
        shown += 1
        rested = await _is_shown(panel, shown)
        if rested:  # after a batch: this is not the time of a recording
            shown += 1
            await panel.press("Continue")
            await _is_shown(panel, shown)
            continue
        reviewed.append(
            Reviewed(
                heard=heard - began,
                judged=judged - heard,
                next=time.monotonic() - judged,
                corrected=corrected,
            )
        )
    return reviewed


async def _hear_and_read(panel: Panel, began: float) -> None:
    page = panel.page
    read = [await page.get_by_label("The assistant understood").input_value()]
    read += await page.locator("section[aria-labelledby=question] > p").all_inner_texts()
    words = sum(len(text.split()) for text in read)
    await expect(page.get_by_role("button", name="1 · Right")).to_be_enabled()
    await asyncio.sleep(max(0.0, began + words / WORDS_A_SECOND - time.monotonic()))


async def _judge(panel: Panel, *, corrected: bool = False) -> None:
    keyboard = panel.page.keyboard
    await expect(panel.page.get_by_role("button", name="1 · Right")).to_be_enabled()
    await asyncio.sleep(DECISION_SECONDS)
    keys = ("e", "End", *_CORRECTION, "Enter", "2") if corrected else ("1",)
    for key in keys:
        await asyncio.sleep(KEY_SECONDS)
        await keyboard.press("Space" if key == " " else key)


async def _is_shown(panel: Panel, number: int) -> bool:
    """Wait until recording `number` or a pause is shown; return whether it is a pause."""
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while len(panel.answers("indoor_voice/review/next")) < number:
            await asyncio.sleep(0.02)
    question = panel.page.locator("#question")
    go_on = panel.page.get_by_role("button", name="Continue", exact=True)
    await expect(question.or_(go_on)).to_be_visible()
    return await go_on.is_visible()
