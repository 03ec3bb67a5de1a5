"""Settings that Home Assistant changes: bounded, in effect at once, and kept over restarts."""

import asyncio
import itertools
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from indoor_voice.errors import UserError
from indoor_voice.room import thinking
from indoor_voice.room.adjustments import Adjustments, NoiseSuppression, first_adjustments
from indoor_voice.room.controls.lamp import Lamp
from indoor_voice.room.settings import Settings
from indoor_voice.room.sound import noise
from indoor_voice.room.sound.adjusted_microphone import AdjustedMicrophone
from indoor_voice.room.sound.cues import Cue
from indoor_voice.room.sound.noise import NoiseSuppressor, choose_suppressor
from indoor_voice.room.sound.pcm import BLOCK_SAMPLES, RATE, Samples
from tests.room.room_parts import (
    WAKE_WORD,
    FakeMicrophone,
    ServedSatellite,
    block,
    heard_values,
)

ALL = Adjustments(led_brightness=0.2, noise_suppression=NoiseSuppression.OFF, echo_cancelling=True)
BOUNDS = {
    "volume": (0.1, 1),
    "cue_volume": (0, 1),
    "microphone_gain_db": (-20, 30),
    "led_brightness": (0.05, 1),
}
LACKS: dict[str, Any] = {"cancels_echo": None, "suppresses_noise": False, "dims_lamp": False}
ANYTHING = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.none())


def is_language(value: Any) -> bool:
    if not isinstance(value, str) or not value.isascii():
        return False
    first, *rest = value.split("-")
    return (
        first.isalpha()
        and len(first) in (2, 3)
        and len(rest) <= 3
        and all(part.isalnum() and len(part) <= 8 for part in rest)
    )


def is_possible(name: str, value: Any) -> bool:
    match ALL.as_data()[name]:
        case bool():
            return isinstance(value, bool)
        case str():
            levels = ("off", "slight", "medium", "strong", "strongest")
            return is_language(value) if name == "language" else value in levels
        case _:
            lowest, highest = BOUNDS[name]
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            return is_number and math.isfinite(value) and lowest <= value <= highest


@given(st.dictionaries(st.sampled_from(sorted(ALL.as_data())), ANYTHING))
@example({"language": "pt-BR"})
@example({"language": "de\n"})
@example({"language": "../de"})
def test_all_values_are_taken_or_none(data: dict[str, Any]) -> None:
    if all(is_possible(name, value) for name, value in data.items()):
        assert ALL.changed(data).as_data() == ALL.as_data() | data
    else:
        with pytest.raises(ValueError, match="must be"):
            ALL.changed(data)


@given(st.text(), ANYTHING)
def test_what_a_satellite_does_not_have_cannot_be_changed(name: str, value: Any) -> None:
    has_less = Adjustments()
    if name not in has_less.as_data():
        with pytest.raises(ValueError, match="there is no setting"):
            has_less.changed({name: value})


def test_an_option_counts_once_it_is_changed(tmp_path: Path) -> None:
    first = first_adjustments({"volume": 0.5}, **LACKS)
    settings = Settings(tmp_path, ["a"], adjustments=first)
    settings.adjustments = first.changed({"volume": 0.7, "cue_volume": 0.4})
    settings.save_choices()
    assert Settings(tmp_path, ["a"], adjustments=first).adjustments == settings.adjustments
    louder = first_adjustments({"volume": 0.9}, **LACKS)
    assert Settings(tmp_path, ["a"], adjustments=louder).adjustments.as_data() == {
        **louder.as_data(),
        "cue_volume": 0.4,
    }


@pytest.mark.parametrize("saved", [{"volume": 7}, {"volume": "loud"}, {"unheard_of": 1}, {}])
def test_a_damaged_choice_is_dropped(tmp_path: Path, saved: dict[str, Any]) -> None:
    asked_for = Adjustments().as_data()
    content = {
        "asked_for": ["a"],
        "wake_words": ["b"],
        "adjustments_asked_for": asked_for,
        "adjustments": {**saved, "thinking_sound": True},
    }
    (tmp_path / "settings.json").write_text(json.dumps(content))
    settings = Settings(tmp_path, ["a"])
    assert settings.adjustments == Adjustments(thinking_sound=True)
    assert settings.wake_words == ["b"]


