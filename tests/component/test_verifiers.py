"""What Home Assistant tells a satellite about verifying wake words, and what it takes from it."""

import base64
import math
import struct
from typing import TYPE_CHECKING, Any

import pytest
from wyoming.event import Event
from wyoming.ping import Ping

from custom_components.indoor_voice.const import DOMAIN
from custom_components.indoor_voice.household.learning import Learning
from custom_components.indoor_voice.link.verifiers import WakeVerifier
from custom_components.indoor_voice.turn import runner
from custom_components.indoor_voice.turn.capture import TurnCapture, begin_capture
from tests.waiting import until

from .peers import SATELLITE_ID
from .spoken_turns import ada
from .waiting import CONNECTION, reaches, shows

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

    from custom_components.indoor_voice.devices.verifiers import DeviceVerifiers

    from .keeping import Inhabitant
    from .peers import FakeSatellite

__all__ = ["ada"]

FEATURES = struct.pack("<1152e", *(number / 64 for number in range(1152)))


def verifier(weight: float = 0.5) -> WakeVerifier:
    return WakeVerifier(struct.pack("<1152f", *[weight] * 1152), bias=-1.5, threshold=2.0)


def told(verifiers: dict[str, WakeVerifier]) -> dict[str, Any]:
    """Return the data of the event with which a satellite is told."""
    return {
        "verifiers": {
            word: {
                "weights": base64.b64encode(one.weights).decode(),
                "bias": one.bias,
                "threshold": one.threshold,
            }
            for word, one in verifiers.items()
        },
        "stricter": {},
    }


