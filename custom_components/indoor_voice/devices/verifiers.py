"""A household's verifiers of wake words on one satellite, and whether it sends features.

The satellite keeps its verifiers while Home Assistant is away. So it is told all of them whenever
it connects, also that there are none: some may have been withdrawn in the meantime.
"""

import logging
from typing import TYPE_CHECKING, Final, NamedTuple

from homeassistant.core import callback

from ..link.verifiers import set_verifiers, wake_features

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from wyoming.event import Event

    from ..link.client import Peer
    from ..link.verifiers import WakeVerifier

_LOGGER = logging.getLogger(__name__)

_REFUSALS: Final = {
    "bad-request": "it can't use them",
    "failed": "it can't store them, and uses them only until it restarts",
}


class _Learned(NamedTuple):
    """What a household learned about wake words, by their names."""

    verifiers: Mapping[str, WakeVerifier]
    stricter: Mapping[str, int]

    def about(self, words: Collection[str]) -> _Learned:
        """Return what is about these wake words."""
        return _Learned(
            {word: one for word, one in self.verifiers.items() if word in words},
            {word: steps for word, steps in self.stricter.items() if word in words},
        )


class DeviceVerifiers:
    """Tells a satellite what its household wants, now and whenever it connects."""

    def __init__(self, name: str, send_soon: Callable[[Event], None]) -> None:
        """Initialize without wanting anything; `send_soon` drops what it can't deliver."""
        self._name = name
        self._send_soon = send_soon
        self._wanted: _Learned | None = None
        """None until it is known what the household wants."""
        self._features_wanted = False
        self._known: frozenset[str] | None = None
        """The wake words of the connected satellite, if it is ours."""
        self._told: _Learned | None = None
        """What the connected satellite was told last."""
        self._awaits_answer = False

    def wanted(self, features: bytes | None) -> bytes | None:
        """Return the features of a wake word, unless they are not wanted."""
        return features if self._features_wanted else None

    @callback
    def async_set(
        self, verifiers: Mapping[str, WakeVerifier], stricter: Mapping[str, int] | None = None
    ) -> None:
        """Have the satellite use these verifiers, by the names of wake words, and no others.

        `stricter` says by how many steps it is to be less sensitive than it was set to be. What is
        for wake words that the satellite doesn't have is left out.
        """
        self._wanted = _Learned(dict(verifiers), dict(stricter or {}))
        self._tell()

    @callback
    def want_features(self, wanted: bool) -> None:  # noqa: FBT001 - as in the event
        """Have the satellite send the features of wake words with its turns, or not."""
        if wanted is not self._features_wanted:
            self._features_wanted = wanted
            if self._known is not None:
                self._send_soon(wake_features(wanted=wanted))

    @callback
    def handle_connected(self, peer: Peer) -> None:
        """Tell the satellite what is wanted; it has kept its verifiers, and wants no features."""
        if peer.device_id is None:
            return
        self._known = frozenset(peer.wake_words)
        if self._features_wanted:
            self._send_soon(wake_features(wanted=True))
        self._tell()

    @callback
    def handle_disconnected(self) -> None:
        """Expect the satellite to come back with other verifiers."""
        self._known = self._told = None
        self._awaits_answer = False

    @callback
    def handle_verified(self) -> None:
        """Handle the satellite's answer that it uses what it was told."""
        self._awaits_answer = False

    @callback
    def handle_refused(self, code: str) -> None:
        """Log a refusal, if an answer is expected."""
        if self._awaits_answer and code in _REFUSALS:
            self._awaits_answer = False
            _LOGGER.warning(
                "%s does not take the household's verifiers of wake words: %s",
                self._name,
                _REFUSALS[code],
            )

    def _tell(self) -> None:
        """Tell the connected satellite its verifiers, unless it was told the same."""
        if self._wanted is None or self._known is None:
            return
        told = self._wanted.about(self._known)
        if told != self._told:
            self._told = told
            self._awaits_answer = True
            self._send_soon(set_verifiers(*told))
