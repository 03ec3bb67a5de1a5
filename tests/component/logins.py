"""The people of a household, each with a login, and what they do with it."""

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from homeassistant.auth.const import GROUP_ID_ADMIN, GROUP_ID_READ_ONLY, GROUP_ID_USER
from homeassistant.auth.models import Credentials
from homeassistant.components.person import async_create_person
from homeassistant.config_entries import ConfigEntryDisabler, ConfigEntryState
from homeassistant.core import Context
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import CLIENT_ID, MockConfigEntry, MockUser

from custom_components.indoor_voice.const import DOMAIN
from custom_components.indoor_voice.household.keeper import KEEPER, Keeper
from custom_components.indoor_voice.privacy.consent.consent import Purpose
from custom_components.indoor_voice.privacy.consent.notices import CURRENT
from custom_components.indoor_voice.privacy.types import EndedTurn
from tests.privacy.listener import Listener

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.typing import (
        MockHAClientWebSocket,
        WebSocketGenerator,
    )

KITCHEN: Final = "kitchen-id"
STUDY: Final = "study-id"
SECRET: Final = "what is the secret of the marzipan"  # noqa: S105 - a spoken sentence
DAY: Final = 86_400
WEEK: Final = 7 * DAY


@dataclass(frozen=True, slots=True)
class Login:
    """A person's account."""

    hass: HomeAssistant
    user: MockUser
    client: WebSocketGenerator

    @property
    def id(self) -> str:
        return str(self.user.id)

    @property
    def context(self) -> Context:
        """The context of a call by this login."""
        return Context(user_id=self.id)

    async def connect(self) -> MockHAClientWebSocket:
        number = Credentials(
            id=f"credential-{self.id}-{len(self.user.refresh_tokens)}",
            auth_provider_type="homeassistant",
            auth_provider_id=None,
            data={"username": self.id},
            is_new=False,
        )
        self.user.credentials.append(number)
        token = await self.hass.auth.async_create_refresh_token(
            self.user, CLIENT_ID, credential=number
        )
        return await self.client(self.hass, self.hass.auth.async_create_access_token(token))

    async def ask(self, command: str, **fields: Any) -> Any:
        """Send a command on a new connection and return its result, which must not be an error."""
        async with self.connection() as client:
            return await ask(client, command, **fields)

    async def refused(self, command: str, **fields: Any) -> str:
        """Send a command on a new connection and return the code of its refusal."""
        async with self.connection() as client:
            return await refused(client, command, **fields)

    @asynccontextmanager
    async def connection(self) -> AsyncGenerator[MockHAClientWebSocket]:
        client = await self.connect()
        try:
            yield client
        finally:
            await client.close()

    async def act(self, action: str, *, answers: bool = True, **data: Any) -> Any:
        """Call an action directly, as a browser does, in contrast to an automation."""
        if self.user.system_generated:
            return await self.hass.services.async_call(
                DOMAIN, action, data, blocking=True, context=self.context, return_response=answers
            )
        async with self.connection() as client:
            await client.send_json_auto_id(
                {
                    "type": "call_service",
                    "domain": DOMAIN,
                    "service": action,
                    "service_data": data,
                    "return_response": answers,
                }
            )
            answer = await client.receive_json()
        if not answer["success"]:
            error = answer["error"]
            raise ServiceValidationError(
                error["message"],
                translation_domain=error.get("translation_domain"),
                translation_key=error.get("translation_key"),
            )
        return answer["result"].get("response")

    async def agree(self, *rooms: str, limit_seconds: float = DAY) -> Any:
        """Consent to keeping."""
        return await self.ask(
            "consent/give",
            purpose="keep",
            rooms=list(rooms),
            limit_seconds=limit_seconds,
            notice_sha256=notice(Purpose.KEEP),
            valid_seconds=WEEK,
        )

    async def refuse(self, *rooms: str) -> Any:
        """Say no to keeping."""
        return await self.ask(
            "consent/refuse",
            purpose="keep",
            rooms=list(rooms),
            notice_sha256=notice(Purpose.KEEP),
        )

    async def agree_to_be_left_out(self, *rooms: str) -> Any:
        """Let the others decide in some rooms."""
        return await self.ask(
            "consent/give",
            purpose="left-out",
            rooms=list(rooms),
            notice_sha256=notice(Purpose.LEFT_OUT),
            valid_seconds=WEEK,
        )

    async def name(self, room: str, *listeners: Login) -> Any:
        """Name listeners."""
        return await self.ask(
            "consent/give",
            purpose="listen",
            rooms=[room],
            listeners=[listener.id for listener in listeners],
            notice_sha256=notice(Purpose.LISTEN),
            valid_seconds=WEEK,
        )

    async def add_listening_key(self) -> Listener:
        """Add a listening key."""
        listener = Listener.quick()
        await self.ask("key/create", key=listener.locked.to_json())
        return listener


