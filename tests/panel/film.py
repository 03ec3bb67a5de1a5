"""Make the film in the README, from a real house, real speech and Home Assistant's own pages.

    script/film

writes docs/film.webp. What people say and do is decided here; what happens then is what it shows.
"""

import asyncio
import shutil
import tempfile
import time
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from playwright.async_api import Browser, Page, async_playwright, expect

from demo.house import House
from demo.speaker import Speaker
from tests.documents import ROOT

from .chromium import ARGUMENTS, CHROMIUM
from .film_strip import PICTURE, Caption, FilmStrip, photograph, shown_for
from .people import HOST, Login, Panel

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from demo.home_assistant import HomeAssistant

ROOM: Final = "Kitchen"
LIGHT: Final = "light.kitchen_light"
_ON: Final = "Hey Jarvis, turn on the kitchen light."
_OFF: Final = "Hey Jarvis, turn off the kitchen light."
_DASHBOARD: Final = "at-home"
_PATIENCE_MILLISECONDS: Final = 60_000
_TO_TOP: Final = "(element) => { element.scrollIntoView(); scrollBy(0, -72); }"
"""Below the header, which stays at the top of the window."""
_STATE_SHOWN: Final = """
    (entity) => document.querySelector("home-assistant").hass.states[entity].state"""
_BETWEEN_PICTURES_SECONDS: Final = 0.25
_LISTENING_SECONDS: Final = 2.4
_TO_MIDDLE: Final = "(element) => element.scrollIntoView({ block: 'center' })"


async def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="indoor-voice-"))
    expect.set_options(timeout=_PATIENCE_MILLISECONDS)
    house = House(folder, room_names=(ROOM,))
    try:
        async with house.running(), async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS])
            strip = await FilmStrip.begin(browser)
            await _film(house, browser, strip)
            strip.save(ROOT / "docs" / "film.webp", ROOT / "docs" / "film-still.png")
            await browser.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _film(house: House, browser: Browser, strip: FilmStrip) -> None:
    home_assistant = house.home_assistant
    anna, ben = await _move_in(home_assistant)
    await _make_dashboard(house)
    speaker = Speaker(house, ROOM)
    async with _dashboard(anna, browser) as page:
        await _turn_on_the_light(speaker, home_assistant, page, strip)
    async with anna.panel(browser, "start", size=PICTURE) as panel:
        await _anna_answers(panel, strip)
    async with ben.panel(browser, "start", size=PICTURE) as panel:
        await _ben_answers(panel, house, strip)
        async with _dashboard(anna, browser) as page:
            await speaker.say(_OFF)
            await home_assistant.wait_for(LIGHT, lambda state: state == "off")
            caption = Caption(f"“{_OFF}”", "This command is kept, for a day at most.")
            await strip.add(await photograph(page), caption, 1.8)
        await _ben_listens(panel, strip)
    async with anna.panel(browser, "ledger", size=PICTURE) as panel:
        await panel.sees("Ben listened to")
        await panel.wait_until_settled()
        caption = Caption("Anna sees that Ben listened.", "Nobody can remove that unnoticed.")
        await strip.add(await photograph(panel.page), caption, 2.8)
    version = (await home_assistant.request("GET", "/api/config"))["version"]
    about = f"A private voice assistant for Home Assistant. Filmed in version {version}."
    await strip.add_end(Caption("What you say stays indoors.", about), 2.2)


async def _move_in(home_assistant: HomeAssistant) -> tuple[Login, Login]:
    """Make the owner Anna, add Ben, and allow keeping, as the administrator."""
    anna = await Login.owner(home_assistant)
    await home_assistant.call("config/auth/update", user_id=anna.id, name="Anna")
    people = await home_assistant.call("person/list")
    (person,) = [one["id"] for one in people["storage"] if one["user_id"] == anna.id]
    await home_assistant.call("person/update", person_id=person, name="Anna")
    anna.name = "Anna"
    await home_assistant.set_household("retention", retention_seconds="day", max_hours=1)
    return anna, await Login.create(home_assistant, "Ben")


async def _make_dashboard(house: House) -> None:
    home_assistant = house.home_assistant
    await home_assistant.call(
        "lovelace/dashboards/create", url_path=_DASHBOARD, title="Home", mode="storage"
    )
    cards = {LIGHT: "light", house.satellite_entities[ROOM]: "tile", "climate.thermostat": "tile"}
    section = {
        "type": "grid",
        "cards": [
            {"type": kind, "entity": entity, "grid_options": {"columns": "full"}}
            for entity, kind in cards.items()
        ],
    }
    await home_assistant.call(
        "lovelace/config/save",
        url_path=_DASHBOARD,
        config={"views": [{"title": "Home", "type": "sections", "sections": [section]}]},
    )


