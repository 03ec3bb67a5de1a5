"""The sound of one piece of music, as a track of the loudspeaker."""

import threading
from collections.abc import Callable
from socket import socket
from typing import Final

import numpy as np
import numpy.typing as npt
import soxr

from .level import Level

Frames = npt.NDArray[np.int16]
"""Stereo sound, shape (frames, 2)."""

_PACKET_BYTES: Final = 64 * 1024
"""More than any packet has."""


class MusicTrack:
    """Takes packets of sound from a socket, as described in `decoder.py`, when they are due.

    Nothing is lost while it is paused: whoever sends the packets waits.
    """

    def __init__(
        self,
        sound: socket,
        rate: int,
        level: Level,
        *,
        on_over: Callable[[], None],
        on_lost: Callable[[], None],
    ) -> None:
        """Prepare to play sound of `rate` samples per second.

        In the loudspeaker thread, `on_over` is called when all has been played, and `on_lost` if
        the device fails.
        """
        self.is_background = True
        self.paused = False
        self.silent_pieces = 0
        """Empty pieces taken since it was paused, or ended."""
        self._sound = sound
        sound.setblocking(False)
        self._rate = rate
        self._level = level
        self._on_over = on_over
        self._on_lost = on_lost
        self._lock = threading.Lock()
        self._jump: int | None = None
        """The number of the packets to play; None while it jumps to another position."""
        self._position_seconds = 0.0
        self._ready: Frames = np.zeros((0, 2), np.int16)
        self._gain = 0.0
        self._ended = False
        self._closed = False
        self._resampler: soxr.ResampleStream | None = None
        self._resampled_rate = rate

    @property
    def position_seconds(self) -> float:
        """The position in the music."""
        with self._lock:
            return self._position_seconds

    def leave(self, position_seconds: float) -> None:
        """Fade out, because it jumps to another position."""
        with self._lock:
            self._jump = None
            self._position_seconds = position_seconds

    def enter(self, jump: int, position_seconds: float) -> None:
        """Play the packets of this number, whose first one is for this position."""
        with self._lock:
            self._jump = jump
            self._position_seconds = position_seconds
            self._ready = self._ready[:0]

    def wake(self) -> None:
        """Prepare to be played again after a pause."""
        self.paused = False
        self.silent_pieces = 0

    def close(self) -> None:
        """Fade out for ever, and close the socket."""
        with self._lock:
            self._jump = None
            self._closed = self._ended = True
            self._sound.close()

    # In the loudspeaker thread

    def make_way(self, seconds: float, *, others_sound: bool) -> None:
        """Make way for other sound in the next `seconds`."""
        self._level.make_way(seconds, others_sound=others_sound)

    def take(self, frames: int, rate: int) -> npt.NDArray[np.int32]:
        """Return the next frames, shape (frames, 2), padded with silence."""
        with self._lock:
            plays = self._jump is not None and not self.paused
            gain = self._level.gain if plays else 0.0
            taken = self._next(frames, rate) if plays or self._gain > 0 else self._ready[:0]
            if self.paused or (self._ended and len(taken) == 0):
                self.silent_pieces += 1
            if self._jump is None:
                self._ready = self._ready[:0]
        gains = np.linspace(self._gain, gain, len(taken), dtype=np.float32)[:, np.newaxis]
        # After a gap it fades in again.
        self._gain = gain if len(taken) == frames else 0.0
        return np.pad((taken * gains).astype(np.int32), ((0, frames - len(taken)), (0, 0)))

    def on_finished(self) -> None:
        """Tell that it is over, unless it is only paused."""
        if self._ended and not self._closed and not self.paused:
            self._on_over()

    def lose(self) -> None:
        """Tell that the device has failed."""
        if not self._closed:
            self._on_lost()

    def _next(self, frames: int, rate: int) -> Frames:
        while len(self._ready) < frames and self._jump is not None and not self._ended:
            try:
                packet = self._sound.recv(_PACKET_BYTES)
            except BlockingIOError:
                break
            if not packet:
                self._ended = True
            elif packet[0] == self._jump:
                pcm = np.frombuffer(packet, "<i2", offset=1).reshape(-1, 2)
                self._ready = np.concatenate((self._ready, self._at_rate(pcm, rate)))
        taken = self._ready[:frames]
        self._ready = self._ready[frames:]
        if self._jump is not None:
            self._position_seconds += len(taken) / rate
        return taken

    def _at_rate(self, pcm: Frames, rate: int) -> Frames:
        """Convert sound, if the device is not the one that there was when the music began."""
        if rate == self._rate:
            return pcm
        if self._resampler is None or self._resampled_rate != rate:
            self._resampler = soxr.ResampleStream(self._rate, rate, 2, dtype="int16", quality="MQ")
            self._resampled_rate = rate
        resampled: Frames = self._resampler.resample_chunk(pcm)
        return resampled
