"""Detects wake words in a stream of sound.

microWakeWord listens all the time. Where the rule for a wake word says so, openWakeWord listens
all the time too; otherwise only when microWakeWord's score gives a hint, and then also to the
sound of the last seconds, so that it loses nothing. What the rule accepts must also pass the wake
word's verifier, which keeps out words near it, and then the household's own, if it has made one.
"""

import logging
from collections import deque
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from indoor_voice.errors import UserError

from .household_verifier import Features, HouseholdVerifier, features_of
from .micro_wake_word import MicroWakeWords
from .open_wake_word import OpenWakeWords
from .pcm import BLOCK_SECONDS, Samples
from .wake_models import WakeModel
from .wake_rules import HELD_BLOCKS, Rule, Sensitivity, rules_of
from .wake_verifier import VERIFIED_BLOCKS, verifier_of

_LOGGER = logging.getLogger(__name__)

REFRACTORY_SECONDS: Final = 1.5
"""Pause after a detection, so that one utterance is detected only once.

In 151 recordings of people saying "alexa", openWakeWord's score stayed high for up to 1.28 s, with
dips. A pause of 1.0 s detected 47 of them twice, 1.5 s none. With Piper's "hey jarvis" it stays
high for 0.72 s.
"""
HISTORY_BLOCKS: Final = 32
"""What openWakeWord hears when it wakes up: its score depends on 2.0 s of sound, and its scores of
the last second may be needed."""
SETTLING_BLOCKS: Final = 5
"""Blocks after a reset whose scores are not yet meaningful."""
REFRACTORY_BLOCKS: Final = round(REFRACTORY_SECONDS / BLOCK_SECONDS)


class _Word:
    """A wake word that is listened for."""

    def __init__(self, model: WakeModel, rule: Rule) -> None:
        self.model = model
        self.rule = rule
        self.verifier = verifier_of(model)
        self.micro: deque[float] = deque(maxlen=HELD_BLOCKS)
        self.open: deque[float] = deque(maxlen=HELD_BLOCKS)
        """Empty while openWakeWord need not look."""


