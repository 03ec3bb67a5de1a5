"""A household's verifiers only make waking stricter: real models, speech from Piper."""

import base64
import json
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indoor_voice.room.sound.household_verifier import (
    FEATURES_SHAPE,
    MAX_VERIFIERS,
    Features,
    HouseholdVerifier,
    household_verifier_json,
    parse_household_verifiers,
)
from indoor_voice.room.sound.open_wake_word import OpenWakeWords
from indoor_voice.room.sound.pcm import BLOCK_SAMPLES, RATE, Samples
from indoor_voice.room.sound.wake_models import BUILT_IN, built_in_models
from indoor_voice.room.sound.wake_word import Detector

Say = Callable[[str], Samples]
Verifiers = Mapping[str, HouseholdVerifier]
NO_WEIGHTS = np.zeros(FEATURES_SHAPE, np.float32)
ACCEPTS_ALL = HouseholdVerifier(NO_WEIGHTS, bias=0.0, threshold=0.0)
ACCEPTS_NONE = HouseholdVerifier(NO_WEIGHTS, bias=0.0, threshold=1.0)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
FINITE_16 = st.floats(allow_nan=False, allow_infinity=False, width=16)
FINITE_32 = st.floats(allow_nan=False, allow_infinity=False, width=32)


def blocks(sound: Samples) -> Iterator[Samples]:
    for start in range(0, len(sound) - BLOCK_SAMPLES + 1, BLOCK_SAMPLES):
        yield sound[start : start + BLOCK_SAMPLES]


def detections(detector: Detector, sound: Samples, verifiers: Verifiers) -> list[tuple[int, str]]:
    """Return the wake words that are detected, each with the number of its block."""
    detector.household = verifiers
    detector.reset()
    heard = ((number, detector.hear(block)) for number, block in enumerate(blocks(sound)))
    return [(number, name) for number, name in heard if name is not None]


WORDS = ("hey_jarvis", "alexa", "okay_nabu")


@pytest.fixture(scope="module")
def detector() -> Detector:
    return Detector([built_in_models()[name] for name in WORDS])


