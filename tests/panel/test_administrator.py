"""An administrator whom nobody has named can't hear recordings, whatever they try.

They own Home Assistant, read its disk and its database, run the panel's own code, change files
while Home Assistant is stopped, and log in as other people.
"""

import base64
import json
import sqlite3
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import aiohttp
import pytest
import pytest_asyncio
from nacl.exceptions import CryptoError
from playwright.async_api import expect

from demo.home_assistant import RequestError
from tests.privacy.listener import Listener

from .people import PASSPHRASE, Login

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser

    from .flat import Flat

SAID: Final = "Turn on the bedroom light."
ROOM: Final = "Conservatory"
PLACES: Final = (
    "/api/indoor_voice", "/api/indoor_voice/recordings", "/indoor_voice",
    "/indoor_voice/household.log.sqlite", "/local/household.log.sqlite", "/media/local/",
    "/api/states", "/api/error_log", "/api/config", "/api/logbook",
    "/api/history/period?filter_entity_id=event.household_recordings",
    "/api/image/serve/x/512x512", "/api/tts_proxy/x", "/api/camera_proxy/x",
)  # fmt: skip
GUESSES: Final = ("indoors", "seven copper otters")
_OPEN: Final = """async ([url, answer, part, secrets]) => {
    const { openPart } = await import(url);
    const bytes = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
    const key = { public: bytes(secrets[0]), private: bytes(secrets[1]) };
    try {
        return new TextDecoder().decode(await openPart(answer, part, key));
    } catch (err) {
        return err.constructor.name;
    }
}"""
_UNLOCK: Final = """async ([url, locked, guesses]) => {
    const { unlock } = await import(url);
    const opened = [];
    for (const guess of guesses) {
        await unlock(locked, guess).then(() => opened.push(guess), () => undefined);
    }
    return opened;
}"""
_MAKE: Final = """async (url) => {
    const { ops, memory_bytes: bytes } = (await (await import(url)).createKey("some words")).locked;
    return [ops, bytes];
}"""


