"""The whole daemon, with LEDs and as an app; microphone, loudspeaker and SPI bus are simulated."""

import argparse
import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import pytest

from demo.ports import free_port
from indoor_voice.errors import UserError
from indoor_voice.link.supervisor import TOKEN_VARIABLE
from indoor_voice.link.wire import MAX_HEADER_BYTES
from indoor_voice.room import command, daemon
from indoor_voice.room.controls.socket import NotRunningError, ask
from indoor_voice.room.sound.cues import Cue
from tests.link.fake_supervisor import TOKEN, FakeSupervisor
from tests.room.room_parts import (
    WAKE_WORD,
    Controller,
    FakeLoudspeaker,
    FakeMicrophone,
    ScriptedDetector,
    kept_alive,
)
from tests.room.spi_device import SpiDevice
from tests.waiting import until


class Detector(ScriptedDetector):
    faults: dict[str, str] = {}  # noqa: RUF012 - a test never changes it

    def __init__(self, *_: object) -> None:
        super().__init__()


class Loudspeaker(FakeLoudspeaker):
    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass


@dataclass
class Running:
    """A running satellite."""

    task: asyncio.Task[bool]
    port: int
    state_dir: Path
    microphone: FakeMicrophone
    loudspeaker: Loudspeaker

    async def ask(self, request: str) -> dict[str, Any]:
        return await asyncio.to_thread(ask, self.state_dir, request)

    @asynccontextmanager
    async def control(self) -> AsyncIterator[Controller]:
        """Become its controller during the block."""
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", self.port, limit=MAX_HEADER_BYTES
        )
        async with kept_alive(reader, writer) as connection:
            controller = Controller(connection, writer)
            await controller.send("run-satellite")
            await controller.send("ping")
            await controller.receive("pong")
            yield controller


Start = Callable[..., Any]


@pytest.fixture
async def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Start]:
    """Return a function that starts a satellite with options."""
    microphone, loudspeaker = FakeMicrophone(), Loudspeaker()
    microphone.name = "fake microphone"  # type: ignore[attr-defined]
    monkeypatch.setattr(daemon, "DeviceMicrophone", lambda _: microphone)
    monkeypatch.setattr(daemon, "DeviceLoudspeaker", lambda *_, **__: loudspeaker)
    monkeypatch.setattr(daemon, "Detector", Detector)
    monkeypatch.setattr(daemon, "can_decode", lambda: False)
    monkeypatch.setattr(daemon, "choose_canceller", lambda _: None)
    tasks: list[asyncio.Task[bool]] = []

    async def start(*options: str, protected: bool = False) -> Running:
        port, state_dir = free_port(), tmp_path / "state"
        parser = argparse.ArgumentParser()
        command.add_parser(parser.add_subparsers(required=True))
        where = f"--port={port}", "--host=127.0.0.1", f"--state-dir={state_dir}"
        link = [] if protected else ["--insecure-wyoming"]
        words = ["satellite", *where, *link, "--wake-word=hey_jarvis", *options]
        arguments = parser.parse_args(words)
        task = asyncio.create_task(daemon.serve(arguments))
        tasks.append(task)
        running = Running(task, port, state_dir, microphone, loudspeaker)

        async def is_up() -> bool:
            if task.done():
                task.result()
            try:
                await running.ask("status")
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except (NotRunningError, ConnectionRefusedError):
                return False
            writer.close()
            return True

        await until(is_up)
        return running

    yield start
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_the_strip_is_lit_from_the_first_sound_that_is_sent_to_the_last(
    start: Start, spi: SpiDevice
) -> None:
    running = await start("--led-strip=apa102:12")
    assert (await running.ask("status"))["lamps"] == {"12 APA102 on SPI 0.0": True}
    assert not spi.lit(12)
    async with running.control() as controller:
        running.microphone.hear(1, 2, 3)
        await controller.send("ping")
        await controller.receive("pong")
        assert not spi.lit(12)
        running.microphone.hear(WAKE_WORD)
        await controller.receive("audio-chunk")
        assert spi.lit(12)
        await controller.send("voice-stopped", turn=1)
        await controller.receive("audio-stop")
        await until(lambda: not spi.lit(12))
        await running.ask("mute")
        assert spi.apa102(12)[0][1:] == (64, 0, 0)
        assert not spi.lit(12)
        await running.ask("unmute")
        assert spi.apa102(12)[0][1:] == (0, 0, 0)


