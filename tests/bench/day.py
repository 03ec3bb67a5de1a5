"""A day of life at higher speed: does anything get lost, late, stuck or larger?

Real satellites and a real Home Assistant, in virtual rooms; the speech server is simulated, so that
a turn takes about a second. In the kitchen the button begins one turn after the other, with
announcements and music in between. In the bedroom timers and alarms are set and ring, which is
heard from the loudspeaker, as a person would. Meanwhile connections are cut and, in the first half,
processes are killed and started again; in the second half memory is measured.
"""

import asyncio
import contextlib
import io
import itertools
import math
import random
import time
import wave
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

import aiohttp
from aiohttp import web

from demo.home_assistant import HomeAssistant, RequestError
from demo.house import COMMAND
from demo.ports import free_port
from demo.processes import Program
from demo.sound import RATE, SoundServer, VirtualRoom
from demo.voice import noise
from indoor_voice.errors import UserError
from indoor_voice.room.controls.socket import NotRunningError, ask
from indoor_voice.room.sound.cues import Cue
from tests.listening import where_cue_begins

from .home_assistant_turns import AUTOMATION
from .many_turns import Point, measure_process
from .satellite import PAIRING_CODE
from .stand_in import StandInSpeech

TURNS_PER_TIMER: Final = 10
LATE_SECONDS: Final = 1.0
_TIMER_SECONDS: Final = (6, 25)
_APART_SECONDS: Final = 5.0
"""Between the ends of two timers, so that each is heard by itself."""
_LOST_SECONDS: Final = 12.0
_DOWN_SECONDS: Final = 12.0
"""A satellite is started again within this time; no timer ends in it."""
_STUCK_SECONDS: Final = 45.0
"""A room that takes no turn for longer, with everything running, is stuck."""
_TURN_SECONDS: Final = 5.0
_BETWEEN_EVENTS_SECONDS: Final = (8.0, 20.0)
_ANSWER_SECONDS: Final = 0.2
_HEARD_SECONDS: Final = 0.25
_RECORDED_BEHIND_SECONDS: Final = 0.05
_MUSIC_SECONDS: Final = 15.0
_TAIL_BYTES: Final = 2 * RATE * 3


@dataclass(slots=True)
class Day:
    """What happened."""

    turns: int = 0
    """Those that ended with an answer."""
    failed: int = 0
    """Those that had none, because something was cut or down, or for no such reason."""
    stuck: int = 0
    """Times in which a room took no turn although everything ran."""
    announced: int = 0
    played: int = 0
    """Pieces of music that began."""
    timers: int = 0
    alarms: int = 0
    lost: int = 0
    lateness: list[float] = field(default_factory=list)
    """Seconds from the end of a timer, or the time of an alarm, to its sound."""
    cuts: int = 0
    restarts: dict[str, int] = field(default_factory=dict)
    memory: dict[str, list[Point]] = field(default_factory=dict)
    """By process, in the second half, with the number of turns."""

    @property
    def late(self) -> int:
        """The number of timers and alarms that rang late."""
        return sum(seconds > LATE_SECONDS for seconds in self.lateness)


class _Wire:
    """A network between Home Assistant and one satellite, which can be cut."""

    def __init__(self, port: int) -> None:
        self.port = free_port()
        self._to = port
        self._cut = False
        self._connections: set[asyncio.StreamWriter] = set()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        server = await asyncio.start_server(self._connect, "127.0.0.1", self.port)
        async with server:
            try:
                yield
            finally:
                self._close()

    async def cut(self, seconds: float) -> None:
        self._cut = True
        self._close()
        await asyncio.sleep(seconds)
        self._cut = False

    def _close(self) -> None:
        for writer in self._connections:
            writer.transport.abort()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._cut:
            writer.transport.abort()
            return
        try:
            beyond = await asyncio.open_connection("127.0.0.1", self._to)
        except OSError:
            writer.transport.abort()
            return
        ends = {writer, beyond[1]}
        self._connections |= ends
        try:
            await asyncio.gather(_pipe(reader, beyond[1]), _pipe(beyond[0], writer))
        finally:
            self._connections -= ends


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


