"""Who lives in a household, in which rooms they are heard, and what its administrator allows."""

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

type PersonId = str
"""The id of a person's user account, or of the person where there is no account.

Consent hangs on the account: who gives somebody's person another account gains nothing by it.
"""
type RoomId = str
"""The id of a satellite: a room is what its microphone hears."""

DAY_SECONDS: Final = 86_400.0
MAX_RETENTION_SECONDS: Final = 30 * DAY_SECONDS
DEFAULT_MAX_BYTES: Final = 100 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who lives here."""

    id: PersonId
    name: str
    has_account: bool
    """Who has none cannot consent, which counts as no."""

    active: bool = True
    """Whether the account may log in; who may not is heard all the same, and listens to nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What somebody sees of a room when asked about it."""

    name: str
    """The satellite's."""

    area: str | None = None
    """The id of the area where the satellite stands."""

    area_name: str = ""
    device: str = ""
    """What tells the satellite from another one with its id: a hash of its certificate."""

    def is_like(self, other: Place) -> bool:
        """Return whether it is the same room, and its people would know it by its names."""
        return self == other or self._recognised == other._recognised

    @property
    def _recognised(self) -> tuple[str, str | None, str, str]:
        return _plain(self.name), self.area, _plain(self.area_name), self.device


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What one satellite hears."""

    id: RoomId
    name: str
    excluded: frozenset[PersonId] = frozenset()
    """Whom the administrator does not expect here; who has an account must have agreed to it."""

    limit_seconds: float | None = None
    """The room's own ceiling of retention; None where the household's holds."""

    area: str | None = None
    area_name: str = ""
    device: str = ""
    """See `Place`."""

    @property
    def place(self) -> Place:
        """What its people see of it."""
        return Place(name=self.name, area=self.area, area_name=self.area_name, device=self.device)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceiling:
    """What the administrator allows at most; it can only take away."""

    retention_seconds: float = 0.0
    """The longest time that a recording is kept; 0 keeps nothing."""

    max_bytes: int = DEFAULT_MAX_BYTES
    """The size of all sealed recordings together; beyond it the oldest go."""

    review: bool = False
    """Whether others than a room's members may listen, where every member has named them."""

    ruled_out: frozenset[PersonId] = frozenset()
    """Who may not listen, whoever names them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrangement:
    """The household as Home Assistant and its administrator have set it up."""

    people: Mapping[PersonId, Person] = field(default_factory=lambda: MappingProxyType({}))
    accounts: frozenset[PersonId] = frozenset()
    """All accounts that exist: who had one as a person here is not forgotten before it is gone."""

    inactive: frozenset[PersonId] = frozenset()
    """Those of them that may not log in."""

    rooms: Mapping[RoomId, Room] = field(default_factory=lambda: MappingProxyType({}))
    ceiling: Ceiling = field(default_factory=Ceiling)
    strict: bool = False
    """Whether a turn may use only what runs in this house."""

    guidance: str = ""
    """Whom to talk to, for who has heard in a review what troubles them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pauses:
    """What is switched off for now, by anyone; what was consented to holds again afterwards."""

    household: bool = False
    """Opted out as a whole."""

    rooms: frozenset[RoomId] = frozenset()
    """Opted out one by one."""

    guests_until: float | None = None
    """Guest mode is on before this time (seconds since 1970); infinity means until switched off."""


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())
