"""What a household learns about its wake words reaches the satellite, and leaves it again."""

import base64
import struct
from typing import TYPE_CHECKING, Any

import pytest

from custom_components.indoor_voice.privacy.consent.consent import Purpose, Terms
from custom_components.indoor_voice.privacy.lessons.content import LessonKind
from custom_components.indoor_voice.privacy.sitting import Sitting, Stop
from custom_components.indoor_voice.privacy.store.sealing import Part
from custom_components.indoor_voice.privacy.types import Verdict
from tests.privacy.listener import seal_verdict
from tests.waiting import until

from .keeping import keeper_of
from .peers import SATELLITE_ID, FakeSatellite
from .spoken_turns import ada, ends
from .test_verifiers import FEATURES

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

    from custom_components.indoor_voice.privacy.household import Household
    from custom_components.indoor_voice.privacy.store.recordings import Recording

    from .keeping import Inhabitant

__all__ = ["ada"]

WEIGHTS = base64.b64encode(struct.pack("<1152f", *[0.5] * 1152)).decode()
VERIFIER = {
    "room": SATELLITE_ID,
    "wake_word": "hey_jarvis",
    "weights": WEIGHTS,
    "bias": -1.0,
    "threshold": 0.25,
}


@pytest.fixture
async def teacher(house: HomeAssistant, ada: Inhabitant) -> Inhabitant:
    """Ada, the only member, who agrees to teach, too."""
    await ada.give(house, Terms(purpose=Purpose.TEACH, rooms=frozenset({SATELLITE_ID})))
    await house.async_block_till_done()
    return ada


async def turn_with(satellite: FakeSatellite, house: HomeAssistant, features: bytes) -> None:
    await satellite.begin_turn(features=features)
    await satellite.speak()
    await ends(house, satellite)


async def judged(house: HomeAssistant, teacher: Inhabitant) -> Recording:
    """Put a verdict on the only recording, and return it."""
    (recording,) = await until(lambda: teacher.recordings(house))
    sealed = seal_verdict(recording.id, Verdict.RIGHT, None, [teacher.listener.public])

    def judge(household: Household) -> None:
        review, sitting = household.review, Sitting()
        name = review.next(sitting, teacher.id)
        assert not isinstance(name, Stop)
        review.open(sitting, teacher.id, name, Part.SOUND)
        review.judge(sitting, teacher.id, name, Verdict.RIGHT, sealed)

    await keeper_of(house).run(judge)
    return recording


async def learn(
    house: HomeAssistant, teacher: Inhabitant, kind: LessonKind, content: dict[str, Any]
) -> str:
    recording = await judged(house, teacher)
    lesson = await keeper_of(house).run(
        lambda household: household.teaching.approve(teacher.id, kind, content, [recording.id])
    )
    await house.async_block_till_done()
    return lesson


async def told(satellite: FakeSatellite) -> dict[str, Any]:
    """Return what the satellite was told last."""
    await until(lambda: satellite.of_type("set-verifiers"))
    return dict(satellite.of_type("set-verifiers")[-1].data)


async def test_features_are_asked_for_where_everybody_agrees_to_teach(
    house: HomeAssistant, satellite: FakeSatellite, ada: Inhabitant
) -> None:
    assert satellite.of_type("wake-features") == []
    await ada.give(house, Terms(purpose=Purpose.TEACH, rooms=frozenset({SATELLITE_ID})))
    await until(lambda: satellite.of_type("wake-features"))
    assert satellite.of_type("wake-features")[-1].data == {"wanted": True}
    await keeper_of(house).run(
        lambda household: household.withdraw(ada.id, Purpose.TEACH, None, "panel")
    )
    await until(lambda: len(satellite.of_type("wake-features")) > 1)
    assert satellite.of_type("wake-features")[-1].data == {"wanted": False}


async def test_features_are_sealed_with_the_turn(
    house: HomeAssistant, satellite: FakeSatellite, teacher: Inhabitant
) -> None:
    await turn_with(satellite, house, FEATURES)
    recording = await judged(house, teacher)
    ((opened, teachable),) = await keeper_of(house).run(
        lambda household: household.teaching.read(
            teacher.id, household.teaching.evidence(teacher.id)
        )
    )
    assert teachable
    assert opened.features is not None
    key, listener = opened.key, teacher.listener
    assert listener.open(key, recording.id, "features", opened.features) == FEATURES
    assert (await teacher.words(house, recording))["wake_word"] == "hey_jarvis"


async def test_a_verifier_and_a_threshold_reach_the_satellite_and_leave_it(
    house: HomeAssistant, satellite: FakeSatellite, teacher: Inhabitant
) -> None:
    await turn_with(satellite, house, FEATURES)
    await learn(house, teacher, LessonKind.VERIFIER, VERIFIER)
    expected = {"weights": WEIGHTS, "bias": -1.0, "threshold": 0.25}
    assert await told(satellite) == {"verifiers": {"hey_jarvis": expected}, "stricter": {}}
    await keeper_of(house).run(
        lambda household: household.withdraw(teacher.id, Purpose.TEACH, None, "panel")
    )
    await house.async_block_till_done()
    assert await told(satellite) == {"verifiers": {}, "stricter": {}}


async def test_a_threshold_reaches_the_satellite_also_after_it_was_away(
    house: HomeAssistant, satellite: FakeSatellite, teacher: Inhabitant
) -> None:
    await turn_with(satellite, house, FEATURES)
    content = {"room": SATELLITE_ID, "wake_word": "hey_jarvis", "stricter": 2}
    await learn(house, teacher, LessonKind.THRESHOLD, content)
    assert await told(satellite) == {"verifiers": {}, "stricter": {"hey_jarvis": 2}}
    count = len(satellite.of_type("set-verifiers"))
    assert satellite.controller is not None
    satellite.controller.close()
    await until(lambda: len(satellite.of_type("set-verifiers")) > count)
    assert await told(satellite) == {"verifiers": {}, "stricter": {"hey_jarvis": 2}}
