"""What a household learns about its wake words: verifiers, and to wake less easily."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from functools import partial
from pathlib import Path

from indoor_voice.completing import Completing

from .clockwork.tasks import Save
from .sound.household_verifier import shown
from .sound.wake_word import Detector
from .verifier_file import Learned, load_learned, save_learned


class WakeLearning:
    """Has the detector provide features, ask the household's verifiers, and be stricter."""

    def __init__(
        self,
        folder: Path,
        known: Collection[str],
        save: Save,
        detector: Detector,
        be_stricter: Callable[[Mapping[str, int]], None],
    ) -> None:
        """Begin with what is kept in `folder`, and without wanting features.

        `known` are the names of all wake words of this satellite. `be_stricter` makes it less
        sensitive to some of them, by steps.
        """
        self._folder = folder
        self._known = known
        self._be_stricter = be_stricter
        self._save = save
        self._detector = detector
        self._completing = Completing()
        self._one_at_a_time = asyncio.Lock()
        self._apply(load_learned(folder))

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

    async def set_learned(self, learned: Learned) -> None:
        """Use what was learned and nothing else from now on, even if the caller is cancelled.

        Raises:
            ValueError: something is about a wake word that is unknown here. Nothing is changed.
            UserError: it cannot be saved. It is used until the satellite stops.
        """
        for word in (*learned.verifiers, *learned.stricter):
            if word not in self._known:
                raise ValueError(f"there is no wake word {shown(word)}")
        await self._completing.run(self._set(learned))

    async def _set(self, learned: Learned) -> None:
        async with self._one_at_a_time:
            # At once, because what was learned may have been withdrawn.
            self._apply(learned)
            await self._save(partial(save_learned, self._folder, learned))

    def _apply(self, learned: Learned) -> None:
        self._detector.household = learned.verifiers
        self._be_stricter(
            {word: steps for word, steps in learned.stricter.items() if word in self._known}
        )