async def test_home_assistant_changes_them_at_once_and_for_good(satellite: ServedSatellite) -> None:
    controller = await satellite.connect()
    await controller.send("run-satellite")
    reported = (await controller.receive("settings")).data["settings"]
    has = Adjustments(led_brightness=0.2, noise_suppression=NoiseSuppression.OFF)
    assert reported == has.as_data()
    await controller.send("change-settings", settings={"volume": 0.3, "thinking_sound": True})
    changed = (await controller.receive("settings")).data["settings"]
    assert changed == {**reported, "volume": 0.3, "thinking_sound": True}
    assert satellite.loudspeaker.adjustments.as_data() == changed
    assert satellite.microphone.adjustments.as_data() == changed
    restarted = Settings(satellite.state_dir, ["hey_jarvis"], adjustments=has)
    assert restarted.adjustments.as_data() == changed


@pytest.mark.parametrize(
    "settings", [None, [], {"volume": 0}, {"volume": 0.5, "echo_cancelling": True}, {"x": 1}]
)
async def test_impossible_changes_are_refused_whole(
    satellite: ServedSatellite, settings: Any
) -> None:
    controller = await satellite.control()
    await controller.send("change-settings", settings=settings)
    assert (await controller.receive("error")).data["code"] == "bad-request"
    assert satellite.loudspeaker.adjustments.volume == 1.0


