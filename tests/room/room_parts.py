"""Fake devices for a room, and a peer that acts as Home Assistant."""

import asyncio
import queue
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Generator,
    Iterable,
    Iterator,
    Mapping,
)
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from wyoming.event import Event
from wyoming.ping import Ping

from indoor_voice.link.pairing.identity import DeviceKind, load_identity
from indoor_voice.link.server.server import LinkServer
from indoor_voice.link.wire import MAX_HEADER_BYTES, Connection, LinkError
from indoor_voice.room.adjustments import Adjustments, NoiseSuppression
from indoor_voice.room.controls.lamp import Lamp, Lamps
from indoor_voice.room.music.kept_level import KeptLevel
from indoor_voice.room.music.player import MusicPlayer
from indoor_voice.room.room import SatelliteRoom
from indoor_voice.room.settings import Settings
from indoor_voice.room.sound.cues import Cue
from indoor_voice.room.sound.devices import DeviceLostError
from indoor_voice.room.sound.household_verifier import Features
from indoor_voice.room.sound.noise import NoiseSuppressor
from indoor_voice.room.sound.pcm import BLOCK_SAMPLES, PcmFormat, Samples
from indoor_voice.room.sound.schedule import Schedule
from indoor_voice.room.sound.stop_word import StopWord
from indoor_voice.room.sound.wake_models import WakeModel, built_in_models
from indoor_voice.room.sound.wake_word import Detector
from indoor_voice.room.wire.description import Description
from tests.waiting import PATIENCE_SECONDS, events_until, until

if TYPE_CHECKING:
    from indoor_voice.room.sound.loudspeaker import PlaybackMonitor
    from indoor_voice.room.sound.mix import Background

WAKE_WORD = 30_000
"""The scripted detector takes a block that begins with this sample for a wake word."""
FEATURES: Features = np.linspace(-50, 50, 12 * 96).reshape(12, 96).astype("<f2")
"""Those of the wake word that it takes it for."""


_PING_SECONDS = 3.0
"""As often as Home Assistant."""
_ALIVE = "alive"


def block(value: int) -> Samples:
    return np.full((BLOCK_SAMPLES,), value, np.int16)


class FakeMicrophone:
    """Delivers the blocks that a test puts in; None unplugs it."""

    def __init__(self) -> None:
        self.is_open = False
        self.adjustments = Adjustments()
        """Those in effect."""
        self.sound: queue.Queue[Samples | None] = queue.Queue()

    def adjust(self, adjustments: Adjustments) -> None:
        self.adjustments = adjustments

    def hear(self, *values: int) -> None:
        for value in values:
            self.sound.put(block(value))

    def blocks(self) -> Generator[Samples]:
        self.is_open = True
        try:
            while True:
                try:
                    heard = self.sound.get(timeout=0.05)
                except queue.Empty:
                    yield block(0)
                    continue
                if heard is None:
                    raise DeviceLostError("unplugged")
                yield heard
        finally:
            self.is_open = False

    async def until(self, *, is_open: bool) -> None:
        """Wait until it is open or closed."""
        await until(lambda: self.is_open, lambda now: now is is_open)


class ScriptedDetector(Detector):
    """Detects `WAKE_WORD`."""

    ready = True

    def __init__(self) -> None:
        self.chosen = ["hey_jarvis"]
        self.sensitivities: dict[str, float] = {}

    def choose(
        self, models: Iterable[WakeModel], sensitivities: Mapping[str, float] | None = None
    ) -> None:
        self.chosen = [model.name for model in models]
        self.sensitivities = dict(sensitivities or {})

    def reset(self) -> None:
        pass

    def hear(self, block: Samples) -> str | None:
        heard = self.chosen[0] if self.chosen and block[0] == WAKE_WORD else None
        self.features = FEATURES if heard is not None and self.wants_features else None
        return heard


class FakeLoudspeaker:
    """Plays instantly."""

    def __init__(self) -> None:
        self.format = PcmFormat(rate=22_050, width=2, channels=1)
        self.works = True
        self.adjustments = Adjustments()
        """Those in effect."""
        self.on_change: Callable[[], None] = lambda: None
        self.monitors: list[PlaybackMonitor] = []
        self.prompts: list[Samples] = []
        self.schedule = Schedule()
        self.said: list[int] = []
        """Lengths of the prompts in samples."""
        self.played_format: PcmFormat | None = None
        self.cues: list[Cue] = []
        self.cue_volumes: list[float | None] = []
        """Those asked for; None for the usual one."""
        self.played = b""
        self._on_finished: Callable[[bool], None] | None = None

    def adjust(self, adjustments: Adjustments) -> None:
        self.adjustments = adjustments

    def cue(self, cue: Cue, volume: float | None = None) -> None:
        self.cues.append(cue)
        self.cue_volumes.append(volume)

    def say(self, prompt: Samples) -> None:
        self.prompts.append(prompt)
        self.said.append(len(prompt))

    async def until_cue(self, cue: Cue) -> None:
        """Wait for a cue."""
        await until(lambda: self.cues, lambda cues: cue in cues)

    def start(self, pcm_format: PcmFormat, on_finished: Callable[[bool], None]) -> None:
        self.played_format = pcm_format
        self._on_finished = on_finished

    def play(self, pcm: bytes) -> None:
        self.played += pcm

    def end(self) -> None:
        if self._on_finished is not None:
            asyncio.get_running_loop().call_soon(self._on_finished, self.works)

    def stop(self) -> None:
        self._on_finished = None

    def play_background(self, track: "Background") -> None:
        raise NotImplementedError("tests of music have a loudspeaker of their own")