class _Room:
    """A satellite in a virtual room, its wire and its entities."""

    def __init__(self, name: str, room: VirtualRoom, folder: Path) -> None:
        self.room = room
        self.state_dir = folder / name.lower()
        port = free_port()
        self.wire = _Wire(port)
        self.satellite = Program(
            f"The satellite in the {name.lower()}",
            (COMMAND, "satellite", "--host=127.0.0.1", f"--port={port}", f"--area={name}",
             f"--state-dir={self.state_dir}"),
            log=self.state_dir.with_suffix(".log"),
            env={**room.env, "INDOOR_VOICE_PAIRING_CODE": PAIRING_CODE},
        )  # fmt: skip
        self.entity = ""
        self.music = ""
        self.down = False

    async def add_to(self, home_assistant: HomeAssistant) -> None:
        await self.satellite.wait_for_output("Listening", 60)
        entry = await home_assistant.configure(
            "indoor_voice",
            {"next_step_id": "satellite"},
            {"host": "127.0.0.1", "port": self.wire.port},
            {"code": PAIRING_CODE},
        )
        (self.entity,) = await home_assistant.entity_ids("assist_satellite", entry["entry_id"])
        self.music = await _eventually(
            lambda: home_assistant.entity_ids("media_player", entry["entry_id"])
        )

    async def restart(self) -> None:
        self.down = True
        await self.satellite.kill()
        await self.satellite.start()
        await self.satellite.wait_for_output("Listening", 60)
        self.down = False

    async def press(self) -> None:
        with contextlib.suppress(NotRunningError, UserError):
            await asyncio.to_thread(ask, self.state_dir, "press")


