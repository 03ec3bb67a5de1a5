"""What goes over the wire while somebody reviews, from the first recording to the end, searched.

The panel's page stands in Home Assistant's own, which subscribes to the states of all entities that
its user may see, over the same WebSocket; that goes on during a review. So two things are searched:
what the review's commands carry, for everything that could tell about a recording; and what Home
Assistant says besides, for anything of the recordings themselves.
"""

import asyncio
import base64
import io
import json
import re
import time
import wave
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from playwright.async_api import Browser, expect

from tests.waiting import until

from .flat import ROOMS, Flat
from .people import HOST, Panel
from .wire import Wire, tapped

SAID: Final = (
    ("Conservatory", "Turn on the bedroom light."),
    ("Scullery", "Turn off the bedroom light."),
    ("Conservatory", "Close the bedroom blinds."),
    ("Scullery", "Open the bedroom blinds."),
)
CORRECTED: Final = "Open the pod bay doors."
_OF_A_RECORDING: Final = {"transcript", "language", "answer", "done"}
_OURS: Final = "indoor_voice/"
_NONCE_AND_TAG: Final = 24 + 16
_NAME: Final = re.compile(r"[0-9a-f]{32}")
_PAGES: Final = ("/indoor_voice/", "/frontend_latest/", "/static/")
"""Code and pictures, the same for everybody."""
_TELLING: Final = 4
"""A text that is shorter is in everything."""
_STATES: Final = "household_"
"""Begins the ids of the household's entities, which every user sees."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """What went over the wire during a sitting."""

    asked: list[dict[str, Any]]
    """The review's commands."""
    answered: list[dict[str, Any]]
    """What they were answered."""
    besides: list[dict[str, Any]]
    """What else went over the WebSocket, both ways."""
    http: tuple[bytes, bytes]

    @classmethod
    def of(cls, wire: Wire, begin: float) -> Traffic:
        sent, received = wire.messages(begin)
        asked = [one for one in sent if one.get("type", "").startswith(_OURS)]
        ids = {one["id"] for one in asked}
        answered = [one for one in received if one.get("type") == "result" and one["id"] in ids]
        besides = [one for one in [*sent, *received] if one not in asked and one not in answered]
        return cls(asked, answered, besides, wire.requests(begin))

    def opened(self) -> list[dict[str, Any]]:
        """Return what was asked to be opened, with what was answered."""
        asked = {one["id"]: one for one in self.asked if one["type"] == f"{_OURS}review/open"}
        return [
            {**asked[one["id"]], **one["result"]} for one in self.answered if one["id"] in asked
        ]


async def tellings(flat: Flat) -> dict[str, str]:
    """Return what must not stand beside a recording, by what it is."""
    found: dict[str, str] = {}
    for login in flat.people:
        for what in (login.id, login.name, login.name.lower()):
            found[f"{login.name}: {what}"] = what
    for area, satellite in flat.house.satellites.items():
        for what in (str(satellite.id), ROOMS[area], area):
            found[f"{area}: {what}"] = what
    ask = flat.home_assistant.call
    for kind, fields in {
        "area": ("area_id",),
        "device": ("id", "name"),
        "entity": ("entity_id", "id", "unique_id"),
    }.items():
        for one in await ask(f"config/{kind}_registry/list"):
            found |= {f"{kind} {field} {one[field]}": str(one[field]) for field in fields}
    for entry in await ask("config_entries/get"):
        found[f"entry {entry['title']}"] = entry["entry_id"]
    times = "SELECT captured FROM clip UNION SELECT expires FROM clip"
    for (at,) in await asyncio.to_thread(flat.rows, times):
        moment = datetime.fromtimestamp(at, UTC)
        found |= {f"{at}, the second": str(int(at)), f"{at}, the day": moment.date().isoformat()}
        found[f"{at}, the time"] = moment.time().isoformat(timespec="seconds")
    # What many things are called tells nothing.
    return {what: one for what, one in found.items() if len(one) >= _TELLING}


def disguises(text: str) -> set[str]:
    """Return how a text may look where it goes over a wire."""
    plain = text.encode()
    found = {text, json.dumps(text)[1:-1], plain.hex()}
    for offset in range(3):
        # What stands before it shifts it; what depends on its neighbours is cut off.
        coded = base64.b64encode(bytes(offset) + plain).decode()
        found.add(coded[(0, 2, 3)[offset] : -4 if (offset + len(plain)) % 3 else None])
    return {form.lower() for form in found}


def search(text: str, told: dict[str, str]) -> list[str]:
    """Return what of some texts is in another, in any disguise."""
    low = text.lower()
    return [what for what, one in told.items() if any(form in low for form in disguises(one))]


def test_a_search_finds_what_is_hidden() -> None:
    secret = {"it": "Conservatory"}
    for offset in range(3):
        hidden = base64.b64encode(b"x" * offset + b"Conservatory" + b"yz")
        assert search(hidden.decode(), secret) == ["it"]
    assert search("..436f6e7365727661746f7279..", secret) == ["it"]
    assert search("at the observatory", secret) == []


