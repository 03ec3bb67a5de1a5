"""Features are sent only where they are wanted, and verifiers are kept until they are withdrawn."""

import asyncio
import base64
import json
import logging
import math
import stat
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from wyoming.event import Event

from indoor_voice.errors import UserError
from indoor_voice.room.settings import Settings
from indoor_voice.room.sound.household_verifier import (
    FEATURES_SHAPE,
    HouseholdVerifier,
    household_verifier_json,
)
from indoor_voice.room.sound.wake_models import built_in_models
from indoor_voice.room.sound.wake_rules import Sensitivity
from indoor_voice.room.state_dir import forget_everything
from indoor_voice.room.storage import Storage
from indoor_voice.room.turn import machine
from indoor_voice.room.verifier_file import FILE, Learned, load_learned, save_learned
from indoor_voice.room.wake_learning import WakeLearning
from tests.room.room_parts import (
    FEATURES,
    WAKE_WORD,
    Controller,
    ScriptedDetector,
    ServedSatellite,
    served,
)
from tests.waiting import PATIENCE_SECONDS, until

SHAPE = {"rows": 12, "columns": 96}


def verifier(value: float = 0.25) -> HouseholdVerifier:
    return HouseholdVerifier(np.full(FEATURES_SHAPE, value, np.float32), bias=-1.0, threshold=0.5)


def entry(value: float = 0.25) -> dict[str, Any]:
    return household_verifier_json(verifier(value))


def unlike_any_number() -> dict[str, Any]:
    weights = np.full(FEATURES_SHAPE, math.nan, "<f4").tobytes()
    return {**entry(), "weights": base64.b64encode(weights).decode()}


# Features


async def settled(controller: Controller) -> None:
    """Wait until the satellite has dealt with what it was sent."""
    await controller.send("ping")
    await controller.receive("pong")


async def wanting(satellite: ServedSatellite) -> Controller:
    """Return its controller, which wants features."""
    controller = await satellite.control()
    await controller.send("wake-features", wanted=True)
    await settled(controller)
    return controller


async def turn_of(satellite: ServedSatellite, controller: Controller) -> Event:
    """Wake the satellite, and return how it asks for a turn."""
    satellite.microphone.hear(WAKE_WORD)
    return await controller.receive("run-pipeline")


def has_features(turn: Event) -> bool:
    assert ("features" in turn.data) is bool(turn.payload)
    return "features" in turn.data


async def test_wanted_features_come_with_the_turn(satellite: ServedSatellite) -> None:
    turn = await turn_of(satellite, await wanting(satellite))
    assert turn.data["features"] == SHAPE
    assert turn.payload is not None
    assert len(turn.payload) == 2304
    sent = np.frombuffer(turn.payload, "<f2").reshape(FEATURES_SHAPE)
    assert np.array_equal(sent, FEATURES)


async def test_features_that_nobody_wants_are_not_sent(satellite: ServedSatellite) -> None:
    assert not has_features(await turn_of(satellite, await satellite.control()))


async def test_features_are_sent_no_more_once_they_are_not_wanted(
    satellite: ServedSatellite,
) -> None:
    controller = await wanting(satellite)
    await controller.send("wake-features", wanted=False)
    await settled(controller)
    assert not has_features(await turn_of(satellite, controller))


async def test_a_new_controller_gets_no_features_unless_it_wants_them(
    satellite: ServedSatellite,
) -> None:
    await wanting(satellite)
    assert not has_features(await turn_of(satellite, await satellite.control()))


async def test_a_controller_that_has_paused_wants_no_features(satellite: ServedSatellite) -> None:
    controller = await wanting(satellite)
    await controller.send("pause-satellite")
    await controller.send("run-satellite")
    await settled(controller)
    assert not has_features(await turn_of(satellite, controller))


