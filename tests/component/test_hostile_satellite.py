"""A broken or hostile paired satellite does no harm."""

import asyncio
import json
import logging
from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.exceptions import HomeAssistantError
from wyoming.event import Event

from tests.waiting import until

from .announcing import announce
from .memory import bounded
from .waiting import reaches, shows

if TYPE_CHECKING:
    from collections.abc import Callable

    from homeassistant.core import HomeAssistant

    from .peers import FakeSatellite, FakeSpeech

MUTE = "switch.kitchen_kitchen_satellite_mute"
SOUND = {"rate": 16000, "width": 2, "channels": 1}
STATUS = {"muted": False, "muted_on_device": False, "microphone": True, "loudspeaker": True}


def line(type_: str, payload: bytes = b"", /, **data: Any) -> bytes:
    header = {"type": type_, "data": data, "payload_length": len(payload)}
    return json.dumps(header).encode() + b"\n" + payload


def run(number: int) -> bytes:
    return line("run-pipeline", start_stage="asr", end_stage="tts", turn=number)


FLOODS: dict[str, Callable[[int], bytes]] = {
    "turns": run,
    "statuses": lambda n: line("status", b"", **(STATUS | {"microphone": bool(n % 2)})),
    "descriptions": lambda _: line("info", satellite={}),
    "detections": lambda _: line("detection", name="x"),
    "errors": lambda _: line("error", code="failed", text=""),
    "pings": lambda _: line("ping", text="x" * 1000),
    "what nobody knows": lambda n: line(f"x{n}"),
    "sound": lambda _: line("audio-chunk", bytes(2560), **SOUND),
    "sound in one piece": lambda _: line("audio-chunk", bytes(480_000), **SOUND),
    "JSON": lambda _: line("x", a=[[]] * 10_000),
    "swollen JSON": lambda _: b'{"type":"x","data_length":900000}\n' + b"[" * 900_000,
}


@pytest.mark.parametrize("kind", FLOODS)
async def test_a_flood_ends_the_connection_and_nothing_else(
    house: HomeAssistant,
    satellite: FakeSatellite,
    speech: FakeSpeech,
    caplog: pytest.LogCaptureFixture,
    kind: str,
) -> None:
    with bounded():
        await satellite.send_raw(run(1))
        for number in range(2, 3000):
            try:
                await satellite.send_raw(FLOODS[kind](number))
            except OSError:
                break
        await satellite.wait_for("run-satellite", 2)
        # Repetitions don't add to the log.
        for number in range(3000, 6000):
            try:
                await satellite.send_raw(FLOODS[kind](number))
            except OSError:
                break
        await satellite.wait_for("run-satellite", 3)
    await reaches(house, "idle")
    satellite.turn = 10_000
    turn = await satellite.begin_turn(None)
    await satellite.speak(0.2)
    await until(lambda: "audio-stop" in satellite.of_turn(turn))
    said = [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING]
    ours = [text for text in said if "asyncio" not in text and "Executing <" not in text]
    assert len([text for text in ours if "is unavailable" in text]) == 1
    assert len(ours) == 1, ours
    assert speech.connections < 200


async def test_a_turn_has_a_number_or_is_none(
    house: HomeAssistant, satellite: FakeSatellite
) -> None:
    for count, number in enumerate((10**30, -(10**30), 1.5, True, "1", [1])):
        data = {"start_stage": "asr", "end_stage": "tts", "turn": number}
        await satellite.send(Event(type="run-pipeline", data=data))
        assert (await satellite.wait_for("error", count + 1)).data["code"] == "bad-request"


async def test_codes_of_its_own_are_shown_nowhere(
    house: HomeAssistant, satellite: FakeSatellite, caplog: pytest.LogCaptureFixture
) -> None:
    satellite.answers_mute = False
    await shows(house, MUTE, lambda state: state == "off")
    for count, code in enumerate(("x" * 10_000, "\x1b[31m", 5, None, {"a": 1}, "busy\nERROR all")):
        task = asyncio.create_task(
            house.services.async_call("switch", "turn_on", {"entity_id": MUTE}, blocking=True)
        )
        await satellite.wait_for("mute", count + 1)
        await satellite.send(Event(type="error", data={"code": code, "text": "secret\nwords"}))
        with pytest.raises(HomeAssistantError, match="didn't change its mute"):
            await task
    # Except debug lines of the test's own peers.
    ours = [r.getMessage() for r in caplog.records if "indoor_voice" in r.name]
    assert not any("\x1b" in text or "xxxx" in text or "ERROR all" in text for text in ours)


async def test_half_a_character_ends_the_connection_and_nothing_else(
    house: HomeAssistant, satellite: FakeSatellite, caplog: pytest.LogCaptureFixture
) -> None:
    await satellite.send_raw(line("ping", text="\ud800"))
    await satellite.wait_for("run-satellite", 2)
    await reaches(house, "idle")
    await announce(house, message="Dinner is ready")
    assert not [record for record in caplog.records if record.exc_info]
