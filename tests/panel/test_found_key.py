"""The owner must confirm a listening key that was put into the store by something else."""

import json
import shutil
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import Browser, expect

from tests.privacy.listener import Listener

from .home import SCREENSHOTS

if TYPE_CHECKING:
    from .flat import Flat
    from .people import Login, Panel

OTHERS_WORDS = "four purple engines sing slowly"
USE_KEY = "This is my key: use it"
pytestmark = pytest.mark.timeout(600)  # each test restarts Home Assistant
ADDED = "You didn't make this key here"
CHANGED = "The stored key is not the one you made here"


async def restart(flat: Flat, of: Login, key: Listener, *, restored: bool = False) -> None:
    """Restart Home Assistant with another key in the name of `of`.

    With `restored`, the recordings are gone as well, as after restoring a backup.
    """
    await flat.home_assistant.program.stop()
    if restored:  # backups don't contain recordings
        shutil.rmtree(flat.store.parent)
    file = flat.home_assistant.folder / ".storage" / "indoor_voice.keys"
    stored = json.loads(file.read_text())
    stored["data"][of.id] = key.locked.to_json()
    file.write_text(json.dumps(stored))
    await flat.home_assistant.program.start()
    await flat.home_assistant.wait_until_started()


async def take_screenshot(panel: Panel, name: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    await panel.page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)


async def sees_no_question(panel: Panel) -> None:
    """Check that the user is no longer asked about a key."""
    for text in (ADDED, CHANGED):
        await expect(panel.page.get_by_text(text)).to_have_count(0)
    await expect(panel.page.get_by_role("button", name=USE_KEY)).to_have_count(0)


async def use_by_keyboard(panel: Panel) -> None:
    await panel.sees(ADDED)
    await expect(panel.page.get_by_role("button", name=USE_KEY)).to_have_count(0)
    await panel.unlock_by_keyboard()
    await panel.tab_to(USE_KEY)
    await take_screenshot(panel, "found-key")
    assert await panel.violations() == []
    await panel.page.keyboard.press("Enter")
    await panel.sees("Your listening key is ready.")
    await sees_no_question(panel)


async def give_up_by_keyboard(panel: Panel) -> None:
    """Give up the key by keyboard, which takes no passphrase."""
    await panel.sees(ADDED)
    await panel.tab_to("Give up this key")
    await panel.page.keyboard.press("Enter")
    await panel.tab_to("Give it up")
    await panel.page.keyboard.press("Enter")
    await panel.sees("Your key is gone")
    await sees_no_question(panel)
    await expect(panel.page.get_by_role("button", name="Make my listening key")).to_be_visible()


async def test_after_a_restore_each_owner_and_nobody_else_confirms_their_key(
    flat: Flat, browser: Browser
) -> None:
    mine, strange = flat.reviewer, flat.other
    await restart(flat, strange, Listener.create(OTHERS_WORDS), restored=True)
    assert [await who.ask("key/found") for who in flat.people] == [None, "added", "added"]
    async with mine.panel(browser, "consent") as panel:
        await use_by_keyboard(panel)
        await panel.page.reload()
        await panel.sees("Your key is locked.")
        await sees_no_question(panel)
    async with strange.panel(browser, "consent") as panel:
        await panel.unlock()  # with the passphrase of the user's own key
        await panel.sees("That is not the passphrase.")
        await expect(panel.page.get_by_role("button", name=USE_KEY)).to_have_count(0)
        await give_up_by_keyboard(panel)
    assert [await who.ask("key/found") for who in flat.people] == [None, None, None]
    kinds = [row["kind"] for row in await mine.ask("ledger/rows")]
    assert "key-found" in kinds


@pytest.mark.parametrize("yes", [False, True], ids=["no", "yes"])
async def test_a_key_that_replaced_the_users_own_needs_a_second_confirmation(
    flat: Flat, browser: Browser, *, yes: bool
) -> None:
    owner = flat.reviewer
    if await owner.ask("key/found") is None:
        if await owner.ask("key/get") is None:
            await owner.create_key()
        await restart(flat, owner, Listener.create(OTHERS_WORDS))
    assert await owner.ask("key/found") == "changed"
    async with owner.panel(browser, "consent") as panel:
        await panel.sees(CHANGED)
        await panel.page.get_by_label("Passphrase").fill(OTHERS_WORDS)
        await panel.press("Unlock")
        await panel.press(USE_KEY)
        await panel.sees("You will no longer be able to open anything sealed to your earlier key")
        await take_screenshot(panel, "changed-key")
        if yes:
            await panel.page.get_by_role("dialog").get_by_role("button", name=USE_KEY).click()
            await panel.sees("Your listening key is ready.")
            await sees_no_question(panel)
        else:
            await panel.press("Cancel")
            await panel.sees(CHANGED)
        await panel.page.reload()
        await panel.sees("Your key is locked.")
        await expect(panel.page.get_by_text(CHANGED)).to_have_count(0 if yes else 1)
    assert await owner.ask("key/found") == (None if yes else "changed")
