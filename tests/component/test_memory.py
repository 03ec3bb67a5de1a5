"""No object of ours holds what was said once a turn has ended."""

import asyncio
import gc
from typing import TYPE_CHECKING, Any, Final

import pytest
from wyoming.event import Event, async_write_event

from custom_components.indoor_voice.const import DOMAIN
from custom_components.indoor_voice.turn.capture import TurnCapture
from custom_components.indoor_voice.turn.turn import Turn
from tests.waiting import until

from .keeping import Inhabitant, add_listening_key, add_person, set_up_household, totals
from .spoken_turns import LIGHT, ends, kept, say
from .waiting import reaches

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import FrameType

    from homeassistant.core import HomeAssistant

    from .peers import FakeSatellite, FakeSpeech, Peer

RARE: Final = "kitchen quoxlimber"
SAID: Final = f"turn on the {RARE}"
PATTERN: Final = bytes(range(1, 252, 3))
"""Sound that occurs nowhere else."""
SOUND: Final = PATTERN * 300
_OURS: Final = f"custom_components.{DOMAIN}"


def holders() -> list[str]:
    """Return the types of our objects and frames that hold what was said."""
    gc.collect()
    found = []
    for one in gc.get_objects():
        kind = type(one)
        if kind.__module__.startswith(_OURS) and not isinstance(one, type):
            found += [kind.__qualname__ for value in gc.get_referents(one) if holds(value)]
            fields = getattr(one, "__dict__", {})
            found += [kind.__qualname__ for value in fields.values() if holds(value)]
        frame = frame_of(one)
        if frame is not None and frame.f_globals.get("__name__", "").startswith(_OURS):
            name = frame.f_code.co_qualname
            found += [name for value in frame.f_locals.values() if holds(value)]
    return found


def frame_of(one: object) -> FrameType | None:
    """Return the frame of a suspended coroutine or generator."""
    for name in ("cr_frame", "gi_frame", "ag_frame"):
        if hasattr(type(one), name):
            frame: FrameType | None = getattr(one, name)
            return frame
    return None


def holds(value: Any, depth: int = 4) -> bool:
    """Return whether a value, or anything in it, contains words or sound of the turn."""
    if isinstance(value, str):
        return RARE in value
    if isinstance(value, bytes | bytearray | memoryview):
        return PATTERN in bytes(value) or RARE.encode() in bytes(value)
    if depth == 0:
        return False
    inside: Iterable[Any] = ()
    if isinstance(value, asyncio.Queue):
        inside = value._queue  # type: ignore[attr-defined]  # noqa: SLF001 - reads without emptying it
    elif isinstance(value, dict):
        inside = (one for pair in value.items() for one in pair)
    elif isinstance(value, list | tuple | set | frozenset):
        inside = value
    return any(holds(one, depth - 1) for one in inside)


@pytest.fixture
async def rare(house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech) -> HomeAssistant:
    """Add a light with a unique name."""
    house.states.async_set(LIGHT, "off", {"friendly_name": RARE})
    house.services.async_register("light", "turn_on", lambda _call: None)
    speech.transcript = SAID
    return house


async def wait_until_released() -> None:
    """Wait until none of our objects holds what was said."""
    await until(holders, lambda found: found == [], pause_seconds=0.1)


async def test_it_is_found_while_the_turn_goes_on(
    rare: HomeAssistant, satellite: FakeSatellite
) -> None:
    """Otherwise the search would prove nothing."""
    turn = Turn(number=1, wake_word_phrase=None, capture=TurnCapture(rare, "room"))
    turn.hear(SOUND)
    assert set(holders()) == {"MicrophoneStream", "TurnCapture"}
    turn.microphone.close()
    turn.capture = None
    await wait_until_released()


async def test_a_turn_that_is_not_kept_is_let_go(
    rare: HomeAssistant, satellite: FakeSatellite
) -> None:
    await say(satellite, SOUND)
    await ends(rare, satellite)
    await wait_until_released()


async def test_a_recording_is_let_go_when_it_is_sealed_and_after_it_is_deleted(
    rare: HomeAssistant, satellite: FakeSatellite
) -> None:
    ada = await an_inhabitant(rare, satellite)
    await say(satellite, SOUND)
    await ends(rare, satellite)
    await kept(rare, ada)
    await wait_until_released()
    (recording,) = await ada.recordings(rare)
    assert (await ada.words(rare, recording))["transcript"] == SAID
    del recording
    await rare.services.async_call(DOMAIN, "delete_recordings", blocking=True, return_response=True)
    assert (await totals(rare))[0] == 1
    await wait_until_released()


async def test_an_accident_is_let_go(
    rare: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    await an_inhabitant(rare, satellite)
    speech.transcript = f"nothing that is understood, {RARE}"
    await say(satellite, SOUND)
    await ends(rare, satellite)
    await wait_until_released()


async def test_sound_that_nobody_fetched_is_let_go(
    rare: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    async def refuse(peer: Peer, writer: asyncio.StreamWriter) -> None:
        await async_write_event(Event(type="error", data={"code": "busy", "text": ""}), writer)

    speech.recognise = refuse
    await say(satellite, SOUND * 10)
    await ends(rare, satellite)
    await wait_until_released()


async def an_inhabitant(house: HomeAssistant, satellite: FakeSatellite) -> Inhabitant:
    """Add the only member, who consents to keeping."""
    ada = await add_person(house, "Ada")
    await set_up_household(house)
    await add_listening_key(house, ada)
    await ada.consent(house)
    await satellite.wait_for("audio-stop")  # the announcement that recordings are kept
    await reaches(house, "idle")
    satellite.received.clear()
    return ada