async def test_what_cannot_be_saved_is_not_changed(
    satellite: ServedSatellite, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full() -> None:
        raise UserError("no space left")

    controller = await satellite.control()
    with monkeypatch.context() as disk:
        disk.setattr(satellite.settings, "save_choices", full)
        await controller.send("change-settings", settings={"volume": 0.3})
        assert (await controller.receive("error")).data["code"] == "failed"
    assert satellite.loudspeaker.adjustments.volume == 1.0
    assert satellite.room.adjusting.adjustments.volume == 1.0
    await controller.send("change-settings", settings={"cue_volume": 0.3})
    assert (await controller.receive("settings")).data["settings"]["volume"] == 1.0


async def test_only_the_controller_changes_them(satellite: ServedSatellite) -> None:
    await satellite.control()
    other = await satellite.connect()
    await other.send("change-settings", settings={"volume": 0.3})
    await other.send("ping")
    await other.receive("pong")
    assert satellite.room.adjusting.adjustments.volume == 1.0


async def test_a_change_outlives_the_connection_that_asked_for_it(
    satellite: ServedSatellite,
) -> None:
    change = asyncio.create_task(satellite.room.adjusting.change({"volume": 0.3}))
    await asyncio.sleep(0)
    change.cancel()
    await satellite.room.adjusting.change({"cue_volume": 0.3})
    assert satellite.loudspeaker.adjustments.volume == 0.3
    assert satellite.loudspeaker.adjustments.cue_volume == 0.3


async def test_the_leds_change_while_they_are_lit(satellite: ServedSatellite) -> None:
    controller = await satellite.control()
    satellite.microphone.hear(WAKE_WORD)
    await controller.receive("audio-start")
    assert satellite.lamp.brightness == 0.2
    await controller.send("change-settings", settings={"led_brightness": 0.6})
    assert (await controller.receive("settings")).data["settings"]["led_brightness"] == 0.6
    assert satellite.lamp.brightness == 0.6
    assert set(satellite.lamp.shown) == {Lamp.STREAMING}
    lasting = Settings(satellite.state_dir, ["hey_jarvis"], adjustments=ALL)
    assert lasting.adjustments.led_brightness == 0.6


def test_the_brightness_of_the_command_line() -> None:
    options = {"led_brightness": 0.5}
    assert first_adjustments(options, **LACKS).led_brightness is None
    dims = {**LACKS, "dims_lamp": True}
    assert first_adjustments({}, **dims).led_brightness == 0.2
    assert first_adjustments(options, **dims).led_brightness == 0.5


async def test_the_thinking_sound_is_repeated_until_the_answer(
    satellite: ServedSatellite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thinking, "PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr(thinking, "PULSE_SECONDS", 0.01)
    await satellite.room.adjusting.change({"thinking_sound": True})
    controller = await satellite.control()
    satellite.microphone.hear(WAKE_WORD)
    turn = (await controller.receive("run-pipeline")).data["turn"]
    await controller.send("voice-stopped", turn=turn)
    await satellite.loudspeaker.until_cue(Cue.THINKING)
    assert satellite.loudspeaker.cue_volumes[-1] == pytest.approx(0.08)
    await controller.say(bytes(320), turn)
    await controller.receive("played")
    before = satellite.loudspeaker.cues.count(Cue.THINKING)
    await controller.send("ping")
    await controller.receive("pong")
    assert satellite.loudspeaker.cues.count(Cue.THINKING) == before


async def test_there_is_no_thinking_sound_unless_wanted(
    satellite: ServedSatellite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thinking, "PATIENCE_SECONDS", 0.0)
    controller = await satellite.control()
    satellite.microphone.hear(WAKE_WORD)
    await controller.receive("run-pipeline")
    await controller.send("voice-stopped")
    await controller.receive("audio-stop")
    await controller.say(bytes(320))
    await controller.receive("played")
    assert Cue.THINKING not in satellite.loudspeaker.cues


@pytest.mark.parametrize(("gain_db", "heard"), [(0, 1_000), (20, 10_000), (-20, 100), (30, 31_622)])
def test_gain(gain_db: float, heard: int) -> None:
    microphone = FakeMicrophone()
    adjusted = AdjustedMicrophone(microphone, None)
    adjusted.adjust(Adjustments(microphone_gain_db=gain_db))
    microphone.hear(1_000, 30_000)
    blocks = adjusted.blocks()
    assert next(blocks)[0] == heard
    assert next(blocks)[0] == min(32_767, 30 * heard)
    blocks.close()


def test_noise_suppression_takes_noise_and_leaves_speech(say: Callable[[str], Samples]) -> None:
    speech = say("Turn on the light in the kitchen, please.").astype(np.float64)
    hiss = np.random.default_rng(1).normal(0, 500, speech.size)
    noisy = (speech + hiss).astype(np.int16)
    noisy = noisy[: noisy.size // BLOCK_SAMPLES * BLOCK_SAMPLES]
    suppressor = NoiseSuppressor()

    def result(level: NoiseSuppression) -> Samples:
        suppressor.adjust(Adjustments(noise_suppression=level))
        suppressor.begin()
        return np.concatenate(
            [suppressor.process(each) for each in noisy.reshape(-1, BLOCK_SAMPLES)]
        )

    def loudness(sound: Samples) -> float:
        return float(np.sqrt(np.mean(np.square(sound.astype(np.float64)))))

    assert result(NoiseSuppression.OFF) is not noisy
    np.testing.assert_array_equal(result(NoiseSuppression.OFF), noisy)
    quiet = slice(RATE // 2, RATE * 9 // 10)
    levels = list(NoiseSuppression)
    rest = [loudness(result(level)[quiet]) for level in levels]
    assert all(less < more for more, less in itertools.pairwise(rest))
    assert rest[1] < rest[0] / 1.8
    loud = result(NoiseSuppression.STRONG)
    assert loudness(loud) > 0.6 * loudness(speech.astype(np.int16))


async def test_only_what_is_sent_is_suppressed(satellite: ServedSatellite) -> None:
    controller = await satellite.control()
    await satellite.room.adjusting.change({"noise_suppression": "strongest"})
    satellite.microphone.hear(*[900] * 5, WAKE_WORD, *[900] * 20)
    await controller.receive("run-pipeline")
    sent: list[int] = []
    while len(sent) < 10:
        sent += heard_values(await controller.receive_until("audio-chunk"))
    assert sent != [int(block(900)[0])] * 10


def test_without_the_package_there_is_no_such_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "webrtc_noise_gain", None)
    assert noise.choose_suppressor(None) is None
    assert noise.choose_suppressor("off") is None
    with pytest.raises(UserError, match="noise"):
        choose_suppressor("slight")
    without = first_adjustments({}, **LACKS).as_data()
    assert without.keys() == Adjustments().as_data().keys()
