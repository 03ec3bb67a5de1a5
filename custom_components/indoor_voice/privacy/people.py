"""The people and rooms of a household, and what its administrator allows."""

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

type PersonId = str
"""The id of a person's user account, or of the person if they have no account.

Consents belong to the account, so linking a person to another account doesn't transfer them.
"""
type RoomId = str
"""The id of a satellite. A room is whatever its microphone hears."""

DAY_SECONDS: Final = 86_400.0
MAX_RETENTION_SECONDS: Final = 30 * DAY_SECONDS
SPEECH_BYTES_PER_HOUR: Final = 16_000 * 2 * 3_600
"""The size of an hour of speech as it is kept, uncompressed: 16 kHz, 16 bit, one channel."""
DEFAULT_MAX_BYTES: Final = SPEECH_BYTES_PER_HOUR


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person of the household."""

    id: PersonId
    name: str
    has_account: bool
    """A person without an account can't consent, which counts as no."""

    active: bool = True
    """Whether the account may log in. If not, the person is still heard, but can't listen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A room as people see it when they are asked to consent."""

    name: str
    """The name of the satellite."""

    area: str | None = None
    """The id of the satellite's area."""

    area_name: str = ""
    device: str = ""
    """A hash of the satellite's certificate, which differs if another device takes its id."""

    def is_like(self, other: Place) -> bool:
        """Return whether both are the same room, apart from spaces and capitals in its names."""
        return self == other or self._identity == other._identity

    @property
    def _identity(self) -> tuple[str, str | None, str, str]:
        return _normalised(self.name), self.area, _normalised(self.area_name), self.device


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """The surroundings of one satellite."""

    id: RoomId
    name: str
    excluded: frozenset[PersonId] = frozenset()
    """People whom the administrator doesn't expect here; those with an account must consent."""

    limit_seconds: float | None = None
    """The room's own retention ceiling; None if only the household's applies."""

    area: str | None = None
    area_name: str = ""
    device: str = ""
    """See `Place`."""

    @property
    def place(self) -> Place:
        """The room as people see it."""
        return Place(name=self.name, area=self.area, area_name=self.area_name, device=self.device)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceiling:
    """What the administrator allows at most. A ceiling can only take away."""

    retention_seconds: float = 0.0
    """The longest time that a recording may be kept; 0 for nothing."""

    max_bytes: int = DEFAULT_MAX_BYTES
    """The size of all sealed recordings together; beyond it the oldest are deleted."""

    review: bool = False
    """Whether people other than a room's members may listen, if every member has named them."""

    ruled_out: frozenset[PersonId] = frozenset()
    """People who may not listen, even if they are named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrangement:
    """The household as Home Assistant and its administrator have set it up."""

    people: Mapping[PersonId, Person] = field(default_factory=lambda: MappingProxyType({}))
    accounts: frozenset[PersonId] = frozenset()
    """All accounts that exist: people who had one stay in the household until it is deleted."""

    inactive: frozenset[PersonId] = frozenset()
    """The accounts that may not log in."""

    rooms: Mapping[RoomId, Room] = field(default_factory=lambda: MappingProxyType({}))
    ceiling: Ceiling = field(default_factory=Ceiling)
    strict: bool = False
    """Whether turns may use only engines that run in this house."""

    guidance: str = ""
    """The household's advice for reviewers who are troubled by what they heard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pauses:
    """Where keeping is switched off for now. Anyone may do so; consents are not affected."""

    household: bool = False
    """Whether nothing is kept in the whole household."""

    rooms: frozenset[RoomId] = frozenset()
    """The rooms in which nothing is kept."""

    guests_until: float | None = None
    """Guest mode is on before this time (seconds since 1970); infinity means until switched off."""


def _normalised(name: str) -> str:
    return " ".join(name.casefold().split())
