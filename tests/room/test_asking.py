"""A satellite among others asks before it takes a turn; with real sockets and fake devices."""

import asyncio
from typing import Any, Final

import numpy as np
import pytest

from indoor_voice.room.controls.lamp import Lamp
from indoor_voice.room.sound.cues import Cue
from indoor_voice.room.turn import machine
from tests.room.room_parts import WAKE_WORD, Controller, ServedSatellite, heard_values
from tests.waiting import PATIENCE_SECONDS, until

DENIED: Final[dict[str, Any]] = {"text": "", "code": "duplicate_wake_up_detected"}


@pytest.fixture
def lamp(satellite: ServedSatellite) -> list[Lamp]:
    """What the lamp has shown."""
    return satellite.lamp.shown


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for the verdict longer than a busy machine takes."""
    monkeypatch.setattr(machine, "VERDICT_SECONDS", PATIENCE_SECONDS)


async def among_others(satellite: ServedSatellite) -> Controller:
    """Return its controller, which wants to be asked."""
    controller = await satellite.control()
    await controller.send("ask-first", wanted=True)
    await controller.send("ping")
    await controller.receive("pong")
    return controller


async def asked(satellite: ServedSatellite, controller: Controller) -> dict[str, Any]:
    satellite.microphone.hear(WAKE_WORD)
    return (await controller.receive("ask-for-turn")).data


@pytest.mark.usefixtures("patient")
async def test_until_the_turn_is_granted_nothing_is_sent_shown_or_played(
    satellite: ServedSatellite, lamp: list[Lamp]
) -> None:
    controller = await among_others(satellite)
    satellite.microphone.hear(*range(1, 60), WAKE_WORD, 101)
    events = await controller.receive_until("ask-for-turn")
    assert [event.type for event in events] == ["ask-for-turn"]
    question = events[0]
    assert not question.payload
    assert (question.data["turn"], question.data["name"]) == (1, "hey_jarvis")
    assert np.isfinite(question.data["quality"])
    assert lamp == []
    assert satellite.loudspeaker.cues == []
    await controller.send("turn-granted", turn=1)
    events = await controller.receive_until("audio-start")
    assert [event.type for event in events] == ["detection", "run-pipeline", "audio-start"]
    assert events[1].data["turn"] == 1
    heard: list[int] = []
    while 101 not in heard:
        heard += heard_values(await controller.receive_until("audio-chunk"))
    before = heard.index(WAKE_WORD)
    assert heard[: before + 1] == [*range(60 - before, 60), WAKE_WORD]
    assert lamp == [Lamp.STREAMING]
    await satellite.loudspeaker.until_cue(Cue.HEARD)


@pytest.mark.usefixtures("patient")
async def test_one_that_is_denied_the_turn_stays_dark_and_silent(
    satellite: ServedSatellite, lamp: list[Lamp]
) -> None:
    controller = await among_others(satellite)
    question = await asked(satellite, controller)
    await controller.send("error", **DENIED, turn=question["turn"])
    await controller.send("ping")
    events = await controller.receive_until("pong")
    assert [event.type for event in events] == ["pong"]
    second = await asked(satellite, controller)
    assert second["turn"] == question["turn"] + 1
    assert lamp == []
    assert satellite.loudspeaker.cues == []


async def test_without_a_verdict_it_goes_on_by_itself(
    satellite: ServedSatellite, lamp: list[Lamp]
) -> None:
    controller = await among_others(satellite)
    question = await asked(satellite, controller)
    run = await controller.receive("run-pipeline")
    assert run.data["turn"] == question["turn"]
    await controller.send("error", **DENIED, turn=question["turn"])
    await controller.receive("audio-stop")
    await until(lambda: lamp, lambda shown: shown == [Lamp.STREAMING, Lamp.DARK])
    assert satellite.loudspeaker.cues == [Cue.HEARD]


@pytest.mark.usefixtures("patient")
async def test_a_home_assistant_that_is_gone_is_heard(satellite: ServedSatellite) -> None:
    controller = await among_others(satellite)
    await asked(satellite, controller)
    await controller.send("pause-satellite")
    await satellite.loudspeaker.until_cue(Cue.FAILED)
    assert satellite.loudspeaker.cues == [Cue.FAILED]


@pytest.mark.usefixtures("patient")
async def test_muted_it_asks_for_nothing(satellite: ServedSatellite) -> None:
    controller = await among_others(satellite)
    question = await asked(satellite, controller)
    await satellite.room.mute_on_device(True)
    await controller.send("turn-granted", turn=question["turn"])
    await controller.send("ping")
    assert "run-pipeline" not in [event.type for event in await controller.receive_until("pong")]
    await until(lambda: satellite.loudspeaker.cues, lambda cues: Cue.MUTED in cues)


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("ask-first", {}),
        ("ask-first", {"wanted": 1}),
        ("turn-granted", {}),
        ("turn-granted", {"turn": "1"}),
    ],
)
async def test_what_means_nothing_is_refused(
    satellite: ServedSatellite, kind: str, data: dict[str, Any]
) -> None:
    controller = await satellite.control()
    await controller.send(kind, **data)
    assert (await controller.receive("error")).data["code"] == "bad-request"
    satellite.microphone.hear(WAKE_WORD)
    await asyncio.wait_for(controller.receive("run-pipeline"), 10)