async def test_who_is_not_the_controller_gets_no_features_sent(satellite: ServedSatellite) -> None:
    controller, other = await satellite.control(), await satellite.connect()
    await other.send("wake-features", wanted=True)
    await settled(other)
    assert not has_features(await turn_of(satellite, controller))


async def test_a_turn_without_a_wake_word_has_no_features(satellite: ServedSatellite) -> None:
    controller = await wanting(satellite)
    assert has_features(await turn_of(satellite, controller))
    satellite.room.press()
    await controller.receive("audio-stop")
    satellite.room.press()
    assert not has_features(await controller.receive("run-pipeline"))
    await controller.send("error", text="", code="duplicate_wake_up_detected", turn=2)
    await controller.receive("audio-stop")
    await controller.send("run-pipeline", start_stage="asr", end_stage="tts")
    assert not has_features(await controller.receive("run-pipeline"))


async def test_features_wait_for_the_verdict_and_no_longer(
    satellite: ServedSatellite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "VERDICT_SECONDS", PATIENCE_SECONDS)
    controller = await wanting(satellite)
    await controller.send("ask-first", wanted=True)
    await settled(controller)
    satellite.microphone.hear(WAKE_WORD)
    question = await controller.receive("ask-for-turn")
    assert not question.payload
    await controller.send("error", text="", code="duplicate_wake_up_detected", turn=1)
    await settled(controller)
    satellite.microphone.hear(WAKE_WORD)
    await controller.receive("ask-for-turn")
    await controller.send("turn-granted", turn=2)
    turn = await controller.receive("run-pipeline")
    assert turn.data["turn"] == 2
    assert has_features(turn)


async def test_features_that_are_unwanted_during_the_question_are_not_sent(
    satellite: ServedSatellite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "VERDICT_SECONDS", PATIENCE_SECONDS)
    controller = await wanting(satellite)
    await controller.send("ask-first", wanted=True)
    await settled(controller)
    satellite.microphone.hear(WAKE_WORD)
    await controller.receive("ask-for-turn")
    await controller.send("wake-features", wanted=False)
    await controller.send("turn-granted", turn=1)
    assert not has_features(await controller.receive("run-pipeline"))


# Verifiers


async def test_verifiers_are_used_at_once_and_after_a_restart(tmp_path: Path) -> None:
    async with served(tmp_path) as satellite:
        controller = await satellite.control()
        verifiers = {"hey_jarvis": entry(0.5), "alexa": entry(-0.5)}
        await controller.send("set-verifiers", verifiers=verifiers)
        assert (await controller.receive("verifiers")).data == {"words": ["alexa", "hey_jarvis"]}
        assert used_by(satellite) == verifiers
    async with served(tmp_path) as restarted:
        assert used_by(restarted) == verifiers


def used_by(satellite: ServedSatellite) -> dict[str, Any]:
    used = satellite.detector.household
    return {word: household_verifier_json(one) for word, one in used.items()}


async def test_each_set_replaces_the_former_and_an_empty_one_leaves_nothing(
    satellite: ServedSatellite,
) -> None:
    controller = await satellite.control()
    file = satellite.state_dir / FILE
    await controller.send("set-verifiers", verifiers={"hey_jarvis": entry(), "alexa": entry()})
    await controller.receive("verifiers")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    await controller.send("set-verifiers", verifiers={"alexa": entry(0.75)})
    assert (await controller.receive("verifiers")).data == {"words": ["alexa"]}
    assert used_by(satellite) == {"alexa": entry(0.75)}
    assert json.loads(file.read_text())["verifiers"] == {"alexa": entry(0.75)}
    await controller.send("set-verifiers", verifiers={})
    assert (await controller.receive("verifiers")).data == {"words": []}
    assert used_by(satellite) == {}
    assert list(satellite.state_dir.glob("household_verifiers*")) == []


