"""How loudly music sounds: its volume, and how far it makes way for what matters more."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

DUCKED_DB: Final = 20.0
"""By how much music is turned down while somebody speaks."""
_DOWN_DB_PER_SECOND: Final = DUCKED_DB / 0.1
_UP_DB_PER_SECOND: Final = DUCKED_DB / 0.7
HELD_SECONDS: Final = 1.5
"""How long it stays down afterwards: longer than the pauses of an answer, and of what rings."""
_CUBIC: Final = 3
"""Half the volume shall sound half as loud: -18 dB, as in PulseAudio and mpv."""


class Level:
    """The level of all music of a satellite.

    Fields are set in the event loop; the gain is computed in the loudspeaker thread.
    """

    def __init__(self) -> None:
        """Start at full volume."""
        self.volume = 1.0
        """0 to 1."""
        self.muted = False
        self.is_disturbing: Callable[[], bool] = lambda: False
        """Whether music must make way although nothing else sounds; called in the thread."""
        self._attenuation_db = 0.0
        self._held_seconds = 0.0

    # In the loudspeaker thread

    def make_way(self, seconds: float, *, others_sound: bool) -> None:
        """Count the next `seconds`; whether something else sounds in them."""
        if others_sound or self.is_disturbing():
            self._held_seconds = HELD_SECONDS
            self._attenuation_db = min(
                DUCKED_DB, self._attenuation_db + _DOWN_DB_PER_SECOND * seconds
            )
        elif self._held_seconds > 0:
            self._held_seconds -= seconds
        else:
            self._attenuation_db = max(0.0, self._attenuation_db - _UP_DB_PER_SECOND * seconds)

    @property
    def gain(self) -> float:
        """What to multiply music with now, 0 to 1."""
        return 0.0 if self.muted else self.volume**_CUBIC * 10 ** (-self._attenuation_db / 20)