class FakeLamp:
    """Remembers what it has shown; `fault` makes it fail."""

    name = "fake LED"
    dims = True

    def __init__(self) -> None:
        self.shown: list[Lamp] = []
        self.brightness: float | None = None
        self.fault: OSError | None = None

    @contextmanager
    def opened(self) -> Iterator[None]:
        yield

    def show(self, lamp: Lamp, brightness: float) -> None:
        if self.fault is not None:
            raise self.fault
        self.shown.append(lamp)
        self.brightness = brightness


class LivingConnection(Connection):
    """A connection that `kept_alive` keeps alive; it hides the answers to those pings."""

    async def receive(self) -> Event:
        while True:
            event = await super().receive()
            if event.type != "pong" or event.data.get("text") != _ALIVE:
                return event


@asynccontextmanager
async def kept_alive(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> AsyncIterator[LivingConnection]:
    """Ping as Home Assistant does, so that a slow test is not taken for a dead peer; then close."""
    connection = LivingConnection(reader, writer)

    async def ping() -> None:
        with suppress(LinkError):  # a test may close it, or expect it to be closed
            while True:
                await asyncio.sleep(_PING_SECONDS)
                await connection.send(Ping(text=_ALIVE))

    pinging = asyncio.create_task(ping())
    try:
        yield connection
    finally:
        pinging.cancel()
        await asyncio.gather(pinging, return_exceptions=True)
        await connection.close()


class Controller:
    """Acts as Home Assistant over a real socket."""

    def __init__(self, connection: Connection, writer: asyncio.StreamWriter) -> None:
        self.connection = connection
        self.writer = writer
        """Sends what is not an event."""

    async def send(self, event_type: str, payload: bytes | None = None, **data: Any) -> None:
        await self.connection.send(Event(event_type, data, payload))

    async def receive(self, event_type: str) -> Event:
        """Return the next event of a type, skipping others."""
        return (await self.receive_until(event_type))[-1]

    async def receive_each(self, wanted: dict[str, Callable[[dict[str, Any]], bool]]) -> None:
        """Wait for an event of each type whose data is as wanted, in whatever order they come."""
        missing = dict(wanted)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while missing:
                event = await self.connection.receive()
                if event.type in missing and missing[event.type](event.data):
                    del missing[event.type]

    async def receive_until(self, event_type: str) -> list[Event]:
        return await events_until(self.connection, event_type)

    async def say(self, pcm: bytes, turn: int | None = None) -> None:
        """Send an answer or an announcement."""
        data: dict[str, Any] = {"rate": 16_000, "width": 2, "channels": 1}
        if turn is not None:
            data["turn"] = turn
        await self.send("audio-start", **data)
        await self.send("audio-chunk", pcm, **data)
        await self.send("audio-stop", **data)


@dataclass
class ServedSatellite:
    """A satellite with fake devices that accepts connections."""

    room: SatelliteRoom
    microphone: FakeMicrophone
    loudspeaker: FakeLoudspeaker
    lamp: FakeLamp
    detector: ScriptedDetector
    settings: Settings
    state_dir: Path
    port: int
    connect: Callable[[], Awaitable[Controller]]

    async def control(self) -> Controller:
        """Connect and become the controller."""
        controller = await self.connect()
        await controller.send("run-satellite")
        await controller.send("ping")
        await controller.receive("pong")
        return controller


@asynccontextmanager
async def served(
    state_dir: Path, *, quiet: bool = False, loudspeaker: FakeLoudspeaker | None = None
) -> AsyncIterator[ServedSatellite]:
    """Serve a satellite during the block; it plays music if it is given a loudspeaker for it."""
    plays_music = loudspeaker is not None
    microphone, detector = FakeMicrophone(), ScriptedDetector()
    loudspeaker = loudspeaker or FakeLoudspeaker()
    lamp = FakeLamp()
    lamps = Lamps([lamp])
    adjustments = Adjustments(led_brightness=0.2, noise_suppression=NoiseSuppression.OFF)
    settings = Settings(state_dir, ["hey_jarvis"], adjustments=adjustments)
    music = MusicPlayer(loudspeaker, KeptLevel(state_dir)) if plays_music else None
    room = SatelliteRoom(
        description=Description(
            identity=load_identity(state_dir, DeviceKind.SATELLITE),
            name="Kitchen satellite",
            area="Kitchen",
            loudspeaker=loudspeaker.format,
            plays_music=plays_music,
        ),
        wake_words=built_in_models(),
        active_wake_words=["hey_jarvis"],
        settings=settings,
        microphone=microphone,
        detector=detector,
        loudspeaker=loudspeaker,
        lamps=lamps,
        suppressor=NoiseSuppressor(),
        music=music,
        stop_word=StopWord(),
        quiet=quiet,
    )
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(
            LinkServer("127.0.0.1", 0, room.controllers.serve, trust=None)
        )
        if music is not None:
            await stack.enter_async_context(music)
        stack.enter_context(lamps.opened())
        await stack.enter_async_context(room)
        lamp.shown.clear()

        async def connect() -> Controller:
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", server.port, limit=MAX_HEADER_BYTES
            )
            connection = await stack.enter_async_context(kept_alive(reader, writer))
            return Controller(connection, writer)

        yield ServedSatellite(
            room, microphone, loudspeaker, lamp, detector, settings, state_dir, server.port, connect
        )


def heard_values(events: list[Event]) -> list[int]:
    """Return the value of every block among the audio chunks of `events`."""
    return [
        int(np.frombuffer(event.payload or b"", "<i2")[0])
        for event in events
        if event.type == "audio-chunk"
    ]
