"""Music over the link: what Home Assistant may ask for, and what it is told."""

import logging
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from wyoming.event import Event

from indoor_voice.room.music.process import can_decode
from tests import waiting
from tests.room.media_server import RATE, STEP, Media, file, serving, steps, wav
from tests.room.pulled_loudspeaker import WAIT_SECONDS, PulledLoudspeaker
from tests.room.room_parts import WAKE_WORD, Controller, ServedSatellite, served

pytestmark = pytest.mark.usefixtures("patient_player")
needs_libmpv = pytest.mark.skipif(not can_decode(), reason="needs libmpv and the extra music")

until = partial(waiting.until, seconds=WAIT_SECONDS)


@pytest.fixture(scope="module")
def media() -> Iterator[Media]:
    with serving() as media:
        media.answers["/their-song.wav"] = file(steps(10))
        media.answers["/long.wav"] = file(wav(np.full((2 * RATE * 200,), STEP, "<i2").tobytes()))
        yield media


@pytest.fixture
def loudspeaker() -> PulledLoudspeaker:
    return PulledLoudspeaker()


@pytest.fixture
async def musical(tmp_path: Path, loudspeaker: PulledLoudspeaker) -> AsyncIterator[ServedSatellite]:
    async with served(tmp_path, loudspeaker=loudspeaker) as satellite:
        yield satellite


async def media_with(controller: Controller, **values: Any) -> Event:
    """Return the first `media` event that has all these values."""
    while True:
        events = await waiting.events_until(controller.connection, "media", seconds=WAIT_SECONDS)
        if values.items() <= events[-1].data.items():
            return events[-1]


@needs_libmpv
async def test_home_assistant_is_told_what_plays_whenever_that_changes(
    media: Media,
    musical: ServedSatellite,
    loudspeaker: PulledLoudspeaker,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    loudspeaker.speed = 0.1  # a busy machine must not miss the end, nor a position
    controller = await musical.connect()
    await controller.send("describe")
    assert (await controller.receive("info")).data["indoor_voice"]["music"] is True
    await controller.send("run-satellite")
    assert (await controller.receive("media")).data == {
        "state": "idle",
        "number": None,
        "position_seconds": None,
        "duration_seconds": None,
        "volume": 1.0,
        "muted": False,
        "error": None,
    }
    await controller.send("media-play", url=f"{media.url}/their-song.wav", number=7, verify=True)
    playing = await media_with(controller, state="playing", number=7)
    assert playing.data["duration_seconds"] == pytest.approx(10, abs=0.1)
    await controller.send("media-seek", position_seconds=5)
    sought = await media_with(controller, state="playing")
    assert sought.data["position_seconds"] == pytest.approx(5, abs=0.1)
    await controller.send("media-pause")
    paused = await media_with(controller, state="paused")
    assert 5 <= paused.data["position_seconds"] < 10
    await controller.send("media-volume", volume=0.5)
    await controller.send("media-volume", muted=True)
    await media_with(controller, volume=0.5, muted=True)
    await controller.send("media-resume")
    await media_with(controller, state="playing")
    await controller.send("media-stop")
    await media_with(controller, state="idle", error=None)
    await controller.send("media-play", url=f"{media.url}/not-there", number=8, verify=True)
    await media_with(controller, state="idle", number=8, error="media-not-found")
    assert media.url not in caplog.text
    assert "their-song" not in caplog.text


@needs_libmpv
async def test_music_plays_on_without_home_assistant_until_the_button_is_pressed(
    media: Media, musical: ServedSatellite, loudspeaker: PulledLoudspeaker
) -> None:
    controller = await musical.control()
    await controller.send("media-play", url=f"{media.url}/their-song.wav", number=7, verify=True)
    await media_with(controller, state="playing")
    await controller.connection.close()
    await until(lambda: 3 * STEP in loudspeaker.sounded)
    await until(lambda: not musical.room.controllers.connected)
    musical.room.press()
    await until(lambda: loudspeaker.latest == 0)
    controller = await musical.connect()
    await controller.send("run-satellite")
    told = await controller.receive("media")
    assert (told.data["state"], told.data["number"], told.data["error"]) == ("idle", 7, None)


@needs_libmpv
async def test_it_makes_way_while_somebody_speaks_or_might_begin_to(
    media: Media, musical: ServedSatellite, loudspeaker: PulledLoudspeaker
) -> None:
    controller = await musical.control()
    await controller.send("media-play", url=f"{media.url}/long.wav", number=7, verify=True)
    await until(lambda: loudspeaker.latest == STEP)
    musical.detector.suspects = True
    await until(lambda: loudspeaker.latest == STEP // 10)
    musical.detector.suspects = False
    await until(lambda: loudspeaker.latest == STEP)
    musical.microphone.hear(WAKE_WORD)
    await controller.receive("run-pipeline")
    await until(lambda: loudspeaker.latest == STEP // 10)
    await controller.send("pipeline-ended", answer=False)
    await until(lambda: loudspeaker.latest == STEP)


@pytest.mark.parametrize(
    ("event", "data"),
    [
        ("media-play", {"number": 1, "verify": True}),
        ("media-play", {"url": "file:///etc/passwd", "number": 1, "verify": True}),
        ("media-play", {"url": "ftp://host/file", "number": 1, "verify": True}),
        ("media-play", {"url": "http://", "number": 1, "verify": True}),
        ("media-play", {"url": "http://[", "number": 1, "verify": True}),
        ("media-play", {"url": "http://a/\n", "number": 1, "verify": True}),
        ("media-play", {"url": "http://a/" + "a" * 9_000, "number": 1, "verify": True}),
        ("media-play", {"url": "http://a/", "number": 0.5, "verify": True}),
        ("media-play", {"url": "http://a/", "number": 1}),
        ("media-seek", {"position_seconds": -1}),
        ("media-seek", {"position_seconds": "now"}),
        ("media-volume", {"volume": 1.1, "muted": False}),
        ("media-volume", {"muted": "no"}),
    ],
)
async def test_impossible_wishes_are_refused(
    musical: ServedSatellite,
    event: str,
    data: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    controller = await musical.control()
    await controller.send(event, **data)
    answer = await controller.receive("error")
    assert answer.data["code"] == "bad-request"
    for text in (caplog.text, answer.data["text"]):
        assert "host" not in text.replace("127.0.0.1", "")
        assert "passwd" not in text
    assert musical.room.music is not None
    assert musical.room.music.state == "idle"


async def test_what_does_not_play_can_be_neither_paused_nor_sought(
    musical: ServedSatellite,
) -> None:
    controller = await musical.control()
    for event in ("media-pause", "media-resume", "media-stop"):
        await controller.send(event)
    await controller.send("media-seek", position_seconds=1)
    assert (await controller.receive("error")).data["code"] == "not-seekable"


async def test_without_the_extra_there_is_no_music(satellite: ServedSatellite) -> None:
    controller = await satellite.connect()
    await controller.send("describe")
    assert "music" not in (await controller.receive("info")).data["indoor_voice"]
    await controller.send("run-satellite")
    await controller.send("media-play", url="http://127.0.0.1/", number=1, verify=True)
    before = await controller.receive_until("error")
    assert before[-1].data["code"] == "no-music"
    assert not [event for event in before if event.type == "media"]


async def test_only_the_controller_decides_what_plays(musical: ServedSatellite) -> None:
    await musical.control()
    stranger = await musical.connect()
    await stranger.send("media-play", url="http://127.0.0.1/", number=1, verify=True)
    await stranger.send("ping")
    await stranger.receive("pong")
    assert musical.room.music is not None
    assert musical.room.music.number is None
