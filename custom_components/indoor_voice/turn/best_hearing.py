"""Decides which satellite answers a wake word that several have heard; without I/O or clock.

A satellite that hears a wake word asks for a turn. What it says of its hearing tells one person
heard in two rooms, of which the better takes the turn, from two people in two rooms, who are both
served: see docs/decisions/best-hearing.md for the measurements behind the numbers.

All times are seconds of the same monotonic clock, at which an event arrived. Satellites need no
common clock, because what they send is relative to the moment at which they send it.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from .same_sound import is_same_sound

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable, Iterator

    from ..link.hearing import Hearing

GATHER_SECONDS: Final = 0.1
"""How long to wait for others after the first that asks. With the time that both ways take, it must
stay below the 0.15 s after which a satellite no longer waits."""
UNASKED_SECONDS: Final = 2.0
"""How long a turn that a satellite took without asking silences the others, whatever they heard.
Home Assistant's own rule for the same wake word is as long."""
MEMORY_SECONDS: Final = 5.0
"""How long a sound is remembered, for satellites that are very late."""
_MOST_SOUNDS: Final = 10
"""Remembered at once; a satellite that asks without end must not keep Home Assistant busy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A satellite that has heard a wake word and wants the turn."""

    satellite: Hashable
    hearing: Hearing
    seconds: float
    """When it asked."""

    @property
    def heard_seconds(self) -> float:
        """When the sound ended that it describes."""
        return self.seconds - self.hearing.age_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether a satellite takes the turn for which it asked."""

    satellite: Hashable
    turn: int
    granted: bool


@dataclass(slots=True, eq=False)
class _Sound:
    """What was said once, and those that heard it."""

    began: float
    asks: list[Ask] = field(default_factory=list)
    """Empty if a satellite took the turn without asking."""
    taken_by: Hashable | None = None

    def is_heard_in(self, ask: Ask) -> bool:
        """Return whether a satellite has heard this sound; one hears no sound twice."""
        if not self.asks:
            recent = ask.seconds - self.began < UNASKED_SECONDS
            return recent and self.taken_by != ask.satellite
        return any(
            is_same_sound(other.hearing, ask.hearing, ask.heard_seconds - other.heard_seconds)
            for other in self.asks
            if other.satellite != ask.satellite
        )


class BestHearing:
    """Decides who answers one wake phrase."""

    def __init__(self) -> None:
        """Start without anything heard."""
        self._sounds: list[_Sound] = []

    @property
    def deadline_seconds(self) -> float | None:
        """When to call `decide`; None if nobody waits."""
        return min((sound.began + GATHER_SECONDS for sound in self._waiting()), default=None)

    def ask(self, ask: Ask, expected: int) -> list[Verdict]:
        """Note that a satellite asks, and return the verdicts that this leads to.

        `expected` is the number of satellites that may hear the same.
        """
        self._forget(ask.seconds)
        self._forget_waiting(lambda other: other.satellite == ask.satellite)
        sound = next((sound for sound in self._sounds if sound.is_heard_in(ask)), None)
        if sound is None:
            sound = _Sound(ask.seconds)
            self._sounds.append(sound)
        sound.asks = [one for one in sound.asks if one.satellite != ask.satellite] + [ask]
        if sound.taken_by is not None:
            return [_verdict(ask, granted=sound.taken_by == ask.satellite)]
        waiting = list(self._waiting())
        if len({ask.satellite for sound in waiting for ask in sound.asks}) < expected:
            return []
        return [verdict for sound in waiting for verdict in self._settle(sound)]

    def decide(self, now_seconds: float) -> list[Verdict]:
        """Return the verdicts that are due."""
        due = [sound for sound in self._waiting() if now_seconds >= sound.began + GATHER_SECONDS]
        return [verdict for sound in due for verdict in self._settle(sound)]

    def take(self, satellite: Hashable, now_seconds: float) -> list[Verdict]:
        """Note that a satellite begins a turn without a verdict, and deny it to the others."""
        self._forget(now_seconds)
        waiting = list(self._waiting())
        own = [sound for sound in waiting if any(a.satellite == satellite for a in sound.asks)]
        if not any(now_seconds - sound.began < UNASKED_SECONDS for sound in self._sounds):
            self._sounds.append(_Sound(now_seconds, taken_by=satellite))
        return [verdict for sound in own or waiting for verdict in self._give(sound, satellite)]

    def keep_waiting(self, satellites: Collection[Hashable]) -> None:
        """Forget what other satellites than these wait for, because they are gone."""
        self._forget_waiting(lambda ask: ask.satellite not in satellites)

    def _forget_waiting(self, unwanted: Callable[[Ask], bool]) -> None:
        for sound in list(self._waiting()):
            sound.asks = [ask for ask in sound.asks if not unwanted(ask)]
            if not sound.asks:
                self._sounds.remove(sound)

    def _settle(self, sound: _Sound) -> list[Verdict]:
        best = max(sound.asks, key=lambda ask: ask.hearing.quality_db)
        return self._give(sound, best.satellite)

    def _give(self, sound: _Sound, satellite: Hashable) -> list[Verdict]:
        sound.taken_by = satellite
        return [_verdict(ask, granted=ask.satellite == satellite) for ask in sound.asks]

    def _waiting(self) -> Iterator[_Sound]:
        return (sound for sound in self._sounds if sound.taken_by is None)

    def _forget(self, now_seconds: float) -> None:
        decided = [sound for sound in self._sounds if sound.taken_by is not None]
        oldest = now_seconds - MEMORY_SECONDS
        self._sounds = [
            *(sound for sound in decided[-_MOST_SOUNDS:] if sound.began >= oldest),
            *self._waiting(),
        ]


def _verdict(ask: Ask, *, granted: bool) -> Verdict:
    return Verdict(satellite=ask.satellite, turn=ask.hearing.turn, granted=granted)
