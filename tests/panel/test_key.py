"""The listening key is created, locked, unlocked, recovered and given up only in the browser."""

from typing import TYPE_CHECKING

from playwright.async_api import Browser, Page, expect

from custom_components.indoor_voice.privacy.store.listening_key import LockedKey
from tests.privacy.listener import Listener

from .home import SCREENSHOTS

if TYPE_CHECKING:
    from .home import Home

_PRINT = "window.print = () => (window.top.printed = document.documentElement.innerText)"
CHOSEN_WORDS = "nine amber lanterns hum below gravel"


async def with_fake_printer(page: Page) -> None:
    """Store the text of a printed document in `window.printed` instead of printing it."""
    await page.add_init_script(_PRINT)


async def with_fake_clock(page: Page) -> None:
    await page.clock.install()


async def test_a_key_is_created_by_keyboard_and_only_its_recovery_code_is_printed(
    home: Home, browser: Browser
) -> None:
    cleo = home.cleo
    async with cleo.panel(browser, "consent", prepare=with_fake_printer) as panel:
        page, keyboard = panel.page, panel.page.keyboard
        await panel.tab_to("Make my listening key")
        await keyboard.press("Enter")
        await panel.sees("They are shown only once.")
        await expect(page.locator("[data-code]")).to_be_visible(timeout=60_000)
        suggested = await page.locator("[data-passphrase]").inner_text()
        await panel.tab_to("Choose my own passphrase")
        await keyboard.press("Enter")
        await panel.tab_to("Passphrase")
        await keyboard.type("password1")
        await panel.sees("Too easy to guess.")
        create = page.get_by_role("button", name="Make my listening key")
        await expect(create).to_be_disabled()
        await panel.tab_to("Suggest one")
        await keyboard.press("Enter")
        await panel.sees("Strong.")
        passphrase = await page.get_by_role("textbox", name="Passphrase").input_value()
        await panel.tab_to("Make my listening key")
        await keyboard.press("Enter")
        await expect(page.locator("[data-code]")).to_be_visible(timeout=60_000)
        code = await page.locator("[data-code]").inner_text()
        assert await page.locator("[data-passphrase]").inner_text() == passphrase != suggested
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        await page.screenshot(path=SCREENSHOTS / "recovery-code.png", full_page=True)
        assert await panel.violations() == []
        await panel.tab_to("Print the code")
        await keyboard.press("Enter")
        printed = (await page.evaluate("window.printed")).split()
        assert " ".join(printed) == f"Recovery code for my Indoor Voice listening key: {code}"
        await panel.tab_to("I have kept the passphrase and the recovery code")
        await keyboard.press("Space")
        await panel.tab_to("Start using my key")
        await keyboard.press("Enter")
        await panel.sees("Your listening key is ready.")
        await expect(page.locator("code, iframe")).to_have_count(0)
        sent = "".join(panel.sent)
        assert "indoor_voice/key/create" in sent
        for secret in (passphrase, code, code.replace("-", "")):
            assert secret not in sent, "Home Assistant never learns the secrets of a key"
    locked = LockedKey.from_json(await cleo.ask("key/get"))
    assert Listener.unlock(locked, passphrase).public == locked.public
    assert Listener.recover(locked, code).public == locked.public
    await cleo.ask("key/remove")


async def test_a_key_is_unlocked_changed_recovered_and_given_up(
    home: Home, browser: Browser
) -> None:
    cleo = home.cleo
    await cleo.create_key()
    assert cleo.listener
    code = str(cleo.listener.recovery_code)
    async with cleo.panel(browser, "consent") as panel:
        page = panel.page
        await page.get_by_label("Passphrase").fill("something else")
        await panel.press("Unlock")
        await panel.sees("That is not the passphrase.")
        await panel.unlock()
        await panel.sees("Your key is unlocked in this browser")
        await panel.press("Lock it")
        await panel.press("I forgot my passphrase")
        await page.get_by_label("Recovery code").fill("ABCD-EFGH")
        await panel.press("Unlock and choose a new passphrase")
        await panel.sees("That is not the recovery code.")
        await page.get_by_label("Recovery code").fill(code.lower().replace("-", " "))
        await panel.press("Unlock and choose a new passphrase")
        await page.get_by_label("Passphrase").fill(CHOSEN_WORDS)
        await panel.press("Change my passphrase")
        await panel.sees("Your passphrase was changed.", timeout_seconds=60)
        sent = "".join(panel.sent)
        assert "indoor_voice/key/change" in sent
        assert CHOSEN_WORDS not in sent
        locked = LockedKey.from_json(await cleo.ask("key/get"))
        assert Listener.unlock(locked, CHOSEN_WORDS).public == locked.public
        assert Listener.recover(locked, code).public == locked.public

        await panel.press("Give up this key")
        await panel.sees("recordings that nobody else can open are deleted")
        await panel.press("Cancel")
        await panel.press("Give up this key")
        await panel.press("Give it up")
        await panel.sees("Your key is gone")
    assert await cleo.ask("key/get") is None


async def test_a_key_that_somebody_replaced_is_reported(home: Home, browser: Browser) -> None:
    cleo = home.cleo
    await cleo.create_key()
    async with cleo.panel(browser, "consent") as panel:
        await panel.unlock()
        await panel.sees("Your key is unlocked in this browser")
        for meanwhile, warning in (
            (cleo.ask("key/remove"), "The key that you used in this browser is gone."),
            (cleo.create_key(), "This is not the key that you used in this browser."),
        ):
            await meanwhile
            await panel.page.reload()
            await panel.sees(warning)
        await panel.unlock()
        await panel.sees("Your key is unlocked in this browser")
        await panel.page.reload()
        await panel.sees("Your key is locked.")
        await expect(panel.page.get_by_text("This is not the key")).to_have_count(0)
        await panel.press("Give up this key")
        await panel.press("Give it up")
        await panel.sees("Your key is gone")


async def test_a_key_locks_after_a_quarter_of_an_hour_and_recordings_are_closed(
    home: Home, browser: Browser
) -> None:
    await home.keep(1)
    async with home.ben.panel(browser, "recordings", prepare=with_fake_clock) as panel:
        await panel.unlock()
        await panel.sees("Your key is unlocked in this browser")
        await panel.page.clock.fast_forward("14:00")
        await panel.page.get_by_role("button", name="Show words").first.click()
        await panel.sees("“Turn on the kitchen light")
        await panel.page.clock.fast_forward("14:00")
        await panel.sees("“Turn on the kitchen light")
        await panel.page.clock.fast_forward("02:00")
        await panel.sees("Your key is locked.")
        await expect(panel.page.get_by_text("“Turn on the kitchen light")).to_have_count(0)
        await panel.page.get_by_role("button", name="Play").first.click()
        await panel.sees("Unlock your listening key first.")
