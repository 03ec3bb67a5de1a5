"""Runs a real Home Assistant as a process, with a client that does what a user does."""

import asyncio
import contextlib
import json
import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any, Final

import aiohttp

from .ports import free_port
from .processes import ProcessFailedError, Program

ROOT: Final = Path(__file__).parent.parent
VIRTUAL_ENVIRONMENT: Final = ROOT / ".cache" / "homeassistant"
COMPILER_INCLUDES: Final = ROOT / ".cache" / "python3.14" / "usr" / "include"
START_TIMEOUT_SECONDS: Final = 300.0
"""The first start installs packages."""

USER_NAME: Final = "demo"
PASSWORD: Final = "indoors"  # noqa: S105 - of a demo that listens on loopback only
AREAS: Final = {
    "Kitchen": ["light.kitchen_light"],
    "Living Room": ["light.living_room_light", "climate.thermostat", "switch.fan"],
    "Bedroom": ["light.bedroom_light", "cover.bedroom_blinds"],
}


class RequestError(Exception):
    """Home Assistant refused a request; the message says which and why."""


class HomeAssistant:
    """Home Assistant with the demo home, our integration and one user, on loopback."""

    def __init__(
        self, folder: Path, *, port: int | None = None, components: Sequence[Path] = ()
    ) -> None:
        """Prepare a fresh configuration in `folder`.

        Each of `components` is the folder of another custom integration, which is set up too.
        """
        self.folder = folder
        self._components = components
        self.port = port or free_port()
        self.url: Final = f"http://127.0.0.1:{self.port}"
        self._token: str | None = None
        self._session: aiohttp.ClientSession | None = None
        env = {"HOME_ASSISTANT_URL": self.url}
        if COMPILER_INCLUDES.exists():
            env["CPATH"] = str(COMPILER_INCLUDES)
        command = (str(VIRTUAL_ENVIRONMENT / "bin" / "hass"), "--config", str(folder))
        self.program = Program("Home Assistant", command, log=folder / "process.log", env=env)

    def write_configuration(self) -> None:
        """Write the configuration folder: the demo home, and a link to our integration."""
        if not (VIRTUAL_ENVIRONMENT / "bin" / "hass").exists():
            raise ProcessFailedError("Home Assistant is not installed here; run script/bootstrap")
        storage = self.folder / ".storage"
        storage.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "demo" / "home" / "configuration.yaml", self.folder)
        components = self.folder / "custom_components"
        components.mkdir(exist_ok=True)
        (components / "indoor_voice").symlink_to(ROOT / "custom_components" / "indoor_voice")
        with (self.folder / "configuration.yaml").open("a", encoding="utf-8") as file:
            for component in self._components:
                (components / component.name).symlink_to(component)
                file.write(f"{component.name}:\n")
        # Settings from the configuration file would be on trial and reverted after five minutes.
        http: dict[str, Any] = {
            "version": 3,
            "minor_version": 1,
            "key": "http",
            "data": {
                "stable": {
                    "server_host": ["127.0.0.1"],
                    "server_port": self.port,
                    "cors_allowed_origins": [],
                    "login_attempts_threshold": -1,
                    "ip_ban_enabled": True,
                    "ssl_profile": "intermediate_v6",
                    "use_x_frame_options": True,
                    "created_at": "2026-11-01T00:00:00+00:00",
                    "error": None,
                    "error_message": None,
                },
                "pending": None,
                "yaml_migration_done": True,
            },
        }
        # These onboarding steps would add integrations that use the internet.
        onboarding: dict[str, Any] = {
            "version": 4,
            "key": "onboarding",
            "data": {"done": ["core_config", "analytics", "integration"]},
        }
        for store in (http, onboarding):
            (storage / store["key"]).write_text(json.dumps(store), encoding="utf-8")

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run while the block runs, with the owner's account and the areas set up."""
        async with aiohttp.ClientSession() as self._session, self.program:
            await self.wait_until_started()
            await self._onboard()
            await self._assign_areas()
            yield

    async def restart(self) -> None:
        """Stop and start the process, as an update does."""
        await self.program.stop()
        await self.program.start()
        await self.wait_until_started()

    async def wait_until_started(self) -> None:
        """Wait until it has finished starting; raises `ProcessFailedError`."""
        try:
            async with asyncio.timeout(START_TIMEOUT_SECONDS):
                while not await self._has_started():
                    self.program.check()
                    if "recovery mode" in self.program.output():
                        raise ProcessFailedError(f"Home Assistant refuses {self.folder}")
                    await asyncio.sleep(0.2)
        except TimeoutError as err:
            raise ProcessFailedError(f"Home Assistant does not start; see {self.folder}") from err

    async def _has_started(self) -> bool:
        if self._token is None:
            with contextlib.suppress(aiohttp.ClientError, RequestError):
                return bool(await self.request("GET", "/api/onboarding"))
            return False
        with contextlib.suppress(aiohttp.ClientError, RequestError):
            return bool((await self.request("GET", "/api/config"))["state"] == "RUNNING")
        return False

    async def request(self, method: str, path: str, data: Any = None) -> Any:
        """Send a request to the REST interface and return its JSON; raises `RequestError`."""
        assert self._session is not None
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        form = data if isinstance(data, aiohttp.FormData) else None
        async with self._session.request(
            method,
            f"{self.url}{path}",
            headers=headers,
            data=form,
            json=data if form is None and data is not None else None,
        ) as response:
            if not response.ok:
                raise RequestError(f"{method} {path}: {response.status} {await response.text()}")
            return await response.json()

    async def _onboard(self) -> None:
        owner = {
            "name": "Demo",
            "username": USER_NAME,
            "password": PASSWORD,
            "client_id": f"{self.url}/",
            "language": "en",
        }
        code = (await self.request("POST", "/api/onboarding/users", owner))["auth_code"]
        form = aiohttp.FormData(
            {"client_id": f"{self.url}/", "grant_type": "authorization_code", "code": code}
        )
        tokens = await self.request("POST", "/auth/token", form)
        self._token = tokens["access_token"]
        # Access tokens expire after half an hour; the tests and the demo may run for longer.
        self._token = await self.call(
            "auth/long_lived_access_token", client_name="demo", lifespan=1
        )
        await self.wait_until_started()

    async def _assign_areas(self) -> None:
        async with self.websocket() as socket_:
            # A new Home Assistant already has these three areas.
            areas = await socket_.call("config/area_registry/list")
            area_ids = {area["name"]: area["area_id"] for area in areas}
            for name, entity_ids in AREAS.items():
                for entity_id in entity_ids:
                    await socket_.call(
                        "config/entity_registry/update",
                        entity_id=entity_id,
                        area_id=area_ids[name],
                    )

    @contextlib.asynccontextmanager
    async def websocket(self) -> AsyncIterator["Socket"]:
        """Open a WebSocket connection of the logged-in user."""
        assert self._session is not None
        assert self._token is not None
        async with open_socket(self._session, self.url, self._token) as socket_:
            yield socket_

    async def call(self, command: str, **arguments: Any) -> Any:
        """Send one WebSocket command and return its result; raises `RequestError`."""
        async with self.websocket() as socket_:
            return await socket_.call(command, **arguments)

    async def action(self, name: str, **data: Any) -> None:
        """Perform an action such as `light.turn_off` and wait until it has finished."""
        domain, service = name.split(".")
        await self.request("POST", f"/api/services/{domain}/{service}", data)

    async def state(self, entity_id: str) -> str:
        """Return the state of an entity."""
        return str((await self.request("GET", f"/api/states/{entity_id}"))["state"])

    async def attribute(self, entity_id: str, name: str) -> Any:
        """Return an attribute of an entity."""
        return (await self.request("GET", f"/api/states/{entity_id}"))["attributes"].get(name)

    async def wait_for(
        self, entity_id: str, good: Callable[[str], bool], *, timeout_seconds: float = 15
    ) -> str:
        """Wait for a state that `good` accepts, and return it; raises `RequestError`."""
        state = "missing"
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_seconds):
                while True:
                    with contextlib.suppress(RequestError, aiohttp.ClientError):
                        state = await self.state(entity_id)
                        if good(state):
                            return state
                    await asyncio.sleep(0.1)
        raise RequestError(f"{entity_id} stays {state}")

    async def entity_ids(self, domain: str, entry_id: str) -> list[str]:
        """Return the entities of a config entry in a domain such as `assist_satellite`."""
        entries = await self.call("config/entity_registry/list")
        return [
            entry["entity_id"]
            for entry in entries
            if entry["config_entry_id"] == entry_id and entry["entity_id"].startswith(f"{domain}.")
        ]

    async def configure(self, handler: str, *answers: dict[str, Any]) -> dict[str, Any]:
        """Go through a config flow from its menu to its end; raises `RequestError`."""
        flow = await self._flow({"handler": handler}, *answers)
        if flow["type"] != "create_entry":
            raise RequestError(f"the flow ends with {flow['type']}: {flow.get('reason')}")
        result: dict[str, Any] = flow["result"]
        return result

    async def reconfigure(self, handler: str, entry_id: str, answer: dict[str, Any]) -> None:
        """Change a config entry as its dialogue does; raises `RequestError`."""
        flow = await self._flow({"handler": handler, "entry_id": entry_id}, answer)
        if flow.get("reason") != "reconfigure_successful":
            raise RequestError(f"the flow ends with {flow['type']}: {flow.get('reason')}")

    async def set_options(self, entry_id: str, *answers: dict[str, Any]) -> None:
        """Go through the options flow of a config entry; raises `RequestError`."""
        path = "/api/config/config_entries/options/flow"
        flow = await self._flow({"handler": entry_id}, *answers, path=path)
        if flow["type"] != "create_entry":
            raise RequestError(f"the flow ends with {flow['type']}: {flow.get('reason')}")

    async def household(self) -> str:
        """Return the id of the household's config entry."""
        entries = await self.call("config_entries/get", domain="indoor_voice")
        (entry,) = [entry["entry_id"] for entry in entries if entry["title"] == "Household"]
        return str(entry)

    async def set_household(self, step: str, **answers: Any) -> None:
        """Change the household's options in one step of their flow, as the administrator."""
        await self.set_options(await self.household(), {"next_step_id": step}, answers)

    async def _flow(
        self,
        begin: dict[str, Any],
        *answers: dict[str, Any],
        path: str = "/api/config/config_entries/flow",
    ) -> dict[str, Any]:
        flow: dict[str, Any] = await self.request("POST", path, begin)
        for answer in answers:
            flow = await self.request("POST", f"{path}/{flow['flow_id']}", answer)
            if flow.get("errors"):
                raise RequestError(f"the flow refuses {sorted(answer)}: {flow['errors']}")
        return flow


@contextlib.asynccontextmanager
async def open_socket(
    session: aiohttp.ClientSession, url: str, token: str
) -> AsyncIterator["Socket"]:
    """Open a WebSocket connection with an access token; raises `RequestError`."""
    async with session.ws_connect(f"{url}/api/websocket", max_msg_size=0) as stream:
        await stream.receive_json()
        await stream.send_json({"type": "auth", "access_token": token})
        if (await stream.receive_json())["type"] != "auth_ok":
            raise RequestError("Home Assistant does not accept the login")
        yield Socket(stream)


class Socket:
    """An open WebSocket connection to Home Assistant."""

    def __init__(self, stream: aiohttp.ClientWebSocketResponse) -> None:
        """Use a connection that has logged in."""
        self._stream = stream
        self._last_id = 0

    async def call(self, command: str, **arguments: Any) -> Any:
        """Send a command and return its result; raises `RequestError`."""
        self._last_id += 1
        await self._stream.send_json({"id": self._last_id, "type": command, **arguments})
        while (answer := await self._stream.receive_json()).get("type") != "result" or (
            answer["id"] != self._last_id
        ):
            pass
        if not answer["success"]:
            raise RequestError(f"{command}: {answer['error']['message']}")
        return answer["result"]
