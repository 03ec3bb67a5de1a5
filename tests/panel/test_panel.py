"""What people see of the panel and do in it, in a real browser against a real Home Assistant."""

import asyncio
import json
from typing import Any

import pytest
from playwright.async_api import Browser, Download, expect

from custom_components.indoor_voice.privacy.listening_key import LockedKey
from demo.home_assistant import RequestError
from tests.privacy.listener import Listener

from .conftest import SCREENSHOTS, Home
from .people import DESKTOP, PASSPHRASE, PHONE, Panel

_BOXES = """all => all.map((one) => {
    const { width, height, y } = one.getBoundingClientRect();
    return [width, height, y];
})"""
PAGES = ("Rooms", "My consent", "Recordings", "Review", "Who listened")


async def saved(panel: Panel, button: str) -> Any:
    """Press a button that offers a file, and return what is in it."""
    async with panel.page.expect_download() as waiting:
        await panel.press(button)
    download: Download = await waiting.value
    content = await asyncio.to_thread((await download.path()).read_bytes)
    return json.loads(content)


def section(panel: Panel, purpose: str) -> Any:
    """Return what asks for one consent."""
    return panel.page.locator(f"[data-purpose={purpose}]")


async def answer(panel: Panel, purpose: str, word: str, *choices: str) -> None:
    """Read what is asked, choose, and answer."""
    asked = section(panel, purpose)
    if not await asked.get_by_role("button", name=word, exact=True).is_visible():
        await asked.get_by_text("Read what is asked, and answer").click()
    for choice in choices:
        await asked.get_by_label(choice).check()
    await asked.get_by_role("button", name=word, exact=True).click()


async def test_everybody_finds_it_in_the_sidebar_and_it_asks_nothing_of_strangers(
    home: Home, browser: Browser
) -> None:
    for login in (home.ben, home.guest):
        async with login.panel(browser) as panel:
            await panel.page.goto(panel.url)
            await panel.page.get_by_role("link", name="Indoor Voice").click()
            await panel.sees("Kitchen (Satellite)")
            assert not await panel.page.evaluate("isSecureContext"), "as over HTTP in a LAN"
            assert [url for url in panel.requests if not url.startswith(panel.url)] == []
            assert panel.errors == []


async def test_rooms_say_what_is_kept_and_what_would_change_that(
    home: Home, browser: Browser
) -> None:
    async with home.cleo.panel(browser) as panel:
        await panel.sees("Waits for its wake word")
        await panel.sees("Nothing is kept here.")
        await panel.sees("The administrator allows nothing to be kept")
        await home.allow()
        await panel.go("rooms")
        await panel.sees("You are expected here and have not agreed to keeping. You need not.")
        await panel.page.get_by_role("link", name="Answer for this room").click()
        await panel.sees("May what I say to the assistant be kept for a limited time?")


async def test_anybody_may_pause_and_only_who_lives_here_may_go_on(
    home: Home, browser: Browser
) -> None:
    async with home.guest.panel(browser) as panel:
        await panel.press("Keep nothing here")
        await panel.sees("Nothing is kept in this room until somebody ends that")
        await expect(panel.page.get_by_text("End “Keep nothing here”")).to_have_count(0)
        await panel.press("Guests until six in the morning")
        await panel.turn_to("My consent")
        await panel.sees("Your account belongs to none of the people of this home")
    async with home.ben.panel(browser) as panel:
        await panel.press("End “Keep nothing here”")
        await panel.sees("Nothing is kept while there are guests.")
        await panel.press("End guest mode")
        await expect(panel.page.get_by_role("button", name="Guests until I end it")).to_be_visible()


async def test_yes_and_no_are_as_large_and_as_easy(home: Home, browser: Browser) -> None:
    await home.allow()
    async with home.ben.panel(browser, "consent") as panel:
        await section(panel, "keep").get_by_text("Read what is asked").click()
        for width, height in (DESKTOP, PHONE):
            await panel.page.set_viewport_size({"width": width, "height": height})
            yes, no = await section(panel, "keep").locator(".answers button").evaluate_all(_BOXES)
            assert yes == no


async def test_consent_is_given_refused_and_taken_back_by_oneself(
    home: Home, browser: Browser
) -> None:
    await home.allow()
    async with home.ben.panel(browser, "consent") as panel:
        await answer(panel, "keep", "Yes")
        await panel.sees("Choose the rooms in which you say yes.")
        await answer(panel, "keep", "Yes", "Kitchen (Satellite)")
        await panel.sees("Yes in Kitchen (Satellite): each recording for at most 1 day.")
        await answer(panel, "listen", "Yes", "Kitchen (Satellite)", "Cleo")
        await panel.sees("Yes in Kitchen (Satellite): Cleo may listen.")
        given = await saved(panel, "Save my records")
        assert [len(given["records"]), len(given["receipts"])] == [2, 2]
        for purpose in ("keep", "listen"):
            await section(panel, purpose).get_by_role("button", name="Take it back").click()
            await panel.sees("Taken back.")
        await answer(panel, "keep", "No")
        await panel.sees("You said no. The assistant works exactly the same.")
    records = await home.ben.ask("consent/list")
    assert [record["events"][-1]["state"] for record in records] == [
        "withdrawn",
        "withdrawn",
        "refused",
    ]
    assert await home.cleo.ask("consent/list") == []


