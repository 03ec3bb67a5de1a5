"""Microphone and loudspeaker, with fake PortAudio streams."""

import asyncio
import threading
import time
from collections.abc import Callable
from contextlib import closing
from itertools import islice
from typing import Any, ClassVar

import numpy as np
import pytest
import sounddevice as sd  # type: ignore[import-untyped]

from indoor_voice.errors import UserError
from indoor_voice.room.sound.cues import Cue, cue_samples
from indoor_voice.room.sound.devices import DeviceLostError, Direction, find_device
from indoor_voice.room.sound.loudspeaker import DeviceLoudspeaker
from indoor_voice.room.sound.microphone import DeviceMicrophone
from indoor_voice.room.sound.pcm import PcmFormat
from tests.waiting import until

DEVICES = [
    {"index": 0, "name": "Webcam", "max_input_channels": 2, "max_output_channels": 0},
    {"index": 1, "name": "USB speaker", "max_input_channels": 0, "max_output_channels": 2},
]


class OutputStream:
    """Accepts sound fifty times as fast as it would play."""

    made: ClassVar[list["OutputStream"]] = []
    fails: ClassVar[bool] = False

    def __init__(self, *, samplerate: int, channels: int, **_: Any) -> None:
        if OutputStream.fails:
            raise sd.PortAudioError("Device unavailable")
        self.rate, self.channels, self.latency = samplerate, channels, 0.1
        self.written = b""
        self.closed = threading.Event()
        OutputStream.made.append(self)

    def start(self) -> None:
        pass

    @property
    def write_available(self) -> int:
        return round(self.rate * self.latency)

    def write(self, pcm: bytes) -> None:
        time.sleep(0.0004)
        self.written += pcm

    def close(self) -> None:
        self.closed.set()

    @property
    def samples(self) -> Any:
        return np.frombuffer(self.written, "<i2").reshape(-1, self.channels)


class InputStream:
    """Delivers a ramp for two seconds, and then nothing."""

    def __init__(
        self, *, samplerate: int, channels: int, blocksize: int, callback: Any, **_: Any
    ) -> None:
        self.ramp = np.repeat(np.arange(samplerate * 2) // (samplerate // 1000), channels)
        self.step, self.callback = blocksize * channels, callback

    def start(self) -> None:
        for start in range(0, len(self.ramp), self.step):
            self.callback(
                self.ramp[start : start + self.step].astype("<i2").tobytes(), 0, None, None
            )

    def close(self) -> None:
        pass


@pytest.fixture(autouse=True)
def portaudio(monkeypatch: pytest.MonkeyPatch) -> None:
    OutputStream.made, OutputStream.fails = [], False
    devices = [{**device, "default_samplerate": 48_000.0} for device in DEVICES]
    monkeypatch.setattr(sd, "query_devices", lambda: devices)
    monkeypatch.setattr(sd, "check_input_settings", lambda **_: None)
    monkeypatch.setattr(sd, "check_output_settings", lambda **_: None)
    monkeypatch.setattr(sd, "RawOutputStream", OutputStream)
    monkeypatch.setattr(sd, "RawInputStream", InputStream)
    monkeypatch.setattr(sd.default, "device", (0, 1))


def refuse(**_: Any) -> None:
    raise sd.PortAudioError("Invalid sample rate")


def setting(finished: asyncio.Event) -> Callable[[bool], None]:
    return lambda _heard: finished.set()


@pytest.mark.parametrize("query", [None, "0", "webcam", "CAM"])
def test_a_device_is_found_by_index_part_of_its_name_or_none(query: str | None) -> None:
    assert find_device(Direction.INPUT, query).name == "Webcam"


@pytest.mark.parametrize("query", ["1", "7", "speaker"])
def test_an_unknown_device_is_answered_with_the_available_ones(query: str) -> None:
    with pytest.raises(UserError, match="--microphone: 0: Webcam"):
        find_device(Direction.INPUT, query)


def test_no_device_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sd, "query_devices", list)
    with pytest.raises(UserError, match="There is no loudspeaker"):
        find_device(Direction.OUTPUT, None)


