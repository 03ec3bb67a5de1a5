"""A Sendspin server of the library's own, and loudspeakers that know when each sample is heard."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt
from aiosendspin.noise.keys import Identity
from aiosendspin.noise.trust_store import InMemoryServerPairingStore
from aiosendspin.server import AudioFormat, SendspinClient, SendspinGroup, SendspinServer

from demo.ports import free_port
from indoor_voice.room.music.kept_level import KeptLevel
from indoor_voice.room.music.player import MusicPlayer, MusicState
from indoor_voice.room.music.sendspin.speaker import SendspinSpeaker
from indoor_voice.room.music.sendspin.state import SendspinState
from indoor_voice.room.sound.mix import Background
from indoor_voice.room.sound.pcm import PcmFormat
from indoor_voice.room.sound.schedule import steady_seconds
from tests.room.numbered import PIECE, RATE, numbered
from tests.room.room_parts import FakeLoudspeaker
from tests.waiting import until

_BUFFER: Final = RATE // 8
_PERIOD: Final = 256
"""A device tells how far it is in steps of this many samples."""
_LATE_SECONDS: Final = 0.004
"""How late a thread looks at its device, on average."""
_TAIL_PIECES: Final = 5
FORMAT: Final = AudioFormat(RATE, 16, 2)


class Clock:
    """A clock that is wrong, and goes wrong."""

    def __init__(self, offset_seconds: float = 0.0, drift: float = 0.0) -> None:
        self._begun = steady_seconds()
        self._offset_seconds = offset_seconds
        self._drift = drift

    def __call__(self) -> float:
        return self.at(steady_seconds())

    def at(self, seconds: float) -> float:
        """Return what it shows at a time that is right."""
        return seconds + self._offset_seconds + (seconds - self._begun) * self._drift

    def now_us(self) -> int:
        return round(self() * 1_000_000)


class ClockedLoudspeaker(FakeLoudspeaker):
    """Plays music at its own pace, and notes when each piece is really heard."""

    def __init__(self, now: Clock, *, drift: float = 0.0) -> None:
        super().__init__()
        self.format = PcmFormat(rate=RATE, width=2, channels=1)
        self.others_sound = False
        self.unplugged = False
        self.heard: list[tuple[float, npt.NDArray[np.int32]]] = []
        """Pieces, and when their first sample was heard."""
        self._at = now.at
        self._lateness = np.random.default_rng(1)
        self._rate = RATE * (1 + drift)
        self._track: Background | None = None

    def play_background(self, track: Background) -> None:
        before, self._track = self._track, track
        if before is not track:
            threading.Thread(target=self._play, args=(track,), daemon=True).start()

    @property
    def is_silent(self) -> bool:
        return not self.heard or not self.heard[-1][1].any()

    @property
    def loudness(self) -> float:
        """How loud the latest piece is: half of its amplitude is 0.5."""
        left = self.heard[-1][1][:, 0] if self.heard else np.zeros(1)
        return float(np.abs(left).max())

    def _play(self, track: Background) -> None:
        """Take each piece when there is room for it in the buffer.

        What is too late for a device, because this machine is busy, is taken as if it were not.
        """
        pause = threading.Event()
        begun = steady_seconds()
        written = 0
        self.schedule.begin(RATE, _BUFFER)
        while track.silent_pieces < _TAIL_PIECES and self._track is track:
            if self.unplugged:
                track.lose()
                break
            played = max(0, written + PIECE - _BUFFER)
            pause.wait(max(0.0, begun + played / self._rate - steady_seconds()))
            late = self._lateness.exponential(_LATE_SECONDS)
            told = played + int(late * self._rate) // _PERIOD * _PERIOD
            self.schedule.look(
                _BUFFER - (written - told), self._at(begun + late + played / self._rate)
            )
            track.make_way(PIECE / RATE, others_sound=self.others_sound)
            piece = track.take(PIECE, RATE)
            self.schedule.add(PIECE)
            self.heard.append((begun + written / self._rate, piece))
            written += PIECE
        if self._track is track:
            self._track = None
        track.on_finished()


class Satellite:
    """What of a satellite plays music in sync."""

    def __init__(
        self, folder: Path, url: str, now: Clock | None = None, *, drift: float = 0.0
    ) -> None:
        now = now or Clock()
        self.loudspeaker = ClockedLoudspeaker(now, drift=drift)
        self.music = MusicPlayer(self.loudspeaker, KeptLevel(folder))
        self.told: list[MusicState] = []
        """The state, whenever Home Assistant was told."""
        self.disturbed = False
        self.state = SendspinState(folder)
        self.id = Identity.from_private_bytes(self.state.key).peer_id
        self.url = url

        async def find() -> str:
            return self.url

        async def save(write: Callable[[], None]) -> None:
            await asyncio.to_thread(write)

        def tell() -> None:
            self.told.append(self.music.state)

        self.music.attach(save, tell, lambda: self.disturbed)
        self.speaker = SendspinSpeaker(
            name="Kitchen Satellite",
            find=find,
            state=self.state,
            music=self.music,
            loudspeaker=self.loudspeaker,
            now=now,
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Satellite"]:
        async with self.music, self.speaker:
            yield self

    async def until_heard(self) -> None:
        await until(lambda: not self.loudspeaker.is_silent)

    async def until_state(self, state: MusicState) -> None:
        await until(lambda: self.music.state, lambda now: now is state)

    async def until_silent(self) -> None:
        await until(lambda: self.loudspeaker.is_silent)


class Player(Protocol):
    """A satellite, as a Sendspin server sees it."""

    @property
    def id(self) -> str: ...


class Server:
    """A server that plays numbered sound."""

    def __init__(self, now: Clock | None = None) -> None:
        self.port = free_port()
        self.url = f"ws://127.0.0.1:{self.port}/sendspin"
        self.trust = InMemoryServerPairingStore()
        self.server = SendspinServer(
            asyncio.get_running_loop(),
            Identity.generate(),
            "Music",
            pairing_store=self.trust,
            clock=now or Clock(),
            # As in the specification: it admits no slip of ours.
            allow_noncompliant_clients=False,
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Server"]:
        await self.server.start_server(
            self.port, "127.0.0.1", advertise_addresses=[], discover_clients=False
        )
        try:
            yield self
        finally:
            await self.server.close()

    async def client(self, satellite: Player) -> SendspinClient:
        """Admit a satellite, and return it when it is ready to play."""
        await self.server.trust_unpaired(satellite.id)

        def ready() -> SendspinClient | None:
            client = self.server.get_client(satellite.id)
            return client if client and client.is_connected and client.available else None

        client = await until(ready)
        assert client is not None
        return client

    @asynccontextmanager
    async def playing(self, group: SendspinGroup) -> AsyncIterator[None]:
        """Play during the block."""
        task = asyncio.create_task(self._play(group))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            await group.stop()

    async def _play(self, group: SendspinGroup) -> None:
        stream = group.start_stream()
        step = RATE // 10
        number = 0
        while not stream.is_stopped:
            stream.prepare_audio(numbered(number, step), FORMAT)
            await stream.commit_audio()
            number += step
            await stream.sleep_to_limit_buffer(1_500_000)