@pytest.fixture(scope="module")
def talk(say: Say) -> Samples:
    """Speech with wake words and with one that is near."""
    texts = ("Hey Jarvis!", "Alexis.", "Okay Nabu!", "Alexa!")
    return np.concatenate([say(text)[RATE // 2 : -RATE // 4] for text in texts])


@pytest.fixture(scope="module")
def without(detector: Detector, talk: Samples) -> list[tuple[int, str]]:
    """What is detected of it without a verifier of the household."""
    found = detections(detector, talk, {})
    assert {name for _, name in found} == set(WORDS)
    return found


@st.composite
def any_verifiers(draw: st.DrawFn) -> HouseholdVerifier:
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    scale = draw(st.sampled_from([0.0, 1e-3, 1.0, 3e38]))
    weights = (random.uniform(-1, 1, FEATURES_SHAPE) * scale).astype(np.float32)
    # The middle of such scores is 0, so that some pass and some don't.
    threshold = draw(st.just(0.0) | FINITE)
    return HouseholdVerifier(weights, draw(st.just(0.0) | FINITE), threshold)


@pytest.mark.parametrize("name", BUILT_IN)
def test_one_that_accepts_everything_changes_nothing_and_one_that_refuses_everything_refuses(
    say: Say, name: str
) -> None:
    model = built_in_models()[name]
    detector, sound = Detector([model]), say(f"{model.phrase.title()}! What time is it?")
    without = detections(detector, sound, {})
    assert [word for _, word in without] == [name]
    assert detections(detector, sound, {name: ACCEPTS_ALL}) == without
    assert detections(detector, sound, {name: ACCEPTS_NONE}) == []
    assert detections(detector, sound, {"another": ACCEPTS_NONE}) == without


@settings(max_examples=12)
@given(verifier=any_verifiers())
def test_no_verifier_lets_pass_what_does_not_wake_without_it(
    detector: Detector,
    talk: Samples,
    without: list[tuple[int, str]],
    verifier: HouseholdVerifier,
) -> None:
    assert set(detections(detector, talk, dict.fromkeys(WORDS, verifier))) <= set(without)


def test_it_judges_what_the_household_was_sent(say: Say) -> None:
    """A verifier whose score is 0 for exactly these features, and 1 less for what is near them."""
    model = built_in_models()["hey_jarvis"]
    detector, sound = Detector([model]), say("Hey Jarvis!")
    detector.wants_features = True
    features = features_in(detector, sound)
    weights = features.astype(np.float32) / float((features.astype(np.float64) ** 2).sum())
    score = float(np.vdot(weights.astype(np.float64), features.astype(np.float64)))
    exactly = HouseholdVerifier(weights, bias=0.0, threshold=score)
    just_more = HouseholdVerifier(weights, bias=0.0, threshold=math.nextafter(score, math.inf))
    assert detections(detector, sound, {"hey_jarvis": exactly})
    assert not detections(detector, sound, {"hey_jarvis": just_more})


def features_in(detector: Detector, sound: Samples) -> Features:
    """Return the features of the one wake word in a sound."""
    detector.reset()
    found = []
    for block in blocks(sound):
        if detector.hear(block) is None:
            assert detector.features is None
        else:
            found.append(detector.features)
    (features,) = found
    assert features is not None
    return features


@pytest.mark.parametrize("name", BUILT_IN)
def test_features_are_what_openwakeword_hears_up_to_the_detection(say: Say, name: str) -> None:
    model = built_in_models()[name]
    detector, sound = Detector([model]), say(f"{model.phrase.title()}!")
    ((detected, _),) = detections(detector, sound, {})
    assert detector.features is None, "nobody wants them"
    detector.wants_features = True
    features = features_in(detector, sound)
    openwakeword = OpenWakeWords()
    for number, block in enumerate(blocks(sound)):
        if number <= detected:
            openwakeword.hear(block)
    assert features.shape == FEATURES_SHAPE
    assert features.dtype == np.dtype("<f2")
    np.testing.assert_allclose(features, openwakeword.embeddings(12), rtol=1e-3, atol=1e-3)


def test_a_verifier_is_the_same_after_json() -> None:
    weights = np.random.default_rng(0).normal(0, 1e-4, FEATURES_SHAPE).astype(np.float32)
    verifier = HouseholdVerifier(weights, bias=0.1, threshold=-2.3)
    content = json.loads(json.dumps({"alexa": household_verifier_json(verifier)}))
    again = parse_household_verifiers(content)["alexa"]
    assert np.array_equal(again.weights, weights)
    assert (again.bias, again.threshold) == (0.1, -2.3)


GOOD: dict[str, Any] = household_verifier_json(ACCEPTS_ALL)


def weights_with(number: float) -> str:
    weights = NO_WEIGHTS.copy()
    weights[7, 5] = number
    return base64.b64encode(weights.astype("<f4").tobytes()).decode()


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (None, "must be an object"),
        ([], "must be an object"),
        ({**GOOD, "weights": weights_with(math.nan)}, "must be finite"),
        ({**GOOD, "weights": weights_with(math.inf)}, "must be finite"),
        ({**GOOD, "weights": weights_with(-math.inf)}, "must be finite"),
        ({**GOOD, "weights": GOOD["weights"][:-4]}, "12 x 96"),
        ({**GOOD, "weights": GOOD["weights"] + "AAAA"}, "12 x 96"),
        ({**GOOD, "weights": "?" + GOOD["weights"][1:]}, "12 x 96"),
        ({**GOOD, "weights": "\u00e4"}, "12 x 96"),
        ({**GOOD, "weights": [0.0] * 1152}, "12 x 96"),
        ({**GOOD, "weights": None}, "12 x 96"),
        ({"bias": 0, "threshold": 0}, "12 x 96"),
        ({**GOOD, "bias": math.nan}, "bias of 'alexa' must be finite"),
        ({**GOOD, "bias": 10**400}, "bias of 'alexa' must be finite"),
        ({**GOOD, "bias": True}, "bias of 'alexa' must be a number"),
        ({**GOOD, "bias": "0"}, "bias of 'alexa' must be a number"),
        ({**GOOD, "threshold": -math.inf}, "threshold of 'alexa' must be finite"),
        ({**GOOD, "threshold": None}, "threshold of 'alexa' must be a number"),
    ],
)
def test_an_impossible_verifier_refuses_all(entry: Any, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parse_household_verifiers({"hey_jarvis": GOOD, "alexa": entry})


@pytest.mark.parametrize("content", [None, [], "x", 1])
def test_verifiers_are_an_object(content: Any) -> None:
    with pytest.raises(ValueError, match="must be an object of at most 20"):
        parse_household_verifiers(content)


def test_there_are_not_too_many() -> None:
    many = {f"word {number}": GOOD for number in range(MAX_VERIFIERS)}
    assert parse_household_verifiers(many).keys() == many.keys()
    with pytest.raises(ValueError, match="at most 20"):
        parse_household_verifiers({**many, "one more": GOOD})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@given(JSON | st.fixed_dictionaries({"a": st.fixed_dictionaries(dict.fromkeys(GOOD, JSON))}))
def test_whatever_comes_is_refused_or_finite(content: Any) -> None:
    try:
        parsed = parse_household_verifiers(content)
    except ValueError:
        return
    for verifier in parsed.values():
        numbers = [*verifier.weights.flat, verifier.bias, verifier.threshold]
        assert np.isfinite(numbers).all()


@given(
    weights=st.lists(FINITE_32, min_size=1, max_size=7),
    features=st.lists(FINITE_16, min_size=1, max_size=5),
    bias=FINITE,
    threshold=FINITE,
)
def test_a_score_is_never_lost_in_an_overflow(
    weights: list[float], features: list[float], bias: float, threshold: float
) -> None:
    repeated = np.resize(weights, FEATURES_SHAPE).astype(np.float32)
    seen = np.resize(features, FEATURES_SHAPE).astype("<f2")
    products = [float(a) * float(b) for a, b in zip(repeated.flat, seen.flat, strict=True)]
    score = math.fsum([*products, bias])
    assert math.isfinite(score)
    rounding = 1e-9 * max(1.0, abs(bias), abs(threshold), *map(abs, products))
    if abs(score / 2 - threshold / 2) > rounding:
        accepted = HouseholdVerifier(repeated, bias, threshold).accepts(seen)
        assert accepted is (score >= threshold)
