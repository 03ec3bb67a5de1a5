"""Memory and threads of Home Assistant after many turns, which must not grow.

Satellites and speech server are simulated on the protected link, so that only Home Assistant
limits the pace. The test integration `short_caches` removes what Home Assistant itself keeps after
a turn; docs/benchmark.md explains what that is.
"""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

from demo.home_assistant import HomeAssistant

from .many_turns import Point, measure_process
from .satellite import PAIRING_CODE, ScriptedSatellite
from .stand_in import SENTENCE, StandInSpeech

SATELLITES: Final = 4
"""In the long run Home Assistant takes five turns a second from each."""
_TURN_SECONDS: Final = 0.25
SPEECH_SECONDS: Final = 1.0
_SOUND: Final = bytes(32_000)
_WARM_UP: Final = 100
_SHORT_CACHES: Final = Path(__file__).parent / "short_caches"
AUTOMATION: Final = f"""
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
"""Does something, and gives an answer that is not in Home Assistant's cache of speech."""


async def measure(
    folder: Path,
    turns: int,
    every: int,
    progress: Callable[[Point], None] = lambda _: None,
    *,
    short_caches: bool = True,
) -> list[Point]:
    """Take turns, and measure after each `every` of them, with or without `short_caches`.

    Raises `ProcessFailedError`, `RequestError`, or `NoAnswerError` if a turn fails.
    """
    home_assistant = HomeAssistant(folder / "homeassistant")
    home_assistant.write_configuration()
    with (home_assistant.folder / "configuration.yaml").open("a", encoding="utf-8") as file:
        file.write(AUTOMATION)
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
        points.append(measure_process(home_assistant.program.pid, number))
        progress(points[-1])

    async with AsyncExitStack() as stack:
        await stack.enter_async_context(speech.listening())
        for satellite in satellites:
            await stack.enter_async_context(satellite.listening())
        await stack.enter_async_context(home_assistant.running())
        await _pair(home_assistant, speech, satellites)
        # Libraries allocate their memory in the first turns.
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
    for kind, port, last_answers in (
        ("speech", speech.port, [{"create_pipeline": True, "prefer_pipeline": True}]),
        *(("satellite", satellite.port, []) for satellite in satellites),
    ):
        await home_assistant.configure(
            "indoor_voice",
            {"next_step_id": kind},
            {"host": "127.0.0.1", "port": port},
            {"code": PAIRING_CODE},
            *last_answers,
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