@pytest.fixture(autouse=True)
def _only_this_test_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what the household has learned, nothing, away from the satellites."""
    monkeypatch.setattr(Learning, "_tell_satellites", lambda _self: None)


@pytest.fixture
async def verifiers(house: HomeAssistant, satellite: FakeSatellite) -> DeviceVerifiers:
    await shows(house, CONNECTION, lambda state: state == "on")
    return verifiers_of(house)


def verifiers_of(hass: HomeAssistant) -> DeviceVerifiers:
    entry = hass.config_entries.async_entry_for_domain_unique_id(DOMAIN, SATELLITE_ID)
    assert entry is not None
    verifiers: DeviceVerifiers = entry.runtime_data.verifiers
    return verifiers


async def settled(satellite: FakeSatellite) -> None:
    """Wait until both sides have dealt with what they were sent."""
    pongs = len(satellite.of_type("pong"))
    await satellite.send(Ping())
    await satellite.wait_for("pong", pongs + 1)


async def reconnected(house: HomeAssistant, satellite: FakeSatellite) -> None:
    """Let the satellite come back after an absence."""
    connections = len(satellite.of_type("run-satellite"))
    await satellite.stop()
    await shows(house, CONNECTION, lambda state: state == "off")
    await satellite.start()
    await satellite.wait_for("run-satellite", connections + 1)
    await shows(house, CONNECTION, lambda state: state == "on")


# Verifiers


@pytest.mark.parametrize("weights", [b"", bytes(4604), bytes(4612)])
def test_a_verifier_has_as_many_weights_as_there_are_features(weights: bytes) -> None:
    with pytest.raises(ValueError, match="12 x 96"):
        WakeVerifier(weights, bias=0, threshold=0)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_verifier_is_finite(number: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        verifier(number)
    with pytest.raises(ValueError, match="finite"):
        WakeVerifier(bytes(4608), bias=number, threshold=0)
    with pytest.raises(ValueError, match="finite"):
        WakeVerifier(bytes(4608), bias=0, threshold=number)


async def test_a_satellite_is_told_all_verifiers_that_it_can_use(
    satellite: FakeSatellite, verifiers: DeviceVerifiers
) -> None:
    verifiers.async_set({"hey_jarvis": verifier(), "okay_nabu": verifier()})
    assert (await satellite.wait_for("set-verifiers")).data == told({"hey_jarvis": verifier()})
    verifiers.async_set({"alexa": verifier(0.25)})
    assert (await satellite.wait_for("set-verifiers", 2)).data == told({"alexa": verifier(0.25)})
    verifiers.async_set({})
    assert (await satellite.wait_for("set-verifiers", 3)).data == told({})


async def test_what_a_satellite_was_told_is_not_repeated(
    satellite: FakeSatellite, verifiers: DeviceVerifiers
) -> None:
    for _ in range(3):
        verifiers.async_set({"hey_jarvis": verifier()})
    await settled(satellite)
    assert len(satellite.of_type("set-verifiers")) == 1


async def test_a_satellite_that_was_away_is_told_what_has_changed(
    house: HomeAssistant, satellite: FakeSatellite, verifiers: DeviceVerifiers
) -> None:
    verifiers.async_set({"hey_jarvis": verifier()})
    await satellite.wait_for("set-verifiers")
    await reconnected(house, satellite)
    assert (await satellite.wait_for("set-verifiers", 2)).data == told({"hey_jarvis": verifier()})
    await satellite.stop()
    await shows(house, CONNECTION, lambda state: state == "off")
    verifiers.async_set({})
    await satellite.start()
    assert (await satellite.wait_for("set-verifiers", 3)).data == told({})


async def test_a_satellite_is_told_nothing_before_it_is_known_what_is_wanted(
    house: HomeAssistant, satellite: FakeSatellite, verifiers: DeviceVerifiers
) -> None:
    await reconnected(house, satellite)
    await settled(satellite)
    assert satellite.of_type("set-verifiers") == []
    assert satellite.of_type("wake-features") == []


REFUSALS = {"bad-request": "can't use", "failed": "can't store"}


@pytest.mark.parametrize("code", REFUSALS)
async def test_a_refusal_is_logged_once_and_the_next_connection_tries_again(
    house: HomeAssistant,
    satellite: FakeSatellite,
    verifiers: DeviceVerifiers,
    caplog: pytest.LogCaptureFixture,
    code: str,
) -> None:
    satellite.refuses_verifiers = code
    verifiers.async_set({"hey_jarvis": verifier()})
    await satellite.wait_for("set-verifiers")
    await settled(satellite)
    await satellite.send(Event(type="error", data={"code": code, "text": ""}))
    await settled(satellite)
    (refusal,) = (one for one in caplog.records if "verifiers of wake words" in one.getMessage())
    assert REFUSALS[code] in refusal.getMessage()
    assert refusal.levelname == "WARNING"
    satellite.refuses_verifiers = None
    await reconnected(house, satellite)
    await satellite.wait_for("set-verifiers", 2)


async def test_an_error_about_something_else_is_no_refusal(
    satellite: FakeSatellite, verifiers: DeviceVerifiers, caplog: pytest.LogCaptureFixture
) -> None:
    verifiers.async_set({"hey_jarvis": verifier()})
    await satellite.wait_for("set-verifiers")
    await settled(satellite)
    await satellite.send(Event(type="error", data={"code": "bad-request", "text": ""}))
    await settled(satellite)
    assert "verifiers of wake words" not in caplog.text


@pytest.mark.parametrize("words", [None, "hey_jarvis", [1], ["x"] * 1001])
async def test_an_impossible_list_is_refused(
    house: HomeAssistant, satellite: FakeSatellite, words: Any
) -> None:
    await satellite.send(Event(type="verifiers", data={"words": words}))
    assert (await satellite.wait_for("error")).data["code"] == "bad-request"


# Features


async def test_a_satellite_is_told_whether_features_are_wanted(
    house: HomeAssistant, satellite: FakeSatellite, verifiers: DeviceVerifiers
) -> None:
    verifiers.want_features(True)
    verifiers.want_features(True)
    assert (await satellite.wait_for("wake-features")).data == {"wanted": True}
    await reconnected(house, satellite)
    assert (await satellite.wait_for("wake-features", 2)).data == {"wanted": True}
    verifiers.want_features(False)
    assert (await satellite.wait_for("wake-features", 3)).data == {"wanted": False}
    await reconnected(house, satellite)
    await settled(satellite)
    assert len(satellite.of_type("wake-features")) == 3


@pytest.fixture
def captures(monkeypatch: pytest.MonkeyPatch) -> list[TurnCapture | None]:
    """What is captured of each turn, if anything is."""
    captured: list[TurnCapture | None] = []

    def remember(*arguments: Any) -> TurnCapture | None:
        captured.append(begin_capture(*arguments))
        return captured[-1]

    monkeypatch.setattr(runner, "begin_capture", remember)
    return captured


@pytest.mark.parametrize(
    ("wanted", "wake_word", "features"),
    [
        pytest.param(True, "hey_jarvis", FEATURES, id="wanted"),
        pytest.param(False, "hey_jarvis", None, id="unwanted"),
        pytest.param(True, None, None, id="without a wake word"),
    ],
)
async def test_features_are_captured_if_wanted_with_the_name_of_the_wake_word(
    house: HomeAssistant,
    satellite: FakeSatellite,
    ada: Inhabitant,
    captures: list[TurnCapture | None],
    *,
    wanted: bool,
    wake_word: str | None,
    features: bytes | None,
) -> None:
    verifiers_of(house).want_features(wanted)
    await satellite.begin_turn(wake_word, features=FEATURES if wake_word else None)
    (capture,) = await until(lambda: captures)
    assert capture is not None
    assert (capture.wake_word, capture.features) == (wake_word, features)


async def test_where_nothing_is_kept_features_are_not_held(
    house: HomeAssistant,
    satellite: FakeSatellite,
    verifiers: DeviceVerifiers,
    captures: list[TurnCapture | None],
) -> None:
    verifiers.want_features(True)
    await satellite.begin_turn(features=FEATURES)
    assert await until(lambda: captures) == [None]


NOT_A_NUMBER = struct.pack("<1152e", *[math.nan] * 1152)


@pytest.mark.parametrize(
    ("shape", "features"),
    [
        ({"rows": 12, "columns": 96}, None),
        ({"rows": 12, "columns": 96}, FEATURES[:-2]),
        ({"rows": 12, "columns": 96}, FEATURES + b"\0\0"),
        ({"rows": 12, "columns": 96}, NOT_A_NUMBER),
        ({"rows": 96, "columns": 12}, FEATURES),
        ({"rows": 12}, FEATURES),
        ({}, FEATURES),
        ([12, 96], FEATURES),
        (True, FEATURES),
    ],
)
async def test_a_turn_with_impossible_features_is_refused(
    house: HomeAssistant,
    satellite: FakeSatellite,
    captures: list[TurnCapture | None],
    shape: Any,
    features: bytes | None,
) -> None:
    data = {
        "start_stage": "asr",
        "end_stage": "tts",
        "turn": 1,
        "wake_word_name": "hey_jarvis",
        "features": shape,
    }
    await satellite.send(Event(type="run-pipeline", data=data, payload=features))
    assert (await satellite.wait_for("error")).data["code"] == "bad-request"
    assert captures == []
    # The next turn is none the worse for it.
    await satellite.begin_turn(number=2)
    await satellite.speak()
    await satellite.wait_for("pipeline-ended")
    await reaches(house, "idle")
