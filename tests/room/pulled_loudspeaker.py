"""A loudspeaker that plays music as fast as a real one, and remembers it."""

import threading
import time

import numpy as np
import numpy.typing as npt

from indoor_voice.room.sound.mix import Background
from indoor_voice.room.sound.pcm import PcmFormat
from tests.room.media_server import RATE
from tests.room.room_parts import FakeLoudspeaker
from tests.waiting import PATIENCE_SECONDS

PIECE = RATE // 50
_TAIL_PIECES = 5
START_PATIENCE_SECONDS = 600.0
"""A decoder that is fed an endless text needs four seconds of CPU time until it gives up, which may
be minutes on a busy machine."""
WAIT_SECONDS = START_PATIENCE_SECONDS + PATIENCE_SECONDS
"""How long a test waits for what the player does: longer than the player itself."""


class PulledLoudspeaker(FakeLoudspeaker):
    """Takes music piece by piece, as a real loudspeaker does."""

    def __init__(self) -> None:
        super().__init__()
        self.format = PcmFormat(rate=RATE, width=2, channels=1)
        self.others_sound = False
        self.unplugged = False
        self.speed = 1.0
        """Sound is decoded seconds ahead; playing it any faster leaves gaps on a busy machine."""
        self._pieces: list[npt.NDArray[np.int32]] = []
        self._track: Background | None = None

    def play_background(self, track: Background) -> None:
        before, self._track = self._track, track
        if before is not track:
            threading.Thread(target=self._play, args=(track,), daemon=True).start()

    @property
    def heard(self) -> npt.NDArray[np.int32]:
        """All that was played, shape (samples, 2)."""
        return np.concatenate([np.zeros((0, 2), np.int32), *self._pieces])

    @property
    def latest(self) -> int:
        """The latest sample of the left channel."""
        return int(self._pieces[-1][-1, 0]) if self._pieces else 0

    @property
    def sounded(self) -> npt.NDArray[np.int32]:
        """The left channel of all that was not silent."""
        left: npt.NDArray[np.int32] = self.heard[:, 0]
        return left.compress(left != 0)

    def _play(self, track: Background) -> None:
        while track.silent_pieces < _TAIL_PIECES:
            if self.unplugged:
                track.lose()
                break
            track.make_way(PIECE / RATE, others_sound=self.others_sound)
            self._pieces.append(track.take(PIECE, RATE))
            time.sleep(PIECE / RATE / self.speed)
        if self._track is track:
            self._track = None
        track.on_finished()
