"""What all commands have in common: who asks, whom they are for, and how they are answered.

Nothing is decided here: each command asks the household, which asks the rules. Schemas are strict,
what comes in is bounded, and what is refused is answered with a code.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from homeassistant.components.websocket_api import async_register_command
from homeassistant.components.websocket_api.const import ERR_INVALID_FORMAT, ERR_NOT_ALLOWED
from homeassistant.components.websocket_api.decorators import async_response, websocket_command
from homeassistant.core import callback

from .const import DOMAIN
from .keeper import KEEPER
from .privacy.errors import NotAllowedError, Refusal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    import probatio as vol
    from homeassistant.components.websocket_api.connection import ActiveConnection
    from homeassistant.components.websocket_api.const import WebSocketCommandHandler
    from homeassistant.core import HomeAssistant
    from homeassistant.util.hass_dict import HassKey

    from .keeper import Keeper
    from .privacy.dealings import Actor
    from .privacy.people import PersonId
else:
    import voluptuous as vol  # an alias that Home Assistant sets up

HOW: Final = "panel"
NAME: Final = vol.All(str, vol.Length(min=1, max=128))
CLIP_NAME: Final = vol.All(str, vol.Match(r"^[0-9a-f]{32}$"))

ERR_NO_HOUSEHOLD: Final = "no_household"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One command, by somebody who may use it."""

    hass: HomeAssistant
    connection: ActiveConnection
    keeper: Keeper
    actor: Actor
    data: Mapping[str, Any]

    @property
    def person(self) -> PersonId:
        """The person who is logged in."""
        if self.actor.person is None:
            raise NotAllowedError(Refusal.UNKNOWN_PERSON)
        return self.actor.person


class Commands:
    """The commands of a module: called, it makes one of a function."""

    def __init__(self) -> None:
        """Begin without any."""
        self._handlers: list[WebSocketCommandHandler] = []

    @callback
    def async_register(self, hass: HomeAssistant) -> None:
        """Offer them."""
        for handler in self._handlers:
            async_register_command(hass, handler)

    def __call__(
        self,
        name: str,
        fields: Mapping[str | vol.Marker, Any] | None = None,
        *,
        visitors: bool = False,
        opens: bool = False,
    ) -> Callable[[Callable[[Call], Awaitable[object]]], None]:
        """Make a command; of `visitors`: whoever is logged in, else the people only.

        Where it `opens` clips, lists or deletes them, the ledger has it that somebody tried who is
        none of the people.
        """

        def make(answer: Callable[[Call], Awaitable[object]]) -> None:
            @websocket_command({vol.Required("type"): f"{DOMAIN}/{name}", **(fields or {})})
            @async_response
            async def handler(
                hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]
            ) -> None:
                if (keeper := hass.data.get(KEEPER)) is None:
                    connection.send_error(
                        msg["id"], ERR_NO_HOUSEHOLD, "The household is not set up"
                    )
                    return
                actor = keeper.actor(connection.user.id, HOW)
                call = Call(hass=hass, connection=connection, keeper=keeper, actor=actor, data=msg)
                if opens and actor.person is None:
                    await keeper.run(lambda household: household.note_stranger())
                try:
                    result = await answer(call) if visitors or call.person else None
                except NotAllowedError as err:
                    connection.send_error(msg["id"], ERR_NOT_ALLOWED, err.reason)
                except ValueError as err:
                    connection.send_error(msg["id"], ERR_INVALID_FORMAT, str(err))
                else:
                    connection.send_result(msg["id"], result)

            self._handlers.append(handler)

        return make


@callback
def async_of_connection[T](
    hass: HomeAssistant,
    connection: ActiveConnection,
    key: HassKey[dict[ActiveConnection, T]],
    make: Callable[[], T],
) -> T:
    """Return what belongs to a connection, made when it is first asked for; it ends with it."""
    belongings = hass.data.setdefault(key, {})
    if connection not in belongings:
        belongings[connection] = make()
        connection.subscriptions[key] = lambda: belongings.pop(connection, None)
    return belongings[connection]
