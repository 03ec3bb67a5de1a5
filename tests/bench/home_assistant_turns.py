"""What many turns leave behind in Home Assistant: memory and threads, which must not grow.

Satellites and speech server are stand-ins on the protected link, so that Home Assistant alone
sets the pace. What Home Assistant itself keeps after a turn is taken out by `short_caches`, a
custom integration for tests only; docs/benchmark.md tells what that is.
"""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

from demo.home_assistant import HomeAssistant

from .many_turns import Point, look
from .satellite import PAIRING_CODE, ScriptedSatellite
from .stand_in import SENTENCE, StandInSpeech

SATELLITES: Final = 4
"""Home Assistant takes five turns a second from each in the long run."""
_TURN_SECONDS: Final = 0.25
SPEECH_SECONDS: Final = 1.0
_SOUND: Final = bytes(32_000)
_WARM_UP: Final = 100
_SHORT_CACHES: Final = Path(__file__).parent / "short_caches"
_AUTOMATION: Final = f"""
automation:
  - alias: Count
    triggers:
      - trigger: conversation
        command: "{SENTENCE} {{number}}"
    actions:
      - action: light.toggle
        target: {{ entity_id: light.kitchen_light }}
      - set_conversation_response: "That is number {{{{ trigger.slots.number }}}}"
"""
"""Does something, and gives an answer that Home Assistant has not spoken yet."""


async def measure(
    folder: Path,
    turns: int,
    every: int,
    progress: Callable[[Point], None] = lambda _: None,
    *,
    short_caches: bool = True,
) -> list[Point]:
    """Take turns and look at every so many; as it comes, or with `short_caches`.

    Raises `ProcessFailedError`, `RequestError`, or `NoAnswerError` when a turn comes to nothing.
    """
    home_assistant = HomeAssistant(folder / "homeassistant")
    home_assistant.write_configuration()
    with (home_assistant.folder / "configuration.yaml").open("a", encoding="utf-8") as file:
        file.write(_AUTOMATION)
        if short_caches:
            file.write(f"\n{_SHORT_CACHES.name}:\n")
            components = home_assistant.folder / "custom_components"
            (components / _SHORT_CACHES.name).symlink_to(_SHORT_CACHES)
    speech = StandInSpeech(folder / "speech", SPEECH_SECONDS)
    satellites = [
        ScriptedSatellite(folder / f"satellite-{number}", protected=True)
        for number in range(SATELLITES)
    ]
    points: list[Point] = []

    def note(number: int) -> None:
        points.append(look(home_assistant.program.pid, number))
        progress(points[-1])

    async with AsyncExitStack() as stack:
        await stack.enter_async_context(speech.listening())
        for satellite in satellites:
            await stack.enter_async_context(satellite.listening())
        await stack.enter_async_context(home_assistant.running())
        await _pair(home_assistant, speech, satellites)
        # What the libraries take for themselves, they take in the first turns.
        await _take_turns(satellites, _WARM_UP)
        note(0)
        for number in range(every, turns + 1, every):
            await _take_turns(satellites, every)
            note(number)
        assert speech.spoken == _WARM_UP + turns
    return points


async def _pair(
    home_assistant: HomeAssistant, speech: StandInSpeech, satellites: list[ScriptedSatellite]
) -> None:
    for kind, port, last in (
        ("speech", speech.port, [{"create_pipeline": True, "prefer_pipeline": True}]),
        *(("satellite", satellite.port, []) for satellite in satellites),
    ):
        await home_assistant.configure(
            "indoor_voice",
            {"next_step_id": kind},
            {"host": "127.0.0.1", "port": port},
            {"code": PAIRING_CODE},
            *last,
        )
    for satellite in satellites:
        await satellite.wait_until_connected()


async def _take_turns(satellites: list[ScriptedSatellite], turns: int) -> None:
    async def take(satellite: ScriptedSatellite) -> None:
        for _ in range(turns // SATELLITES):
            began = asyncio.get_running_loop().time()
            await satellite.ask(_SOUND)
            await asyncio.sleep(began + _TURN_SECONDS - asyncio.get_running_loop().time())

    await asyncio.gather(*(take(satellite) for satellite in satellites))
