"""Music that is due at certain times: what of it is heard, and when."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pytest

from indoor_voice.room.music.level import Level
from indoor_voice.room.music.sendspin.track import SyncedTrack, fitted
from indoor_voice.room.sound.schedule import Schedule
from tests.room.numbered import PIECE, RATE, numbered, numbers

BUFFER = RATE // 8
BEGUN = 1_000.0
"""When the device begins to play, by the clock here."""
AHEAD_US = 5_000_000.0
CHUNK = 1_102
"""Of which the duration is no whole number of microseconds."""


class Device:
    """Takes a track's sound as a loudspeaker does that is never late, as fast as possible."""

    def __init__(self, track: SyncedTrack, schedule: Schedule, *, drift: float = 0.0) -> None:
        self.track, self.schedule, self.rate = track, schedule, RATE * (1 + drift)
        self.written = 0
        self.dropout = 0.0
        schedule.begin(RATE, BUFFER)

    @property
    def now(self) -> float:
        """When there is room for the next piece."""
        played = max(1, self.written + PIECE - BUFFER)
        return BEGUN + self.dropout + played / self.rate

    def play(self, seconds: float) -> Iterator[tuple[float, npt.NDArray[np.int32]]]:
        """Yield pieces, and when their first frame is heard."""
        for _ in range(round(seconds * RATE / PIECE)):
            waiting = min(self.written - 1, BUFFER - PIECE)
            self.schedule.look(BUFFER - waiting, self.now)
            piece = self.track.take(PIECE, RATE)
            yield BEGUN + self.dropout + self.written / self.rate, piece
            self.written += PIECE
            self.schedule.add(PIECE)


@pytest.fixture
def schedule() -> Schedule:
    return Schedule()


@pytest.fixture
def track(schedule: Schedule) -> SyncedTrack:
    track = SyncedTrack(Level(), schedule, RATE, most_frames=200 * RATE, on_lost=lambda: None)
    track.clock_ahead_us = AHEAD_US
    return track


def due_us(number: int) -> float:
    """Return when a frame is due by the server's clock: the first one a second after the start."""
    return (BEGUN + 1) * 1e6 + AHEAD_US + number * 1e6 / RATE


def fill(track: SyncedTrack, seconds: float, first: int = 0) -> None:
    for number in range(first, first + round(seconds * RATE), CHUNK):
        frames = np.frombuffer(numbered(number, CHUNK), "<i2").reshape(-1, 2)
        assert track.add(round(due_us(number)), frames)


def lateness(heard: list[tuple[float, npt.NDArray[np.int32]]]) -> npt.NDArray[np.float64]:
    """Return by how many seconds the last frame of each piece is late; NaN for silence."""
    late = []
    for at, piece in heard:
        number = int(numbers(piece)[-1])
        due = (due_us(number) - AHEAD_US) / 1e6
        late.append(at + (PIECE - 1) / RATE - due if number >= 0 else np.nan)
    return np.array(late)


@pytest.mark.parametrize("drift", [0.0, 150e-6, -150e-6])
def test_a_device_that_is_too_fast_or_too_slow_stays_in_time(
    track: SyncedTrack, schedule: Schedule, drift: float
) -> None:
    fill(track, 65)
    heard = list(Device(track, schedule, drift=drift).play(62))
    late = lateness(heard)[60:]
    assert np.nanmax(np.abs(late)) < 0.001
    assert np.isnan(late).sum() == 0
    told = np.concatenate([numbers(piece) for _, piece in heard[60:]])
    skipped = np.abs(np.diff(told) - 1).sum()
    assert skipped == pytest.approx(61 * RATE * abs(drift), abs=30)
    assert np.abs(np.diff(told) - 1).max() <= 1


def test_after_a_dropout_of_the_device_it_catches_up(
    track: SyncedTrack, schedule: Schedule
) -> None:
    fill(track, 20)
    device = Device(track, schedule)
    list(device.play(5))
    device.dropout = 0.2
    list(device.play(1.2))
    assert np.nanmax(np.abs(lateness(list(device.play(3))))) < 0.001


