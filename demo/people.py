"""Accounts of the people in a house, and what their owners do with them through the panel's API."""

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Self

import aiohttp

from .home_assistant import PASSWORD, USER_NAME, HomeAssistant, RequestError, Socket, open_socket

DAY_SECONDS: Final = 86_400


@dataclass(slots=True, kw_only=True)
class Login:
    """A logged-in account and the actions of its owner."""

    url: str
    tokens: dict[str, Any] = field(repr=False)
    id: str
    name: str

    @classmethod
    async def log_in(cls, url: str, name: str, username: str, password: str = PASSWORD) -> Self:
        """Log in to an account, as the login page does; raises `RequestError`."""
        client_id = f"{url}/"
        begin = {
            "client_id": client_id,
            "handler": ["homeassistant", None],
            "redirect_uri": f"{url}/?auth_callback=1",
        }
        answer = {"client_id": client_id, "username": username, "password": password}
        async with aiohttp.ClientSession(url) as session:
            flow = await _post(session, "/auth/login_flow", json=begin)
            done = await _post(session, f"/auth/login_flow/{flow['flow_id']}", json=answer)
            if "result" not in done:
                raise RequestError(f"Home Assistant does not accept the login: {done['errors']}")
            grant = {"grant_type": "authorization_code", "code": done["result"]}
            tokens = await _post(session, "/auth/token", data={"client_id": client_id, **grant})
        tokens |= {"clientId": client_id, "expires": (time.time() + tokens["expires_in"]) * 1000}
        login = cls(url=url, tokens=tokens, id="", name=name)
        async with login.socket() as socket:
            login.id = (await socket.call("auth/current_user"))["id"]
        return login

    @classmethod
    async def owner(cls, home_assistant: HomeAssistant) -> Self:
        """Log in as the administrator."""
        return await cls.log_in(home_assistant.url, "Demo", USER_NAME)

    @classmethod
    async def create(cls, home_assistant: HomeAssistant, name: str, *, person: bool = True) -> Self:
        """Create an account, with a person that owns it unless `person` is false, and log in."""
        created = await home_assistant.call(
            "config/auth/create", name=name, group_ids=["system-users"]
        )
        user_id = created["user"]["id"]
        await home_assistant.call(
            "config/auth_provider/homeassistant/create",
            user_id=user_id,
            username=name.lower(),
            password=PASSWORD,
        )
        if person:
            await home_assistant.call(
                "person/create", name=name, user_id=user_id, device_trackers=[]
            )
        return await cls.log_in(home_assistant.url, name, name.lower())

    async def ask(self, command: str, **fields: Any) -> Any:
        """Send one of Indoor Voice's commands as this user and return the answer."""
        async with self.socket() as socket:
            return await socket.call(f"indoor_voice/{command}", **fields)

    @asynccontextmanager
    async def socket(self) -> AsyncIterator[Socket]:
        """Open a WebSocket connection as this user."""
        async with (
            aiohttp.ClientSession() as session,
            open_socket(session, self.url, self.tokens["access_token"]) as socket,
        ):
            yield socket

    async def agree(self, rooms: Sequence[str]) -> None:
        """Consent to keeping in some rooms for a day."""
        await self.ask(
            "consent/give",
            purpose="keep",
            rooms=rooms,
            limit_seconds=DAY_SECONDS,
            notice_sha256=await self.notice("keep"),
            valid_seconds=30 * DAY_SECONDS,
        )

    async def name_listener(self, rooms: Sequence[str], *others: "Login") -> None:
        """Name people who may hear this one in some rooms."""
        await self.ask(
            "consent/give",
            purpose="listen",
            rooms=rooms,
            listeners=[other.id for other in others],
            notice_sha256=await self.notice("listen"),
            valid_seconds=30 * DAY_SECONDS,
        )

    async def notice(self, purpose: str) -> str:
        """Return the hash of the current text of a consent question."""
        notices = await self.ask("notices")
        return str(next(one["sha256"] for one in notices if one["purpose"] == purpose))


async def _post(session: aiohttp.ClientSession, path: str, **content: Any) -> dict[str, Any]:
    async with session.post(path, **content) as response:
        if not response.ok:
            raise RequestError(f"POST {path}: {response.status}")
        answer: dict[str, Any] = await response.json()
        return answer