@pytest.mark.parametrize(
    ("verifiers", "why"),
    [
        ({"hey_jarvis": unlike_any_number()}, "finite"),
        ({"hey_jarvis": {**entry(), "bias": None}}, "bias"),
        ({"hey_jarvis": {**entry(), "weights": "AAAA"}}, "12 x 96"),
        ({"hey_jarvis": entry(), "hey_stranger": entry()}, "hey_stranger"),
        ({f"word_{number}": entry() for number in range(21)}, "at most 20"),
        (None, "object"),
    ],
)
async def test_an_impossible_set_is_refused_whole(
    satellite: ServedSatellite, verifiers: Any, why: str
) -> None:
    controller = await satellite.control()
    await controller.send("set-verifiers", verifiers={"alexa": entry()})
    await controller.receive("verifiers")
    await controller.send("set-verifiers", verifiers=verifiers)
    refusal = (await controller.receive("error")).data
    assert refusal["code"] == "bad-request"
    assert why in refusal["text"]
    assert used_by(satellite) == {"alexa": entry()}
    assert load_learned(satellite.state_dir).verifiers.keys() == {"alexa"}


@pytest.mark.parametrize("wanted", [None, 1, "true"])
async def test_what_says_nothing_about_features_is_refused(
    satellite: ServedSatellite, wanted: Any
) -> None:
    controller = await wanting(satellite)
    await controller.send("wake-features", wanted=wanted)
    assert (await controller.receive("error")).data["code"] == "bad-request"
    assert has_features(await turn_of(satellite, controller))


async def test_who_is_not_the_controller_sets_no_verifiers(satellite: ServedSatellite) -> None:
    await satellite.control()
    other = await satellite.connect()
    await other.send("set-verifiers", verifiers={"hey_jarvis": entry()})
    await other.send("ping")
    assert [event.type for event in await other.receive_until("pong")] == ["pong"]
    assert used_by(satellite) == {}


async def test_what_cannot_be_stored_is_used_and_what_was_stored_before_is_gone(
    satellite: ServedSatellite, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError("no space left on device")

    controller = await satellite.control()
    await controller.send("set-verifiers", verifiers={"hey_jarvis": entry(), "alexa": entry()})
    await controller.receive("verifiers")
    with monkeypatch.context() as disk:
        disk.setattr("indoor_voice.room.verifier_file.write", full)
        await controller.send("set-verifiers", verifiers={"alexa": entry()})
        refusal = (await controller.receive("error")).data
    assert refusal["code"] == "failed"
    assert "no space left" in refusal["text"]
    assert used_by(satellite) == {"alexa": entry()}
    assert load_learned(satellite.state_dir) == Learned()


async def test_what_is_set_again_is_not_written_again(satellite: ServedSatellite) -> None:
    controller = await satellite.control()
    file = satellite.state_dir / FILE
    await controller.send("set-verifiers", verifiers={"alexa": entry(), "hey_jarvis": entry(1)})
    await controller.receive("verifiers")
    written = file.stat().st_ino
    await controller.send("set-verifiers", verifiers={"hey_jarvis": entry(1), "alexa": entry()})
    await controller.receive("verifiers")
    assert file.stat().st_ino == written


# The file


def test_the_file_says_what_it_is_and_how_to_get_rid_of_it(tmp_path: Path) -> None:
    save_learned(tmp_path, Learned({"hey_jarvis": verifier()}))
    about = json.loads((tmp_path / FILE).read_text())["about"]
    assert "wake word" in about
    assert "end its lesson" in about
    assert "delete this file" in about


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b"{}",
        b"[" * 100_000,
        b'{"verifiers": []}',
        json.dumps({"verifiers": {"hey_jarvis": unlike_any_number()}}).encode(),
        json.dumps({"verifiers": {"alexa": entry(), "hey_jarvis": {}}}).encode(),
    ],
)
def test_a_damaged_file_is_logged_and_waking_goes_on_without_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    (tmp_path / FILE).write_bytes(content)
    with caplog.at_level(logging.ERROR):
        assert load_learned(tmp_path) == Learned()
    (record,) = caplog.records
    assert str(tmp_path / FILE) in record.getMessage()
    save_learned(tmp_path, Learned())
    assert list(tmp_path.iterdir()) == []


