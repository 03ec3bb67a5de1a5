"""The page "My consent": consent is given, refused and withdrawn only by the user, and easily."""

from typing import TYPE_CHECKING, Final

from playwright.async_api import expect

from .people import DESKTOP, PHONE
from .screens import section

if TYPE_CHECKING:
    from playwright.async_api import Browser

    from .home import Home
    from .people import Panel

WITHDRAWN: Final = "Withdrawn. No recordings depended on it."
"""The whole text, because the notices contain some of these words, too."""
KEPT: Final = "Yes in Kitchen: each recording may be kept for at most 1 day."
QUESTIONS: Final = {
    "keep": "May what I say to the assistant be kept for a limited time?",
    "listen": "May other people I name listen to it?",
    "left-out": "May the others decide without me in rooms that I don't use?",
    "teach": "May the assistant learn from recordings in which I am heard?",
}
_BOXES = """all => all.map((one) => {
    const { width, height, y } = one.getBoundingClientRect();
    return [width, height, y];
})"""


async def answer(panel: Panel, purpose: str, word: str, *choices: str) -> None:
    """Open the notice, check `choices`, and answer with the button `word`."""
    asked = section(panel, purpose)
    button = asked.get_by_role("button", name=f"{word}: {QUESTIONS[purpose]}", exact=True)
    details = asked.get_by_text("Read the details and answer")
    await expect(button.or_(details).first).to_be_visible()
    if not await button.is_visible():
        await details.click()
    for choice in choices:
        await asked.get_by_label(choice).check()
    await button.click()


async def test_yes_and_no_have_the_same_size_and_position(home: Home, browser: Browser) -> None:
    await home.allow()
    async with home.ben.panel(browser, "consent") as panel:
        await section(panel, "keep").get_by_text("Read the details").click()
        for width, height in (DESKTOP, PHONE):
            await panel.page.set_viewport_size({"width": width, "height": height})
            await panel.wait_until_settled()
            yes, no = await section(panel, "keep").locator(".answers button").evaluate_all(_BOXES)
            assert yes == no


async def test_consent_is_given_refused_and_withdrawn_by_the_user_alone(
    home: Home, browser: Browser
) -> None:
    await home.allow()
    await home.ben.ask("consent/withdraw", purpose="keep")
    before = [len(await login.ask("consent/list")) for login in (home.ben, home.cleo)]
    async with home.ben.panel(browser, "consent") as panel:
        await answer(panel, "keep", "Yes")
        await panel.sees("Choose the rooms that you say yes for.")
        await answer(panel, "keep", "Yes", "Kitchen")
        await panel.sees(KEPT)
        await answer(panel, "listen", "Yes", "Kitchen", "Cleo")
        await panel.sees("Yes in Kitchen: Cleo may listen.")
        await answer(panel, "teach", "Yes", "Kitchen")
        await panel.sees("may be learned from them. Your consent ends on")
        given = await panel.download("Save my records")
        assert len(given["records"]) == before[0] + 3
        for purpose in ("keep", "listen", "teach"):
            back = section(panel, purpose).get_by_role("button", name="Take it back")
            await back.click()
            await expect(back).to_have_count(0)
            await panel.sees(WITHDRAWN)
        await answer(panel, "keep", "No")
        await panel.sees("You said no. The assistant works exactly the same.")
    records = await home.ben.ask("consent/list")
    assert [record["events"][-1]["state"] for record in records[before[0] :]] == [
        "withdrawn",
        "withdrawn",
        "withdrawn",
        "refused",
    ]
    assert len(await home.cleo.ask("consent/list")) == before[1]


async def test_consent_is_given_and_withdrawn_by_keyboard_alone(
    home: Home, browser: Browser
) -> None:
    await home.allow()
    await home.ben.ask("consent/withdraw", purpose="keep")
    async with home.ben.panel(browser, "consent") as panel:
        keyboard = panel.page.keyboard
        await panel.tab_to("Read the details and answer")
        await keyboard.press("Enter")
        await panel.tab_to("Kitchen")
        await keyboard.press("Space")
        await panel.tab_to("Yes")
        await keyboard.press("Enter")
        await panel.sees(KEPT)
        await panel.page.reload()
        await panel.sees(KEPT)
        await panel.tab_to("Take it back")
        await keyboard.press("Enter")
        await panel.sees(WITHDRAWN)
