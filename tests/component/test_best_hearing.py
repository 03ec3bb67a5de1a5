"""Of several satellites that hear one wake word, the one that hears best answers."""

import time
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch

import pytest
from homeassistant.components.assist_pipeline.const import DATA_LAST_WAKE_UP
from homeassistant.const import STATE_UNAVAILABLE
from pytest_homeassistant_custom_component.common import MockConfigEntry
from wyoming.event import Event

from custom_components.indoor_voice.const import DOMAIN
from custom_components.indoor_voice.link.hearing import COURSE_FRAME_SECONDS, Hearing
from custom_components.indoor_voice.turn import best_hearing, same_sound
from tests.waiting import PATIENCE_SECONDS, until

from .entries import data_of
from .peers import FakeSatellite, satellite_info
from .protection import Protection
from .waiting import SATELLITE as KITCHEN
from .waiting import reaches, shows

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator, Sequence
    from pathlib import Path

    from homeassistant.core import HomeAssistant

    from custom_components.indoor_voice.link.certificate import OwnCertificate

BEDROOM_ID: Final = "5a7f" * 8
BEDROOM: Final = "assist_satellite.kitchen_bedroom_satellite"
SILENCE: Final = [0] * 30
ADA: Final = [4, 14, 22, 25, 18, 6, 3, 12, 24, 28, 27, 20, 9, 5, 16, 21, 19, 11, 4, 1]
"""The course of a wake word that somebody says, and how somebody else says it."""
BEN: Final = [
    3, 21, 26, 28, 27, 28, 26, 24, 12, 6, 2, 1, 1, 2, 3, 2, 1, 1, 9, 22, 27, 25, 20, 6, 2, 1,
]  # fmt: skip


@pytest.fixture(autouse=True)
def _busy_machine() -> Generator[None]:
    """Recognise the same sound even if this machine delays what a satellite sends."""
    with patch.object(same_sound, "MAX_SKEW_SECONDS", 0.4):
        yield


@pytest.fixture
def patient() -> Generator[None]:
    """Decide only when all satellites have asked."""
    with patch.object(best_hearing, "GATHER_SECONDS", PATIENCE_SECONDS):
        yield


@pytest.fixture
async def bedroom(own: OwnCertificate, tmp_path: Path) -> AsyncGenerator[FakeSatellite]:
    async with FakeSatellite(Protection(tmp_path / "bedroom.pem", own.pem)) as peer:
        peer.id = BEDROOM_ID
        yield peer


@pytest.fixture
async def kitchen(
    house: HomeAssistant, satellite: FakeSatellite, bedroom: FakeSatellite
) -> FakeSatellite:
    """The kitchen's satellite, in a house in which the bedroom has one too."""
    entry = MockConfigEntry(
        domain=DOMAIN, title="Bedroom satellite", unique_id=BEDROOM_ID, data=data_of(bedroom)
    )
    entry.add_to_hass(house)
    assert await house.config_entries.async_setup(entry.entry_id)
    for peer in (satellite, bedroom):
        assert (await peer.wait_for("ask-first")).data["wanted"] is True
    return satellite


def hearing(satellite: FakeSatellite, quality: Any, course: Any) -> Event:
    data = {"name": "hey_jarvis", "turn": 1, "quality": quality, "course": course, "age": 0.01}
    return Event("ask-for-turn", data)


async def ask(
    satellite: FakeSatellite, quality: float, course: Sequence[int] = ADA, *, late: int = 0
) -> int:
    """Ask for a turn, `late` times 40 ms after the word, and return the turn's number."""
    satellite.turn += 1
    event = hearing(satellite, quality, [*SILENCE, *course, *[0] * late][-45:])
    await satellite.send(Event(event.type, event.data | {"turn": satellite.turn}))
    return satellite.turn


