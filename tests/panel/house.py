"""A house for tests: a real Home Assistant, paired with scripted satellites and a speech server."""

import base64
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from demo.home_assistant import HomeAssistant
from tests.component.peers import FakeSatellite, FakeSpeech
from tests.component.protection import Protection

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

RATE: Final = 16_000
_ENDED_TURNS: Final = Path(__file__).parent / "ended_turns"


@dataclass(frozen=True, slots=True)
class House:
    """A running Home Assistant and the devices that are paired with it."""

    home_assistant: HomeAssistant
    speech: FakeSpeech
    satellites: dict[str, FakeSatellite]
    """The satellites by area. Their ids are the ids of the rooms."""
    entities: dict[str, str]
    """The entity ids of the satellites by area."""

    @property
    def rooms(self) -> list[str]:
        return [str(satellite.id) for satellite in self.satellites.values()]

    async def household(self) -> str:
        """Return the id of the household's config entry."""
        return await self.home_assistant.household()

    async def set_option(self, step: str, **answers: Any) -> None:
        """Change the household's options in one step of their flow, as the administrator."""
        await self.home_assistant.set_household(step, **answers)

    async def end_turn(
        self,
        room: str,
        sentence: str,
        *,
        seconds: float,
        done: Sequence[Mapping[str, str]] = ({"name": "Kitchen light", "what": "on"},),
        features: bytes = b"",
        respoken: bytes = b"",
    ) -> dict[str, Any]:
        """End a turn with a command that was understood, and return the outcome."""
        kept: dict[str, Any] = await self.home_assistant.call(
            "ended_turns/end",
            room=room,
            words={
                "transcript": sentence,
                "language": "en",
                "wake_word": "hey_jarvis",
                "answer": "Turned on the light",
                "done": [*done],
            },
            sound=base64.b64encode(murmur(seconds)).decode(),
            features=base64.b64encode(features).decode(),
            respoken=base64.b64encode(respoken).decode(),
        )
        return kept


def murmur(seconds: float) -> bytes:
    """Return a sound that is not silent, as 16 kHz, 16 bit, mono."""
    times = np.arange(int(seconds * RATE)) / RATE
    tone = np.sin(2 * np.pi * 220 * times) * np.abs(np.sin(2 * np.pi * 2 * times))
    return bytes((tone * 8000).astype("<i2").tobytes())


@asynccontextmanager
async def running_house(
    folder: Path, areas: Mapping[str, str], *, seals: bool = False
) -> AsyncIterator[House]:
    """Run Home Assistant in `folder`, with one satellite in each area, named as `areas` says.

    With `seals`, `House.end_turn` can end turns without a spoken command.
    """
    home_assistant = HomeAssistant(
        folder / "homeassistant", components=[_ENDED_TURNS] if seals else []
    )
    home_assistant.write_configuration()
    async with AsyncExitStack() as stack:
        speech = await stack.enter_async_context(FakeSpeech(Protection(folder / "speech.pem")))
        await stack.enter_async_context(home_assistant.running())
        begin = {"next_step_id": "speech"}
        make = {"create_pipeline": True, "prefer_pipeline": True}
        await home_assistant.configure(
            "indoor_voice", begin, _place(speech), {"code": code_of(speech)}, make
        )
        satellites, entities = {}, {}
        for number, (area, name) in enumerate(areas.items()):
            satellite = new_satellite(folder, number, area, name)
            satellites[area] = await stack.enter_async_context(satellite)
            entry = await home_assistant.configure(
                "indoor_voice",
                {"next_step_id": "satellite"},
                _place(satellite),
                {"code": code_of(satellite)},
            )
            (entities[area],) = await home_assistant.entity_ids(
                "assist_satellite", entry["entry_id"]
            )
            await home_assistant.wait_for(entities[area], lambda state: state == "idle")
        yield House(home_assistant, speech, satellites, entities)


def new_satellite(folder: Path, number: int, area: str, name: str) -> FakeSatellite:
    """Return a satellite in an area, whose key is kept in `folder`."""
    satellite = FakeSatellite(Protection(folder / f"{area}.pem"))
    satellite.id = f"5a7e{number:x}bc9" * 4
    assert satellite.info.satellite
    satellite.info.satellite.name, satellite.info.satellite.area = name, area
    return satellite


def _place(peer: FakeSpeech | FakeSatellite) -> dict[str, str | int]:
    return {"host": "127.0.0.1", "port": peer.port}


def code_of(peer: FakeSpeech | FakeSatellite) -> str:
    """Return the pairing code that a device speaks or prints."""
    assert peer.protection
    return peer.protection.code