@dataclass(frozen=True, slots=True)
class Disk:
    """Home Assistant's disk, as the administrator reads and changes it."""

    flat: Flat

    def write(self, sql: str, *parameters: object) -> None:
        """Change the store while the household is switched off."""
        with closing(sqlite3.connect(self.flat.store)) as database, database:
            assert database.execute(sql, parameters).rowcount > 0, sql

    def storage(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(
            (self.flat.home_assistant.folder / ".storage" / name).read_text()
        )
        return found

    def recordings(self) -> list[dict[str, Any]]:
        """Return the recordings as the panel would get them, with each sealed key."""
        found = self.flat.rows(
            "SELECT id, sealed, person, words, sound FROM clip"
            " JOIN sealed_key ON sealed_key.clip = clip.id"
        )
        return [
            {
                "id": id_,
                "key": _text(key),
                "person": person,
                "words": _text(words),
                "sound": _text(sound),
            }
            for id_, key, person, words, sound in found
        ]


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


@pytest_asyncio.fixture(loop_scope="session")
async def disk(flat: Flat) -> Disk:
    """Keep a recording that the administrator can't hear, and give them their own listening key."""
    if flat.admin.listener is None:
        await flat.admin.create_key()
        await flat.say(ROOM, SAID)
    return Disk(flat)


async def row_kinds(login: Login) -> list[str]:
    """Return the kinds of the ledger's rows about a person, newest first."""
    return [row["kind"] for row in await login.ask("ledger/rows")]


async def refusal(login: Login, command: str, **fields: Any) -> str:
    with pytest.raises(RequestError) as caught:
        await login.ask(command, **fields)
    return str(caught.value).rpartition(": ")[2]


async def test_home_assistants_own_interfaces_open_nothing(flat: Flat, disk: Disk) -> None:
    admin = flat.admin
    recordings = disk.recordings()
    assert {recording["person"] for recording in recordings} == {flat.reviewer.id}
    assert (await admin.ask("recordings/list"))["recordings"] == []
    before = await row_kinds(admin)
    for recording in recordings:
        opening = {"recording": recording["id"], "part": "sound"}
        assert await refusal(admin, "recordings/open", **opening, why="own") == "unknown-recording"
        assert await refusal(admin, "review/open", **opening) == "unknown-recording"
    assert await refusal(admin, "review/next") == "not-a-listener"
    assert (await row_kinds(admin))[: -len(before)] == ["refused"]
    secrets = [
        SAID,
        *(recording[name] for recording in recordings for name in ("id", "key", "words", "sound")),
    ]
    entries = await flat.home_assistant.call("config_entries/get", domain="indoor_voice")
    places = [f"/api/diagnostics/config_entry/{entry['entry_id']}" for entry in entries]
    found = [await get(admin, place) for place in (*PLACES, *places)]
    browse = {"media_content_id": "media-source://media_source/local/."}
    for command, fields in (
        ("media_source/browse_media", browse),
        ("get_states", {}),
        ("system_log/list", {}),
        ("repairs/list_issues", {}),
    ):
        found.append(await answer_text(admin, command, **fields))
    template = {"template": "{{ states | list }} {{ integration_entities('indoor_voice') }}"}
    found.append(await post(admin, "/api/template", template))
    for secret in secrets:
        assert not any(secret in one for one in found)


async def answer_text(login: Login, command: str, **fields: Any) -> str:
    async with login.socket() as socket:
        try:
            return json.dumps(await socket.call(command, **fields))
        except RequestError as err:
            return str(err)


async def get(login: Login, place: str) -> str:
    headers = {"Authorization": f"Bearer {login.tokens['access_token']}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.get(f"{login.url}{place}") as response,
    ):
        return await response.text(errors="replace")


async def post(login: Login, place: str, content: dict[str, Any]) -> str:
    headers = {"Authorization": f"Bearer {login.tokens['access_token']}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(f"{login.url}{place}", json=content) as response,
    ):
        return await response.text(errors="replace")


async def test_the_panels_own_code_opens_nothing_with_data_from_the_disk(
    flat: Flat, browser: Browser, disk: Disk
) -> None:
    admins, reviewers = flat.admin.listener, flat.reviewer.listener
    assert admins
    assert reviewers
    (recording,) = disk.recordings()
    locked = disk.storage("indoor_voice.keys")["data"][flat.reviewer.id]
    async with flat.admin.panel(browser) as panel:
        (url,) = {one for one in panel.requests if one.endswith("/sealing.js")}

        async def opened(part: str, public: bytes, private: bytes) -> str:
            answer = {**recording, "ciphertext": recording[part], "disguise": "none"}
            secrets = [_text(public), _text(private)]
            return str(await panel.page.evaluate(_OPEN, [url, answer, part, secrets]))

        assert SAID in await opened("words", reviewers.public, reviewers.private), (
            "this is how the panel opens it"
        )
        for part in ("words", "sound"):
            for public in (admins.public, reviewers.public):
                for private in (admins.private, bytes.fromhex(f"{1:064x}"), reviewers.public):
                    assert await opened(part, public, private) == "WrongSecret"
        guesses = [url, locked, GUESSES]
        assert await panel.page.evaluate(_UNLOCK, guesses) == []
        assert await panel.page.evaluate(_UNLOCK, [url, locked, [PASSPHRASE]]) == [PASSPHRASE]
        assert await panel.page.evaluate(_MAKE, url) == [3, 256 * 1024**2], (
            "as docs/sealing.md says"
        )


async def test_logging_in_as_somebody_else_opens_nothing_and_a_new_key_is_seen_by_everyone(
    flat: Flat, disk: Disk
) -> None:
    """The administrator sets the reviewer's password, and replaces the reviewer's key.

    Recordings stay closed until the key is given up, which deletes them.
    """
    home_assistant, reviewer = flat.home_assistant, flat.reviewer
    await home_assistant.call(
        "config/auth_provider/homeassistant/admin_change_password",
        user_id=reviewer.id,
        password="indoors",  # noqa: S106 - what Login.log_in uses
    )
    intruder = await Login.log_in(home_assistant.url, "Intruder", reviewer.name.lower())
    assert intruder.id == reviewer.id
    async with intruder.socket() as socket:
        (shown,) = (await socket.call("indoor_voice/recordings/list"))["recordings"]
        opened = await socket.call(
            "indoor_voice/recordings/open", recording=shown["recording"], part="words", why="own"
        )
    assert flat.admin.listener
    with pytest.raises(CryptoError):
        flat.admin.listener.open(
            base64.b64decode(opened["key"]),
            opened["id"],
            "words",
            base64.b64decode(opened["ciphertext"]),
        )
    assert (await row_kinds(flat.other))[0] == "opened", "everyone sees that it was fetched"
    assert await refusal(intruder, "key/create", key=Listener.quick().locked.to_json()) == "has-key"
    assert await intruder.ask("key/remove") == {"recordings_deleted": 1}
    assert disk.recordings() == [], "recordings that only this key could open are deleted"
    await intruder.create_key()
    for login in flat.people:
        kinds = [kind for kind in await row_kinds(login) if kind != "audience-changed"]
        assert kinds[:2] == ["key-created", "deleted"]
    await flat.say(ROOM, SAID)
    (recording,) = disk.recordings()
    assert recording["person"] == reviewer.id
    reviewer.listener = intruder.listener


async def test_another_account_or_person_takes_nobodys_place(flat: Flat, disk: Disk) -> None:
    """The administrator links the reviewer's person to their own account, and fires events."""
    home_assistant, admin = flat.home_assistant, flat.admin
    people = (await home_assistant.call("person/list"))["storage"]
    reviewers = next(one for one in people if one["user_id"] == flat.reviewer.id)
    admins = next(one for one in people if one["user_id"] == admin.id)
    before = disk.recordings()
    await home_assistant.call("person/update", person_id=admins["id"], user_id=None)
    await home_assistant.call("person/update", person_id=reviewers["id"], user_id=admin.id)
    for event in ("user_removed", "user_updated", "person_updated"):
        await post(admin, f"/api/events/{event}", {"user_id": flat.reviewer.id})
    await post(admin, f"/api/states/person.{flat.reviewer.name.lower()}", {"state": admin.id})
    assert (await admin.ask("recordings/list"))["recordings"] == []
    assert await refusal(admin, "review/next") == "not-a-listener"
    arrangement = await flat.other.ask("household/arrangement")
    assert flat.reviewer.id in {person["id"] for person in arrangement["people"]}
    assert [
        recording for recording in disk.recordings() if recording["person"] != flat.reviewer.id
    ] == []
    assert disk.recordings() == before
    assert await flat.reviewer.ask("key/get"), "an event removes no key"
    await home_assistant.call("person/update", person_id=reviewers["id"], user_id=flat.reviewer.id)
    await home_assistant.call("person/update", person_id=admins["id"], user_id=admin.id)


@asynccontextmanager
async def switched_off(flat: Flat) -> AsyncIterator[None]:
    """Disable the household's entry while the block runs, which closes its store."""
    entry = await flat.house.household()
    disable = partial(flat.home_assistant.call, "config_entries/disable", entry_id=entry)
    await disable(disabled_by="user")
    try:
        yield
    finally:
        await disable(disabled_by=None)


async def test_a_forged_store_is_refused(flat: Flat, disk: Disk) -> None:
    """Forged consents, listeners and sealed keys are noticed, and nothing is kept or opened."""
    async with switched_off(flat):
        honest = flat.store.read_bytes()
        for id_, text in flat.rows("SELECT id, json FROM consent WHERE json LIKE '%listeners%'"):
            consent = json.loads(text)
            named = {flat.admin.id, flat.reviewer.id} - {consent["principal"]}
            consent["terms"] |= {"listeners": sorted(named)}
            disk.write("UPDATE consent SET json = ? WHERE id = ?", json.dumps(consent), id_)
        disk.write("UPDATE clip SET listeners = ?", json.dumps([flat.admin.id, flat.reviewer.id]))
        disk.write("INSERT INTO sealed_key SELECT clip, ?, sealed FROM sealed_key", flat.admin.id)
    for login in flat.people:
        assert "changed by something else" in await refusal(login, "recordings/list")
    issues = (await flat.home_assistant.call("repairs/list_issues"))["issues"]
    assert "store_corrupt" in {issue["issue_id"] for issue in issues}
    async with switched_off(flat):
        flat.store.write_bytes(honest)
    assert (await flat.reviewer.ask("recordings/list"))["total"] == 1


async def test_a_forged_listening_key_is_noticed_before_anything_is_sealed_to_it(
    flat: Flat, disk: Disk
) -> None:
    async with switched_off(flat):
        honest, forged = flat.store.read_bytes(), Listener.quick().public
        sql = "UPDATE public_key SET public = ? WHERE person = ?"
        disk.write(sql, forged, flat.reviewer.id)
    assert "changed by something else" in await refusal(flat.reviewer, "recordings/list")
    async with switched_off(flat):
        flat.store.write_bytes(honest)
    assert (await flat.reviewer.ask("recordings/list"))["total"] == 1


async def test_no_log_contains_recordings_or_verdicts(flat: Flat, browser: Browser) -> None:
    """The log includes the debug messages of Indoor Voice and of the WebSocket API."""
    home_assistant = flat.home_assistant
    levels = dict.fromkeys(
        ("custom_components.indoor_voice", "homeassistant.components.websocket_api"), "debug"
    )
    await home_assistant.action("logger.set_level", **levels)
    said, corrected = "Close the bedroom blinds.", "Open the pod bay doors."
    await flat.say(ROOM, said)
    begin = len(home_assistant.program.output())
    async with flat.reviewer.panel(browser, "review") as panel:
        await panel.unlock()
        await panel.press("Begin")
        await panel.sees("Listen first, then choose a verdict.")
        await panel.page.keyboard.press("Space")
        wrong = panel.page.get_by_role("button", name="2 · Wrong words")
        await expect(wrong).to_be_enabled()
        await panel.page.get_by_label("The assistant understood").fill(corrected)
        await wrong.click()
        await panel.sees("Saved.")
    log = home_assistant.program.output()[begin:]
    assert "review/verdict" in log, "the WebSocket API logs each command"
    for what in (corrected, said, PASSPHRASE):
        assert what not in log


async def test_an_older_copy_of_the_store_is_noticed_by_a_person_who_kept_a_head(
    flat: Flat, disk: Disk
) -> None:
    """The administrator restores the store from before a withdrawal."""
    async with switched_off(flat):
        before = flat.store.read_bytes()
    await flat.other.ask("consent/withdraw", purpose="keep")
    assert disk.recordings() == [], "it was deleted at once"
    head = await flat.other.ask("ledger/head")
    assert (await flat.other.ask("ledger/verify", heads=[head]))["ok"]
    async with switched_off(flat):
        flat.store.write_bytes(before)
    assert (await flat.admin.ask("recordings/list"))["recordings"] == [], (
        "the administrator still can't hear it"
    )
    found = await flat.other.ask("ledger/verify", heads=[head])
    assert (found["ok"], found["reason"]) == (False, "missing")
