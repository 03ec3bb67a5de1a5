"""Registration, authorization and error handling shared by all WebSocket commands.

Nothing is decided here: each command asks the household, which applies the rules. Schemas are
strict, input sizes are bounded, and every refusal is answered with an error code.
"""

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from homeassistant.components.websocket_api import async_register_command
from homeassistant.components.websocket_api.const import (
    ERR_INVALID_FORMAT,
    ERR_NOT_ALLOWED,
    ERR_UNAUTHORIZED,
)
from homeassistant.components.websocket_api.decorators import async_response, websocket_command
from homeassistant.core import callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.dispatcher import async_dispatcher_connect

from ..const import DOMAIN
from ..household.keeper import KEEPER, SIGNAL_HOUSEHOLD
from ..privacy.errors import NotAllowedError, Refusal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    import probatio as vol
    from homeassistant.components.websocket_api.connection import ActiveConnection
    from homeassistant.components.websocket_api.const import WebSocketCommandHandler
    from homeassistant.core import HomeAssistant
    from homeassistant.util.hass_dict import HassKey

    from ..household.keeper import Keeper
    from ..privacy.people import PersonId
    from ..privacy.types import Actor

    type Answer = Callable[[Call], Awaitable[object]]
    """Returns the JSON result of a call."""
else:
    import voluptuous as vol  # an alias that Home Assistant sets up

CHANNEL: Final = "panel"
NAME: Final = vol.All(str, vol.Length(min=1, max=128))
SECONDS: Final = vol.All(vol.Any(int, float), vol.Range(min=0, max=1e11))
RECORDING_NAME: Final = vol.All(str, vol.Match(r"^[0-9a-f]{32}$"))

ERR_NO_HOUSEHOLD: Final = "no_household"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A received command, with the account that sent it and the household it is for."""

    hass: HomeAssistant
    connection: ActiveConnection
    keeper: Keeper
    actor: Actor
    data: Mapping[str, Any]

    @property
    def person(self) -> PersonId:
        """The person who is logged in."""
        return self.require_person()

    def require_person(self) -> PersonId:
        """Return the person who is logged in; raises `NotAllowedError` for any other account."""
        if self.actor.person is None:
            raise NotAllowedError(Refusal.UNKNOWN_PERSON)
        return self.actor.person


class Commands:
    """Collects the commands of a module; an instance is a decorator that adds a function."""

    def __init__(self) -> None:
        """Initialize without commands."""
        self._handlers: list[WebSocketCommandHandler] = []

    @callback
    def async_register(self, hass: HomeAssistant) -> None:
        """Register the collected commands with Home Assistant."""
        for handler in self._handlers:
            async_register_command(hass, handler)

    def __call__(
        self,
        name: str,
        fields: Mapping[str | vol.Marker, Any] | None = None,
        *,
        anyone: bool = False,
        admin: bool = False,
    ) -> Callable[[Answer], Answer]:
        """Turn the decorated function into a command.

        With `anyone`, every account may call it, and the function decides what to answer. With
        `admin`, only administrators may. Otherwise, only accounts that belong to a person may.
        """

        def make(answer: Answer) -> Answer:
            async def respond(call: Call) -> None:
                call.connection.send_result(call.data["id"], await answer(call))

            self._add(name, fields or {}, respond, anyone=anyone, admin=admin)
            return answer

        return make

    def subscription(self, name: str, *, anyone: bool = False) -> Callable[[Answer], Answer]:
        """Turn the decorated function into a subscription that sends its result on each change."""

        def make(answer: Answer) -> Answer:
            async def respond(call: Call) -> None:
                await _Subscription(call, answer).async_begin()

            self._add(name, {}, respond, anyone=anyone)
            return answer

        return make

    def _add(
        self,
        name: str,
        fields: Mapping[str | vol.Marker, Any],
        respond: Callable[[Call], Awaitable[None]],
        *,
        anyone: bool,
        admin: bool = False,
    ) -> None:
        @websocket_command({vol.Required("type"): f"{DOMAIN}/{name}", **fields})
        @async_response
        async def handler(
            hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]
        ) -> None:
            call = _call(hass, connection, msg)
            if call is None:
                connection.send_error(msg["id"], ERR_NO_HOUSEHOLD, "The household is not set up")
                return
            if admin and not connection.user.is_admin:
                connection.send_error(msg["id"], ERR_UNAUTHORIZED, "Only an administrator can")
                return
            try:
                if not anyone and not admin:
                    call.require_person()
                await respond(call)
            except NotAllowedError as err:
                connection.send_error(msg["id"], ERR_NOT_ALLOWED, err.reason)
            except ValueError as err:
                connection.send_error(msg["id"], ERR_INVALID_FORMAT, str(err))

        self._handlers.append(handler)


class _Subscription:
    """Sends a result to a connection, and sends it again whenever it has changed."""

    def __init__(self, call: Call, answer: Answer) -> None:
        self._call = call
        self._answer = answer
        self._id: int = call.data["id"]
        self._one_at_a_time = asyncio.Lock()
        self._last: object = None

    async def async_begin(self) -> None:
        """Send the first result and start following changes.

        Raises whatever the answer function raises; the subscription is then not started.
        """
        hass, connection = self._call.hass, self._call.connection
        unsubscribe = async_dispatcher_connect(hass, SIGNAL_HOUSEHOLD, self._changed)
        async with self._one_at_a_time:
            try:
                self._last = await self._answer(self._call)
            except BaseException:
                unsubscribe()
                raise
            connection.subscriptions[self._id] = unsubscribe
            connection.send_result(self._id)
            connection.send_event(self._id, self._last)

    @callback
    def _changed(self) -> None:
        self._call.hass.async_create_task(self._async_update(), eager_start=True)

    async def _async_update(self) -> None:
        async with self._one_at_a_time:
            # The household may have been reloaded, and the account may now belong to someone else.
            call = _call(self._call.hass, self._call.connection, self._call.data)
            if call is None:
                return
            try:
                answer = await self._answer(call)
            except HomeAssistantError, NotAllowedError:
                return  # keep the last result; calling the command directly reports the reason
            if answer != self._last and self._id in call.connection.subscriptions:
                self._last = answer
                call.connection.send_event(self._id, answer)


def _call(
    hass: HomeAssistant, connection: ActiveConnection, data: Mapping[str, Any]
) -> Call | None:
    """Return the call for a command in the current household; None without a household."""
    if (keeper := hass.data.get(KEEPER)) is None:
        return None
    actor = keeper.actor(connection.user.id, CHANNEL)
    return Call(hass=hass, connection=connection, keeper=keeper, actor=actor, data=data)


@callback
def async_of_connection[T](
    hass: HomeAssistant,
    connection: ActiveConnection,
    key: HassKey[dict[ActiveConnection, T]],
    make: Callable[[], T],
) -> T:
    """Return the object kept for a connection, created on first use, dropped when it closes."""
    by_connection = hass.data.setdefault(key, {})
    if connection not in by_connection:
        by_connection[connection] = make()
        connection.subscriptions[key] = lambda: by_connection.pop(connection, None)
    return by_connection[connection]