async def granted(satellite: FakeSatellite, turn: int) -> bool:
    """Wait for the verdict on a turn."""

    def verdicts() -> list[str]:
        events = [event for event in satellite.received if event.data.get("turn") == turn]
        return [event.data.get("code", event.type) for event in events]

    (verdict,) = await until(verdicts, bool)
    assert verdict in ("turn-granted", "duplicate_wake_up_detected")
    return verdict == "turn-granted"


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("better_first", [True, False])
async def test_the_better_one_answers_whichever_comes_first(
    kitchen: FakeSatellite, bedroom: FakeSatellite, *, better_first: bool
) -> None:
    quality = {kitchen: 24.5, bedroom: 11}
    turns = {
        peer: await ask(peer, quality[peer])
        for peer in ((kitchen, bedroom) if better_first else (bedroom, kitchen))
    }
    assert await granted(kitchen, turns[kitchen])
    assert not await granted(bedroom, turns[bedroom])


@pytest.mark.usefixtures("patient")
async def test_two_people_in_two_rooms_are_both_served_at_the_same_moment(
    house: HomeAssistant, kitchen: FakeSatellite, bedroom: FakeSatellite
) -> None:
    turns = {kitchen: await ask(kitchen, 30, ADA), bedroom: await ask(bedroom, 5, BEN)}
    for peer, turn in turns.items():
        assert await granted(peer, turn)
        await peer.begin_turn(number=turn)
    for peer in turns:
        await peer.speak()
    for peer in turns:
        await peer.wait_for("pipeline-ended")
        assert peer.of_type("error") == []


async def test_a_second_person_is_served_a_moment_later(
    kitchen: FakeSatellite, bedroom: FakeSatellite
) -> None:
    assert await granted(kitchen, await ask(kitchen, 30, ADA))
    assert await granted(bedroom, await ask(bedroom, 5, BEN))


async def test_one_that_is_late_is_silent_though_it_hears_better(
    kitchen: FakeSatellite, bedroom: FakeSatellite
) -> None:
    began = time.monotonic()
    assert await granted(kitchen, await ask(kitchen, 10))
    late = round((time.monotonic() - began) / COURSE_FRAME_SECONDS)
    assert not await granted(bedroom, await ask(bedroom, 30, late=late))


async def test_one_that_hears_alone_takes_the_turn_in_time(
    kitchen: FakeSatellite, bedroom: FakeSatellite
) -> None:
    began = time.monotonic()
    assert await granted(kitchen, await ask(kitchen, -3))
    assert time.monotonic() - began >= best_hearing.GATHER_SECONDS
    assert bedroom.of_type("turn-granted") == bedroom.of_type("error") == []


@pytest.mark.usefixtures("patient")
async def test_one_that_is_gone_before_the_verdict_keeps_nobody_waiting(
    house: HomeAssistant, kitchen: FakeSatellite, bedroom: FakeSatellite
) -> None:
    await ask(bedroom, 40)
    await bedroom.stop()
    await shows(house, BEDROOM, lambda state: state == STATE_UNAVAILABLE)
    assert await granted(kitchen, await ask(kitchen, 10))
    assert (await kitchen.wait_for("ask-first", 2)).data["wanted"] is False


@pytest.mark.parametrize(
    ("quality", "course"),
    [
        (float("nan"), ADA),
        (float("inf"), ADA),
        ("loud", ADA),
        (True, ADA),
        (None, ADA),
        (10, None),
        (10, [1.5] * 20),
        (10, [-1] * 20),
        (10, [10**9] * 20),
        (10, [3] * 1000),
    ],
)
async def test_an_impossible_hearing_is_refused_and_harms_nobody(
    kitchen: FakeSatellite, bedroom: FakeSatellite, quality: Any, course: Any
) -> None:
    await bedroom.send(hearing(bedroom, quality, course))
    assert (await bedroom.wait_for("error")).data["code"] == "bad-request"
    assert await granted(kitchen, await ask(kitchen, 5))


@pytest.mark.usefixtures("patient")
async def test_a_huge_quality_counts_as_the_best_one(
    kitchen: FakeSatellite, bedroom: FakeSatellite
) -> None:
    turns = {peer: await ask(peer, q) for peer, q in ((kitchen, -(10**400)), (bedroom, 10**400))}
    assert await granted(bedroom, turns[bedroom])
    assert not await granted(kitchen, turns[kitchen])


