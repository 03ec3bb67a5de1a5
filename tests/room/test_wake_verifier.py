"""Words near a wake word, in packaged voices, with the real models."""

from collections.abc import Callable

import numpy as np
import pytest

from indoor_voice.room.sound.pcm import BLOCK_SAMPLES, Samples
from indoor_voice.room.sound.speech_embedding import EMBEDDING
from indoor_voice.room.sound.wake_models import WakeModel, built_in_models, model_folder
from indoor_voice.room.sound.wake_verifier import (
    VERIFIED_BLOCKS,
    Verifier,
    parse_verifier,
    verifier_json,
    verifier_of,
)
from indoor_voice.room.sound.wake_word import Detector

Say = Callable[[str], Samples]


def detected(name: str, sound: Samples) -> list[str]:
    return heard(Detector([built_in_models()[name]]), sound)


def heard(detector: Detector, sound: Samples) -> list[str]:
    padded = np.pad(sound, (8_000, 16_000))
    blocks = padded[: padded.size // BLOCK_SAMPLES * BLOCK_SAMPLES].reshape(-1, BLOCK_SAMPLES)
    return [found for block in blocks if (found := detector.hear(block)) is not None]


@pytest.mark.parametrize("text", ["Alexis.", "Lexi.", "Alexis is here."])
def test_the_verifier_keeps_out_what_the_models_take_for_alexa(say: Say, text: str) -> None:
    assert_only_the_verifier_keeps_out("alexa", say(text))


@pytest.mark.parametrize("text", ["Hey Martin.", "Hey Marvel.", "Hey Mark."])
def test_the_verifier_keeps_out_what_the_model_takes_for_hey_marvin(say: Say, text: str) -> None:
    assert_only_the_verifier_keeps_out("hey_marvin", say(text))


@pytest.mark.parametrize("text", ["Hey Microsoft.", "Hey Minecraft.", "Hey Michael."])
def test_the_verifier_keeps_out_what_the_models_take_for_hey_mycroft(say: Say, text: str) -> None:
    assert_only_the_verifier_keeps_out("hey_mycroft", say(text))


def assert_only_the_verifier_keeps_out(name: str, sound: Samples) -> None:
    assert detected(name, sound) == []
    unverified = WakeModel(name="mine", open=built_in_models()[name].open)
    assert heard(Detector([unverified]), sound) == ["mine"]


def test_alexa_wakes(say: Say) -> None:
    assert detected("alexa", say("Alexa!")) == ["alexa"]
    assert detected("alexa", say("Alexa, turn on the light.")) == ["alexa"]


@pytest.mark.parametrize("name", ["hey_jarvis", "hey_marvin", "hey_mycroft"])
def test_the_others_wake(say: Say, name: str) -> None:
    phrase = built_in_models()[name].phrase.title()
    assert detected(name, say(f"{phrase}!")) == [name]
    assert detected(name, say(f"{phrase}, turn on the light.")) == [name]


def test_a_model_of_the_user_is_not_verified() -> None:
    own = WakeModel(name="alexa", open=model_folder() / "alexa_v0.1.onnx")
    assert verifier_of(own) is None


def test_a_verifier_is_the_same_after_json() -> None:
    weights = np.random.default_rng(0).normal(0, 0.1, (VERIFIED_BLOCKS, EMBEDDING))
    verifier = Verifier(weights.astype(np.float16).astype(np.float32), 0.125)
    again = parse_verifier(verifier_json(verifier))
    assert np.array_equal(again.weights, verifier.weights)
    assert again.bias == verifier.bias
