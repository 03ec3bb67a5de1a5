"""Recordings that were reviewed, made without speaking or clicking."""

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from demo.people import DAY_SECONDS
from tests.privacy.listener import Listener, seal_verdict

if TYPE_CHECKING:
    from demo.home_assistant import Socket

    from .home import Home
    from .people import Login

_SECONDS = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """What was heard and done in one turn, and a verdict on it."""

    heard: str
    done: tuple[str, ...] = ("Kitchen light",)
    verdict: str = "right"
    corrected: str | None = None
    features: bytes = b""
    """What the wake word sounded like: 12 x 96 float16, little-endian."""


async def make_reviewed(home: Home, *turns: Reviewed) -> None:
    """Replace all recordings by these, in this order, each reviewed by Ben."""
    await home.keep_new(0)
    for turn in turns:
        outcome = await home.house.end_turn(
            home.room,
            turn.heard,
            seconds=_SECONDS,
            done=[{"name": name} for name in turn.done],
            features=turn.features,
        )
        assert outcome["recording"], outcome["dropped"]
    by_words = {turn.heard: turn for turn in turns}
    listener = home.ben.listener
    assert listener
    async with home.ben.socket() as socket:
        for _ in turns:
            await _judge_next(socket, listener, by_words)


async def _judge_next(socket: Socket, listener: Listener, by_words: dict[str, Reviewed]) -> None:
    recording = (await socket.call("indoor_voice/review/next", go_on=True))["recording"]
    opened = await socket.call("indoor_voice/review/open", recording=recording, part="words")
    content = listener.open(
        base64.b64decode(opened["key"]),
        opened["id"],
        "words",
        base64.b64decode(opened["ciphertext"]),
    )
    turn = by_words[json.loads(content)["transcript"]]
    # A verdict is accepted only from a person who has opened the sound.
    await socket.call("indoor_voice/review/open", recording=recording, part="sound")
    readers = [base64.b64decode(reader) for reader in opened["readers"]]
    verdicts = seal_verdict(opened["id"], turn.verdict, turn.corrected, readers)
    sealed = {_text(reader): _text(verdict) for reader, verdict in verdicts.items()}
    await socket.call(
        "indoor_voice/review/verdict", recording=recording, verdict=turn.verdict, sealed=sealed
    )


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()


async def agree_to_teach(home: Home, *people: Login) -> None:
    """Make people consent to teaching."""
    for login in people:
        await login.ask(
            "consent/give",
            purpose="teach",
            rooms=[home.room],
            notice_sha256=await login.notice("teach"),
            valid_seconds=30 * DAY_SECONDS,
        )


async def end_lessons(home: Home) -> None:
    """End everything that was learned."""
    for lesson in (await home.ben.ask("lessons/list"))["lessons"]:
        await home.ben.ask("lessons/end", lesson=lesson["lesson"])


async def aliases(home: Home, entity_id: str) -> list[Any]:
    """Return the aliases of an entity in Home Assistant's registry; null stands for its name."""
    call = home.house.home_assistant.call
    entry = await call("config/entity_registry/get", entity_id=entity_id)
    return list(entry["aliases"])
