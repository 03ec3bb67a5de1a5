"""What each login can and can't do in a review over a WebSocket."""

import asyncio
import base64
import json
import logging
from typing import TYPE_CHECKING, Any, Final

import pytest

from custom_components.indoor_voice.privacy.sitting import REST_SECONDS
from tests.privacy.listener import seal_verdict

from .logins import KITCHEN, SECRET, STUDY, Home, Login, ask, refused

if TYPE_CHECKING:
    from pytest_homeassistant_custom_component.typing import (
        MockHAClientWebSocket,
    )

    from tests.privacy.listener import Listener

_GUIDANCE: Final = "Talk to Ben, or call the helpline."
_CORRECTED: Final = "what is the recipe of the marzipan"
_NO_RECORDING: Final = "0" * 32
_ALL: Final[dict[str, dict[str, Any]]] = {
    "review/next": {},
    "review/open": {"recording": _NO_RECORDING, "part": "sound"},
    "review/verdict": {"recording": _NO_RECORDING, "verdict": "right", "sealed": {}},
    "review/skip": {"recording": _NO_RECORDING},
    "review/destroy": {"recording": _NO_RECORDING},
    "review/give_up": {"recording": _NO_RECORDING},
}


@pytest.fixture
async def home(home: Home) -> Home:
    await home.agree(KITCHEN)
    options = {**home.entry.options, "guidance": _GUIDANCE}
    home.hass.config_entries.async_update_entry(home.entry, options=options)
    return home


async def test_people_of_the_household_see_whom_to_talk_to_before_they_listen(home: Home) -> None:
    await home.hass.async_block_till_done()
    assert (await home.ben.ask("household/arrangement"))["guidance"] == _GUIDANCE
    assert (await home.visitor.ask("household/arrangement"))["guidance"] == ""


async def name_ben(home: Home) -> Listener:
    """Make Ben the kitchen's only listener: everyone names Ben, and Ben nobody else."""
    for login in (home.ada, home.cleo):
        await login.name(KITCHEN, home.ben)
    return await home.ben.add_listening_key()


async def hear(client: MockHAClientWebSocket, listener: Listener, recording: str) -> dict[str, Any]:
    """Open both parts; return the words and the data that a verdict needs."""
    answers = []
    for part in ("words", "sound"):
        opened = await ask(client, "review/open", recording=recording, part=part)
        sealed, ciphertext = (base64.b64decode(opened[name]) for name in ("key", "ciphertext"))
        answers.append((opened, listener.open(sealed, opened["id"], part, ciphertext)))
    (words, content), (_, sound) = answers
    assert sound.startswith(b"RIFF")
    return {**words, **json.loads(content)}


def sealed(opened: dict[str, Any], verdict: str, words: str | None = None) -> dict[str, str]:
    readers = [base64.b64decode(reader) for reader in opened["readers"]]
    verdicts = seal_verdict(opened["id"], verdict, words, readers)
    return {
        base64.b64encode(reader).decode(): base64.b64encode(content).decode()
        for reader, content in verdicts.items()
    }


async def test_a_review_from_the_first_recording_to_the_pause(home: Home) -> None:
    ben = await name_ben(home)
    await home.say()
    client = await home.ben.connect()
    recording = (await ask(client, "review/next"))["recording"]
    answer = await refused(
        client, "review/verdict", recording=recording, verdict="right", sealed={}
    )
    assert answer == "not_allowed: not-heard"
    opened = await hear(client, ben, recording)
    assert opened["transcript"] == SECRET
    done = await ask(
        client,
        "review/verdict",
        recording=recording,
        verdict="wrong-words",
        sealed=sealed(opened, "wrong-words", _CORRECTED),
    )
    assert done == {"undo_seconds": 10.0}
    assert await ask(client, "review/next") == {"stop": "nothing", "may_go_on": False}
    again = (await ask(client, "review/undo"))["recording"]
    assert again != recording
    verdict = sealed(opened, "wrong-words", _CORRECTED)
    await ask(client, "review/verdict", recording=again, verdict="wrong-words", sealed=verdict)
    totals = await home.visitor.ask("household/totals")
    assert totals["verdicts"]["wrong-words"] == 1

    # Ben can read it along with the recordings.
    (shown,) = (await ask(client, "recordings/list"))["recordings"]
    own = await ask(
        client, "recordings/open", recording=shown["recording"], part="words", why="own"
    )
    (said,) = own["verdicts"]
    assert json.loads(ben.unseal(base64.b64decode(said))) == {
        "clip": opened["id"],
        "verdict": "wrong-words",
        "words": _CORRECTED,
    }
    assert await ask(client, "review/end") is None
    assert await refused(client, "review/undo") == "not_allowed: nothing-to-undo"


