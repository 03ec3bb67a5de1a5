"""Two real satellites play in sync, each on a channel of one sound card, which is recorded."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

pytest.importorskip("aiosendspin", reason="aiosendspin needs Python 3.12")

from aiosendspin.noise.keys import Identity

from demo.house import COMMAND
from demo.ports import free_port
from demo.processes import Program
from demo.sound import SoundServer
from indoor_voice.room.music.sendspin.state import SendspinState
from tests.room.numbered import RAMP, RATE
from tests.room.synced import Server
from tests.waiting import until

IN_SYNC_SECONDS = 0.005
JUMPS = 25
"""The sound rises for 0.4 s and jumps down, again and again."""
SETTLED_JUMPS = 15
"""By then a satellite knows the server's clock well."""
CARD = "card"
CHANNELS = ("front-left", "front-right")


@dataclass(frozen=True)
class RealSatellite:
    id: str
    """As a player."""


@asynccontextmanager
async def satellite(folder: Path, env: Mapping[str, str], url: str) -> AsyncIterator[RealSatellite]:
    program = Program(
        "The satellite",
        (COMMAND, "satellite", "--host=127.0.0.1", f"--port={free_port()}", "--insecure-wyoming",
         f"--sendspin={url}", f"--state-dir={folder}"),
        log=folder.with_suffix(".log"),
        env=env,
    )  # fmt: skip
    async with program:
        await program.wait_for_output("Listening", 60)
        yield RealSatellite(Identity.from_private_bytes(SendspinState(folder).key).peer_id)


@asynccontextmanager
async def recorded(sound: SoundServer) -> AsyncIterator[bytearray]:
    """Record both channels of the sound card while the block runs."""
    process = await asyncio.create_subprocess_exec(
        "pacat", "--record", f"--device={CARD}.monitor", f"--rate={RATE}", "--channels=2",
        "--format=s16le", "--raw",
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, **sound.env},
    )  # fmt: skip
    assert process.stdout is not None
    recording = bytearray()

    async def collect(output: asyncio.StreamReader) -> None:
        while audio := await output.read(65_536):
            recording.extend(audio)

    collecting = asyncio.create_task(collect(process.stdout))
    try:
        yield recording
    finally:
        process.terminate()
        await process.wait()
        await collecting


def jumps(recording: bytes, channel: int) -> npt.NDArray[np.int64]:
    """Return the numbers of the samples at which a channel's sound jumps down."""
    samples = np.frombuffer(recording[: len(recording) // 4 * 4], "<i2").reshape(-1, 2)
    heard = samples[:, channel].astype(int)
    near = 8
    falls = heard[near:] - heard[:-near] < -heard.max(initial=RAMP // 8) // 2
    begins = np.flatnonzero(falls[1:] & ~falls[:-1])
    # The resampler makes an edge ring.
    apart = np.diff(begins, prepend=-RATE) > RATE // 10
    found: npt.NDArray[np.int64] = begins[apart]
    return found


async def test_two_satellites_play_in_sync_on_one_sound_card(folder: Path) -> None:
    sound = SoundServer(folder / "sync")
    async with sound.running(), Server().running() as server, AsyncExitStack() as stack:
        await sound.control(
            "load-module", "module-null-sink", f"sink_name={CARD}", f"rate={RATE}", "channels=2"
        )
        satellites = []
        for channel in CHANNELS:
            await sound.control(
                "load-module", "module-remap-sink", f"sink_name={channel}", f"master={CARD}",
                "channels=1", "channel_map=mono", f"master_channel_map={channel}", "remix=no",
            )  # fmt: skip
            env = {**sound.env, "PULSE_SINK": channel, "PULSE_SOURCE": f"{CARD}.monitor"}
            running = satellite(folder / f"sync-{channel}", env, server.url)
            satellites.append(await stack.enter_async_context(running))
        first, second = [await server.client(one) for one in satellites]
        await first.group.add_client(second)
        async with recorded(sound) as recording, server.playing(first.group):

            def heard() -> list[npt.NDArray[np.int64]]:
                return [jumps(bytes(recording), channel) for channel in range(len(CHANNELS))]

            left, right = await until(
                heard, lambda both: min(map(len, both)) > JUMPS, seconds=120, pause_seconds=1
            )
    nearest = right[np.abs(right[None, :] - left[:, None]).argmin(axis=1)]
    apart_seconds = np.abs(nearest - left)[SETTLED_JUMPS:-1] / RATE
    # Where a machine is too busy for its sound, one of them drops out, and needs seconds to return.
    assert np.median(apart_seconds) < IN_SYNC_SECONDS
