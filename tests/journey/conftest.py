"""A house with two rooms that the journeys share; every part is a real process.

With INDOOR_VOICE_KEEPING=1 its people agree to keeping, which must not change anything else.
"""

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio

from demo.house import START_TIMEOUT_SECONDS, House
from demo.turns import Watcher
from demo.voice import Person
from tests.one_loop import share_one_loop

from .agreeing import agreed

ROOMS = ("Kitchen", "Bedroom")
LOUD_ECHO_DB = -6.0
"""A microphone close to its loudspeaker."""
MARKDOWN_AGENTS = Path(__file__).parent / "markdown_agents"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    share_one_loop(items)


@pytest.fixture(scope="session")
def person() -> Person:
    return Person()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def house(folder: Path) -> AsyncIterator[House]:
    house = House(
        folder,
        room_names=ROOMS,
        echo_db={"Bedroom": LOUD_ECHO_DB},
        components=[MARKDOWN_AGENTS],
    )
    async with house.running(), AsyncExitStack() as stack:
        if os.environ.get("INDOOR_VOICE_KEEPING"):
            await stack.enter_async_context(agreed(house))
        yield house
    assert not blocking_calls(house), "something of ours held up Home Assistant's loop"


def blocking_calls(house: House) -> list[str]:
    """Return Home Assistant's warnings about code of ours that doesn't return soon."""
    logs = [house.home_assistant.program.log, *house.home_assistant.folder.glob("*.log*")]
    lines = (line for log in logs for line in log.read_text(errors="replace").splitlines())
    return [line for line in lines if "blocking call" in line and "indoor_voice" in line]


async def start_stopped_programs(house: House) -> None:
    """Start the programs that a failed journey left stopped."""
    if not house.home_assistant.program.runs:
        await house.home_assistant.program.start()
        await house.home_assistant.wait_until_started()
    if not house.speech.runs:
        await house.speech.start()
        await house.speech.wait_for_output("Listening", START_TIMEOUT_SECONDS)
    for satellite in house.satellites.values():
        if not satellite.runs:
            await satellite.start()


@pytest_asyncio.fixture(loop_scope="session")
async def watcher(house: House) -> Watcher:
    """A watcher of turns; all satellites are idle, the lights off, and earlier turns skipped."""
    await start_stopped_programs(house)
    for room_name in ROOMS:
        await house.wait_until_idle(room_name)
    for light in ("kitchen", "living_room", "bedroom"):
        await house.home_assistant.action("light.turn_off", entity_id=f"light.{light}_light")
    watcher = Watcher(house.home_assistant)
    await watcher.new_runs()
    return watcher