class _Life:
    """Everything that happens in one day."""

    def __init__(
        self,
        home_assistant: HomeAssistant,
        speech: StandInSpeech,
        rooms: dict[str, _Room],
        turns: int,
        *,
        music_url: str,
        say: Callable[[str], None],
    ) -> None:
        self._music_url = music_url
        self.day = Day()
        self._home_assistant = home_assistant
        self._speech = speech
        self._kitchen, self._bedroom = rooms["Kitchen"], rooms["Bedroom"]
        self._turns = turns
        self._say = say
        self._random = random.Random(0)  # noqa: S311 - no secret
        self._due: list[float] = []
        """When timers end and alarms are due, on the monotonic clock, in order."""
        self._home_is_down = False
        self._rang_at = -math.inf
        """When the bedroom was last heard to ring."""
        self._may_set = asyncio.Event()
        """Cleared while no more timers and alarms are to be set."""
        self._may_set.set()
        self._over = asyncio.Event()

    async def live(self) -> None:
        happening = [asyncio.create_task(self._disturb()), asyncio.create_task(self._measure())]
        async with asyncio.TaskGroup() as group:
            group.create_task(self._take_turns())
            group.create_task(self._set_timers())
            group.create_task(self._listen())
        self._over.set()
        for task in happening:
            await task

    # In the kitchen

    async def _take_turns(self) -> None:
        idle_since = time.monotonic()
        while self.day.turns < self._turns:
            if not await self._is_idle(self._kitchen):
                if self._disturbed(self._kitchen):
                    idle_since = time.monotonic()
                elif time.monotonic() - idle_since > _STUCK_SECONDS:
                    self.day.stuck += 1
                    idle_since = time.monotonic()
                await asyncio.sleep(0.05)
                continue
            if await self._take_turn():
                self.day.turns += 1
                if self.day.turns % 100 == 0:
                    self._say(f"{self.day.turns} turns, {len(self.day.lateness)} timers")
            else:
                self.day.failed += 1
            await asyncio.sleep(_ANSWER_SECONDS)
            idle_since = time.monotonic()

    async def _take_turn(self) -> bool:
        spoken = self._speech.spoken
        await self._kitchen.press()
        return await self._until(lambda: self._speech.spoken > spoken, _TURN_SECONDS)

    # In the bedroom

    async def _set_timers(self) -> None:
        count = self._turns // TURNS_PER_TIMER
        while self.day.timers + self.day.alarms < count:
            await self._may_set.wait()
            seconds = self._random.randint(*_TIMER_SECONDS)
            due = time.monotonic() + seconds
            if any(abs(due - other) < _APART_SECONDS for other in self._due):
                await asyncio.sleep(0.5)
                continue
            set_one = self._set_alarm if self.day.alarms < self.day.timers else self._set_timer
            try:
                due = await set_one(seconds)
            except (RequestError, aiohttp.ClientError, OSError):
                await asyncio.sleep(0.5)
                continue
            self._due = sorted([*self._due, due])
        self._due.append(float("inf"))

    async def _set_timer(self, seconds: int) -> float:
        began = time.monotonic()
        await self._home_assistant.action(
            "indoor_voice.start_timer",
            satellites=[self._bedroom.entity],
            duration={"seconds": seconds},
        )
        self.day.timers += 1
        # It counts from some moment while the action was performed.
        return (began + time.monotonic()) / 2 + seconds

    async def _set_alarm(self, seconds: int) -> float:
        due = round(time.time()) + seconds
        # Home Assistant's time zone in the demo is UTC.
        at = datetime.fromtimestamp(due, UTC)
        await self._home_assistant.action(
            "indoor_voice.set_alarm",
            satellites=[self._bedroom.entity],
            time=at.strftime("%H:%M:%S"),
            date=at.date().isoformat(),
        )
        self.day.alarms += 1
        return time.monotonic() + due - time.time()

    async def _listen(self) -> None:
        async with self._bedroom.room.recorded() as recording:
            while self._due != [float("inf")]:
                await asyncio.sleep(0.2)
                now = time.monotonic()
                tail = bytes(recording[: len(recording) // 2 * 2][-_TAIL_BYTES:])
                begin = await asyncio.to_thread(where_cue_begins, tail, Cue.RINGING)
                if self._due and now - self._due[0] > _LOST_SECONDS:
                    self.day.lost += 1
                    self._due.pop(0)
                if begin is None:
                    continue
                self._rang_at = now
                rang = now - (len(tail) / 2 - begin) / RATE - _RECORDED_BEHIND_SECONDS
                if self._due:
                    self.day.lateness.append(rang - self._due.pop(0))
                await self._bedroom.press()
                await asyncio.sleep(0.3)
                recording.clear()

    # Around them

    async def _disturb(self) -> None:
        happenings: Iterator[Callable[[], Awaitable[None]]] = itertools.cycle(
            (self._announce, self._cut, self._play_music)
        )
        restarts: Iterator[Callable[[], Awaitable[None]]] = itertools.cycle(
            (
                partial(self._restart_satellite, self._kitchen),
                partial(self._restart_satellite, self._bedroom),
                self._restart_home_assistant,
            )
        )
        while not self._over.is_set():
            pause = self._random.uniform(*_BETWEEN_EVENTS_SECONDS)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._over.wait()
                return
            await next(happenings)()
            if self.day.turns < self._turns / 2:
                await next(restarts)()

    async def _announce(self) -> None:
        with contextlib.suppress(RequestError, aiohttp.ClientError, OSError):
            await self._home_assistant.action(
                "assist_satellite.announce",
                entity_id=self._kitchen.entity,
                message=f"Announcement {self.day.announced}",
                preannounce=False,
            )
            self.day.announced += 1

    async def _play_music(self) -> None:
        with contextlib.suppress(RequestError, aiohttp.ClientError, OSError):
            await self._home_assistant.action(
                "media_player.play_media",
                entity_id=self._kitchen.music,
                media_content_id=self._music_url,
                media_content_type="music",
            )
            self.day.played += 1

    async def _cut(self) -> None:
        room = self._random.choice((self._kitchen, self._bedroom))
        self.day.cuts += 1
        room.down = True
        await room.wire.cut(self._random.uniform(0.1, 6.0))
        room.down = False

    async def _restart_satellite(self, room: _Room) -> None:
        if room is self._bedroom:
            self._may_set.clear()
            await self._until(self._is_quiet, 60)
        self._note_restart("satellites")
        await room.restart()
        self._may_set.set()

    def _is_quiet(self) -> bool:
        """Return whether nothing rings in the bedroom now and soon."""
        now = time.monotonic()
        rings_soon = bool(self._due) and self._due[0] - now < _DOWN_SECONDS
        return not rings_soon and now - self._rang_at > _DOWN_SECONDS / 4

    async def _restart_home_assistant(self) -> None:
        self._note_restart("Home Assistant")
        self._home_is_down = True
        await self._home_assistant.restart()
        self._home_is_down = False

    def _note_restart(self, what: str) -> None:
        self.day.restarts[what] = self.day.restarts.get(what, 0) + 1

    async def _measure(self) -> None:
        processes = {
            "Home Assistant": self._home_assistant.program,
            "satellite, turns": self._kitchen.satellite,
            "satellite, timers": self._bedroom.satellite,
        }
        for share in (0.6, 0.8, 0.99):
            while self.day.turns < share * self._turns:
                await asyncio.sleep(0.1)
            for name, program in processes.items():
                point = measure_process(program.pid, self.day.turns)
                self.day.memory.setdefault(name, []).append(point)

    async def _is_idle(self, room: _Room) -> bool:
        try:
            return await self._home_assistant.state(room.entity) == "idle"
        except (RequestError, aiohttp.ClientError, OSError):
            return False

    def _disturbed(self, room: _Room) -> bool:
        return self._home_is_down or room.down

    async def _until(self, good: Callable[[], bool], seconds: float) -> bool:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not good():
                    await asyncio.sleep(0.02)
                return True
        return False


async def _eventually(entity_ids: Callable[[], Awaitable[list[str]]]) -> str:
    """Return the only entity as soon as it is there."""
    async with asyncio.timeout(30):
        while not (found := await entity_ids()):
            await asyncio.sleep(0.1)
    (entity_id,) = found
    return entity_id


@contextlib.asynccontextmanager
async def _music() -> AsyncIterator[str]:
    """Serve a piece of music, and yield its address."""
    piece = io.BytesIO()
    with wave.open(piece, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(noise(_MUSIC_SECONDS, level_dbfs=-40, seed=1))

    async def send(_request: web.Request) -> web.Response:
        return web.Response(body=piece.getvalue(), content_type="audio/wav")

    application = web.Application()
    application.router.add_get("/piece.wav", send)
    runner = web.AppRunner(application)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield f"http://127.0.0.1:{port}/piece.wav"
    await runner.cleanup()


async def measure(folder: Path, turns: int, say: Callable[[str], None]) -> Day:
    """Live a day with this number of turns and a tenth as many timers and alarms.

    Raises `ProcessFailedError` or `RequestError`.
    """
    home_assistant = HomeAssistant(folder / "homeassistant")
    home_assistant.write_configuration()
    with (home_assistant.folder / "configuration.yaml").open("a", encoding="utf-8") as file:
        file.write(AUTOMATION)
    sound = SoundServer(folder / "sound")
    speech = StandInSpeech(folder / "speech", _ANSWER_SECONDS, hears_seconds=_HEARD_SECONDS)
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(speech.listening())
        await stack.enter_async_context(home_assistant.running())
        await home_assistant.configure(
            "indoor_voice",
            {"next_step_id": "speech"},
            {"host": "127.0.0.1", "port": speech.port},
            {"code": PAIRING_CODE},
            {"create_pipeline": True, "prefer_pipeline": True},
        )
        await stack.enter_async_context(sound.running())
        rooms = {}
        for name in ("Kitchen", "Bedroom"):
            rooms[name] = room = _Room(name, await sound.room(name.lower()), folder)
            await stack.enter_async_context(room.satellite)
            await stack.enter_async_context(room.wire.running())
            await room.add_to(home_assistant)
        music_url = await stack.enter_async_context(_music())
        life = _Life(home_assistant, speech, rooms, turns, music_url=music_url, say=say)
        await life.live()
    return life.day
