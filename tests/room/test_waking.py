"""Alarms on a satellite, over a real socket."""

import asyncio
import json
import time as clock
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from indoor_voice.room.alarms.alarms import MAX_ALARMS, SNOOZE_SECONDS
from indoor_voice.room.ringing import Ringing
from indoor_voice.room.sound.cues import Cue
from tests.room.room_parts import WAKE_WORD, Controller, FakeLoudspeaker, ServedSatellite
from tests.waiting import PATIENCE_SECONDS, until


def soon(seconds: float = 0, **more: Any) -> dict[str, Any]:
    """Return an alarm that rings within `seconds` of the next whole second."""
    due = datetime.fromtimestamp(int(clock.time()) + 1 + seconds, UTC)
    day = {} if "weekdays" in more else {"date": due.date().isoformat()}
    return {"id": "a", "time": due.time().isoformat(), "time_zone": "UTC", **day, **more}


async def listed_until(
    controller: Controller, wanted: Callable[[dict[str, Any]], bool]
) -> dict[str, Any]:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not wanted(data := (await controller.receive("alarms")).data):
            pass
    return data


def in_state(state: str) -> Callable[[dict[str, Any]], bool]:
    return lambda data: [one["state"] for one in data["alarms"]] == [state]


def happened(event: str) -> Callable[[dict[str, Any]], bool]:
    return lambda data: event in [one["event"] for one in data["happened"]]


@asynccontextmanager
async def controlled(satellite: ServedSatellite) -> AsyncIterator[Controller]:
    controller = await satellite.connect()
    await controller.send("run-satellite")
    yield controller


async def test_an_alarm_is_set_rings_is_snoozed_and_removed(satellite: ServedSatellite) -> None:
    async with controlled(satellite) as controller:
        assert (await controller.receive("alarms")).data == {"alarms": [], "happened": []}
        sent = soon()
        await controller.send("alarm-set", **sent)
        (one,) = (await controller.receive("alarms")).data["alarms"]
        due = datetime.fromisoformat(f"{sent['date']}T{sent['time']}Z").timestamp()
        assert one == {**sent, "enabled": True, "state": "waiting", "next": due}
        await listed_until(controller, in_state("ringing"))
        await satellite.loudspeaker.until_cue(Cue.RINGING)
        await controller.send("alarm-snoozed")
        (one,) = (await listed_until(controller, in_state("snoozed")))["alarms"]
        assert one["next"] == pytest.approx(clock.time() + SNOOZE_SECONDS, abs=10)
        assert not satellite.room.alarms.rings
        await controller.send("alarm-removed", id="a")
        data = await listed_until(controller, lambda data: data["alarms"] == [])
        assert [one["event"] for one in data["happened"]] == ["rang", "snoozed"]
        await controller.send("alarms-noted", number=data["happened"][0]["number"])
        await controller.send("alarm-removed", id="a")
        (left,) = (await controller.receive("alarms")).data["happened"]
        assert (left["event"], left["id"], left["time"]) == ("snoozed", "a", sent["time"])


async def test_a_wake_word_stops_it_and_snooze_is_still_possible(
    satellite: ServedSatellite,
) -> None:
    async with controlled(satellite) as controller:
        await controller.send("alarm-set", **soon(weekdays=list(range(7))))
        await satellite.loudspeaker.until_cue(Cue.RINGING)
        satellite.microphone.hear(1, WAKE_WORD)
        await controller.receive_each({"alarms": happened("stopped"), "run-pipeline": bool})
        await controller.send("alarm-snoozed")
        await listed_until(controller, in_state("snoozed"))


async def test_what_is_listed_is_on_disk(satellite: ServedSatellite) -> None:
    async with controlled(satellite) as controller:
        for number in range(20):
            await controller.send("alarm-set", **{**soon(3600), "id": str(number)})
            data = await listed_until(controller, lambda data: data["alarms"] != [])
            saved = json.loads((satellite.state_dir / "alarms.json").read_text())
            assert len(saved["alarms"]) >= len(data["alarms"])


async def test_without_home_assistant_it_rings_until_the_button_is_pressed(
    satellite: ServedSatellite,
) -> None:
    async with controlled(satellite) as controller:
        await controller.send("alarm-set", **soon())
        await listed_until(controller, in_state("waiting"))
        await controller.connection.close()
    await satellite.loudspeaker.until_cue(Cue.RINGING)
    satellite.room.press()
    saved = satellite.state_dir / "alarms.json"
    await until(lambda: json.loads(saved.read_text())["alarms"], lambda alarms: alarms == [])
    async with controlled(satellite) as controller:
        data = await listed_until(controller, happened("stopped"))
        assert data["alarms"] == []


