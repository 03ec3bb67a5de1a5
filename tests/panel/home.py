"""A home with one room and four accounts, in which recordings can be made without speaking."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from .people import Login

if TYPE_CHECKING:
    from .house import House

SCREENSHOTS: Final = Path(__file__).parents[2] / ".cache" / "screenshots"
_SENTENCE: Final = "Turn on the kitchen light."
_SECONDS: Final = 8.0
"""Long enough that a recording is still playing when a slow browser gets to the next step."""


@dataclass(frozen=True, slots=True)
class Home:
    """A house with one room, the three people who live in it, and a guest."""

    house: House
    room: str
    admin: Login
    ben: Login
    cleo: Login
    guest: Login
    """Has an account, but is not a person who lives here."""

    @property
    def people(self) -> tuple[Login, Login, Login]:
        return self.admin, self.ben, self.cleo

    async def allow(self, seconds: str = "week") -> None:
        """Allow keeping, as the administrator."""
        await self.set_option("retention", retention_seconds=seconds, max_hours=1)

    async def set_option(self, step: str, **answers: Any) -> None:
        """Change the household's options in one step of their flow, as the administrator."""
        await self.house.set_option(step, **answers)

    async def agree(self) -> None:
        """Make everyone consent to keeping, and name Ben as a listener."""
        await self.allow()
        for login in self.people:
            await login.agree([self.room])
            if login is not self.ben:
                await login.name_listener([self.room], self.ben)

    async def keep(self, recordings: int) -> None:
        """Add or delete recordings until Ben can hear exactly this number."""
        await self.end_pauses()
        if not (await self.admin.ask("rooms"))[0]["keeps_for_seconds"]:
            await self.agree()
        if await self.ben.ask("key/get") is None:
            await self.ben.create_key()
        await self.delete(max(0, await self.kept() - recordings))
        for _ in range(recordings - await self.kept()):
            outcome = await self.house.end_turn(self.room, _SENTENCE, seconds=_SECONDS)
            assert outcome["recording"], outcome["dropped"]
        assert await self.kept() == recordings

    async def keep_new(self, recordings: int) -> None:
        """Replace all recordings by this number of new ones, which nobody has reviewed."""
        await self.delete()
        await self.keep(recordings)

    async def kept(self) -> int:
        """Return how many recordings Ben can hear."""
        return int((await self.ben.ask("recordings/list"))["total"])

    async def delete(self, surplus: int | None = None) -> None:
        """Delete `surplus` of the recordings that Ben can hear, or all of them."""
        async with self.ben.socket() as socket:
            listed = (await socket.call("indoor_voice/recordings/list"))["recordings"]
            if names := [one["recording"] for one in listed][:surplus]:
                await socket.call("indoor_voice/recordings/delete", recordings=names)

    async def end_pauses(self) -> None:
        """End every pause, so that recordings are kept again."""
        for scope in (
            {"scope": "household"},
            {"scope": "room", "room": self.room},
            {"scope": "guests"},
        ):
            await self.ben.ask("pause/set", paused=False, **scope)


async def set_up_home(house: House) -> Home:
    """Create the accounts and people of the home."""
    home_assistant = house.home_assistant
    admin = await Login.owner(home_assistant)
    ben = await Login.create(home_assistant, "Ben")
    cleo = await Login.create(home_assistant, "Cleo")
    guest = await Login.create(home_assistant, "Guest", person=False)
    ((room),) = [one["room"] for one in await admin.ask("rooms")]
    return Home(house, room, admin, ben, cleo, guest)
