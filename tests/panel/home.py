"""A home with one room and four accounts, in which turns end without anybody having to speak."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from .people import Login, move_in, owner

if TYPE_CHECKING:
    from .furnished import Furnished

SCREENSHOTS: Final = Path(__file__).parents[2] / ".cache" / "screenshots"
_SENTENCE: Final = "Turn on the kitchen light."
_SECONDS: Final = 8.0
"""Long enough that what plays still plays when a busy browser comes to the next step."""


@dataclass(frozen=True, slots=True)
class Home:
    """The house and who is in it."""

    house: Furnished
    room: str
    admin: Login
    ben: Login
    cleo: Login
    guest: Login
    """Has an account, and does not live here."""

    @property
    def people(self) -> tuple[Login, Login, Login]:
        return self.admin, self.ben, self.cleo

    async def allow(self, seconds: str = "week") -> None:
        """Have the administrator allow keeping."""
        await self.set_option("retention", retention_seconds=seconds, max_size_mb=50)

    async def set_option(self, step: str, **answers: Any) -> None:
        """Have the administrator change what the household's options ask in one step."""
        await self.house.set_option(step, **answers)

    async def agree(self) -> None:
        """Have everybody agree to keeping, and to Ben as a listener."""
        await self.allow()
        for login in self.people:
            await login.agree([self.room])
            if login is not self.ben:
                await login.name_listener([self.room], self.ben)

    async def keep(self, recordings: int) -> None:
        """See to it that just so many recordings are kept which Ben may hear."""
        await self.go_on()
        if not (await self.admin.ask("rooms"))[0]["keeps_for_seconds"]:
            await self.agree()
        if await self.ben.ask("key/get") is None:
            await self.ben.bring_key()
        await self.delete(max(0, await self.kept() - recordings))
        for _ in range(recordings - await self.kept()):
            became = await self.house.end_turn(self.room, _SENTENCE, seconds=_SECONDS)
            assert became["recording"], became["dropped"]
        assert await self.kept() == recordings

    async def keep_new(self, recordings: int) -> None:
        """See to it that so many recordings are kept, and nobody has judged one of them."""
        await self.delete()
        await self.keep(recordings)

    async def kept(self) -> int:
        """Return how many recordings Ben may hear."""
        return int((await self.ben.ask("recordings/list"))["total"])

    async def delete(self, surplus: int | None = None) -> None:
        """Delete the recordings that Ben may hear, or some of them."""
        async with self.ben.socket() as socket:
            listed = (await socket.call("indoor_voice/recordings/list"))["recordings"]
            if names := [one["recording"] for one in listed][:surplus]:
                await socket.call("indoor_voice/recordings/delete", recordings=names)

    async def go_on(self) -> None:
        """End whatever keeps from keeping."""
        for of in (
            {"scope": "household"},
            {"scope": "room", "room": self.room},
            {"scope": "guests"},
        ):
            await self.ben.ask("pause/set", paused=False, **of)


async def furnish(house: Furnished) -> Home:
    """Have people move in."""
    home_assistant = house.home_assistant
    admin = await owner(home_assistant)
    ben = await move_in(home_assistant, "Ben")
    cleo = await move_in(home_assistant, "Cleo")
    guest = await move_in(home_assistant, "Guest", person=False)
    ((room),) = [one["room"] for one in await admin.ask("rooms")]
    return Home(house, room, admin, ben, cleo, guest)
