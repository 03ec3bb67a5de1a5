"""Runtime data of a speech server: whether it answers and what it offers."""

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..link.client import Peer
    from .coordinator import SpeechCoordinator


@dataclass(slots=True, kw_only=True)
class SpeechData:
    """Runtime data of a speech server's config entry."""

    coordinator: SpeechCoordinator
    counts: Counter[str] = field(default_factory=Counter)
    """How often each outcome occurred since set-up; holds nothing of what was said."""

    @property
    def is_reachable(self) -> bool:
        """Whether the speech server answered the last time it was asked."""
        return self.coordinator.last_update_success

    @property
    def peer(self) -> Peer:
        """The speech server's latest description of itself."""
        return self.coordinator.data

    @property
    def can_disguise(self) -> bool:
        """Whether the speech server answers and can disguise voices; older ones can't."""
        return self.is_reachable and self.peer.disguises
