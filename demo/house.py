"""A whole house in one object: rooms, Home Assistant, speech server and satellites."""

import asyncio
import contextlib
import re
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from .home_assistant import HomeAssistant
from .ports import free_port
from .processes import ProcessFailedError, Program
from .sound import DEFAULT_ECHO_DB, SoundServer, VirtualRoom

COMMAND: Final = str(Path(sys.executable).parent / "indoor-voice")
START_TIMEOUT_SECONDS: Final = 60.0
_CODE_LINE: Final = "Pairing code:"

Progress = Callable[[str], None]


async def pairing_code(program: Program) -> str:
    """Read the six digits that an unpaired satellite or speech server prints."""
    await program.wait_for_output(_CODE_LINE, START_TIMEOUT_SECONDS)
    printed = program.output().rpartition(_CODE_LINE)[2]
    return "".join(re.findall(r"[0-9]", printed.splitlines()[0]))


class House:
    """Everything that a turn passes through, as real processes on loopback.

    Without `room_names` no sound is virtual: one satellite uses this machine's own devices.
    """

    def __init__(  # noqa: PLR0913 - what differs between houses
        self,
        folder: Path,
        *,
        room_names: Sequence[str] = ("Kitchen",),
        port: int | None = None,
        echo_db: Mapping[str, float] | None = None,
        components: Sequence[Path] = (),
        progress: Progress = lambda _: None,
    ) -> None:
        """Prepare a house that keeps its files in `folder`, which must be a short path.

        `echo_db` has the level of the loudspeaker in the microphone of rooms where it is not the
        usual one; `components` are folders of other custom integrations to set up.
        """
        self._folder = folder
        self._room_names = room_names
        self._echo_db = echo_db or {}
        self._progress = progress
        self.sound = SoundServer(folder / "sound")
        self.home_assistant = HomeAssistant(
            folder / "homeassistant", port=port, components=components
        )
        self.speech_port = free_port()
        self.speech = Program(
            "The speech server",
            (COMMAND, "speech", "--host=127.0.0.1", f"--port={self.speech_port}",
             f"--state-dir={folder / 'speech'}"),
            log=folder / "speech.log",
        )  # fmt: skip
        self.rooms: dict[str, VirtualRoom] = {}
        self.satellites: dict[str, Program] = {}
        self.ports: dict[str, int] = {}
        self.entry_ids: dict[str, str] = {}
        self.satellite_entities: dict[str, str] = {}

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run the whole house while the block runs; raises `ProcessFailedError`."""
        async with contextlib.AsyncExitStack() as stack:
            self.home_assistant.write_configuration()
            self._progress("Starting the speech server")
            await stack.enter_async_context(self.speech)
            self._progress("Starting Home Assistant; the first time it installs packages")
            await stack.enter_async_context(self.home_assistant.running())
            await self.speech.wait_for_output("Listening", START_TIMEOUT_SECONDS)
            await self.home_assistant.configure(
                "indoor_voice",
                {"next_step_id": "speech"},
                {"host": "127.0.0.1", "port": self.speech_port},
                {"code": await pairing_code(self.speech)},
                {"create_pipeline": True, "prefer_pipeline": True},
            )
            if self._room_names:
                await stack.enter_async_context(self.sound.running())
            for name in self._room_names:
                self._progress(f"Setting up the {name.lower()} and starting its satellite")
                self.rooms[name] = await self.sound.room(
                    name.lower().replace(" ", "_"), echo_db=self._echo_db.get(name, DEFAULT_ECHO_DB)
                )
                await self._add_satellite(stack, name, self.rooms[name])
            if not self._room_names:
                self._progress("Starting a satellite on this machine's microphone and loudspeaker")
                await self._add_satellite(stack, "Here", None)
            yield

    async def _add_satellite(
        self, stack: contextlib.AsyncExitStack, name: str, room: VirtualRoom | None
    ) -> None:
        port = self.ports[name] = free_port()
        program = Program(
            f"The satellite in the {name.lower()}" if room else "The satellite",
            (COMMAND, "satellite", "--host=127.0.0.1", f"--port={port}", "--name=Satellite",
             f"--area={name}", f"--state-dir={self.state_dir(name)}"),
            log=self.state_dir(name).with_suffix(".log"),
            env=room.env if room else None,
        )  # fmt: skip
        self.satellites[name] = await stack.enter_async_context(program)
        await program.wait_for_output("Listening", START_TIMEOUT_SECONDS)
        await self.pair(name)

    async def pair(self, room_name: str) -> None:
        """Add the satellite of a room to Home Assistant, with its pairing code."""
        entry = await self.home_assistant.configure(
            "indoor_voice",
            {"next_step_id": "satellite"},
            {"host": "127.0.0.1", "port": self.ports[room_name]},
            {"code": await pairing_code(self.satellites[room_name])},
        )
        self.entry_ids[room_name] = entry["entry_id"]
        (self.satellite_entities[room_name],) = await self.home_assistant.entity_ids(
            "assist_satellite", entry["entry_id"]
        )
        await self.wait_until_idle(room_name)

    async def move(self, room_name: str, port: int) -> None:
        """Reconfigure Home Assistant for another port of the satellite of a room."""
        await self.home_assistant.reconfigure(
            "indoor_voice", self.entry_ids[room_name], {"host": "127.0.0.1", "port": port}
        )
        await self.wait_until_idle(room_name)

    def state_dir(self, room_name: str) -> Path:
        """Return where the satellite of a room keeps its pairing and settings."""
        return self._folder / room_name.lower().replace(" ", "_")

    async def wait_until_idle(self, room_name: str, *, timeout_seconds: float = 20) -> None:
        """Wait until the satellite of a room is idle and its microphone is open."""
        await self.home_assistant.wait_for(
            self.satellite_entities[room_name],
            lambda state: state == "idle",
            timeout_seconds=timeout_seconds,
        )
        if (room := self.rooms.get(room_name)) is None:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_seconds):
                while not await room.is_heard():
                    await asyncio.sleep(0.1)
                return
        raise ProcessFailedError(f"No microphone is open in the {room_name.lower()}")