async def test_a_listening_key_is_made_changed_recovered_and_given_up_in_the_browser(
    home: Home, browser: Browser
) -> None:
    cleo = home.cleo
    async with cleo.panel(browser, "consent") as panel:
        page = panel.page
        await panel.press("Make my listening key")
        await page.get_by_label("Passphrase").fill("password1")
        await panel.sees("Too easy to guess.")
        create = page.get_by_role("button", name="Make my listening key")
        await expect(create).to_be_disabled()
        await panel.press("Suggest one")
        first = await page.get_by_label("Passphrase").input_value()
        await panel.sees("Strong.")
        await create.click()
        await panel.sees("It is shown only now.", timeout_seconds=30)
        code = await page.locator("code").inner_text()
        await page.get_by_label("I have printed it or written it down").check()
        await panel.press("Begin to use my key")
        await panel.sees("Your listening key is in use.")

        await page.reload()
        await page.get_by_label("Passphrase").fill("something else")
        await panel.press("Unlock")
        await panel.sees("That is not the passphrase.", timeout_seconds=30)
        await page.get_by_label("Passphrase").fill(first)
        await panel.press("Unlock")
        await panel.sees("Your key is unlocked in this browser", timeout_seconds=30)
        await panel.press("Lock it")

        await panel.press("I forgot the passphrase")
        await page.get_by_label("Recovery code").fill(code.lower().replace("-", " "))
        await panel.press("Unlock and choose a new passphrase")
        await page.get_by_label("Passphrase").fill(PASSPHRASE)
        await panel.press("Change the passphrase")
        await panel.sees("The passphrase is changed.", timeout_seconds=30)
        sent = "".join(panel.sent)
        assert "indoor_voice/key/change" in sent
        for secret in (first, code, code.replace("-", ""), PASSPHRASE):
            assert secret not in sent, "Home Assistant never learns what opens a key"
    locked = LockedKey.from_json(await cleo.ask("key/get"))
    assert Listener.unlock(locked, PASSPHRASE).public == locked.public
    assert Listener.recover(locked, code).public == locked.public
    async with cleo.panel(browser, "consent") as panel:
        await panel.press("Give up this key")
        await panel.sees("recordings that nobody else can open are deleted")
        await panel.press("Cancel")
        await panel.press("Give up this key")
        await panel.press("Give it up")
        await panel.sees("Your key is gone")
    assert await cleo.ask("key/get") is None


async def test_recordings_are_heard_and_deleted_by_who_may_hear_them(
    home: Home, browser: Browser
) -> None:
    ben = home.ben
    await home.agree()
    await ben.bring_key()
    for _ in range(2):
        await home.say()
    async with ben.panel(browser, "recordings") as panel:
        page = panel.page
        await expect(page.get_by_role("article")).to_have_count(2)
        first = page.get_by_role("article").first
        await first.get_by_role("button", name="Play").click()
        await panel.sees("Unlock your listening key first.")
        await page.get_by_label("Passphrase").fill(PASSPHRASE)
        await panel.press("Unlock")
        await panel.sees("Your key is unlocked in this browser", timeout_seconds=30)
        await first.get_by_role("button", name="Show the text").click()
        await expect(first).to_contain_text("Said: “turn on the kitchen light", ignore_case=True)
        await first.get_by_role("button", name="Play").click()
        await expect(first.get_by_role("button", name="Pause")).to_be_visible()
        await expect(first.locator("canvas").first).to_be_visible()
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        await page.screenshot(path=SCREENSHOTS / "recordings.png")
        assert await panel.violations() == []

        await page.get_by_label("Room").select_option(label="Kitchen (Satellite)")
        await first.get_by_role("button", name="This was not meant for you").click()
        await panel.press("Cancel")
        await expect(page.get_by_role("article")).to_have_count(2)
        await first.get_by_role("button", name="This was not meant for you").click()
        await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
        await panel.sees("One recording is deleted.")
        await expect(page.get_by_role("article")).to_have_count(1)
    assert (await ben.ask("clips/list"))["total"] == 1
    async with home.admin.panel(browser, "recordings") as panel:
        await panel.sees("There is no recording that you may hear.")


