"""WebSocket commands about the caller's own consents."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from ..privacy.consent.consent import Purpose, Terms
from ..privacy.consent.disguise import Disguise
from ..privacy.consent.notices import CURRENT
from .command import CHANNEL, NAME, SECONDS, Call, Commands

if TYPE_CHECKING:
    import probatio as vol

    from ..privacy.types import OwnConsent
else:
    import voluptuous as vol  # an alias that Home Assistant sets up

_MOST: Final = 100
"""Maximum number of rooms, and of listeners, in one command."""

_Names: Final = vol.All([NAME], vol.Length(min=1, max=_MOST))
_Purpose: Final = vol.Coerce(Purpose)
_Hash: Final = vol.All(str, vol.Match(r"^[0-9a-f]{64}$"))

consent_command: Final = Commands()


@consent_command("notices", anyone=True)
async def _notices(_call: Call) -> object:
    """Return the current notice texts for every purpose and language."""
    return [
        {
            "purpose": purpose,
            "language": language,
            "id": notice.id,
            "text": notice.text,
            "sha256": notice.sha256,
        }
        for (purpose, language), notice in CURRENT.items()
    ]


@consent_command("consent/list")
@consent_command.subscription("consent/subscribe")
async def _consents(call: Call) -> object:
    """Return all consent records of the caller, each with the rooms where it holds now."""
    own = await call.keeper.run(lambda household: household.own_consents(call.person))
    return [_own_consent(one) for one in own]


def _own_consent(one: OwnConsent) -> dict[str, object]:
    return {
        **one.record.to_json(),
        "expires_at": one.record.expires_at,
        "live_rooms": sorted(one.live_rooms),
        "refused_rooms": sorted(one.refused_rooms),
    }


@consent_command(
    "consent/give",
    {
        vol.Required("purpose"): _Purpose,
        vol.Required("rooms"): _Names,
        vol.Required("notice_sha256"): _Hash,
        vol.Required("valid_seconds"): SECONDS,
        vol.Optional("limit_seconds"): SECONDS,
        vol.Optional("listeners", default=list): vol.All([NAME], vol.Length(max=_MOST)),
        vol.Optional("disguise"): vol.Coerce(Disguise),
    },
)
async def _give(call: Call) -> object:
    """Give a consent."""
    data = call.data
    terms = Terms(
        purpose=data["purpose"],
        rooms=frozenset(data["rooms"]),
        limit_seconds=data.get("limit_seconds"),
        listeners=frozenset(data["listeners"]),
        disguise=data.get("disguise"),
    )
    record = await call.keeper.run(
        lambda household: household.give(
            call.person, terms, data["notice_sha256"], data["valid_seconds"], CHANNEL
        )
    )
    return record.to_json()


@consent_command(
    "consent/refuse",
    {
        vol.Required("purpose"): _Purpose,
        vol.Required("rooms"): _Names,
        vol.Required("notice_sha256"): _Hash,
    },
)
async def _refuse(call: Call) -> object:
    """Record that the caller refuses, so that they are not asked again."""
    data = call.data
    rooms = frozenset(data["rooms"])
    record = await call.keeper.run(
        lambda household: household.refuse(
            call.person, data["purpose"], rooms, data["notice_sha256"], CHANNEL
        )
    )
    return record.to_json()


@consent_command(
    "consent/withdraw", {vol.Required("purpose"): _Purpose, vol.Optional("rooms"): _Names}
)
async def _withdraw(call: Call) -> object:
    """Withdraw consents in some or all rooms; keys are deleted before the reply is sent."""
    purpose = call.data["purpose"]
    rooms = frozenset(call.data["rooms"]) if "rooms" in call.data else None
    return asdict(
        await call.keeper.run(
            lambda household: household.withdraw(call.person, purpose, rooms, CHANNEL)
        )
    )