async def test_a_pause_is_suggested_and_can_be_gone_over(home: Home) -> None:
    await name_ben(home)
    await home.say()
    client = await home.ben.connect()
    for _ in range(10):
        await ask(client, "review/next")
    assert await ask(client, "review/next") == {"stop": "batch", "may_go_on": True}
    for _ in range(40):
        assert "recording" in await ask(client, "review/next", go_on=True)
    assert await ask(client, "review/next") == {
        "stop": "rest",
        "may_go_on": True,
        "rest_seconds": REST_SECONDS,
    }
    assert "recording" in await ask(client, "review/next", go_on=True)
    assert "recording" in await ask(client, "review/next")


async def test_what_is_put_away_is_gone_and_whom_to_talk_to_is_told(home: Home) -> None:
    ben = await name_ben(home)
    await home.ben.name(KITCHEN, home.ada)
    await home.cleo.name(KITCHEN, home.ada, home.ben)
    await home.ada.add_listening_key()
    for _ in range(2):
        await home.say()
    client = await home.ben.connect()
    recording = (await ask(client, "review/next"))["recording"]
    await hear(client, ben, recording)
    before = await home.kinds()
    assert await ask(client, "review/give_up", recording=recording) == {"guidance": _GUIDANCE}
    assert await home.kinds() == before
    assert (await ask(client, "recordings/list"))["total"] == 1
    assert (await home.ada.ask("recordings/list"))["total"] == 2
    recording = (await ask(client, "review/next"))["recording"]
    await ask(client, "review/destroy", recording=recording)
    assert (await home.ada.ask("recordings/list"))["total"] == 1
    assert (await home.kinds())[0] == "deleted"
    assert (
        await refused(client, "review/destroy", recording=recording)
        == "not_allowed: unknown-recording"
    )
    await home.say()
    recording = (await ask(client, "review/next"))["recording"]
    await ask(client, "review/skip", recording=recording)
    assert await ask(client, "review/next") == {"stop": "nothing", "may_go_on": False}


async def test_who_was_not_named_is_refused_and_the_ledger_has_it(home: Home) -> None:
    """Neither the administrator, nor another person of the household, nor a visitor."""
    await name_ben(home)
    await home.say()
    name = (await home.ben.ask("review/next"))["recording"]
    for login in (home.ada, home.cleo):
        for command, fields in _ALL.items():
            answer = await login.refused(
                command, **(fields | ({"recording": name} if fields else {}))
            )
            reason = "not-a-listener" if command == "review/next" else "unknown-recording"
            assert answer == f"not_allowed: {reason}", command
        (row, *_) = await login.ask("ledger/rows")
        assert (row["kind"], row["actor"]) == ("refused", login.id)
    for command, fields in _ALL.items():
        assert await home.visitor.refused(command, **fields) == "not_allowed: unknown-person"
    (row, *_) = await home.ben.ask("ledger/rows")
    assert (row["kind"], row["actor"]) == ("refused", None)
    assert "opened" not in await home.kinds()


async def test_who_is_named_in_another_room_gets_nothing_of_this_one(home: Home) -> None:
    await name_ben(home)
    await home.agree(STUDY)
    for login in (home.ben, home.ada):
        await login.name(STUDY, home.cleo)
    cleo = await home.cleo.add_listening_key()
    await home.say(KITCHEN, "in the kitchen")
    await home.say(STUDY, "in the study")
    client = await home.cleo.connect()
    recording = (await ask(client, "review/next"))["recording"]
    assert (await hear(client, cleo, recording))["transcript"] == "in the study"
    await ask(client, "review/skip", recording=recording)
    assert await ask(client, "review/next") == {"stop": "nothing", "may_go_on": False}


