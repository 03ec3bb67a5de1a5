"""What a household learns about its wake words: from features it wants, verifiers it has made."""

import asyncio
from collections.abc import Collection, Mapping
from functools import partial
from pathlib import Path

from .clockwork.tasks import Save
from .sound.household_verifier import HouseholdVerifier, shown
from .sound.wake_word import Detector
from .verifier_file import load_verifiers, save_verifiers


class WakeLearning:
    """Has the detector provide features and ask the household's verifiers."""

    def __init__(
        self, folder: Path, known: Collection[str], save: Save, detector: Detector
    ) -> None:
        """Begin with the verifiers that are kept in `folder`, and without wanting features.

        `known` are the names of all wake words of this satellite.
        """
        self._folder = folder
        self._known = known
        self._save = save
        self._detector = detector
        self._tasks: set[asyncio.Task[None]] = set()
        self._one_at_a_time = asyncio.Lock()
        detector.household = load_verifiers(folder)

    @property
    def wants_features(self) -> bool:
        """Whether Home Assistant wants the features of wake words, and they may be sent."""
        return self._detector.wants_features

    @wants_features.setter
    def wants_features(self, wanted: bool) -> None:
        self._detector.wants_features = wanted

    @property
    def verified(self) -> Collection[str]:
        """Names of the wake words that a verifier of the household judges."""
        return self._detector.household.keys()

    async def set_verifiers(self, verifiers: Mapping[str, HouseholdVerifier]) -> None:
        """Use these verifiers and no others from now on, even if the caller is cancelled.

        Raises:
            ValueError: one is for a wake word that is unknown here. Nothing is changed.
            UserError: they cannot be saved. They are used until the satellite stops.
        """
        for word in verifiers:
            if word not in self._known:
                raise ValueError(f"there is no wake word {shown(word)}")
        task = asyncio.create_task(self._set(verifiers))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        await asyncio.shield(task)

    async def _set(self, verifiers: Mapping[str, HouseholdVerifier]) -> None:
        async with self._one_at_a_time:
            # At once, because what was learned may have been withdrawn.
            self._detector.household = verifiers
            await self._save(partial(save_verifiers, self._folder, verifiers))