@asynccontextmanager
async def _dashboard(login: Login, browser: Browser) -> AsyncIterator[Page]:
    """Open the dashboard in a person's browser."""
    url = login.url.replace("127.0.0.1", HOST)
    context = await login.new_context(browser, url, PICTURE, dark=False)
    page = await context.new_page()
    await page.goto(f"{url}/{_DASHBOARD}")
    await expect(page.get_by_text("Kitchen light").first).to_be_visible()
    await Panel(page, url).wait_until_settled()
    yield page
    await context.close()


async def _turn_on_the_light(
    speaker: Speaker, home_assistant: HomeAssistant, page: Page, strip: FilmStrip
) -> None:
    """Film a whole turn as it happens."""
    await speaker.load_voice()
    times, pictures, states = [], [], []
    saying = asyncio.create_task(speaker.say(_ON))
    while not saying.done():
        times.append(time.time())
        states.append(await page.evaluate(_STATE_SHOWN, LIGHT))
        pictures.append(await photograph(page))
        await asyncio.sleep(_BETWEEN_PICTURES_SECONDS)
    turn = await saying
    if turn.run is None or turn.run.failed or states[-1] != "on":
        raise SystemExit("The command was not understood: make the film again")
    light = await home_assistant.request("GET", f"/api/states/{LIGHT}")
    seconds = datetime.fromisoformat(light["last_changed"]).timestamp() - turn.speech_ended
    said = Caption(
        f"“{_ON}”", "The satellite hears the wake word by itself. Until then, no sound leaves it."
    )
    done = Caption(
        f"{seconds:.1f} s after the last word, the light is on.",
        "Understood by a computer in the house. No recording is kept.",
    )
    lit = states.index("on")
    for picture, shown in zip(pictures[:lit], shown_for(times[: lit + 1]), strict=True):
        await strip.add(picture, said, shown)
    await strip.add(pictures[lit], done, 2.5)
    strip.choose_still()


async def _anna_answers(panel: Panel, strip: FilmStrip) -> None:
    question = Caption(
        "May what you say be kept? Everyone at home decides.", "Anna is asked first."
    )
    await expect(panel.page.locator("[data-code]")).to_be_visible()
    await panel.page.locator("indoor-voice-answer").evaluate(_TO_TOP)
    await strip.add(await photograph(panel.page), question, 2.0)
    await _say_yes(panel, "Ben")
    await panel.sees("Waiting for an answer from Ben.")
    await panel.page.locator("indoor-voice-answer").evaluate(_TO_TOP)
    alone = Caption("Anna agrees. Still, nothing is kept.", "It takes everyone in the room.")
    await strip.add(await photograph(panel.page), alone, 2.0)


async def _ben_answers(panel: Panel, house: House, strip: FilmStrip) -> None:
    agreed = Caption(
        "Ben agrees too. Now commands are kept in this room.",
        "Encrypted, so that only Anna and Ben can hear them.",
    )
    await expect(panel.page.locator("[data-code]")).to_be_visible()
    buttons = await _say_yes(panel, "Anna")
    asked = Caption("Now Ben is asked.", "Yes and No are equally large.")
    await strip.add(buttons, asked, 1.5)
    await panel.sees("the next command is kept, for up to")
    await strip.add(await photograph(panel.page), agreed, 2.0)
    # It announces that recordings are kept from now on.
    entity = house.satellite_entities[ROOM]
    await house.home_assistant.wait_for(entity, lambda state: state == "responding")
    await house.wait_until_idle(ROOM)


async def _say_yes(panel: Panel, other: str) -> bytes:
    """Agree on the page "Start", and return a picture of what was agreed to."""
    await panel.page.get_by_role("checkbox", name=other, exact=True).check()
    await panel.page.get_by_role("checkbox", name="I have kept the passphrase").check()
    yes = panel.page.get_by_role("button", name="Yes, I agree")
    await yes.evaluate(_TO_MIDDLE)
    picture = await photograph(panel.page)
    await yes.click()
    await panel.sees_heading("You have answered")
    await panel.wait_until_settled()
    return picture


async def _ben_listens(panel: Panel, strip: FilmStrip) -> None:
    listens = Caption(
        "Ben listens to it.", "It is opened in Ben's browser. Home Assistant can't open it."
    )
    await panel.open_page("Recordings")
    recording = panel.page.get_by_role("article").first
    await recording.get_by_role("button", name="Show words").click()
    await expect(recording).to_contain_text("“Turn off")
    await recording.get_by_role("button", name="Play").click()
    await expect(recording.locator("canvas").first).to_be_visible()
    await recording.evaluate(_TO_MIDDLE)
    times: list[float] = []
    pictures: list[bytes] = []
    while not times or time.time() < times[0] + _LISTENING_SECONDS:
        times.append(time.time())
        pictures.append(await photograph(panel.page))
        await asyncio.sleep(_BETWEEN_PICTURES_SECONDS)
    for picture, shown in zip(pictures, shown_for([*times, time.time()]), strict=True):
        await strip.add(picture, listens, shown)


if __name__ == "__main__":
    asyncio.run(main())
