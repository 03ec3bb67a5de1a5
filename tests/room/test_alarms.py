"""When alarms are due, what happens to them, and that they outlast restarts."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from indoor_voice.room.alarms.alarm import Alarm, UnknownZoneError, first_moment
from indoor_voice.room.alarms.alarms import (
    LATE_SECONDS,
    MAX_ALARMS,
    MAX_HAPPENINGS,
    SNOOZE_SECONDS,
    STOPPED_SECONDS,
    AlarmEvent,
    Alarms,
    AlarmState,
    PassedError,
    TooManyAlarmsError,
    UnknownAlarmError,
)
from indoor_voice.room.alarms.file import content_of, load_alarms, save_alarms
from indoor_voice.room.clockwork.clock import Moment

DAY = 24 * 3600.0
YEAR = 366 * DAY
BERLIN = "Europe/Berlin"
ZONES = (
    BERLIN,
    "America/New_York",
    "Australia/Lord_Howe",  # half an hour
    "Africa/Casablanca",  # negative in Ramadan
    "America/Santiago",  # at midnight
    "Asia/Kathmandu",
    "Pacific/Apia",  # skipped a day
    "UTC",
)
zones = st.sampled_from(ZONES)
# Where no day was skipped; the alarm of one that was rings on the next, which has its own.
zones_with_all_days = st.sampled_from([zone for zone in ZONES if zone != "Pacific/Apia"])
times = st.times().map(lambda at: at.replace(microsecond=0))
walls = st.integers(1_200_000_000, 2_000_000_000).map(float)
some_days = st.frozensets(st.integers(0, 6), min_size=1)
EVERY_DAY = frozenset(range(7))


def alarm(at: time = time(7), *, alarm_id: str = "a", zone: str = BERLIN, **more: Any) -> Alarm:
    days: dict[str, Any] = {} if "date" in more or "weekdays" in more else {"weekdays": EVERY_DAY}
    return Alarm(id=alarm_id, time=at, zone=zone, **days, **more)


def wall(*when: int, zone: str = BERLIN, fold: int = 0) -> float:
    return datetime(*when, tzinfo=ZoneInfo(zone), fold=fold).timestamp()  # type: ignore[arg-type,misc]


def moment(wall_seconds: float, running_seconds: float | None = None) -> Moment:
    """Return a moment on a machine whose clocks agree."""
    running = wall_seconds - 1_000_000 if running_seconds is None else running_seconds
    return Moment(boot="one", running_seconds=running, wall_seconds=wall_seconds)


# When an alarm is due


@given(at=times, zone=zones, days=some_days, after=walls)
def test_it_rings_on_its_days_when_the_clock_first_shows_its_time(
    at: time, zone: str, days: frozenset[int], after: float
) -> None:
    due = alarm(at, zone=zone, weekdays=days).next_after(after)
    assert due is not None
    assert after < due <= after + 9 * DAY
    shown = datetime.fromtimestamp(due, ZoneInfo(zone))
    before = datetime.fromtimestamp(due - 1, ZoneInfo(zone))
    if shown.time() == at:
        assert (shown.weekday() in days, shown.fold) == (True, 0)
    else:  # the first moment after a gap that has skipped it
        assert shown.utcoffset() != before.utcoffset()
        assert before.replace(tzinfo=None) < shown.replace(tzinfo=None) - timedelta(seconds=1)


@given(at=times, zone=zones_with_all_days, after=walls)
@example(at=time(0, 0, fold=1), zone="America/Santiago", after=1532318400.0)
def test_a_daily_alarm_leaves_out_no_day_and_rings_once_on_each(
    at: time, zone: str, after: float
) -> None:
    daily = alarm(at, zone=zone)
    dues = [after]
    for _ in range(20):
        due = daily.next_after(dues[-1])
        assert due is not None
        dues.append(due)
    days = [datetime.fromtimestamp(due, ZoneInfo(zone)).date() for due in dues[1:]]
    assert days == sorted(set(days))
    assert (days[-1] - days[0]).days == 19


@pytest.mark.parametrize(
    ("day", "at", "zone", "shown"),
    [
        (date(2027, 3, 28), time(2, 30), BERLIN, "2027-03-28T03:00:00+02:00"),
        (date(2027, 3, 28), time(2, 0), BERLIN, "2027-03-28T03:00:00+02:00"),
        (date(2027, 3, 28), time(3, 0), BERLIN, "2027-03-28T03:00:00+02:00"),
        (date(2027, 3, 28), time(1, 59, 59), BERLIN, "2027-03-28T01:59:59+01:00"),
        (date(2027, 10, 31), time(2, 30), BERLIN, "2027-10-31T02:30:00+02:00"),
        (date(2027, 3, 14), time(2, 30), "America/New_York", "2027-03-14T03:00:00-04:00"),
        (date(2026, 10, 4), time(2, 10), "Australia/Lord_Howe", "2026-10-04T02:30:00+11:00"),
        (date(2026, 9, 6), time(0, 30), "America/Santiago", "2026-09-06T01:00:00-03:00"),
        (date(2011, 12, 30), time(7), "Pacific/Apia", "2011-12-31T00:00:00+14:00"),
    ],
)
def test_a_time_that_the_clock_skips_or_shows_twice(
    day: date, at: time, zone: str, shown: str
) -> None:
    due = first_moment(day, at, ZoneInfo(zone))
    assert datetime.fromtimestamp(due, ZoneInfo(zone)).isoformat() == shown


def test_in_the_hour_that_comes_twice_it_rings_once() -> None:
    daily = alarm(time(2, 30))
    first = wall(2027, 10, 31, 2, 30)
    assert daily.next_after(first - 60) == first
    assert daily.next_after(first) == wall(2027, 11, 1, 2, 30)


def test_an_alarm_for_a_date_rings_on_it_only() -> None:
    once = Alarm(id="a", time=time(7), date=date(2026, 12, 24), zone=BERLIN)
    due = wall(2026, 12, 24, 7)
    assert (once.next_after(due - YEAR), once.next_after(due)) == (due, None)


@pytest.mark.parametrize("year_seconds", [-1e18, 1e18, 253_402_300_799.0, -62_135_596_800.0])
def test_a_clock_that_shows_an_impossible_year_breaks_nothing(year_seconds: float) -> None:
    assert alarm().next_after(year_seconds) is None or year_seconds < 0


@pytest.mark.parametrize(
    "zone", ["Europe/Nowhere", "../../etc/passwd", "/etc/passwd", "\0", "x" * 99]
)
def test_a_time_zone_that_is_not_known(zone: str) -> None:
    with pytest.raises(UnknownZoneError):
        alarm(zone=zone).next_after(0)


# What happens to alarms

EVENING = wall(2026, 11, 27, 20)
SEVEN = wall(2026, 11, 28, 7)
ONCE = Alarm(id="once", time=time(7), date=date(2026, 11, 28), zone=BERLIN)


def with_alarms(*alarms: Alarm, now: float = EVENING) -> Alarms:
    all_alarms = Alarms()
    for one in alarms:
        all_alarms.set(one, moment(now))
    return all_alarms


def states(alarms: Alarms) -> dict[str, AlarmState]:
    return {entry.alarm.id: entry.state for entry in alarms}


def events(alarms: Alarms) -> list[AlarmEvent]:
    return [one.event for one in alarms.happenings]


@pytest.mark.parametrize("late", [0, 1, LATE_SECONDS - 1])
def test_it_rings_when_due_and_a_little_late(late: float) -> None:
    alarms = with_alarms(ONCE, alarm())
    assert alarms.seconds_to_next(moment(EVENING)) == 11 * 3600
    assert not alarms.look(moment(SEVEN - 1))
    assert alarms.look(moment(SEVEN + late))
    assert not alarms.look(moment(SEVEN + late))
    assert set(states(alarms).values()) == {AlarmState.RINGING}
    assert alarms.silence(moment(SEVEN + late), nobody_there=False)
    assert states(alarms) == {"a": AlarmState.WAITING}
    assert alarms.seconds_to_next(moment(SEVEN + late)) == DAY - late
    assert events(alarms) == [AlarmEvent.RANG] * 2 + [AlarmEvent.STOPPED] * 2


def test_one_that_is_far_too_late_does_not_ring_and_is_not_lost() -> None:
    alarms = with_alarms(ONCE, alarm())
    assert not alarms.look(moment(SEVEN + LATE_SECONDS))
    assert states(alarms) == {"once": AlarmState.MISSED, "a": AlarmState.WAITING}
    assert events(alarms) == [AlarmEvent.MISSED] * 2
    assert not alarms.look(moment(SEVEN + LATE_SECONDS + 1))
    assert len(events(alarms)) == 2


@pytest.mark.parametrize("jump", [-YEAR, YEAR, 3600 * 12, -3600 * 12])
def test_a_clock_that_jumps_and_is_set_right_again_loses_no_alarm(jump: float) -> None:
    alarms = with_alarms(ONCE, alarm())
    running = 5000.0
    alarms.look(moment(EVENING + 60 + jump, running))
    alarms.look(moment(EVENING + 120, running + 60))
    assert set(states(alarms).values()) == {AlarmState.WAITING}
    assert alarms.look(moment(SEVEN, running + SEVEN - EVENING - 60))
    assert set(states(alarms).values()) == {AlarmState.RINGING}


def test_a_clock_that_is_set_back_a_little_rings_it_once() -> None:
    alarms = with_alarms(alarm())
    assert alarms.look(moment(SEVEN))
    alarms.silence(moment(SEVEN + 5), nobody_there=False)
    assert not alarms.look(moment(SEVEN - 30))
    assert not alarms.look(moment(SEVEN))


def test_a_year_back_a_daily_alarm_rings_the_next_morning_of_that_year() -> None:
    alarms = with_alarms(alarm())
    alarms.look(moment(EVENING - 365 * DAY, 1))
    assert alarms.seconds_to_next(moment(EVENING - 365 * DAY, 1)) == 11 * 3600


@pytest.mark.parametrize("jump", [0, YEAR, -YEAR])
@pytest.mark.parametrize("stopped", [False, True])
def test_a_snoozed_alarm_rings_again_whatever_the_clock_shows(
    *, stopped: bool, jump: float
) -> None:
    alarms = with_alarms(ONCE)
    alarms.look(moment(SEVEN, 100))
    if stopped:  # by the wake word before "snooze"
        alarms.silence(moment(SEVEN, 100), nobody_there=False)
    alarms.snooze(moment(SEVEN, 101))
    assert states(alarms) == {"once": AlarmState.SNOOZED}
    assert not alarms.look(moment(SEVEN + jump, 100 + SNOOZE_SECONDS))
    assert alarms.look(moment(SEVEN + jump, 101 + SNOOZE_SECONDS))
    alarms.silence(moment(SEVEN, 102 + SNOOZE_SECONDS), nobody_there=True)
    assert events(alarms)[-2:] == [AlarmEvent.RANG, AlarmEvent.ENDED]
    assert states(alarms) == {}


def test_what_was_stopped_long_ago_or_removed_cannot_be_snoozed() -> None:
    for removed, later in ((False, STOPPED_SECONDS), (True, 1)):
        alarms = with_alarms(ONCE)
        alarms.look(moment(SEVEN, 100))
        alarms.silence(moment(SEVEN, 100), nobody_there=False)
        if removed:
            alarms.remove("once", moment(SEVEN, 100))
        with pytest.raises(UnknownAlarmError):
            alarms.snooze(moment(SEVEN, 100 + later))


def test_an_alarm_that_is_off_is_silent_and_turning_it_off_stops_it() -> None:
    alarms = with_alarms(alarm())
    alarms.look(moment(SEVEN))
    alarms.set(alarm(zone="Europe/Paris"), moment(SEVEN + 1))
    assert states(alarms) == {"a": AlarmState.RINGING}
    alarms.set(alarm(enabled=False), moment(SEVEN + 2))
    assert events(alarms) == [AlarmEvent.RANG, AlarmEvent.STOPPED]
    assert not alarms.look(moment(SEVEN + DAY))
    assert alarms.seconds_to_next(moment(SEVEN)) is None


def test_there_is_a_limit_and_those_there_are_stay() -> None:
    alarms = with_alarms(*(alarm(alarm_id=str(number)) for number in range(MAX_ALARMS)))
    with pytest.raises(TooManyAlarmsError):
        alarms.set(alarm(alarm_id="one more"), moment(EVENING))
    alarms.set(alarm(time(8), alarm_id="0"), moment(EVENING))
    assert alarms.look(moment(SEVEN))
    assert len(alarms.ringing) == MAX_ALARMS - 1
    assert len(alarms.happenings) == MAX_HAPPENINGS


def test_an_alarm_in_the_past_is_refused() -> None:
    with pytest.raises(PassedError):
        with_alarms(ONCE, now=SEVEN)


# Restarts


def after_restart(folder: Path, alarms: Alarms, saved: Moment, now: Moment) -> Alarms:
    save_alarms(folder, content_of(alarms, saved), saved)
    return load_alarms(folder, now)


def test_alarms_and_what_happened_outlast_a_restart(tmp_path: Path) -> None:
    alarms = with_alarms(ONCE, alarm(time(6, 30), weekdays=frozenset({0, 4}), enabled=False))
    alarms.look(moment(SEVEN, 1000))
    alarms.snooze(moment(SEVEN + 1, 1001))
    again = after_restart(tmp_path, alarms, moment(SEVEN + 2, 1002), moment(SEVEN + 3, 1003))
    assert (list(again), again.happenings) == (list(alarms), alarms.happenings)
    rebooted = replace(moment(SEVEN + 1 + SNOOZE_SECONDS, 5), boot="two")
    again = load_alarms(tmp_path, rebooted)
    assert again.look(rebooted)


@pytest.mark.parametrize(("off", "rings"), [(60, True), (LATE_SECONDS + 60, False)])
def test_what_rings_rings_on_after_a_restart_but_not_hours_later(
    tmp_path: Path, off: float, *, rings: bool
) -> None:
    alarms = with_alarms(ONCE)
    alarms.look(moment(SEVEN, 1000))
    later = moment(SEVEN + off, 1000 + off)
    again = after_restart(tmp_path, alarms, moment(SEVEN + 1, 1001), later)
    assert again.look(later) is rings
    assert events(again)[-1] is (AlarmEvent.RANG if rings else AlarmEvent.MISSED)


@pytest.mark.parametrize("off", [60, DAY])
def test_what_was_due_while_the_machine_was_off(tmp_path: Path, off: float) -> None:
    alarms = with_alarms(ONCE, alarm())
    later = replace(moment(SEVEN + off, 5), boot="two")
    again = after_restart(tmp_path, alarms, moment(EVENING), later)
    assert again.look(later) is True  # a day later it is seven again
    assert states(again)["once"] is (AlarmState.RINGING if off == 60 else AlarmState.MISSED)


SAVED = '{"boot": "", "running_seconds": 0, "wall_seconds": 0, "number": 0, "happenings": [], '
ENTRY = (
    '"alarms": [{"id": "a", "time": "07:00:00", "date": null, "weekdays": [%s], "zone": "UTC", '
    '"enabled": true, "handled": %s, "again_in": %s, "missed": false}]}'
)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        SAVED + '"alarms": [1]}',
        SAVED + ENTRY % ("", 0, "null"),
        SAVED + ENTRY % (9, 0, "null"),
        SAVED + ENTRY % (1, "NaN", "null"),
        SAVED + ENTRY % (1, 0, "Infinity"),
        "[" * 100_000,
    ],
)
def test_a_broken_file_is_set_aside_and_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, content: str
) -> None:
    (tmp_path / "alarms.json").write_text(content, encoding="utf-8")
    assert list(load_alarms(tmp_path, Moment.now())) == []
    assert "alarms cannot be read" in caplog.text
    assert (tmp_path / "alarms.unreadable").read_text(encoding="utf-8") == content