@pytest.mark.parametrize("end", ["reset", "crash"])
async def test_a_satellite_that_ends_in_the_middle_leaves_the_strip_dark(
    start: Start, spi: SpiDevice, end: str
) -> None:
    running = await start("--led-strip=apa102:12")
    async with running.control() as controller:
        running.microphone.hear(WAKE_WORD)
        await controller.receive("audio-chunk")
        assert spi.lit(12)
        if end == "crash":
            running.task.cancel()
        else:
            await running.ask(end)
        await asyncio.wait([running.task])
    assert not spi.lit(12)
    assert set(spi.apa102(12)) == {(31, 0, 0, 0)}


async def test_a_strip_that_is_lost_stops_nothing_and_is_heard(
    start: Start, spi: SpiDevice, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    running = await start("--led-strip=apa102:12", "--no-cues")
    async with running.control() as controller:
        running.microphone.hear(WAKE_WORD)
        await controller.receive("audio-chunk")
        await controller.send("voice-stopped", turn=1)
        await controller.receive("audio-stop")
        assert running.loudspeaker.cues == []
        await controller.say(bytes(320), 1)
        await controller.receive("played")
        spi.unplug()
        running.microphone.hear(WAKE_WORD)
        await controller.receive("audio-chunk")
        assert running.loudspeaker.cues == [Cue.HEARD]
        await controller.send("voice-stopped", turn=2)
        await controller.receive("audio-stop")
        assert (await running.ask("status"))["lamps"] == {"12 APA102 on SPI 0.0": False}
        assert caplog.text.count("The lamp fails") == 1
        await controller.say(bytes(320), 2)
        await controller.receive("played")
        spi.plug()
        running.microphone.hear(WAKE_WORD)
        await controller.receive("audio-chunk")
        assert spi.lit(12)
        assert running.loudspeaker.cues == [Cue.HEARD]


async def test_the_brightness_is_changed_at_once_and_survives_a_restart(
    start: Start, spi: SpiDevice
) -> None:
    running = await start("--led-strip=apa102:12", "--led-brightness=0.5")
    async with running.control() as controller:
        running.microphone.hear(WAKE_WORD)
        await controller.receive("audio-chunk")
        assert spi.apa102(12)[0][0] == 16
        await controller.send("change-settings", settings={"led_brightness": 0.05})
        await controller.receive("settings")
        assert spi.apa102(12)[0] == (2, 255, 255, 255)
        await controller.send("change-settings", settings={"led_brightness": 0})
        assert (await controller.receive("error")).data["code"] == "bad-request"
        assert spi.lit(12)
    running.task.cancel()
    await asyncio.wait([running.task])
    running = await start("--led-strip=apa102:12", "--led-brightness=0.5")
    async with running.control() as controller:
        running.microphone.hear(WAKE_WORD)
        await controller.receive("audio-chunk")
        assert spi.apa102(12)[0] == (2, 255, 255, 255)


async def test_without_leds_that_can_be_dimmed_there_is_no_such_setting(
    start: Start, pins: Any
) -> None:
    running = await start("--led-pin=22")
    async with running.control() as controller:
        await controller.send("run-satellite")
        settings = (await controller.receive("settings")).data["settings"]
        assert "led_brightness" not in settings
        running.microphone.hear(WAKE_WORD)
        await controller.receive("audio-chunk")
        assert pins.pin(22).state


async def test_a_bus_that_is_missing_at_the_start_is_an_error_that_helps(
    start: Start, spi: SpiDevice
) -> None:
    spi.unplug()
    with pytest.raises(UserError, match="raspi-config"):
        await start("--led-strip=apa102:12")


async def test_the_button_of_a_board_begins_a_turn(start: Start, spi: SpiDevice, pins: Any) -> None:
    running = await start("--board=respeaker-2mic")
    async with running.control() as controller:
        pins.pin(17).drive_low()
        await controller.receive("run-pipeline")
        await controller.receive("audio-chunk")
        assert spi.lit(3)


async def test_as_an_app_it_tells_the_supervisor_its_code(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = FakeSupervisor()
    async with fake.serving() as address:
        monkeypatch.setenv(TOKEN_VARIABLE, TOKEN)
        monkeypatch.setenv("http_proxy", address)  # which leads http://supervisor here
        running = await start(protected=True)
        await until(lambda: len(fake.codes) == 1)
    assert fake.codes == [(await running.ask("status"))["code"]]
    (message,) = (body["config"] for _, body in fake.requests)
    assert (message["kind"], message["port"]) == ("satellite", running.port)
