"""The wake words that a satellite knows, and those of them that it listens for."""

from collections.abc import Mapping, Sequence
from typing import Final

from indoor_voice.errors import UserError

from .settings import Settings
from .sound.listener import Listener
from .sound.wake_models import WakeModel
from .sound.wake_rules import Sensitivity
from .storage import Storage

STRICTER_STEP: Final = 0.1
"""Of a sensitivity, which is between 0 and 1."""


class UnknownWakeWordError(Exception):
    """The satellite has no model for a requested wake word."""


class WakeChoice:
    """Changes which wake words are listened for: checks, saves, and then applies the choice."""

    def __init__(
        self,
        known: Mapping[str, WakeModel],
        active: Sequence[str],
        settings: Settings,
        storage: Storage,
        listener: Listener,
    ) -> None:
        """Begin with the wake words that `listener` listens for already, `active`."""
        self.known = known
        self.active = list(active)
        """Names of those that are listened for."""
        self._settings = settings
        self._storage = storage
        self._listener = listener
        self._stricter: Mapping[str, int] = {}

    async def choose(self, names: Sequence[str], sensitivities: Mapping[str, float]) -> None:
        """Listen for these wake words, now and after restarts.

        `sensitivities` of 0 to 1 are changed for the wake words that it names.

        Raises:
            UnknownWakeWordError: the satellite has no model for one of them.
            UserError: the choice cannot be saved.
        """
        unknown = [name for name in (*names, *sensitivities) if name not in self.known]
        if unknown:
            raise UnknownWakeWordError(f"No such wake word: {', '.join(unknown)}")
        chosen = list(dict.fromkeys(names))
        settings = self._settings
        previous = settings.wake_words, settings.sensitivities
        settings.wake_words = chosen
        settings.sensitivities = {**settings.sensitivities, **sensitivities}
        try:
            await self._storage.save_choices()
        except UserError:
            settings.wake_words, settings.sensitivities = previous
            raise
        self.active = chosen
        self._apply()

    def be_stricter(self, stricter: Mapping[str, int]) -> None:
        """Be less sensitive than chosen to these wake words, by steps of `STRICTER_STEP`."""
        if stricter != self._stricter:
            self._stricter = stricter
            self._apply()

    def _apply(self) -> None:
        sensitivities = dict(self._settings.sensitivities)
        for name, steps in self._stricter.items():
            chosen = sensitivities.get(name, Sensitivity.DEFAULT.number)
            sensitivities[name] = max(0.0, chosen - steps * STRICTER_STEP)
        self._listener.choose([self.known[name] for name in self.active], sensitivities)