@pytest.mark.parametrize("accepts_mono", [True, False])
def test_the_microphone_gives_whole_blocks_whatever_its_format(
    monkeypatch: pytest.MonkeyPatch, *, accepts_mono: bool
) -> None:
    if not accepts_mono:
        monkeypatch.setattr(sd, "check_input_settings", refuse)
    with closing(DeviceMicrophone(None).blocks()) as blocks:
        heard = list(islice(blocks, 24))
    assert {block.shape for block in heard} == {(1280,)}
    # The ramp grows by one each millisecond, so nothing is missing, repeated or out of order.
    sound = np.concatenate(heard).astype(float)
    assert np.abs(sound - np.arange(len(sound)) / 16).max() < 3


def test_a_microphone_that_falls_silent_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("indoor_voice.room.sound.microphone.STALLED_SECONDS", 0.05)
    with closing(DeviceMicrophone(None).blocks()) as blocks, pytest.raises(DeviceLostError):
        list(blocks)


@pytest.mark.parametrize("takes_mono", [True, False])
async def test_a_playback_is_heard_whole_before_it_is_finished(
    monkeypatch: pytest.MonkeyPatch, *, takes_mono: bool
) -> None:
    if not takes_mono:
        monkeypatch.setattr(sd, "check_output_settings", refuse)
    source = PcmFormat(rate=16_000, width=2, channels=1)
    pcm = np.full((16_000,), 1_000, "<i2").tobytes()
    finished = asyncio.Event()
    async with DeviceLoudspeaker(None) as loudspeaker:
        loudspeaker.start(source, setting(finished))
        for start in range(0, len(pcm), 999):
            loudspeaker.play(pcm[start : start + 999])
        loudspeaker.end()
        await until(finished.is_set)
        (stream,) = OutputStream.made
        sounding = np.flatnonzero(np.abs(stream.samples[:, 0] - 1_000) < 10)
        assert len(sounding) == pytest.approx(48_000, abs=100)
        assert np.diff(sounding).max() < 5
        # Only silence is left in the device buffer when it is closed.
        assert len(stream.samples) - sounding[-1] > stream.latency * stream.rate
        assert stream.channels == (1 if takes_mono else 2)
        assert await asyncio.to_thread(stream.closed.wait, 5)


async def test_a_stopped_playback_fades_and_is_not_finished() -> None:
    finished = asyncio.Event()
    async with DeviceLoudspeaker(None) as loudspeaker:
        loudspeaker.start(PcmFormat(rate=48_000, width=2, channels=1), setting(finished))
        loudspeaker.play(np.full((48_000 * 20,), 10_000, "<i2").tobytes())
        await asyncio.sleep(0.05)
        loudspeaker.stop()
        (stream,) = OutputStream.made
        assert await asyncio.to_thread(stream.closed.wait, 5)
    sound = stream.samples[:, 0].astype(int)
    end = np.flatnonzero(sound)[-1]
    assert end < 48_000 * 15
    assert np.diff(sound[end - 900 : end + 2]).min() > -20
    assert not finished.is_set()


async def test_a_cue_sounds_over_a_playback() -> None:
    finished = asyncio.Event()
    async with DeviceLoudspeaker(None) as loudspeaker:
        loudspeaker.start(PcmFormat(rate=48_000, width=2, channels=1), setting(finished))
        loudspeaker.play(np.full((48_000,), 1_000, "<i2").tobytes())
        loudspeaker.cue(Cue.HEARD)
        loudspeaker.end()
        await until(finished.is_set)
    (stream,) = OutputStream.made
    cue = cue_samples(Cue.HEARD, 48_000, 0.2)
    assert stream.samples.max() == pytest.approx(1_000 + cue.max(), abs=1)


async def test_without_a_device_playbacks_end_at_once_and_one_error_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    OutputStream.fails = True
    source = PcmFormat(rate=16_000, width=2, channels=1)
    async with DeviceLoudspeaker(None) as loudspeaker:
        for _ in range(3):
            loudspeaker.cue(Cue.HEARD)
            heard: list[bool] = []
            loudspeaker.start(source, heard.append)
            loudspeaker.play(bytes(320))
            await asyncio.sleep(0.02)
            loudspeaker.play(bytes(320))
            loudspeaker.end()
            await until(heard.copy)
            assert heard == [False]
        OutputStream.fails = False
        finished = asyncio.Event()
        loudspeaker.start(source, setting(finished))
        loudspeaker.play(bytes(320))
        loudspeaker.end()
        await until(finished.is_set)
    assert len(OutputStream.made) == 1
    errors = [record for record in caplog.records if record.levelname == "ERROR"]
    assert len(errors) == 1
