"""Runs a house in an isolated network: discovers, pairs, moves and rediscovers a satellite.

Run it in a new network namespace: `unshare --net --map-root-user python -m …discovered FOLDER`.
"""

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from demo.home_assistant import HomeAssistant
from demo.house import COMMAND, START_TIMEOUT_SECONDS, pairing_code
from demo.ports import free_port
from demo.processes import Program
from demo.sound import SoundServer
from tests.waiting import until

ADDRESS: Final = "10.77.0.1"
_NETWORK: Final = (
    "link set lo up",
    "link add house type veth peer name street",
    f"address add {ADDRESS}/24 dev house",
    "link set house up multicast on",
    "link set street up",
    "route add default dev house",
)


def make_network() -> None:
    """Create a network that consists of this machine only."""
    for command in _NETWORK:
        subprocess.run(["ip", *command.split()], check=True)  # noqa: S603, S607 - constants


async def discovery(home_assistant: HomeAssistant) -> dict[str, Any]:
    """Wait until Home Assistant offers a discovered device of ours."""

    async def found() -> list[dict[str, Any]]:
        flows = await home_assistant.call("config_entries/flow/progress")
        return [flow for flow in flows if flow["handler"] == "indoor_voice"]

    flows: list[dict[str, Any]] = await until(found, seconds=60, pause_seconds=0.5)
    return flows[0]


async def run_journey(folder: Path) -> None:
    """Run the journey; raises an exception if a step fails."""
    home_assistant = HomeAssistant(folder / "homeassistant")
    home_assistant.write_configuration()
    sound = SoundServer(folder / "sound")
    async with sound.running(), home_assistant.running():
        room = await sound.room("hall")

        def satellite() -> Program:
            return Program(
                "The satellite",
                (COMMAND, "satellite", f"--port={free_port()}", "--name=Satellite", "--area=Hall",
                 f"--state-dir={folder / 'satellite'}"),
                log=folder / "satellite.log",
                env=room.env,
            )  # fmt: skip

        async with satellite() as program:
            flow = await discovery(home_assistant)
            assert flow["context"]["source"] == "zeroconf"
            shown = str(flow["context"].get("title_placeholders"))
            assert "Hall" not in shown
            assert "Satellite" not in shown.replace("Satellite at", "")
            code = await pairing_code(program)
            path = f"/api/config/config_entries/flow/{flow['flow_id']}"
            paired = await home_assistant.request("POST", path, {"code": code})
            assert paired["type"] == "create_entry", paired
            (entity_id,) = await home_assistant.entity_ids(
                "assist_satellite", paired["result"]["entry_id"]
            )
            await home_assistant.wait_for(entity_id, lambda state: state == "idle")
        await home_assistant.wait_for(entity_id, lambda state: state == "unavailable")
        async with satellite() as moved:
            await moved.wait_for_output("Listening", START_TIMEOUT_SECONDS)
            await home_assistant.wait_for(
                entity_id, lambda state: state == "idle", timeout_seconds=30
            )
            flows = await home_assistant.call("config_entries/flow/progress")
            assert [flow for flow in flows if flow["handler"] == "indoor_voice"] == []


if __name__ == "__main__":
    make_network()
    asyncio.run(run_journey(Path(sys.argv[1])))