@pytest.mark.usefixtures("patient")
async def test_a_turn_that_begins_without_a_verdict_is_the_only_one(
    house: HomeAssistant, kitchen: FakeSatellite, bedroom: FakeSatellite
) -> None:
    turn = await ask(kitchen, 10)
    await kitchen.begin_turn(number=turn)
    await shows(house, KITCHEN, lambda state: state == "listening")
    assert not await granted(bedroom, await ask(bedroom, 30))
    await kitchen.speak()
    await kitchen.wait_for("pipeline-ended")


@pytest.mark.usefixtures("patient")
async def test_a_turn_that_was_denied_too_late_is_refused(
    house: HomeAssistant, kitchen: FakeSatellite, bedroom: FakeSatellite
) -> None:
    turns = {peer: await ask(peer, quality) for peer, quality in ((kitchen, 10), (bedroom, 30))}
    assert not await granted(kitchen, turns[kitchen])
    await kitchen.begin_turn(number=turns[kitchen])
    assert (await kitchen.wait_for("error", 2)).data["turn"] == turns[kitchen]


async def test_an_older_satellite_takes_the_turn_as_before(
    house: HomeAssistant, kitchen: FakeSatellite, bedroom: FakeSatellite
) -> None:
    await bedroom.begin_turn()
    await shows(house, BEDROOM, lambda state: state == "listening")
    assert not await granted(kitchen, await ask(kitchen, 30))
    await bedroom.speak()
    await bedroom.wait_for("pipeline-ended")


async def test_a_device_of_another_vendor_that_answers_is_not_joined(
    house: HomeAssistant, kitchen: FakeSatellite
) -> None:
    house.data[DATA_LAST_WAKE_UP]["hey jarvis"] = time.monotonic()
    assert not await granted(kitchen, await ask(kitchen, 30))


async def test_a_satellite_alone_does_not_ask(
    house: HomeAssistant, satellite: FakeSatellite
) -> None:
    await satellite.begin_turn()
    await reaches(house, "listening")
    assert satellite.of_type("ask-first") == []


async def test_muted_satellites_and_other_wake_words_do_not_count(
    kitchen: FakeSatellite, bedroom: FakeSatellite
) -> None:
    await bedroom.report_status(muted=True)
    assert (await kitchen.wait_for("ask-first", 2)).data["wanted"] is False
    await bedroom.report_status(muted=False)
    assert (await kitchen.wait_for("ask-first", 3)).data["wanted"] is True
    bedroom.info = satellite_info(["alexa"])
    await bedroom.send(bedroom.description())
    assert (await kitchen.wait_for("ask-first", 4)).data["wanted"] is False


async def test_a_satellite_that_starts_again_is_not_refused_for_what_was_denied_before(
    house: HomeAssistant, kitchen: FakeSatellite, bedroom: FakeSatellite
) -> None:
    assert await granted(bedroom, await ask(bedroom, 30))
    denied = await ask(kitchen, 10, late=3)
    assert not await granted(kitchen, denied)
    kitchen.drop()
    await kitchen.wait_for("run-satellite", 2)
    await kitchen.begin_turn("alexa", number=denied)
    await kitchen.speak()
    await kitchen.wait_for("pipeline-ended")


@pytest.mark.parametrize(("age", "granted"), [(2.9, False), (0.0, True)])
async def test_what_a_busy_machine_tells_late_is_known_again(age: float, *, granted: bool) -> None:
    def asks(satellite: str, seconds: float, age_seconds: float) -> best_hearing.Ask:
        heard = Hearing(
            turn=1, wake_word="alexa", quality_db=9, course=SILENCE + ADA, age_seconds=age_seconds
        )
        return best_hearing.Ask(satellite=satellite, hearing=heard, seconds=seconds)

    deciding = best_hearing.BestHearing()
    assert deciding.ask(asks("kitchen", 50.0, 0.0), 2) == []
    assert [verdict.granted for verdict in deciding.decide(50.0 + best_hearing.GATHER_SECONDS)]
    late = [*deciding.ask(asks("bedroom", 52.9, age), 2), *deciding.decide(54.0)]
    assert [verdict.granted for verdict in late] == [granted]
