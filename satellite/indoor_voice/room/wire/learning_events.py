"""Converts the events by which a household learns about wake words; see docs/wire.md."""

from collections.abc import Iterable
from typing import Final

from wyoming.event import Event

from indoor_voice.room.verifier_file import parse_learned
from indoor_voice.room.wake_learning import WakeLearning

TYPES: Final = frozenset({"wake-features", "set-verifiers"})


async def apply(event: Event, learning: WakeLearning) -> Event | None:
    """Do what an event of one of `TYPES` says, and return the answer, if there is one.

    Raises:
        ValueError: the content is invalid for the type.
        UserError: what was learned cannot be saved.
    """
    if event.type == "wake-features":
        wanted = event.data.get("wanted")
        if not isinstance(wanted, bool):
            raise ValueError("wanted must be true or false")
        learning.wants_features = wanted
        return None
    await learning.set_learned(parse_learned(event.data))
    return verifiers(learning.verified)


def verifiers(words: Iterable[str]) -> Event:
    """Return the event that lists the wake words which a verifier of the household judges."""
    return Event("verifiers", {"words": sorted(words)})
