"""Two people who live in the demo's house and agree that its rooms keep recordings."""

import asyncio
from dataclasses import dataclass
from typing import Final

from .home_assistant import PASSWORD
from .house import House
from .listening_key import create_key
from .people import Login

_RESIDENTS: Final = {
    "Anna": "copper lantern orchard violin pebble",
    "Ben": "walnut harbour saddle thunder ribbon",
}
"""Their passphrases by name. Nobody else can reach the demo, so they need not be secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resident:
    """A person with an account and a listening key."""

    login: Login
    passphrase: str

    @property
    def name(self) -> str:
        """The person's name."""
        return self.login.name

    @property
    def user_name(self) -> str:
        """What the person logs in with."""
        return self.name.lower()

    @property
    def password(self) -> str:
        """What the person logs in with."""
        return PASSWORD


async def move_in(house: House) -> list[Resident]:
    """Create the people, who agree to keeping and name each other as listeners.

    Returns after each satellite has announced it. The administrator, who lives there too, agrees
    and names them, but is named by nobody.
    """
    home_assistant = house.home_assistant
    await home_assistant.set_household("retention", retention_seconds="day", max_hours=1)
    administrator = await Login.owner(home_assistant)
    residents = [
        Resident(login=await Login.create(home_assistant, name), passphrase=passphrase)
        for name, passphrase in _RESIDENTS.items()
    ]
    for resident in residents:
        _, locked, _ = await asyncio.to_thread(create_key, resident.passphrase)
        await resident.login.ask("key/create", key=locked)
    rooms = [str(room["room"]) for room in await administrator.ask("rooms")]
    logins = [resident.login for resident in residents]
    for login in (administrator, *logins):
        await login.name_listener(rooms, *(other for other in logins if other is not login))
    for login in (administrator, *logins):
        # Keeping begins with the last consent, so that it is announced once.
        await login.agree(rooms)
    await asyncio.gather(
        *(
            home_assistant.wait_for(entity_id, lambda state: state == "responding")
            for entity_id in house.satellite_entities.values()
        )
    )
    for room_name in house.satellite_entities:
        await house.wait_until_idle(room_name)
    return residents


async def recordings_of(resident: Resident, *, captured: int) -> int:
    """Return how many recordings a person may hear, once `captured` commands are dealt with."""
    async with asyncio.timeout(10):
        while (await resident.login.ask("household/totals"))["captured"] < captured:
            await asyncio.sleep(0.1)
    return int((await resident.login.ask("recordings/list"))["total"])
