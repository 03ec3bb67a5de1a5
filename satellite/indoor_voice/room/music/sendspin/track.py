"""Music in sync, as a track of the loudspeaker: samples that are due at certain times."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from indoor_voice.room.music.level import Level
from indoor_voice.room.music.track import Frames
from indoor_voice.room.sound.schedule import Schedule

_JUMP_SECONDS: Final = 0.03
"""Whatever is this far from its time does not drift there: it goes there at once."""
_CORRECTED_EACH_PIECE: Final = 0.02
"""The part of a smaller difference that is corrected in one piece, of 20 ms."""
_MOST_CORRECTED: Final = 4
"""Frames that are left out or added in one piece at most: 0.4 % at 48 kHz, not to be heard."""
_PATIENCE_PIECES: Final = 250
"""How long it waits for sound, in pieces, before the device is closed: 5 s."""
_MICROSECONDS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class _Chunk:
    start_us: float
    frames: Frames


class SyncedTrack:
    """Plays each chunk of sound when it is due by the server's clock, and never later."""

    def __init__(
        self,
        level: Level,
        schedule: Schedule,
        rate: int,
        *,
        most_frames: int,
        on_lost: Callable[[], None],
    ) -> None:
        """Prepare to play sound of `rate` frames per second, of which `most_frames` may wait.

        `on_lost` is called in the loudspeaker thread if the device fails.
        """
        self.is_background = True
        self.silent_pieces = 0
        """Empty pieces taken, after a while without any sound."""
        self.clock_ahead_us: float | None = None
        """How far the server's clock is ahead of the one here; until it is known, it is silent."""
        self._level = level
        self._schedule = schedule
        self._rate = rate
        self._most_frames = most_frames
        self._on_lost = on_lost
        self._lock = threading.Lock()
        self._chunks: deque[_Chunk] = deque()
        self._waiting = 0
        self._left: deque[_Chunk] | None = None
        """Sound that is not wanted any more, but from which to fade out."""
        self._next_us: float | None = None
        """The time of the frame that follows those that were taken; None to begin anew."""
        self._gain = 0.0
        self._idle_pieces = 0
        self._closed = False

    def add(self, start_us: float, frames: Frames) -> bool:
        """Add sound that is due at `start_us`, and return whether there was room for it.

        It must be later than what was added before.
        """
        with self._lock:
            last = self._chunks[-1].start_us if self._chunks else None
            if self._closed or (last is not None and start_us <= last):
                return False
            if self._waiting + len(frames) > self._most_frames:
                return False
            self._chunks.append(_Chunk(start_us, frames))
            self._waiting += len(frames)
            self._idle_pieces = self.silent_pieces = 0
        return True

    def clear(self) -> None:
        """Discard all sound, and go on with what is added next."""
        with self._lock:
            self._leave()

    def close(self) -> None:
        """Fade out for ever."""
        with self._lock:
            self._leave()
            self._closed = True

    def _leave(self) -> None:
        if self._left is None:
            self._left = self._chunks
        self._chunks = deque()
        self._waiting = 0

    # In the loudspeaker thread

    def make_way(self, seconds: float, *, others_sound: bool) -> None:
        """Make way for other sound in the next `seconds`."""
        self._level.make_way(seconds, others_sound=others_sound)

    def take(self, frames: int, rate: int) -> npt.NDArray[np.int32]:
        """Return the frames that are due now, shape (frames, 2), with silence where there are none.

        They fade in after a gap, and out before one that is foreseen.
        """
        heard_at, ahead_us = self._schedule.heard_at, self.clock_ahead_us
        due_us = None
        if heard_at is not None and ahead_us is not None:
            due_us = heard_at * _MICROSECONDS + ahead_us
        with self._lock:
            chunks = self._chunks if self._left is None else self._left
            fades_out = self._left is not None
            if due_us is not None and self._next_us is None and not fades_out:
                self._next_us = due_us
            taken, fades_out, whole = self._take(chunks, frames, rate, due_us, fades_out=fades_out)
            if fades_out:
                self._left = self._next_us = None
            self._count_idle(sounds=bool(self._chunks))
        gain = 0.0 if fades_out else self._level.gain
        gains = np.linspace(self._gain, gain, frames, dtype=np.float32)[:, np.newaxis]
        self._gain = gain if whole else 0.0
        return (taken * gains).astype(np.int32)

    def _take(
        self,
        chunks: deque[_Chunk],
        frames: int,
        rate: int,
        due_us: float | None,
        *,
        fades_out: bool,
    ) -> tuple[Frames, bool, bool]:
        """Return the frames that come next, whether they fade out, and whether all are sound."""
        if due_us is None or self._next_us is None:
            return np.zeros((frames, 2), np.int16), True, False
        early = (self._next_us - due_us) / _MICROSECONDS
        extra = 0
        if abs(early) > _JUMP_SECONDS:
            fades_out = True
        else:
            difference = -early * self._rate * _CORRECTED_EACH_PIECE
            extra = round(min(max(difference, -_MOST_CORRECTED), _MOST_CORRECTED))
        wanted = round(frames * self._rate / rate) + extra
        pulled, whole = self._pull(chunks, wanted)
        return fitted(pulled, frames), fades_out, whole

    def _pull(self, chunks: deque[_Chunk], wanted: int) -> tuple[Frames, bool]:
        """Take the next frames from the chunks, with silence in gaps; and whether all are sound."""
        assert self._next_us is not None
        pulled = np.zeros((wanted, 2), np.int16)
        done = sounding = 0
        frame_us = _MICROSECONDS / self._rate
        while done < wanted and chunks:
            chunk = chunks[0]
            first = round((self._next_us - chunk.start_us) / frame_us)
            if first >= len(chunk.frames):
                chunks.popleft()
                if chunks is self._chunks:
                    self._waiting -= len(chunk.frames)
                continue
            if first < 0:
                gap = min(-first, wanted - done)
                done += gap
                self._next_us += gap * frame_us
                continue
            piece = chunk.frames[first : first + wanted - done]
            pulled[done : done + len(piece)] = piece
            done += len(piece)
            sounding += len(piece)
            # The chunk's own time, so that no rounding adds up.
            self._next_us = chunk.start_us + (first + len(piece)) * frame_us
        self._next_us += (wanted - done) * frame_us
        return pulled, sounding == wanted

    def _count_idle(self, *, sounds: bool) -> None:
        self._idle_pieces = 0 if sounds else self._idle_pieces + 1
        patience = 0 if self._closed else _PATIENCE_PIECES
        self.silent_pieces = max(0, self._idle_pieces - patience)

    def on_finished(self) -> None:
        """Begin anew with the next sound: the device is closed."""
        self._next_us = None

    def lose(self) -> None:
        """Discard all sound, and tell that the device has failed."""
        self.clear()
        self._next_us = None
        if not self._closed:
            self._on_lost()


def fitted(frames: Frames, length: int) -> Frames:
    """Return sound that is `length` frames long.

    A few frames are left out or repeated where that changes least. If the length is quite another,
    because the device has another rate than the music, it is stretched.
    """
    missing = length - len(frames)
    if missing == 0:
        return frames
    if abs(missing) > _MOST_CORRECTED:
        at = np.linspace(0, len(frames) - 1, length)
        stretched = [np.interp(at, np.arange(len(frames)), channel) for channel in frames.T]
        return np.stack(stretched, axis=1).astype(np.int16)
    steps = np.abs(np.diff(frames.astype(np.int32), axis=0)).sum(axis=1)
    # One in each part, so that they are apart.
    parts = np.array_split(np.arange(len(steps)), abs(missing))
    places = [int(part[steps[part].argmin()]) for part in parts]
    if missing < 0:
        return np.delete(frames, places, axis=0)
    return np.insert(frames, places, frames[places], axis=0)