def test_no_file_is_nothing_to_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert load_learned(tmp_path / "new") == Learned()
    save_learned(tmp_path / "new", Learned())
    assert not (tmp_path / "new").exists()
    assert caplog.records == []


def test_a_file_that_was_left_unfinished_goes_with_the_other(tmp_path: Path) -> None:
    save_learned(tmp_path, Learned({"alexa": verifier()}))
    (tmp_path / FILE).with_suffix(".new").write_text("{")
    save_learned(tmp_path, Learned())
    assert list(tmp_path.iterdir()) == []


def test_a_reset_deletes_the_file(tmp_path: Path) -> None:
    save_learned(tmp_path, Learned({"alexa": verifier()}))
    forget_everything(tmp_path)
    assert not (tmp_path / FILE).exists()


def test_an_unwritable_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError, match="Cannot save the household's verifiers"):
        save_learned(tmp_path / "file" / "folder", Learned({"alexa": verifier()}))


async def test_a_change_outlives_the_connection_that_asked_for_it(tmp_path: Path) -> None:
    storage = Storage(Settings(tmp_path, ["hey_jarvis"]), lambda: None)
    learning = WakeLearning(
        tmp_path, built_in_models(), storage.save, ScriptedDetector(), lambda _: None
    )
    change = asyncio.create_task(learning.set_learned(Learned({"alexa": verifier()})))
    await asyncio.sleep(0)
    change.cancel()
    await learning.set_learned(Learned({"hey_jarvis": verifier()}))
    assert learning.verified == {"hey_jarvis"}
    assert load_learned(tmp_path).verifiers.keys() == {"hey_jarvis"}


async def test_one_for_a_wake_word_of_before_stays_and_judges_nothing(tmp_path: Path) -> None:
    save_learned(tmp_path, Learned({"a_model_of_the_user": verifier(), "alexa": verifier()}))
    async with served(tmp_path) as satellite:
        assert satellite.detector.household.keys() == {"a_model_of_the_user", "alexa"}
        await turn_of(satellite, await satellite.control())


async def test_a_wake_word_is_less_easily_heard_while_the_household_wants_that(
    satellite: ServedSatellite,
) -> None:
    controller = await satellite.control()
    await controller.send("set-verifiers", verifiers={}, stricter={"alexa": 2})
    await controller.receive("verifiers")
    stricter = pytest.approx(Sensitivity.DEFAULT.number - 0.2)
    await until(lambda: satellite.detector.sensitivities, lambda it: it == {"alexa": stricter})
    assert load_learned(satellite.state_dir).stricter == {"alexa": 2}
    await controller.send("detect", names=["alexa"], wake_sensitivities={"alexa": 0.1})
    await until(lambda: satellite.detector.sensitivities, lambda it: it == {"alexa": 0.0})
    async with served(satellite.state_dir) as restarted:
        await until(lambda: restarted.detector.sensitivities, lambda it: it == {"alexa": 0.0})
    await controller.send("set-verifiers", verifiers={})
    await controller.receive("verifiers")
    await until(lambda: satellite.detector.sensitivities, lambda it: it == {"alexa": 0.1})
    assert not (satellite.state_dir / FILE).exists()


@pytest.mark.parametrize(
    "stricter", [{"alexa": 0}, {"alexa": -1}, {"alexa": 4}, {"alexa": 1.0}, {"alexa": True}, [], 1]
)
async def test_it_can_be_stricter_only_and_not_by_much(
    satellite: ServedSatellite, stricter: Any
) -> None:
    controller = await satellite.control()
    await controller.send("set-verifiers", verifiers={}, stricter=stricter)
    assert (await controller.receive("error")).data["code"] == "bad-request"
    assert satellite.detector.sensitivities == {}
