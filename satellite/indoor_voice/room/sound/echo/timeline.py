"""Keeps the latest sound of a playback, as played and as heard."""

import numpy as np

from indoor_voice.room.sound.pcm import Samples


class Timeline:
    """What was played and heard since a playback began, both counted in samples from there."""

    def __init__(self, kept: int) -> None:
        """Prepare to keep `kept` samples of what was heard, and twice that before its end."""
        self.heard_samples = 0
        self._kept = kept
        self._heard: Samples = np.zeros((0,), np.int16)
        self._played: Samples = np.zeros((0,), np.int16)
        self._played_from = 0

    def add_played(self, piece: Samples) -> None:
        """Add what was played next."""
        self._played = np.concatenate((self._played, piece))

    def add_heard(self, block: Samples) -> None:
        """Add what was heard next."""
        self.heard_samples += block.size
        self._heard = np.concatenate((self._heard, block))[-self._kept :]
        outdated = self.heard_samples - 2 * self._kept - self._played_from
        outdated = min(max(outdated, 0), self._played.size)
        self._played = self._played[outdated:]
        self._played_from += outdated

    def heard(self, length: int) -> Samples:
        """Return the latest `length` samples that were heard, or all if there are fewer."""
        return self._heard[-length:]

    def played(self, length: int, delay: int = 0) -> Samples:
        """Return what was played in the `length` samples until now, or until `delay` before.

        Where nothing is known, it is silent.
        """
        start = self.heard_samples - delay - length - self._played_from
        known = self._played[max(start, 0) : max(start + length, 0)]
        before = min(max(-start, 0), length)
        return np.pad(known, (before, length - before - known.size))

    def is_over(self, delay: int) -> bool:
        """Return whether everything played was heard, `delay` samples later."""
        return self.heard_samples - delay > self._played_from + self._played.size