def test_a_small_difference_is_closed_without_a_jump(
    track: SyncedTrack, schedule: Schedule
) -> None:
    fill(track, 20)
    device = Device(track, schedule)
    list(device.play(3))
    track.clock_ahead_us = AHEAD_US + 10_000
    heard = list(device.play(10))
    told = np.concatenate([numbers(piece) for _, piece in heard])
    assert np.abs(np.diff(told) - 1).max() <= 2
    assert lateness(heard)[-1] == pytest.approx(-0.010, abs=0.001)


def test_a_gap_is_silent_and_what_follows_is_in_time(
    track: SyncedTrack, schedule: Schedule
) -> None:
    fill(track, 2)
    fill(track, 5, first=3 * RATE)
    late = lateness(list(Device(track, schedule).play(8)))
    assert 1.9 < np.isnan(late).sum() * PIECE / RATE < 2.1
    assert np.nanmax(np.abs(late)) < 0.001


def test_sound_that_comes_late_is_left_out(track: SyncedTrack, schedule: Schedule) -> None:
    device = Device(track, schedule)
    list(device.play(3))
    fill(track, 5)
    heard = list(device.play(2))
    told = [int(numbers(piece)[-1]) for _, piece in heard]
    assert max(told[:20]) > 1.5 * RATE
    assert np.nanmax(np.abs(lateness(heard))) < 0.001


def test_it_fades_out_when_it_is_closed_and_is_then_over(
    track: SyncedTrack, schedule: Schedule
) -> None:
    fill(track, 5)
    device = Device(track, schedule)
    list(device.play(2))
    track.close()
    (_, fading), (_, after) = device.play(2 * PIECE / RATE)
    assert fading[:, 0].any()
    assert not fading[-1].any()
    assert not after.any()
    list(device.play(0.2))
    assert track.silent_pieces > 5


def test_the_device_is_closed_only_after_a_while_without_sound(
    track: SyncedTrack, schedule: Schedule
) -> None:
    fill(track, 1)
    device = Device(track, schedule)
    list(device.play(5))
    assert track.silent_pieces == 0
    list(device.play(5))
    assert track.silent_pieces > 5
    fill(track, 1, first=20 * RATE)
    assert track.silent_pieces == 0


def test_no_more_waits_than_was_agreed(schedule: Schedule) -> None:
    track = SyncedTrack(Level(), schedule, RATE, most_frames=RATE, on_lost=lambda: None)
    frames = np.ones((RATE // 2, 2), np.int16)
    assert [track.add(at, frames) for at in (1, 2, 3)] == [True, True, False]


def test_what_is_not_in_order_is_refused(track: SyncedTrack) -> None:
    frames = np.ones((10, 2), np.int16)
    assert [track.add(at, frames) for at in (5, 5, 4, 6)] == [True, False, False, True]


def test_sound_is_fitted_to_a_device_of_another_rate() -> None:
    wave = np.sin(2 * np.pi * 440 * np.arange(960) / 48_000) * 10_000
    frames = np.stack((wave, wave), axis=1).astype(np.int16)
    wanted = np.sin(2 * np.pi * 440 * np.arange(882) / 44_100) * 10_000
    assert np.abs(fitted(frames, 882)[:, 0] - wanted).max() < 100


def test_the_schedule_is_unknown_until_the_device_plays() -> None:
    schedule = Schedule()
    schedule.begin(RATE, BUFFER)
    schedule.add(PIECE)
    for _ in range(50):
        schedule.look(BUFFER - PIECE, 5.0)
    assert schedule.heard_at is None


def test_the_schedule_is_not_misled_by_a_busy_machine() -> None:
    schedule, random = Schedule(), np.random.default_rng(3)
    schedule.begin(RATE, BUFFER)
    schedule.add(BUFFER)
    for piece in range(1, 200):
        now = BEGUN + piece * PIECE / RATE
        # Whoever looks late finds the buffer emptier than they think it still is.
        schedule.look(PIECE, now + random.exponential(0.01))
        schedule.add(PIECE)
        if piece > 25:
            heard_at = schedule.heard_at
            assert heard_at is not None
            assert heard_at == pytest.approx(now + BUFFER / RATE, abs=0.004)