async def test_after_fifteen_minutes_nobody_is_there(
    satellite: ServedSatellite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("indoor_voice.room.ringing.PULSE_SECONDS", 0.001)
    monkeypatch.setattr("indoor_voice.room.ringing.RING_SECONDS", 0.1)
    async with controlled(satellite) as controller:
        await controller.send("alarm-set", **soon())
        assert (await listed_until(controller, happened("ended")))["alarms"] == []


async def test_a_timer_rings_on_when_the_alarm_is_turned_off(satellite: ServedSatellite) -> None:
    async with controlled(satellite) as controller:
        sent = soon()
        await controller.send("alarm-set", **sent)
        await controller.send("timer-started", id="t", total_seconds=0)
        await listed_until(controller, in_state("ringing"))
        await controller.send("alarm-set", **sent, enabled=False)
        await listed_until(controller, happened("stopped"))
        satellite.loudspeaker.cues.clear()
        await satellite.loudspeaker.until_cue(Cue.RINGING)
        assert satellite.room.timers.ringing


async def test_it_grows_louder_and_a_timer_is_loud_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("indoor_voice.room.ringing.PULSE_SECONDS", 0.01)
    monkeypatch.setattr("indoor_voice.room.ringing._RISE_SECONDS", 0.1)
    loudspeaker = FakeLoudspeaker()
    ringing = Ringing(loudspeaker, lambda: True, lambda _: None)
    ringing.start_rising()
    await until(lambda: loudspeaker.cue_volumes, lambda volumes: len(volumes) > 12)
    volumes = [volume or 0 for volume in loudspeaker.cue_volumes]
    assert (volumes[0], volumes[12]) == (0.05, 0.9)
    assert volumes == sorted(volumes)
    ringing.start_rising()  # another alarm: what is loud stays loud
    await until(lambda: len(loudspeaker.cue_volumes), lambda count: count > len(volumes))
    assert loudspeaker.cue_volumes[-1] == 0.9
    ringing.start()
    await until(lambda: loudspeaker.cue_volumes[-1], lambda volume: volume == 0.5)
    ringing.close()


@pytest.mark.parametrize(
    ("event_type", "data", "code"),
    [
        ("alarm-set", {"id": 5}, "bad-request"),
        ("alarm-set", {"time": "25:00"}, "bad-request"),
        ("alarm-set", {"time": 7}, "bad-request"),
        ("alarm-set", {"time": "07:00:00+01:00"}, "bad-request"),
        ("alarm-set", {"time": None}, "bad-request"),
        ("alarm-set", {"date": "2026-02-30"}, "bad-request"),
        ("alarm-set", {"date": "9999-12-31"}, "bad-request"),
        ("alarm-set", {"date": 5}, "bad-request"),
        ("alarm-set", {"date": None}, "bad-request"),
        ("alarm-set", {"weekdays": [1]}, "bad-request"),
        ("alarm-set", {"weekdays": [7], "date": None}, "bad-request"),
        ("alarm-set", {"weekdays": [True], "date": None}, "bad-request"),
        ("alarm-set", {"weekdays": "1", "date": None}, "bad-request"),
        ("alarm-set", {"enabled": 1}, "bad-request"),
        ("alarm-set", {"time_zone": 1}, "bad-request"),
        ("alarm-set", {"time_zone": "Europe/Nowhere"}, "unknown-time-zone"),
        ("alarm-set", {"date": "2020-01-01"}, "alarm-passed"),
        ("alarm-removed", {"id": None}, "bad-request"),
        ("alarm-snoozed", {}, "unknown-alarm"),
        ("alarms-noted", {"number": "1"}, "bad-request"),
    ],
)
async def test_an_impossible_alarm_is_refused(
    satellite: ServedSatellite, event_type: str, data: dict[str, Any], code: str
) -> None:
    async with controlled(satellite) as controller:
        await controller.send(event_type, **soon(60) | data)
        assert (await controller.receive("error")).data["code"] == code
        assert satellite.room.alarms.entries == []


async def test_two_hundred_alarms_and_one_more(satellite: ServedSatellite) -> None:
    async with controlled(satellite) as controller:
        await controller.receive("alarms")
        for number in range(MAX_ALARMS):
            await controller.send("alarm-set", **soon(3600) | {"id": str(number)})
            listed = (await controller.receive("alarms")).data["alarms"]
        assert len(listed) == MAX_ALARMS
        await controller.send("alarm-set", **soon(3600) | {"id": "one more"})
        assert (await controller.receive("error")).data["code"] == "too-many-alarms"
    assert len(satellite.room.alarms.entries) == MAX_ALARMS


async def test_only_the_controller_sets_alarms_and_no_name_is_kept(
    satellite: ServedSatellite,
) -> None:
    stranger = await satellite.connect()
    await stranger.send("alarm-set", **soon(60))
    await stranger.send("ping")
    await stranger.receive("pong")
    assert satellite.room.alarms.entries == []
    async with controlled(satellite) as controller:
        await controller.send("alarm-set", **soon(60, name="zyzzyva"))
        assert "zyzzyva" not in str(await listed_until(controller, in_state("waiting")))
    saved = satellite.state_dir / "alarms.json"
    await until(lambda: saved.exists() and json.loads(saved.read_text())["alarms"], bool)
    assert not any(b"zyzzyva" in path.read_bytes() for path in satellite.state_dir.glob("*"))
