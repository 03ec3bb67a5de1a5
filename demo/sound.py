"""Virtual rooms in which a satellite hears what is said, including its own voice.

A room has two PulseAudio sinks. The microphone records the sink "air". What the satellite plays
goes to the sink "loudspeaker", and from there into the air, delayed and usually quieter.
"""

import asyncio
import contextlib
import os
import shutil
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Final

from .processes import ProcessFailedError, Program

RATE: Final = 16_000
"""Samples per second of all sound in this module, which is 16 bit, mono."""
BYTES_PER_SECOND: Final = 2 * RATE
DEFAULT_ECHO_DB: Final = -31.4
"""How loudly the loudspeaker is heard in the air, relative to what is played."""
_ECHO_DELAY_MS: Final = 20
_PLAYED_AHEAD_MS: Final = 1000
"""Buffered sound: with less, playback stutters on a busy machine."""
_RECORDED_BEHIND_MS: Final = 20

_ALSA_CONFIG: Final = """\
</usr/share/alsa/alsa.conf>
pcm.!default { type pulse }
ctl.!default { type pulse }
"""


class SoundServer:
    """A private PulseAudio without hardware, reachable only through its socket."""

    def __init__(self, folder: Path) -> None:
        """Prepare a server that keeps its files in `folder` (a short path, for a socket)."""
        self._folder = folder
        self._rooms: list[VirtualRoom] = []
        socket = folder / "pulse.socket"
        self.env: Final[Mapping[str, str]] = {
            "PULSE_SERVER": f"unix:{socket}",
            "PULSE_COOKIE": str(folder / "cookie"),
            "ALSA_CONFIG_PATH": str(folder / "asound.conf"),
            "XDG_RUNTIME_DIR": str(folder),
            "HOME": str(folder),
        }
        command = (
            "pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--disable-shm=yes",
            "--use-pid-file=no", "--log-target=stderr",
            "-L", f"module-native-protocol-unix auth-anonymous=1 socket={socket}",
        )  # fmt: skip
        self._program = Program("PulseAudio", command, log=folder / "pulseaudio.log", env=self.env)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run while the block runs; raises `ProcessFailedError`."""
        if shutil.which("pulseaudio") is None:
            raise ProcessFailedError("pulseaudio is not installed; run script/bootstrap")
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (self._folder / "asound.conf").write_text(_ALSA_CONFIG, encoding="ascii")
        async with self._program:
            await self._wait_until_ready()
            yield

    async def _wait_until_ready(self) -> None:
        for _ in range(100):
            with contextlib.suppress(ProcessFailedError):
                await self.control("info")
                return
            self._program.check()
            await asyncio.sleep(0.05)

    async def stop(self) -> None:
        """Remove the sound devices of every room, as if the sound cards were unplugged."""
        await self._program.stop()

    async def start(self) -> None:
        """Restore the sound devices of every room."""
        await self._program.start()
        await self._wait_until_ready()
        for room in self._rooms:
            await room.create_devices()

    async def control(self, *arguments: str) -> str:
        """Run `pactl` and return what it prints; raises `ProcessFailedError`."""
        process = await asyncio.create_subprocess_exec(
            "pactl", *arguments,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            env={**os.environ, **self.env},
        )  # fmt: skip
        output, error = await process.communicate()
        if process.returncode:
            raise ProcessFailedError(f"pactl {arguments[0]}: {error.decode().strip()}")
        return output.decode().strip()

    async def room(self, name: str, *, echo_db: float = DEFAULT_ECHO_DB) -> "VirtualRoom":
        """Add a room in which the loudspeaker is heard `echo_db` dB louder than it plays."""
        room = VirtualRoom(self, name, echo_db)
        await room.create_devices()
        self._rooms.append(room)
        return room


class VirtualRoom:
    """One room of a sound server. All audio is 16 kHz, 16 bit, mono."""

    def __init__(self, server: SoundServer, name: str, echo_db: float) -> None:
        """Prepare the room `name`; it has no devices before `create_devices`."""
        self.name = name
        self._server = server
        self._echo_db = echo_db
        self.env: Final[Mapping[str, str]] = {
            **server.env,
            "PULSE_SOURCE": f"{name}_air.monitor",
            "PULSE_SINK": f"{name}_loudspeaker",
        }

    async def create_devices(self) -> None:
        """Create the room's microphone and loudspeaker."""
        for sink in (f"{self.name}_air", f"{self.name}_loudspeaker"):
            await self._server.control(
                "load-module", "module-null-sink", f"sink_name={sink}", f"rate={RATE}", "channels=1"
            )
        await self._path(f"{self.name}_loudspeaker", f"{self.name}_air", self._echo_db)

    @contextlib.asynccontextmanager
    async def heard_in(self, other: "VirtualRoom", leak_db: float) -> AsyncIterator[None]:
        """Let this room's air be heard in another room while the block runs, `leak_db` louder."""
        module = await self._path(f"{self.name}_air", f"{other.name}_air", leak_db)
        try:
            yield
        finally:
            await self._server.control("unload-module", module)

    async def _path(self, source: str, sink: str, level_db: float) -> str:
        """Let one sink be heard in another, `level_db` louder, and return the module's number."""
        name = f"{source}_in_{sink}"
        module = await self._server.control(
            "load-module", "module-loopback", f"source={source}.monitor", f"sink={sink}",
            f"latency_msec={_ECHO_DELAY_MS}", "adjust_time=0", "source_dont_move=true",
            "sink_dont_move=true", f"sink_input_properties=media.name={name}",
        )  # fmt: skip
        index = ""
        for line in (await self._server.control("list", "sink-inputs")).splitlines():
            if line.startswith("Sink Input #"):
                index = line.removeprefix("Sink Input #")
            if f'media.name = "{name}"' in line:
                await self._server.control("set-sink-input-volume", index, f"{level_db}dB")
        return module

    async def is_heard(self) -> bool:
        """Return whether anyone records the air, as a satellite with an open microphone does."""
        sources = await self._server.control("list", "short", "sources")
        (source,) = [
            line.split()[0] for line in sources.splitlines() if f"\t{self.name}_air.monitor" in line
        ]
        recorders = await self._server.control("list", "short", "source-outputs")
        return source in [line.split()[1] for line in recorders.splitlines()]

    async def say(self, audio: bytes) -> None:
        """Play `audio` into the air, and return after the last sample was played."""
        process = await self._stream(
            "--playback", f"--device={self.name}_air", _PLAYED_AHEAD_MS, stdin=True
        )
        await process.communicate(audio)

    @contextlib.asynccontextmanager
    async def recorded(self, *, what: str = "loudspeaker") -> AsyncIterator[bytearray]:
        """Record the `loudspeaker` or the `air` while the block runs, into the yielded buffer."""
        recording = bytearray()
        process = await self._stream(
            "--record", f"--device={self.name}_{what}.monitor", _RECORDED_BEHIND_MS
        )
        assert process.stdout is not None
        recording += await process.stdout.readexactly(2)  # wait until it records

        async def collect(output: asyncio.StreamReader) -> None:
            while audio := await output.read(4096):
                recording.extend(audio)

        collecting = asyncio.create_task(collect(process.stdout))
        try:
            yield recording
        finally:
            process.terminate()
            await process.wait()
            await collecting

    async def _stream(
        self, direction: str, device: str, latency_ms: int, *, stdin: bool = False
    ) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            "pacat", direction, device, f"--rate={RATE}", "--channels=1", "--format=s16le",
            f"--latency-msec={latency_ms}", "--raw",
            stdin=asyncio.subprocess.PIPE if stdin else asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL if stdin else asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={**os.environ, **self._server.env},
        )  # fmt: skip