class Detector:
    """Detects several wake words at once, block by block."""

    suspects = False
    """Whether the latest block might belong to a wake word that is not clearly heard."""
    household: Mapping[str, HouseholdVerifier] = MappingProxyType({})
    """The household's own verifiers by wake word; may be replaced in any thread."""
    wants_features = False
    """Whether to provide `features`; may be set in any thread."""
    features: Features | None = None
    """Of the wake word that the latest block completed, shape (12, 96), if they are wanted."""

    def __init__(
        self, models: Iterable[WakeModel], sensitivities: Mapping[str, float] | None = None
    ) -> None:
        """Load `models`, with sensitivities by name, 0 to 1; those not named have the default."""
        self.faults: dict[str, str] = {}
        """Why chosen wake words cannot be detected, by name."""
        self._micro = MicroWakeWords()
        self._open: OpenWakeWords | None = None
        self._open_listens = False
        self._history: deque[Samples] = deque(maxlen=HISTORY_BLOCKS)
        self._words: dict[str, _Word] = {}
        self.choose(models, sensitivities)

    def choose(
        self, models: Iterable[WakeModel], sensitivities: Mapping[str, float] | None = None
    ) -> None:
        """Detect these wake words from now on; what cannot be loaded is logged and in `faults`."""
        self.faults = {}
        self._words = {}
        for model in models:
            number = (sensitivities or {}).get(model.name, Sensitivity.DEFAULT.number)
            word = _Word(model, rules_of(model).rule(number))
            try:
                if model.micro is not None:
                    self._micro.add(model)
                if word.rule.hint <= 1:
                    self._load_open(model)
            except UserError as err:
                self._give_up(model.name, err)
            else:
                self._words[model.name] = word
        self._micro.keep(self._words)
        if self._open is not None:
            self._open.keep(self._words)
        self.reset()

    @property
    def ready(self) -> bool:
        """Whether the next block can trigger: not right after a reset or a detection."""
        return not self._words or self._blocks_until_ready == 0

    def reset(self) -> None:
        """Discard all previous sound, as after a gap."""
        self._micro.reset()
        self._open_listens = False
        self._history.clear()
        self._pause(SETTLING_BLOCKS)

    def hear(self, block: Samples) -> str | None:
        """Process a block of shape (1280,) and return the wake word that it completes, if any."""
        self.features = None
        if not self._words:
            return None
        self._history.append(block)
        micro = self._micro.process(block)
        if self._open is not None and self._open_listens:
            self._open.hear(block)
        self.suspects = False
        if self._blocks_until_ready > 0:
            self._blocks_until_ready -= 1
            return None
        self._blocks_since_ready += 1
        self._update(micro)
        self.suspects = any(
            word.rule.suspects(word.micro[-1], word.open[-1] if word.open else 0.0)
            for word in self._words.values()
        )
        for name, word in self._words.items():
            if self._accepts(word):
                # Also if the household's verifier refuses: it judges an utterance only once.
                self._pause(REFRACTORY_BLOCKS)
                return name if self._passes_household(name) else None
        return None

    def _accepts(self, word: _Word) -> bool:
        """Return whether a wake word's rule accepts, and its verifier, too, if it has one."""
        if not word.rule.accepts(max(word.micro), max(word.open, default=0.0)):
            return False
        if word.verifier is None or not word.open or self._open is None:
            return True
        return word.verifier.score(self._open.embeddings(VERIFIED_BLOCKS)) >= word.rule.verified

    def _passes_household(self, name: str) -> bool:
        """Return whether the household's verifier, if any, accepts; provides wanted features."""
        verifier, wanted = self.household.get(name), self.wants_features
        if verifier is None and not wanted:
            return True
        try:
            features = features_of(self._caught_up().embeddings(VERIFIED_BLOCKS))
        except UserError as err:
            _LOGGER.error("The wake word %s is not verified for the household: %s", name, err)  # noqa: TRY400 - the message is for users
            return True
        if verifier is not None and not verifier.accepts(features):
            _LOGGER.debug("The household's verifier refuses the wake word %s", name)
            return False
        if wanted:
            self.features = features
        return True

    def _pause(self, blocks: int) -> None:
        """Detect nothing in the next blocks, and forget the scores up to now."""
        self._blocks_until_ready = blocks
        self._blocks_since_ready = 0
        for word in self._words.values():
            word.micro.clear()
            word.open.clear()

    def _update(self, micro: Mapping[str, float]) -> None:
        """Update the scores of the latest second, by openWakeWord only where they matter."""
        for name, word in self._words.items():
            word.micro.append(micro.get(name, 0.0))
        hinted = [word for word in self._words.values() if max(word.micro) >= word.rule.hint]
        for word in self._words.values():
            if word not in hinted:
                word.open.clear()
        if not hinted:
            self._open_listens = False
        for word in hinted:
            opened = self._caught_up()
            blocks = 1 if word.open else min(self._blocks_since_ready, HELD_BLOCKS)
            word.open.extend(opened.scores(word.model.name, blocks))

    def _caught_up(self) -> OpenWakeWords:
        """Return openWakeWord after it has heard the latest sound; raises `UserError`.

        Wake words without a model for it load it only for the household.
        """
        if self._open is None:
            self._open = OpenWakeWords()
        if not self._open_listens:
            self._open.reset()
            self._open.hear(*self._history)
            self._open_listens = True
        return self._open

    def _load_open(self, model: WakeModel) -> None:
        """Load openWakeWord and a model for it, if they are not loaded; raises `UserError`."""
        if self._open is None:
            self._open = OpenWakeWords()
        self._open.add(model)

    def _give_up(self, name: str, err: UserError) -> None:
        self.faults[name] = str(err)
        _LOGGER.error("The wake word %s is not listened for: %s", name, err)