async def review(flat: Flat, browser: Browser, wire: Wire, *keys: str) -> Traffic:
    """Review by these keys, one for each recording, and return what went over the wire."""
    login = replace(flat.reviewer, url=wire.url)
    async with login.panel(browser, "review") as panel:
        await panel.unlock()
        button = panel.page.get_by_role("button", name="Begin")
        await expect(button).to_be_enabled()
        begin = time.monotonic()
        await button.click()
        for shown, key in enumerate(keys, 1):
            await answered(panel, "review/next", shown)
            if shown == 1:
                await panel.sees("Listen first, then choose a verdict.")
                await panel.page.keyboard.press("Space")
            await expect(panel.page.get_by_role("button", name="1 · Right")).to_be_enabled()
            if key == "2":
                await panel.page.get_by_label("The assistant understood").fill(CORRECTED)
                await panel.page.keyboard.press("Enter")
            await panel.page.keyboard.down(key)
            if key == "x":
                await panel.sees("The recording was destroyed.")
            await panel.page.keyboard.up(key)
        await answered(
            panel, *(("review/end", 1) if key == "Escape" else ("review/next", shown + 1))
        )
        assert [url for url in panel.requests if not url.startswith((wire.url, "blob:"))] == []
        assert panel.errors == []
    return Traffic.of(wire, begin)


async def answered(panel: Panel, command: str, times: int) -> None:
    """Wait until a command was answered so often."""
    await until(lambda: len(panel.answers(f"{_OURS}{command}")), lambda count: count >= times)


async def test_nothing_of_a_sitting_tells_whose_where_or_when(flat: Flat, browser: Browser) -> None:
    for area, sentence in SAID:
        await flat.say(area, sentence)
    told = await tellings(flat)
    async with tapped(HOST, flat.home_assistant.port) as wire:
        first = await review(flat, browser, wire, "1", "s", "2", "Escape")
        second = await review(flat, browser, wire, "1", "x")
    said: dict[str, dict[str, Any]] = {}
    for traffic in (first, second):
        assert len(traffic.opened()) >= 2 * 2
        for message in (*traffic.asked, *traffic.answered):
            assert search(json.dumps(without_random(message)), told) == []
        for one in traffic.opened():
            content = opened(flat, one)
            if one["part"] == "sound":
                assert_is_sound_only(content)
            else:
                said[one["id"]] = json.loads(content)
        assert_is_harmless_besides(traffic, said)
    assert {one["transcript"] for one in said.values()} == {sentence for _, sentence in SAID}
    for words in said.values():
        assert words.keys() == _OF_A_RECORDING
        sentence = words["transcript"].lower()
        unsaid = {what: one for what, one in told.items() if one not in sentence}
        assert search(json.dumps(words), unsaid) == []
    assert CORRECTED not in json.dumps(first.asked), "it is sealed"
    assert_names_are_used_once(first, second)


def without_random(message: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is sealed, and public keys: random bytes may spell anything.

    That there is nothing else in them, their sizes and their opening show.
    """
    sealed = {"ciphertext", "key", "readers", "sealed"}
    if isinstance(result := message.get("result"), dict):
        return message | {"result": {k: v for k, v in result.items() if k not in sealed}}
    return {k: v for k, v in message.items() if k not in sealed}


def opened(flat: Flat, answer: dict[str, Any]) -> bytes:
    """Open what was handed out, with the reviewer's key; nothing else is in it."""
    assert answer.keys() == {"id", "type", "recording", "part", "key", "ciphertext", "readers"}
    key, ciphertext = (base64.b64decode(answer[name]) for name in ("key", "ciphertext"))
    listener = flat.reviewer.listener
    assert listener
    content = listener.open(key, answer["id"], answer["part"], ciphertext)
    assert len(ciphertext) == len(content) + _NONCE_AND_TAG
    assert [len(base64.b64decode(reader)) for reader in answer["readers"]] == [32]
    return content


def assert_is_sound_only(content: bytes) -> None:
    """Of a WAV file, the shortest head there is: no place for a title or a date."""
    with wave.open(io.BytesIO(content)) as sound:
        frames = sound.readframes(sound.getnframes())
    assert content[36:40] == b"data"
    assert content[44:] == frames


def assert_is_harmless_besides(traffic: Traffic, said: dict[str, dict[str, Any]]) -> None:
    """Home Assistant says besides what it says to every user: states, which hold no recording."""
    names = {one["recording"] for one in traffic.opened()}
    for message in traffic.besides:
        text = json.dumps(message)
        assert not any(name in text for name in (*names, *said)), "it names no recording"
        assert not any(words["transcript"] in text for words in said.values())
        if "recording" in text or "expiry" in text:
            assert message["type"] == "event"
            assert _STATES in text
    requests, _ = traffic.http
    for line in re.findall(rb"^(?:GET|POST|PUT|HEAD|DELETE) .*", requests, re.MULTILINE):
        method, path, _ = line.decode().split(" ")
        assert method == "GET"
        assert path.startswith(_PAGES)


def assert_names_are_used_once(*sittings: Traffic) -> None:
    """Who reviews cannot tell by its name that a recording comes again."""
    named = [(one["recording"], one["id"]) for sitting in sittings for one in sitting.opened()]
    assert all(_NAME.fullmatch(name) and name != id_ for name, id_ in named)
    names = dict(named)
    assert len(set(names.values())) == len(SAID)
    assert len(names) == len(SAID) + 2, "what was skipped or shown last came by another name"
