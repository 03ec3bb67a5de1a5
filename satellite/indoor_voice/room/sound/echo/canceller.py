"""Cancels the echo of what the satellite plays in what its microphone hears.

It is linear: it subtracts the echo, and never suppresses what remains. Where a person speaks at the
same time, a suppressor would suppress that person too.
"""

import logging
from typing import Final

from indoor_voice.errors import UserError
from indoor_voice.room.sound.pcm import BLOCK_SAMPLES, RATE, Samples
from indoor_voice.room.sound.played import Played

from .alignment import SPAN_SAMPLES, WINDOW_SAMPLES, Alignment
from .speex import TAIL_SAMPLES, Speex
from .timeline import Timeline

_LOGGER = logging.getLogger(__name__)

_KEPT_SAMPLES: Final = max(SPAN_SAMPLES, WINDOW_SAMPLES)


class EchoCanceller:
    """Learns the echo in the room while something is played; costs nothing otherwise.

    What it has learned is kept from one playback to the next, in memory only. Until it knows how
    late the echo is, about half a second into a playback, it changes nothing; neither does it if no
    echo is heard at all, as with headphones or a microphone that cancels echoes itself.
    """

    def __init__(self) -> None:
        """Prepare to learn; raises `UserError` if libspeexdsp is not installed."""
        self._speex = Speex()
        self._played = Played()
        self._alignment = Alignment()
        self._timeline: Timeline | None = None

    # In the loudspeaker thread

    def begin(self, rate: int) -> None:
        """Begin a playback at `rate` samples per second."""
        self._played.begin(rate)

    def add(self, piece: Samples) -> None:
        """Add what is played next."""
        self._played.add(piece)

    # In the listener thread

    @property
    def lag(self) -> int | None:
        """By how many samples the echo lags behind what is played; None if that is not known."""
        return self._alignment.lag

    def restart(self) -> None:
        """Forget what was played and heard, because the microphone was closed; not the room."""
        self._played.discard()
        self._end()

    def process(self, block: Samples) -> Samples:
        """Return a block of the microphone, shape (1280,), without the echo."""
        self._take()
        timeline, alignment = self._timeline, self._alignment
        if timeline is None:
            return block
        timeline.add_heard(block)
        longest = SPAN_SAMPLES if alignment.delay is None else alignment.delay
        if timeline.is_over(longest + TAIL_SAMPLES + BLOCK_SAMPLES):
            self._end()
            return block
        aligned = alignment.delay is not None
        alignment.update(timeline)
        if alignment.delay is None:
            return block
        if not aligned:
            _LOGGER.debug("The echo is heard %.0f ms later", alignment.delay / RATE * 1000)
            self._catch_up(timeline, alignment.delay)
        return self._speex.cancel(block, timeline.played(block.size, alignment.delay))

    def _take(self) -> None:
        for piece in self._played.take():
            if piece is None or self._timeline is None:
                self._end()
                self._timeline = Timeline(_KEPT_SAMPLES)
            if piece is not None:
                self._timeline.add_played(piece)

    def _end(self) -> None:
        self._timeline = None
        self._alignment.restart()

    def _catch_up(self, timeline: Timeline, delay: int) -> None:
        """Learn from what was heard before the lag was known."""
        earlier = timeline.heard(WINDOW_SAMPLES)[:-BLOCK_SAMPLES]
        self._speex.cancel(earlier, timeline.played(earlier.size, delay + BLOCK_SAMPLES))


def choose_canceller(choice: str) -> EchoCanceller | None:
    """Return an echo canceller for the choice auto, on or off; None if it cannot be had.

    Raises:
        UserError: the choice is on, but libspeexdsp is not installed.
    """
    try:
        return EchoCanceller()
    except UserError as err:
        if choice == "on":
            raise
        if choice == "auto":
            _LOGGER.warning("%s", err)
        return None