async def test_who_was_named_reviews_and_nothing_beside_the_recording_tells_of_it(
    home: Home, browser: Browser
) -> None:
    async with home.ben.panel(browser, "review") as panel:
        page, keyboard = panel.page, panel.page.keyboard
        await page.get_by_label("Passphrase").fill(PASSPHRASE)
        await panel.press("Unlock")
        await panel.press("Begin")
        await panel.sees("Hear it, then say what is so.")
        right = page.get_by_role("button", name="1 · Right")
        await expect(right).to_be_disabled()
        await keyboard.press("1")
        await keyboard.press("Space")
        await expect(right).to_be_enabled()
        await page.screenshot(path=SCREENSHOTS / "review.png")
        assert await panel.violations() == []
        await keyboard.press("e")
        await keyboard.type(" please")
        await keyboard.press("Escape")
        await keyboard.press("2")
        await panel.sees("Saved. You can undo it for 10 seconds.")
        await panel.sees("There is nothing to review.")
        await panel.press("Undo")
        await expect(right).to_be_enabled()
        await page.get_by_label("The assistant understood").fill("Turn on the bathroom light.")
        await page.get_by_role("button", name="2 · Wrong words").click()
        await panel.sees("Saved.")
        answers = [answer or {} for answer in panel.answers("indoor_voice/review/")]
        sealed = {"key", "ciphertext", "readers"}
        assert any(sealed <= answer.keys() for answer in answers)
        told = json.dumps([{k: v for k, v in one.items() if k not in sealed} for one in answers])
        for telling in (home.room, "itchen", "satellite", "Demo", "Ben", "Cleo", "time", "2026"):
            assert telling not in told
        for corrected in ("please", "bathroom"):
            assert corrected not in "".join(panel.sent), "it is sealed in the browser"
        await panel.turn_to("Recordings")
        await panel.press("Show the text")
        await panel.sees("In a review: Wrong words. It should be: “Turn on the bathroom light.”")
    with pytest.raises(RequestError, match="not-a-listener"):
        await home.admin.ask("review/next")


async def test_what_is_sensitive_is_destroyed_and_what_troubles_does_not_come_back(
    home: Home, browser: Browser
) -> None:
    await home.set_option("guidance", guidance="Talk to Grandma.")
    for _ in range(2):
        await home.say()
    async with home.ben.panel(browser, "review") as panel:
        await panel.page.get_by_label("Passphrase").fill(PASSPHRASE)
        await panel.press("Unlock")
        await panel.press("Begin")
        await panel.sees("Hear it, then say what is so.")
        await panel.page.keyboard.press("x")
        await asyncio.sleep(0.8)
        assert (await home.ben.ask("clips/list"))["total"] == 3, "it was not held"
        await panel.page.keyboard.down("x")
        await panel.sees("It is destroyed.")
        await panel.page.keyboard.up("x")
        await panel.page.keyboard.press("n")
        await panel.sees("You will not hear it again.")
        await panel.sees("Talk to Grandma.")
        await panel.sees("There is nothing to review.")
    assert (await home.ben.ask("clips/list"))["total"] == 1


async def test_everybody_who_was_heard_sees_who_listened(home: Home, browser: Browser) -> None:
    async with home.cleo.panel(browser, "ledger") as panel:
        await panel.sees("Yes: all its")
        await panel.page.reload()
        await panel.sees("They agree with what this browser saw the last time.")
        await panel.sees("Ben: opened the text of a recording")
        await panel.sees("Ben: opened the sound of a recording")
        await panel.press("Everything")
        await panel.sees("one recording was deleted, Kitchen (Satellite).")
        kept = await saved(panel, "Save a copy with its signature")
        assert kept["verification"]["ok"]
        assert "opened" in {row["kind"] for row in kept["rows"]}
        assert (await home.cleo.ask("ledger/verify", heads=[kept["head"]]))["ok"]


async def test_withdrawing_takes_one_click_and_deletes_at_once(
    home: Home, browser: Browser
) -> None:
    assert (await home.ben.ask("clips/list"))["total"] == 1
    async with home.admin.panel(browser, "consent") as panel:
        await section(panel, "keep").get_by_role("button", name="Take it back").click()
        await panel.sees("Taken back. One recording is deleted.")
    assert (await home.ben.ask("clips/list"))["total"] == 0


async def test_it_is_usable_by_keyboard_alone(home: Home, browser: Browser) -> None:
    await home.ben.ask("consent/withdraw", purpose="keep")
    async with home.ben.panel(browser, "consent") as panel:
        keyboard = panel.page.keyboard
        summary = section(panel, "keep").get_by_text("Read what is asked, and answer")
        await summary.focus()
        await keyboard.press("Enter")
        await keyboard.press("Tab")
        await keyboard.press("Space")
        for _ in range(3):
            await keyboard.press("Tab")
        await keyboard.press("Enter")
        await panel.sees("Yes in Kitchen (Satellite): each recording for at most 1 day.")


@pytest.mark.parametrize(("size", "dark"), [(DESKTOP, False), (PHONE, True)])
async def test_it_can_be_used_by_everybody_on_every_screen(
    home: Home, browser: Browser, size: tuple[int, int], *, dark: bool
) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    async with home.ben.panel(browser, size=size, dark=dark) as panel:
        for name in PAGES:
            await panel.turn_to(name)
            await expect(panel.page.locator("section").first).to_be_visible()
            for details in await panel.page.locator("summary").all():
                await details.click()
            picture = f"{name.lower().replace(' ', '-')}-{'dark' if dark else 'light'}.png"
            await panel.page.screenshot(path=SCREENSHOTS / picture, full_page=True)
            assert await panel.violations() == []
            wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
            assert not await panel.page.evaluate(wide)
        assert panel.errors == []
