"""How much silence ends a command, given what is known about it.

A fixed silence either keeps everybody waiting or cuts off those who pause to think. Two things tell
a pause from the end: whether Home Assistant understands what was said so far, and whether it sounds
finished. Measured on 176 to 193 recorded commands of many people, with tiny.en (words that were
cut off, of those with a pause of 0.3, 0.6 or 1.0 s inside):

| rule | wait, median and 95 % | as spoken | 0.3 s | 0.6 s | 1.0 s |
|---|---|---|---|---|---|
| always 0.6 s | 0.69 and 0.89 s | 0 | 1 | 28 | 191 |
| understood 0.3 s, else 1.0 s | 0.41 and 1.09 s | 1 | 5 | 24 | 46 |
| understood and finished 0.45 s, understood 1.0 s, else 1.2 s | 0.57 and 1.29 s | 0 | 0 | 4 | 9 |

The last is the default, but with 1.1 s, as the detector hears a voice for 0.07 s after its last
sound: whoever isn't understood waits for 1.2 s. The second is *aggressive*.
"""

from typing import Final, NamedTuple

from wyoming.asr import VadSensitivity


class Silences(NamedTuple):
    """Silence in seconds that ends a command, by what is known about it."""

    complete: float
    """It is understood and sounds finished."""
    understood: float
    """It is understood, but may go on."""
    finished: float
    """It sounds finished, and nobody knows whether it is understood."""
    open: float
    """Everything else."""

    def after(self, *, understood: bool | None, finished: bool | None) -> float:
        """Return the silence for a command; None means that something isn't known (yet)."""
        if understood:
            return self.complete if finished else self.understood
        if understood is None and finished:
            return self.finished
        return self.open


SILENCES: Final = {
    VadSensitivity.AGGRESSIVE: Silences(complete=0.3, understood=0.3, finished=0.45, open=1.0),
    VadSensitivity.DEFAULT: Silences(complete=0.45, understood=1.0, finished=0.6, open=1.1),
    VadSensitivity.RELAXED: Silences(complete=0.9, understood=1.5, finished=1.2, open=1.8),
}
"""By the sensitivity that is chosen for a satellite in Home Assistant."""
