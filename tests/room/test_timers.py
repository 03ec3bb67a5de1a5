"""Timers on the satellite: the count alone, then over a real socket, with and without restarts."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indoor_voice.errors import UserError
from indoor_voice.room.clockwork.clock import Moment, running_seconds
from indoor_voice.room.sound.cues import Cue
from indoor_voice.room.timers.counting import Counting
from indoor_voice.room.timers.file import load_timers, save_timers
from indoor_voice.room.timers.timer import (
    MAX_SECONDS,
    MAX_TIMERS,
    Timer,
    Timers,
    TooManyTimersError,
    UnknownTimerError,
)
from tests.room.room_parts import WAKE_WORD, Controller, ServedSatellite
from tests.waiting import PATIENCE_SECONDS, until

DAY = 24 * 3600.0
lengths = st.integers(0, MAX_SECONDS).map(float)


def timer(timer_id: str = "a", left: float = 60.0, *, since: float | None = 0.0) -> Timer:
    return Timer(id=timer_id, total_seconds=left, left_seconds=left, since_seconds=since)


# The count


@given(lefts=st.lists(lengths, max_size=20), look=lengths)
def test_a_timer_ends_when_its_time_has_passed_and_not_before(
    lefts: list[float], look: float
) -> None:
    timers = Timers(timer(str(number), left) for number, left in enumerate(lefts))
    ended = timers.take_ended(look)
    assert sorted(one.left_seconds for one in ended) == [one.left_seconds for one in ended]
    assert all(one.left_seconds <= look for one in ended)
    assert all(one.left_seconds > look for one in timers)
    assert len(ended) + len(list(timers)) == len(lefts)


@given(left=lengths, paused_at=lengths, resumed_after=lengths)
def test_a_paused_timer_waits(left: float, paused_at: float, resumed_after: float) -> None:
    timers = Timers([timer(left=left)])
    rest = max(0.0, left - paused_at)
    timers.change("a", rest, running=False, now_seconds=paused_at)
    assert timers.take_ended(paused_at + resumed_after) == []
    assert timers.next_end_seconds(paused_at + resumed_after) is None
    timers.change("a", rest, running=True, now_seconds=paused_at + resumed_after)
    assert timers.next_end_seconds(paused_at + resumed_after) == pytest.approx(rest)


def test_more_time_makes_a_longer_timer() -> None:
    timers = Timers([timer(left=60)])
    timers.change("a", 90, running=True, now_seconds=0)
    timers.change("a", 30, running=True, now_seconds=0)
    (one,) = timers
    assert (one.total_seconds, one.left_seconds) == (90, 30)


def test_a_timer_that_is_not_there_cannot_be_changed() -> None:
    with pytest.raises(UnknownTimerError):
        Timers().change("a", 1, running=True, now_seconds=0)
    assert Timers().remove("a") is None


def test_there_is_a_limit_and_those_there_are_stay() -> None:
    timers = Timers(timer(str(number)) for number in range(MAX_TIMERS))
    with pytest.raises(TooManyTimersError):
        timers.add(timer("one more"))
    timers.add(timer("0", 5))
    assert len(list(timers)) == MAX_TIMERS


# Restarts

NO_TIME = """{"boot": "", "running_seconds": 0, "wall_seconds": 0, "timers": [
{"id": "a", "total_seconds": 1, "left_seconds": NaN, "running": true, "start": {}}]}"""
START = Moment(boot="one", running_seconds=1000, wall_seconds=1_800_000_000)


@given(
    saved=st.lists(st.tuples(lengths, st.booleans()), max_size=5),
    passed=st.floats(0, 100 * DAY),
    jump=st.floats(-400 * DAY, 400 * DAY),
)
def test_a_clock_that_jumps_does_not_matter_until_the_machine_restarts(
    tmp_path_factory: pytest.TempPathFactory,
    saved: list[tuple[float, bool]],
    passed: float,
    jump: float,
) -> None:
    folder = tmp_path_factory.mktemp("state")
    timers = [
        timer(str(number), left, since=START.running_seconds if running else None)
        for number, (left, running) in enumerate(saved)
    ]
    save_timers(folder, timers, START)
    later = replace(
        START,
        running_seconds=START.running_seconds + passed,
        wall_seconds=START.wall_seconds + passed + jump,
    )
    for one, (left, running) in zip(load_timers(folder, later), saved, strict=True):
        expected = left - passed if running else left
        assert one.left(later.running_seconds) == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize(
    ("wall_passed", "left"), [(40, 20), (0, 60), (-365 * DAY, 60), (DAY, 60 - DAY)]
)
def test_after_the_machine_has_restarted_the_clock_on_the_wall_counts(
    tmp_path: Path, wall_passed: float, left: float
) -> None:
    save_timers(tmp_path, [timer(since=START.running_seconds)], START)
    later = Moment(boot="two", running_seconds=5, wall_seconds=START.wall_seconds + wall_passed)
    (one,) = load_timers(tmp_path, later)
    assert one.left(later.running_seconds) == pytest.approx(left)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"boot": "", "running_seconds": 0, "wall_seconds": 0, "timers": [1]}',
        '{"boot": "", "running_seconds": 0, "wall_seconds": 0, "timers": [{"id": "a"}]}',
        NO_TIME,
        "[" * 100_000,
        "\x00",
    ],
)
def test_a_broken_file_is_set_aside_and_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, content: str
) -> None:
    (tmp_path / "timers.json").write_text(content, encoding="utf-8")
    assert load_timers(tmp_path, Moment.now()) == []
    assert "Set them again" in caplog.text
    assert (tmp_path / "timers.unreadable").read_text(encoding="utf-8") == content


async def test_timers_that_cannot_be_saved_ring_and_are_saved_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("indoor_voice.room.clockwork.tasks.AGAIN_SECONDS", 0.05)
    full = True
    rung = asyncio.Event()

    async def save(write: Callable[[], None]) -> None:
        if full:
            raise UserError("The disk is full")
        write()

    async with Counting(tmp_path, save, rung.set, lambda: None) as counting:
        counting.start(timer("a", 0, since=running_seconds()))
        counting.start(timer("b", 600, since=running_seconds()))
        await asyncio.wait_for(rung.wait(), 5)
        full = False
        await until(lambda: load_timers(tmp_path, Moment.now()), lambda timers: len(timers) == 2)


# On the satellite


async def listed(controller: Controller) -> list[dict[str, Any]]:
    timers: list[dict[str, Any]] = (await controller.receive("timers")).data["timers"]
    return timers


async def listed_until(
    controller: Controller, wanted: Callable[[list[dict[str, Any]]], bool]
) -> list[dict[str, Any]]:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not wanted(timers := await listed(controller)):
            pass
    return timers


@asynccontextmanager
async def controlled(satellite: ServedSatellite) -> AsyncIterator[Controller]:
    controller = await satellite.connect()
    await controller.send("run-satellite")
    yield controller


async def test_a_timer_counts_and_rings_on_the_satellite(satellite: ServedSatellite) -> None:
    async with controlled(satellite) as controller:
        assert await listed(controller) == []
        await controller.send("timer-started", id="a", total_seconds=600, start_minutes=10)
        (one,) = await listed(controller)
        assert one == {
            "id": "a",
            "total_seconds": 600,
            "left_seconds": pytest.approx(600, abs=1),
            "state": "running",
            "start_minutes": 10,
        }
        await controller.send("timer-updated", id="a", is_active=False, total_seconds=300)
        (one,) = await listed(controller)
        assert (one["state"], one["left_seconds"]) == ("paused", 300)
        await controller.send("timer-updated", id="a", is_active=True, total_seconds=0)
        await listed_until(controller, lambda timers: timers[0]["state"] == "ringing")
        await satellite.loudspeaker.until_cue(Cue.RINGING)


async def test_without_home_assistant_it_rings_until_the_button_is_pressed(
    satellite: ServedSatellite,
) -> None:
    async with controlled(satellite) as controller:
        await controller.send("timer-started", id="a", total_seconds=1)
        await controller.receive("timers")
        await controller.connection.close()
    await satellite.loudspeaker.until_cue(Cue.RINGING)
    satellite.room.press()
    async with controlled(satellite) as controller:
        assert await listed(controller) == []
    assert satellite.loudspeaker.cues == [Cue.RINGING]


async def test_a_wake_word_stops_the_ringing_and_begins_a_turn(satellite: ServedSatellite) -> None:
    async with controlled(satellite) as controller:
        await controller.send("timer-finished", id="unknown")
        await controller.send("timer-started", id="a", total_seconds=0)
        await listed_until(
            controller, lambda timers: timers[0:1] != [] and timers[0]["state"] == "ringing"
        )
        satellite.microphone.hear(1, WAKE_WORD)
        await controller.receive_each(
            {"timers": lambda data: data["timers"] == [], "run-pipeline": bool}
        )


async def test_without_home_assistant_a_wake_word_only_stops_the_ringing(
    satellite: ServedSatellite,
) -> None:
    satellite.room.timers.start(timer(left=0))
    await satellite.loudspeaker.until_cue(Cue.RINGING)
    satellite.microphone.hear(1, WAKE_WORD)
    await until(lambda: satellite.room.timers.ringing, lambda ringing: not ringing)
    assert Cue.FAILED not in satellite.loudspeaker.cues


async def test_nothing_rings_into_a_command(
    satellite: ServedSatellite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("indoor_voice.room.ringing.PULSE_SECONDS", 0.02)
    async with controlled(satellite) as controller:
        assert await listed(controller) == []
        satellite.microphone.hear(1, WAKE_WORD)
        await controller.receive("run-pipeline")
        await controller.send("timer-started", id="a", total_seconds=0)
        await listed_until(
            controller, lambda timers: timers != [] and timers[0]["state"] == "ringing"
        )
        await asyncio.sleep(0.2)
        assert Cue.RINGING not in satellite.loudspeaker.cues
        await controller.send("pipeline-ended", turn=1, answer=False)
        await satellite.loudspeaker.until_cue(Cue.RINGING)


async def test_nobody_is_there(satellite: ServedSatellite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("indoor_voice.room.ringing.PULSE_SECONDS", 0.001)
    monkeypatch.setattr("indoor_voice.room.ringing.RING_SECONDS", 0.1)
    satellite.room.timers.start(timer(left=0))
    await until(lambda: satellite.loudspeaker.cues.count(Cue.RINGING), lambda count: count > 0)
    await until(lambda: satellite.room.timers.ringing, lambda ringing: not ringing)


async def test_what_rings_rings_on_after_a_restart(satellite: ServedSatellite) -> None:
    satellite.room.timers.start(timer("tea", 0))
    await satellite.loudspeaker.until_cue(Cue.RINGING)
    saved = satellite.state_dir / "timers.json"
    await until(lambda: saved.exists() and json.loads(saved.read_text()), bool)
    rung = asyncio.Event()

    async def save(write: Callable[[], None]) -> None:
        write()

    async with Counting(satellite.state_dir, save, rung.set, lambda: None) as counting:
        await asyncio.wait_for(rung.wait(), 5)
        assert [timer.id for timer in counting.ringing] == ["tea"]
        counting.silence()
    async with Counting(satellite.state_dir, save, rung.set, lambda: None) as counting:
        assert (counting.ringing, counting.running_and_paused) == ([], [])


@pytest.mark.parametrize(
    ("event_type", "data", "code"),
    [
        ("timer-started", {"id": 5, "total_seconds": 1}, "bad-request"),
        ("timer-started", {"id": "a" * 101, "total_seconds": 1}, "bad-request"),
        ("timer-started", {"id": "a", "total_seconds": "1"}, "bad-request"),
        ("timer-started", {"id": "a", "total_seconds": True}, "bad-request"),
        ("timer-started", {"id": "a", "total_seconds": -1}, "bad-request"),
        ("timer-started", {"id": "a", "total_seconds": 1e300}, "bad-request"),
        ("timer-started", {"id": "a"}, "bad-request"),
        ("timer-started", {"id": "a", "total_seconds": 1, "start_hours": "x"}, "bad-request"),
        ("timer-updated", {"id": "a", "total_seconds": 1, "is_active": 1}, "bad-request"),
        ("timer-updated", {"id": "a", "total_seconds": 1, "is_active": True}, "unknown-timer"),
        ("timer-cancelled", {}, "bad-request"),
    ],
)
async def test_an_impossible_timer_is_refused(
    satellite: ServedSatellite, event_type: str, data: dict[str, Any], code: str
) -> None:
    async with controlled(satellite) as controller:
        await controller.send(event_type, **data)
        assert (await controller.receive("error")).data["code"] == code


async def test_two_hundred_timers_and_one_more(satellite: ServedSatellite) -> None:
    async with controlled(satellite) as controller:
        for number in range(MAX_TIMERS + 1):
            await controller.send("timer-started", id=str(number), total_seconds=100 * DAY)
        assert (await controller.receive("error")).data["code"] == "too-many-timers"
        await controller.send("timer-cancelled", id="0")
        await listed_until(controller, lambda timers: len(timers) == MAX_TIMERS - 1)


async def test_what_a_timer_is_called_is_not_kept_on_the_satellite(
    satellite: ServedSatellite,
) -> None:
    async with controlled(satellite) as controller:
        await controller.send("timer-started", id="a", name="zyzzyva", total_seconds=100)
        assert "zyzzyva" not in str(await listed_until(controller, bool))
    saved = satellite.state_dir / "timers.json"
    await until(lambda: saved.exists() and json.loads(saved.read_text())["timers"], bool)
    assert not any(b"zyzzyva" in path.read_bytes() for path in satellite.state_dir.glob("*"))


async def test_only_the_controller_sets_timers(satellite: ServedSatellite) -> None:
    stranger = await satellite.connect()
    await stranger.send("timer-started", id="a", total_seconds=100)
    await stranger.send("ping")
    await stranger.receive("pong")
    assert satellite.room.timers.running_and_paused == []
