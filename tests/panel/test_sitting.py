"""Everything that is sent and received during a review is searched for hints about the recordings.

The panel is a page of Home Assistant's frontend, which receives the states of all entities that the
user may see over the same WebSocket, also during a review. So two things are searched: the review's
commands and answers, for anything that tells whose a recording is, or where and when it was made;
and all other messages, for anything about the recordings themselves.
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
_WORDS_FIELDS: Final = {"transcript", "language", "answer", "done"}
_OURS: Final = "indoor_voice/"
_NONCE_AND_TAG: Final = 24 + 16
_NAME: Final = re.compile(r"[0-9a-f]{32}")
_STATIC_PATHS: Final = ("/indoor_voice/", "/frontend_latest/", "/static/")
"""Paths of code and pictures, which are the same for everyone."""
_MIN_TEXT_LENGTH: Final = 4
"""Shorter texts occur everywhere by chance."""
_HOUSEHOLD_ENTITY: Final = "household_"
"""The start of the object ids of the household's entities, which every user sees."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """Everything that was sent and received during a review."""

    asked: list[dict[str, Any]]
    """The review's commands."""
    answered: list[dict[str, Any]]
    """The answers to them."""
    besides: list[dict[str, Any]]
    """All other messages over the WebSocket, in both directions."""
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
        """Return the commands that opened a part of a recording, merged with their answers."""
        asked = {one["id"]: one for one in self.asked if one["type"] == f"{_OURS}review/open"}
        return [
            {**asked[one["id"]], **one["result"]} for one in self.answered if one["id"] in asked
        ]


async def identifying_texts(flat: Flat) -> dict[str, str]:
    """Return texts that must not come with a recording, by their description."""
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
    # Very short texts identify nothing.
    return {what: one for what, one in found.items() if len(one) >= _MIN_TEXT_LENGTH}


def encodings(text: str) -> set[str]:
    """Return the encodings in which a text may be sent."""
    plain = text.encode()
    found = {text, json.dumps(text)[1:-1], plain.hex()}
    for offset in range(3):
        # Preceding bytes shift the text; characters that also encode neighbours are cut off.
        coded = base64.b64encode(bytes(offset) + plain).decode()
        found.add(coded[(0, 2, 3)[offset] : -4 if (offset + len(plain)) % 3 else None])
    return {form.lower() for form in found}


def search(text: str, hints: dict[str, str]) -> list[str]:
    """Return the descriptions of the hints that occur in `text`, in any encoding."""
    low = text.lower()
    return [what for what, one in hints.items() if any(form in low for form in encodings(one))]


def test_search_finds_encoded_texts() -> None:
    secret = {"it": "Conservatory"}
    for offset in range(3):
        hidden = base64.b64encode(b"x" * offset + b"Conservatory" + b"yz")
        assert search(hidden.decode(), secret) == ["it"]
    assert search("..436f6e7365727661746f7279..", secret) == ["it"]
    assert search("at the observatory", secret) == []


async def review(flat: Flat, browser: Browser, wire: Wire, *keys: str) -> Traffic:
    """Review recordings, with one of `keys` for each, and return the traffic."""
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
    """Wait until a command was answered at least `times` times."""
    await until(lambda: len(panel.answers(f"{_OURS}{command}")), lambda count: count >= times)


async def test_nothing_in_a_review_tells_whose_where_or_when(flat: Flat, browser: Browser) -> None:
    for area, sentence in SAID:
        await flat.say(area, sentence)
    hints = await identifying_texts(flat)
    async with tapped(HOST, flat.home_assistant.port) as wire:
        first = await review(flat, browser, wire, "1", "s", "2", "Escape")
        second = await review(flat, browser, wire, "1", "x")
    said: dict[str, dict[str, Any]] = {}
    for traffic in (first, second):
        assert len(traffic.opened()) >= 2 * 2
        for message in (*traffic.asked, *traffic.answered):
            assert search(json.dumps(without_random(message)), hints) == []
        for one in traffic.opened():
            content = opened(flat, one)
            if one["part"] == "sound":
                assert_is_sound_only(content)
            else:
                said[one["id"]] = json.loads(content)
        assert_is_harmless_besides(traffic, said)
    assert {one["transcript"] for one in said.values()} == {sentence for _, sentence in SAID}
    for words in said.values():
        assert words.keys() == _WORDS_FIELDS
        sentence = words["transcript"].lower()
        unsaid = {what: one for what, one in hints.items() if one not in sentence}
        assert search(json.dumps(words), unsaid) == []
    assert CORRECTED not in json.dumps(first.asked), "it is sealed"
    assert_names_are_used_once(first, second)


def without_random(message: dict[str, Any]) -> dict[str, Any]:
    """Leave out sealed fields and public keys, because random bytes may contain any text.

    Their sizes, and opening them, show that nothing else is in them.
    """
    sealed = {"ciphertext", "key", "readers", "sealed"}
    if isinstance(result := message.get("result"), dict):
        return message | {"result": {k: v for k, v in result.items() if k not in sealed}}
    return {k: v for k, v in message.items() if k not in sealed}


def opened(flat: Flat, answer: dict[str, Any]) -> bytes:
    """Open a part with the reviewer's key, and check that the answer contains nothing else."""
    sealed = {"key", "ciphertext", "readers"}
    assert answer.keys() == {"id", "type", "recording", "part", "disguise", *sealed}
    key, ciphertext = (base64.b64decode(answer[name]) for name in ("key", "ciphertext"))
    listener = flat.reviewer.listener
    assert listener
    content = listener.open(key, answer["id"], answer["part"], ciphertext)
    assert len(ciphertext) == len(content) + _NONCE_AND_TAG
    assert [len(base64.b64decode(reader)) for reader in answer["readers"]] == [32]
    return content


def assert_is_sound_only(content: bytes) -> None:
    """Check that a WAV file has the shortest possible header, with no room for a title or date."""
    with wave.open(io.BytesIO(content)) as sound:
        frames = sound.readframes(sound.getnframes())
    assert content[36:40] == b"data"
    assert content[44:] == frames


def assert_is_harmless_besides(traffic: Traffic, said: dict[str, dict[str, Any]]) -> None:
    """Check that other messages are the usual states, and contain nothing of a recording."""
    names = {one["recording"] for one in traffic.opened()}
    for message in traffic.besides:
        text = json.dumps(message)
        assert not any(name in text for name in (*names, *said)), "no recording is named"
        assert not any(words["transcript"] in text for words in said.values())
        if "recording" in text or "expiry" in text:
            assert message["type"] == "event"
            assert _HOUSEHOLD_ENTITY in text
    requests, _ = traffic.http
    for line in re.findall(rb"^(?:GET|POST|PUT|HEAD|DELETE) .*", requests, re.MULTILINE):
        method, path, _ = line.decode().split(" ")
        assert method == "GET"
        assert path.startswith(_STATIC_PATHS)


def assert_names_are_used_once(*sittings: Traffic) -> None:
    """Check that a reviewer can't recognise a repeated recording by its name."""
    named = [(one["recording"], one["id"]) for sitting in sittings for one in sitting.opened()]
    assert all(_NAME.fullmatch(name) and name != id_ for name, id_ in named)
    names = dict(named)
    assert len(set(names.values())) == len(SAID)
    assert len(names) == len(SAID) + 2, (
        "recordings that were skipped or shown last came back under another name"
    )