# When Home Assistant drops a connection, aiohttp's heartbeat timer for it runs on.
@pytest.mark.parametrize("expected_lingering_timers", [True])
async def test_a_name_holds_on_one_connection_and_ends_with_the_login(home: Home) -> None:
    await name_ben(home)
    await home.say()
    first, second = await home.ben.connect(), await home.ben.connect()
    recording = (await ask(first, "review/next"))["recording"]
    opening = {"recording": recording, "part": "sound"}
    assert await refused(second, "review/open", **opening) == "not_allowed: unknown-recording"
    assert (await home.kinds())[0] == "refused"
    await ask(first, "review/open", **opening)
    assert await refused(
        second, "review/verdict", recording=recording, verdict="right", sealed={}
    ) == ("not_allowed: unknown-recording")
    await ask(first, "review/end")
    assert await refused(first, "review/open", **opening) == "not_allowed: unknown-recording"

    recording = (await ask(first, "review/next"))["recording"]
    for token in list(home.ben.user.refresh_tokens.values()):
        home.hass.auth.async_remove_refresh_token(token)
    async with asyncio.timeout(30):
        for connection in (first, second):
            while not connection.closed:
                await connection.receive()
    client = await home.ben.connect()
    answer = await refused(client, "review/open", recording=recording, part="sound")
    assert answer == "not_allowed: unknown-recording"


async def test_commands_take_what_they_know_and_no_more(home: Home) -> None:
    client = await home.ben.connect()
    key = base64.b64encode(bytes(32)).decode()
    for command, fields in (
        *((command, fields | {"for_user": home.ada.id}) for command, fields in _ALL.items()),
        ("review/next", {"go_on": 1}),
        ("review/open", {"recording": "x", "part": "sound"}),
        ("review/open", {"recording": _NO_RECORDING, "part": "all"}),
        ("review/open", {"recording": _NO_RECORDING, "part": "sound", "why": "own"}),
        ("review/verdict", _ALL["review/verdict"] | {"verdict": "boring"}),
        ("review/verdict", _ALL["review/verdict"] | {"words": _CORRECTED}),
        ("review/verdict", _ALL["review/verdict"] | {"sealed": {"x": "AAAA"}}),
        ("review/verdict", _ALL["review/verdict"] | {"sealed": {key: "A" * 7000}}),
        ("review/verdict", _ALL["review/verdict"] | {"sealed": {key: "!"}}),
    ):
        assert await refused(client, command, **fields) == "invalid_format", (command, fields)
    await home.hass.config_entries.async_unload(home.entry.entry_id)
    for command, fields in _ALL.items():
        assert await refused(client, command, **fields) == "no_household"


async def test_a_sitting_shows_the_recording_and_nothing_beside_it(
    home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    """No name, account, room, serial or time on the wire, and nothing that was said in the log."""
    ben = await name_ben(home)
    await home.say()
    caplog.set_level(logging.DEBUG)
    client = await home.ben.connect()
    shown = await ask(client, "review/next")
    assert shown.keys() == {"recording"}
    opened = await ask(client, "review/open", recording=shown["recording"], part="words")
    assert opened.keys() == {"id", "key", "ciphertext", "disguise", "readers"}
    words = await hear(client, ben, shown["recording"])
    verdict = sealed(words, "wrong-words", _CORRECTED)
    done = await ask(
        client,
        "review/verdict",
        recording=shown["recording"],
        verdict="wrong-words",
        sealed=verdict,
    )
    # Random text can spell anything.
    plain = opened | {"key": "", "ciphertext": "", "readers": []}
    traffic = json.dumps([shown, plain, done, await ask(client, "review/next")])
    logins: tuple[Login, ...] = home.people
    for told in (KITCHEN, "Kitchen", *(login.id for login in logins), "Ada", "Ben", "Cleo"):
        assert told not in traffic
    assert "review/verdict" in caplog.text, "Home Assistant's own log has each command"
    assert _CORRECTED not in caplog.text
    assert SECRET not in caplog.text