@dataclass(frozen=True, slots=True)
class Home:
    """A household of three people, and two accounts outside it."""

    hass: HomeAssistant
    entry: MockConfigEntry
    ada: Login
    """The household's administrator."""
    ben: Login
    cleo: Login
    """Has a read-only account in Home Assistant."""
    visitor: Login
    """Has an account without a person."""

    @property
    def people(self) -> tuple[Login, Login, Login]:
        return self.ada, self.ben, self.cleo

    @property
    def keeper(self) -> Keeper:
        return self.hass.data[KEEPER]

    async def agree(self, *rooms: str) -> None:
        """Make everyone consent to keeping."""
        for login in self.people:
            await login.agree(*rooms)

    async def say(self, room: str = KITCHEN, text: str = SECRET) -> None:
        """End a turn in a room."""
        sound = bytes(range(256)) * 200
        await self.keeper.async_turn_ended(
            EndedTurn(
                room=room,
                understood=True,
                about_keeping=False,
                sound=sound,
                words={"transcript": text},
            )
        )

    async def kinds(self) -> list[str]:
        """Return the kinds of the ledger's rows, newest first."""
        rows = await self.keeper.run(
            lambda kept: [row for login in self.people for row in kept.rows(login.id)]
        )
        by_number = {row.seq: row.kind.value for row in rows}
        return [by_number[seq] for seq in sorted(by_number, reverse=True)]


def notice(purpose: Purpose) -> str:
    return CURRENT[purpose, "en"].sha256


async def ask(client: MockHAClientWebSocket, command: str, **fields: Any) -> Any:
    await client.send_json_auto_id({"type": f"{DOMAIN}/{command}", **fields})
    answer = await _result(client)
    assert answer["success"], answer
    return answer["result"]


async def _result(client: MockHAClientWebSocket) -> dict[str, Any]:
    """Return the next result, skipping events of subscriptions."""
    while (message := await client.receive_json())["type"] != "result":
        pass
    return cast("dict[str, Any]", message)


async def refused(client: MockHAClientWebSocket, command: str, **fields: Any) -> str:
    """Return the code of a refusal, with its reason if a rule refused."""
    await client.send_json_auto_id({"type": f"{DOMAIN}/{command}", **fields})
    answer = await _result(client)
    assert not answer["success"], answer
    code: str = answer["error"]["code"]
    return f"{code}: {answer['error']['message']}" if code == "not_allowed" else code


@asynccontextmanager
async def household(hass: HomeAssistant, client: WebSocketGenerator) -> AsyncGenerator[Home]:
    """Set up a household with a satellite in the kitchen and one in the study, both away."""
    assert await async_setup_component(hass, "person", {})

    async def login(name: str, group: str, *, person: bool = True) -> Login:
        its_group = await hass.auth.async_get_group(group)
        user = MockUser(name=name, groups=[its_group]).add_to_hass(hass)
        if person:
            await async_create_person(hass, name, user_id=user.id)
        return Login(hass, user, client)

    ada = await login("Ada", GROUP_ID_ADMIN)
    ben = await login("Ben", GROUP_ID_USER)
    cleo = await login("Cleo", GROUP_ID_READ_ONLY)
    visitor = await login("Visitor", GROUP_ID_USER, person=False)
    for unique_id, title in ((KITCHEN, "Kitchen"), (STUDY, "Study")):
        satellite = MockConfigEntry(
            domain=DOMAIN,
            title=title,
            unique_id=unique_id,
            data={"kind": "satellite", "host": "127.0.0.1", "port": 1},
            disabled_by=ConfigEntryDisabler.USER,
        )
        satellite.add_to_hass(hass)
        er.async_get(hass).async_get_or_create(
            "assist_satellite",
            DOMAIN,
            unique_id,
            suggested_object_id=title.lower(),
            config_entry=satellite,
        )
    entry = MockConfigEntry(
        domain=DOMAIN,
        title="Household",
        unique_id="household",
        data={"kind": "household"},
        options={"retention_seconds": WEEK, "review": True},
    )
    entry.add_to_hass(hass)
    assert await async_setup_component(hass, DOMAIN, {})
    await hass.async_block_till_done()
    yield Home(hass, entry, ada, ben, cleo, visitor)
    if entry.state is ConfigEntryState.LOADED:
        await hass.config_entries.async_unload(entry.entry_id)


async def everybody_keeps(home: Home) -> None:
    for login in home.people:
        await login.agree(KITCHEN)
    for login in home.people[1:]:
        await login.name(KITCHEN, home.ada)
    await home.ada.add_listening_key()
