"""The cost of waiting for a wake word, for satellites side by side at one microphone."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from demo.home_assistant import HomeAssistant, RequestError
from demo.house import COMMAND, START_TIMEOUT_SECONDS, House, pairing_code
from demo.ports import free_port
from demo.processes import Program
from demo.sound import RATE, SoundServer
from demo.voice import Person, noise

from . import peers
from .usage import Usage

OURS: Final = "indoor-voice satellite"
THEIRS: Final = f"{peers.SATELLITE} + {peers.OPENWAKEWORD}"
NOISE_DBFS: Final = -45.0
_AIR: Final = "quiet_room"
_PLAYER_LATENCY_MS: Final = 200
"""Of the noise. PulseAudio splits sound into pieces as small as any client of the sink requests;
with the 20 ms of the demo's rooms, ALSA's plugin costs our satellite 0.014 CPU-seconds per second
more, which a sound card would not."""
_SETTLING_SECONDS: Final = 5.0
_WAKE_WORD: Final = "hey_jarvis"
_HEARING_SECONDS: Final = 20.0
_ATTEMPTS: Final = 4
_RAW: Final = (f"--rate={RATE}", "--channels=1", "--format=s16le", "--raw")


@dataclass(frozen=True, slots=True, kw_only=True)
class Idle:
    """The cost of waiting for a wake word."""

    cpu_seconds_per_second: float
    rss_mb: float
    """In 10**6 bytes, before any wake word."""
    woken_rss_mb: float
    """In 10**6 bytes, after the wake word and the turn that it began."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Satellite:
    """A running satellite."""

    pids: tuple[int, ...]
    entity_id: str


async def measure(
    house: House, folder: Path, seconds: float, *, with_peer: bool
) -> dict[str, Idle | None]:
    """Let our satellite, and optionally another, wait in a room with faint noise.

    The house's Home Assistant controls both. The result is None for a satellite that does not
    detect its wake word afterwards, because its cost means nothing.
    """
    home_assistant, satellites = house.home_assistant, {}
    async with AsyncExitStack() as stack:
        env = await stack.enter_async_context(_noisy_room(house.sound))
        ours = _ours(home_assistant, folder, env)
        satellites[OURS] = await stack.enter_async_context(ours)
        if with_peer:
            theirs = _theirs(home_assistant, folder, env)
            satellites[THEIRS] = await stack.enter_async_context(theirs)
        await asyncio.sleep(_SETTLING_SECONDS)
        loop = asyncio.get_running_loop()
        began, before = loop.time(), {n: Usage.of(*s.pids) for n, s in satellites.items()}
        await asyncio.sleep(seconds)
        took, after = loop.time() - began, {n: Usage.of(*s.pids) for n, s in satellites.items()}
        hearing = [_hears(home_assistant, satellite) for satellite in satellites.values()]
        _, *heard = await asyncio.gather(_say_wake_word(env), *hearing)
        woken = {n: Usage.of(*s.pids) for n, s in satellites.items()}
    return {
        name: Idle(
            cpu_seconds_per_second=(after[name].cpu_seconds - before[name].cpu_seconds) / took,
            rss_mb=after[name].rss_mb,
            woken_rss_mb=woken[name].rss_mb,
        )
        if hears
        else None
        for name, hears in zip(satellites, heard, strict=True)
    }


async def _hears(home_assistant: HomeAssistant, satellite: _Satellite) -> bool:
    """Return whether a satellite begins a turn, after the end of that turn."""
    try:
        for expected in ("listening", "idle"):
            await home_assistant.wait_for(
                satellite.entity_id,
                expected.__eq__,
                timeout_seconds=_HEARING_SECONDS,
            )
    except RequestError:
        return False
    return True


async def _say_wake_word(env: Mapping[str, str]) -> None:
    speech = await asyncio.to_thread(Person().speech, "Hey Jarvis!")
    for _ in range(_ATTEMPTS):
        await (await _player(env)).communicate(speech)
        await asyncio.sleep(_HEARING_SECONDS / _ATTEMPTS)


