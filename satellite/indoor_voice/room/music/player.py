"""Plays music: one piece at a time, which Home Assistant names by its address.

Every way that it can go wrong ends in `idle` with a fault: what does not begin, does not go on, or
is nothing that can be played. The process that decodes it is killed then.
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Any, Final, Self

from indoor_voice.room.clockwork.tasks import Save
from indoor_voice.room.sound.loudspeaker import Loudspeaker

from .kept_level import KeptLevel
from .process import DecoderProcess
from .synced import SyncedMusic
from .track import MusicTrack

START_SECONDS: Final = 20.0
"""How long a piece may take to begin."""
STALLED_SECONDS: Final = 30.0
"""How long it may then deliver nothing."""
_JUMPS: Final = 256
"""Jumps are counted modulo this."""
_DURATION_STEP_SECONDS: Final = 1.0
"""A change of the duration by less than this is not news."""


class MusicState(StrEnum):
    """What the player does."""

    IDLE = "idle"
    BUFFERING = "buffering"
    """It waits for sound."""
    PLAYING = "playing"
    PAUSED = "paused"


class MusicFault(StrEnum):
    """Why a piece ended early, or never began."""

    NOT_FOUND = "media-not-found"
    REFUSED = "media-refused"
    """Its server answered with another error."""
    UNREACHABLE = "media-unreachable"
    UNPLAYABLE = "media-unplayable"
    """It is in no known format."""
    WITHOUT_SOUND = "media-without-sound"
    STALLED = "media-stalled"
    FAILED = "media-failed"
    """The decoder ended unexpectedly."""
    LOUDSPEAKER_LOST = "media-loudspeaker-lost"


class NotSeekableError(Exception):
    """The position cannot be chosen: nothing plays, or the piece has no positions, as radio."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """What is played."""

    number: int
    """How Home Assistant refers to it."""
    url: str
    verify: bool
    """Whether the certificate of its server must be valid."""


class _Playing:
    """One run of the decoder for a piece."""

    def __init__(self, piece: Piece, start_seconds: float) -> None:
        self.piece = piece
        self.start_seconds = start_seconds
        self.events: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        self.process: DecoderProcess | None = None
        self.track: MusicTrack | None = None
        self.ready = False
        self.buffering = False
        self.decoded = False
        """Whether the decoder has sent all sound and ended."""
        self.seekable = False
        self.jumps = 0
        self.goal_seconds: float | None = None
        """Where it jumps to, until it is there."""
        self.duration_seconds: float | None = None

    def note_duration(self, event: dict[str, Any]) -> bool:
        """Note what an event says about the duration, and return whether that is news."""
        new, before = event.get("duration"), self.duration_seconds
        if not self.seekable or not isinstance(new, int | float):
            return False
        if before is not None and abs(new - before) < _DURATION_STEP_SECONDS:
            return False
        self.duration_seconds = float(new)
        return True


class MusicPlayer:
    """Plays music on a loudspeaker, below everything else, during an `async with` block."""

    def __init__(self, loudspeaker: Loudspeaker, level: KeptLevel) -> None:
        """Prepare to play at `level`; call `attach` before it is used."""
        self.level = level
        self.fault: MusicFault | None = None
        """Why the latest piece ended early."""
        self.number: int | None = None
        """The number of the latest piece."""
        self._loudspeaker = loudspeaker
        self._on_change: Callable[[], None] = lambda: None
        self._save: Save | None = None
        self._paused = False
        self._playing: _Playing | None = None
        self._synced: SyncedMusic | None = None
        self._task: asyncio.Task[None] | None = None
        self._one_at_a_time = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    def attach(
        self, save: Save, on_change: Callable[[], None], is_disturbing: Callable[[], bool]
    ) -> None:
        """Connect it to its room.

        `on_change` is called in the event loop when anything but the time changes, and
        `is_disturbing` in the loudspeaker thread to find out whether to make way.
        """
        self._save = save
        self._on_change = on_change
        self.level.is_disturbing = is_disturbing

    def attach_synced(self, synced: SyncedMusic) -> None:
        """Play either pieces or this, whatever began later."""
        self._synced = synced

    async def __aenter__(self) -> Self:
        """Keep the volume saved."""
        if self._save is not None:
            self._create_task(self.level.keep_saved(self._save))
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop playing without telling anybody, and wait for the process to end."""
        self._end()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def state(self) -> MusicState:
        """What it does."""
        playing = self._playing
        if playing is None:
            return MusicState.PLAYING if self._plays_synced else MusicState.IDLE
        if self._paused:
            return MusicState.PAUSED
        return MusicState.PLAYING if _sounds(playing) else MusicState.BUFFERING

    @property
    def position_seconds(self) -> float | None:
        """The position in the piece; None if nothing plays."""
        if self._playing is None:
            return None
        track = self._playing.track
        return self._playing.start_seconds if track is None else track.position_seconds

    @property
    def duration_seconds(self) -> float | None:
        """The duration of the piece; None if that is unknown, or it never ends."""
        return None if self._playing is None else self._playing.duration_seconds

    @property
    def _plays_synced(self) -> bool:
        return self._synced is not None and self._synced.playing

    def play(self, piece: Piece) -> None:
        """Play a piece instead of what is playing."""
        self._stop_synced()
        self.fault = None
        self.number = piece.number
        self._paused = False
        self._start(piece, 0.0)

    def pause(self) -> None:
        """Fall silent, and remember the position; synced music is stopped."""
        playing = self._playing
        if playing is None and self._stop_synced():
            self._on_change()
        if playing is None or self._paused:
            return
        self._paused = True
        if playing.track is not None:
            playing.track.paused = True
        self._on_change()

    def resume(self) -> None:
        """Go on after a pause."""
        playing = self._playing
        if playing is None or not self._paused:
            return
        self._paused = False
        if playing.ready and playing.track is not None:
            playing.track.wake()
            self._loudspeaker.play_background(playing.track)
        self._on_change()

    def seek(self, seconds: float) -> None:
        """Go on from another position; raises `NotSeekableError`."""
        playing = self._playing
        if playing is None or (playing.ready and not playing.seekable):
            raise NotSeekableError
        if not playing.ready or playing.decoded or playing.process is None:
            self._start(playing.piece, seconds)
            return
        playing.jumps += 1
        playing.goal_seconds = seconds
        playing.buffering = True
        if playing.track is not None:
            playing.track.leave(seconds)
        playing.process.seek(seconds)
        self._on_change()

    def set_level(self, volume: float, *, muted: bool) -> None:
        """Play at a volume, 0 to 1, or not audibly."""
        self.level.change(volume, muted=muted)
        self._on_change()
        if self._synced is not None:
            self._synced.note_level()

    def stop(self) -> bool:
        """Stop playing, and return whether anything was."""
        was_playing = self._stop_synced() or self._playing is not None
        if was_playing:
            self._end()
            self._on_change()
        return was_playing

    def give_way(self) -> None:
        """Stop the piece, because synced music begins."""
        self.fault = self.number = None
        if self._playing is not None:
            self._end()
            self._on_change()

    def tell(self) -> None:
        """Tell what it does, because synced music began or ended."""
        self._on_change()

    async def save(self, write: Callable[[], None]) -> None:
        """Call `write`, which saves something, as the room does; raises `UserError`."""
        if self._save is not None:
            await self._save(write)

    def _stop_synced(self) -> bool:
        was_playing = self._plays_synced
        if self._synced is not None:
            self._synced.stop()
        return was_playing

    def _start(self, piece: Piece, start_seconds: float) -> None:
        self._end()
        self._playing = _Playing(piece, start_seconds)
        self._task = self._create_task(self._play(self._playing))
        self._on_change()

    def _create_task(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _end(self) -> None:
        if self._task is not None:
            self._task.cancel()
        self._task = self._playing = None

    async def _play(self, playing: _Playing) -> None:
        async with self._one_at_a_time:
            try:
                fault = await self._decode(playing)
            except OSError:
                fault = MusicFault.FAILED
        self._task = self._playing = None
        self.fault = fault
        self._on_change()

    async def _decode(self, playing: _Playing) -> MusicFault | None:
        """Play it to its end, and return why that was early; raises `OSError`."""
        loop = asyncio.get_running_loop()

        def tell(event: str) -> None:
            loop.call_soon_threadsafe(playing.events.put_nowait, {"event": event})

        piece, rate = playing.piece, self._loudspeaker.format.rate
        process = DecoderProcess(
            piece.url, rate=rate, start_seconds=playing.start_seconds, verify=piece.verify
        )
        track = MusicTrack(
            process.sound,
            rate,
            self.level,
            on_over=lambda: tell("over"),
            on_lost=lambda: tell("lost"),
        )
        try:
            async with process, asyncio.TaskGroup() as tasks:
                playing.process, playing.track = process, track
                track.paused = self._paused
                track.leave(playing.start_seconds)
                reading = tasks.create_task(_read_events(process, playing.events))
                fault = await self._follow(playing, track)
                reading.cancel()
        finally:
            track.close()
        return fault

    async def _follow(self, playing: _Playing, track: MusicTrack) -> MusicFault | None:
        """Wait until the piece ends, and return why it did, unless it was complete."""
        while True:
            try:
                async with asyncio.timeout(self._patience_seconds(playing)):
                    event = await playing.events.get()
            except TimeoutError:
                return MusicFault.STALLED
            match event:
                case None if not playing.decoded:
                    return MusicFault.FAILED
                case {"event": "failed", "code": str(code)} if code in set(MusicFault):
                    return MusicFault(code)
                case {"event": "lost"}:
                    return MusicFault.LOUDSPEAKER_LOST
                case {"event": "over"}:
                    return None
                case None:
                    pass
                case _:
                    self._note(event, playing, track)

    def _patience_seconds(self, playing: _Playing) -> float | None:
        if not playing.ready:
            return START_SECONDS
        return STALLED_SECONDS if playing.buffering else None

    def _note(self, event: dict[str, Any], playing: _Playing, track: MusicTrack) -> None:
        """Note what the decoder tells, and tell it if it is news."""
        match event:
            case {"event": "ready", "jump": int(jump), "position": int() | float() as position}:
                if jump != playing.jumps % _JUMPS:
                    return  # it has to jump again
                playing.seekable = event.get("seekable") is True
                playing.note_duration(event)
                self._go_on(playing, track, jump, float(position))
            case {"event": "duration"}:
                if not playing.note_duration(event):
                    return
            case {"event": "buffering", "buffering": bool(buffering)}:
                if buffering is playing.buffering:
                    return
                playing.buffering = buffering
            case {"event": "ended"}:
                if playing.goal_seconds is not None:  # it was too late to jump
                    self._start(playing.piece, playing.goal_seconds)
                playing.decoded = True
                playing.buffering = False
                return
        self._on_change()

    def _go_on(
        self, playing: _Playing, track: MusicTrack, jump: int, position_seconds: float
    ) -> None:
        track.enter(jump, position_seconds)
        playing.buffering = False
        playing.goal_seconds = None
        if not playing.ready and not self._paused:
            self._loudspeaker.play_background(track)
        playing.ready = True


def _sounds(playing: _Playing) -> bool:
    return playing.ready and not playing.buffering


async def _read_events(
    process: DecoderProcess, events: "asyncio.Queue[dict[str, Any] | None]"
) -> None:
    while (event := await process.event()) is not None:
        events.put_nowait(event)
    events.put_nowait(None)