@asynccontextmanager
async def _noisy_room(server: SoundServer) -> AsyncIterator[Mapping[str, str]]:
    """Add a room with faint noise to a sound server; yield the environment for programs in it."""
    await server.control("load-module", "module-null-sink", f"sink_name={_AIR}", f"rate={RATE}")
    player = await _player(server.env)
    humming = asyncio.create_task(_hum(player))
    try:
        yield {**server.env, "PULSE_SOURCE": f"{_AIR}.monitor", "PULSE_SINK": _AIR}
    finally:
        humming.cancel()
        player.terminate()
        await asyncio.gather(humming, player.wait(), return_exceptions=True)


async def _player(env: Mapping[str, str]) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        "pacat", "--playback", f"--device={_AIR}", f"--latency-msec={_PLAYER_LATENCY_MS}", *_RAW,
        stdin=asyncio.subprocess.PIPE,
        env={**os.environ, **env},
    )  # fmt: skip


async def _hum(player: asyncio.subprocess.Process) -> None:
    assert player.stdin is not None
    sound = noise(30, level_dbfs=NOISE_DBFS)
    while True:
        player.stdin.write(sound)
        await player.stdin.drain()


@asynccontextmanager
async def _ours(
    home_assistant: HomeAssistant, folder: Path, env: Mapping[str, str]
) -> AsyncIterator[_Satellite]:
    port = free_port()
    satellite = Program(
        "Our satellite",
        (COMMAND, "satellite", "--host=127.0.0.1", f"--port={port}", f"--wake-word={_WAKE_WORD}",
         f"--state-dir={folder / 'waiting'}"),
        log=folder / "waiting.log",
        env=env,
    )  # fmt: skip
    async with satellite:
        await satellite.wait_for_output("Listening", START_TIMEOUT_SECONDS)
        entry = await home_assistant.configure(
            "indoor_voice",
            {"next_step_id": "satellite"},
            {"host": "127.0.0.1", "port": port},
            {"code": await pairing_code(satellite)},
        )
        # As in everyday use, it starts when it is already paired.
        await satellite.stop()
        await satellite.start()
        await satellite.wait_for_output("Home Assistant connected", START_TIMEOUT_SECONDS)
        (entity_id,) = await home_assistant.entity_ids("assist_satellite", entry["entry_id"])
        yield _Satellite(pids=(satellite.pid,), entity_id=entity_id)


@asynccontextmanager
async def _theirs(
    home_assistant: HomeAssistant, folder: Path, env: Mapping[str, str]
) -> AsyncIterator[_Satellite]:
    wake_port, port = free_port(), free_port()
    wake = Program(
        str(peers.OPENWAKEWORD),
        peers.OPENWAKEWORD.command(
            f"--uri=tcp://127.0.0.1:{wake_port}", f"--preload-model={_WAKE_WORD}"
        ),
        log=folder / "openwakeword.log",
    )
    satellite = Program(
        str(peers.SATELLITE),
        peers.SATELLITE.command(
            f"--uri=tcp://127.0.0.1:{port}", "--name=Peer", "--no-zeroconf",
            f"--mic-command=parecord --latency-msec=64 {' '.join(_RAW)}",
            f"--wake-uri=tcp://127.0.0.1:{wake_port}", f"--wake-word-name={_WAKE_WORD}",
        ),
        log=folder / "peer.log",
        env=env,
    )  # fmt: skip
    async with wake:
        await wake.wait_for_output("Ready", START_TIMEOUT_SECONDS)
        async with satellite:
            await satellite.wait_for_output("Ready", START_TIMEOUT_SECONDS)
            entry = await home_assistant.configure("wyoming", {"host": "127.0.0.1", "port": port})
            await satellite.wait_for_output("Waiting for wake word", START_TIMEOUT_SECONDS)
            (entity_id,) = await home_assistant.entity_ids("assist_satellite", entry["entry_id"])
            yield _Satellite(pids=(wake.pid, satellite.pid), entity_id=entity_id)
