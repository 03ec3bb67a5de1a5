"""The device's own buttons: by command, by key and by pin."""

import asyncio
import os
import pty
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from indoor_voice import cli
from indoor_voice.errors import UserError
from indoor_voice.room.controls.console import MUTE, PRESS, keys
from indoor_voice.room.controls.socket import (
    ControlSocket,
    NotRunningError,
    ask,
    asking,
    is_running,
)
from indoor_voice.room.sound.cues import Cue
from tests.room.room_parts import WAKE_WORD, House
from tests.waiting import until


@pytest.fixture
async def folder(house: House, tmp_path: Path) -> AsyncIterator[Path]:
    folder = tmp_path / ("long" * 50)

    def facts() -> dict[str, Any]:
        return house.room.status().data

    def reset() -> None:
        house.room.tell_code("000000")

    async with ControlSocket(folder, house.room, facts=facts, reset=reset):
        yield folder


async def pressed(folder: Path, request: str) -> dict[str, Any]:
    return await asyncio.to_thread(ask, folder, request)


async def test_a_press_begins_a_turn(house: House, folder: Path) -> None:
    controller = await house.control()
    assert not (await pressed(folder, "press"))["muted"]
    assert (await controller.receive("run-pipeline")).data["turn"] == 1


async def test_a_press_while_unpaired_says_the_code_again(house: House, folder: Path) -> None:
    house.room.tell_code("492173")
    await pressed(folder, "press")
    (twice, once) = house.loudspeaker.said
    assert 1.9 < twice / once < 2.5
    house.room.tell_code(None)
    assert house.loudspeaker.said[2] == 0
    assert house.loudspeaker.cues == [Cue.DONE]
    await pressed(folder, "press")
    assert house.loudspeaker.cues == [Cue.DONE, Cue.FAILED]


async def test_mute_and_unmute(house: House, folder: Path) -> None:
    assert (await pressed(folder, "mute"))["muted_on_device"]
    await house.microphone.until(is_open=False)
    await pressed(folder, "press")
    assert house.loudspeaker.cues == [Cue.MUTED, Cue.MUTED]
    assert not (await pressed(folder, "unmute"))["muted"]
    await house.microphone.until(is_open=True)


async def test_the_microphone_is_lent_as_long_as_somebody_wants_it(
    house: House, folder: Path
) -> None:
    controller = await house.control()
    await house.microphone.until(is_open=True)
    lent = asking(folder, "lend")
    await asyncio.to_thread(lent.__enter__)
    assert not house.microphone.is_open
    house.microphone.hear(1, WAKE_WORD)
    with pytest.raises(UserError, match="turn"):
        await pressed(folder, "lend")
    await asyncio.to_thread(lent.__exit__, None, None, None)
    await house.microphone.until(is_open=True)
    await controller.receive("run-pipeline")
    with pytest.raises(UserError, match="turn"):
        await pressed(folder, "lend")


async def test_muted_a_lent_microphone_stays_closed(house: House, folder: Path) -> None:
    lent = asking(folder, "lend")
    await asyncio.to_thread(lent.__enter__)
    await house.room.mute_on_device(True)
    await asyncio.to_thread(lent.__exit__, None, None, None)
    await asyncio.sleep(0.1)
    assert not house.microphone.is_open


async def test_nobody_else_can_connect(folder: Path) -> None:
    assert (folder / "control").stat().st_mode & 0o777 == 0o600


async def test_an_unknown_button_is_refused(folder: Path) -> None:
    with pytest.raises(UserError, match="no such button"):
        await pressed(folder, "explode")
    with pytest.raises(UserError):
        await pressed(folder, "x" * 200_000)
    await pressed(folder, "status")


async def test_two_satellites_do_not_share_their_state(house: House, folder: Path) -> None:
    with pytest.raises(UserError, match="--state-dir"):
        async with ControlSocket(folder, house.room, facts=dict, reset=lambda: None):
            pass
    assert await asyncio.to_thread(is_running, folder)


async def test_a_socket_that_a_killed_satellite_left_is_no_hindrance(
    house: House, tmp_path: Path
) -> None:
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(tmp_path / "control"))
    with pytest.raises(NotRunningError):
        await pressed(tmp_path, "press")
    async with ControlSocket(tmp_path, house.room, facts=dict, reset=lambda: None):
        assert await pressed(tmp_path, "status") == {}
    assert not (tmp_path / "control").exists()


def test_without_a_satellite_the_command_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["button", "press", "--state-dir", str(tmp_path)]) == 1
    assert "indoor-voice satellite" in capsys.readouterr().err


async def test_the_command_presses(
    house: House, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await asyncio.to_thread(cli.main, ["button", "mute", f"--state-dir={folder}"]) == 0
    assert "muted" in capsys.readouterr().out
    assert house.room.muted


async def test_a_reset_is_asked_of_a_satellite_that_runs(
    house: House, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = ["satellite", "--reset", f"--state-dir={folder}"]
    assert await asyncio.to_thread(cli.main, argv) == 0
    assert "new pairing code" in capsys.readouterr().out
    assert house.room.code == "000000"


async def test_keys_of_the_console(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = pty.openpty()
    pressed: list[str] = []
    with os.fdopen(theirs) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        monkeypatch.setattr(os, "tcgetpgrp", lambda _: os.getpgrp())
        buttons = {PRESS: lambda: pressed.append("press"), MUTE: lambda: pressed.append("mute")}
        with keys(buttons) as there:
            assert there
            os.write(ours, b" xm")
            await until(lambda: len(pressed) == 2)
        assert pressed == ["press", "mute"]
    os.close(ours)


def test_without_a_console_there_are_no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    with Path(os.devnull).open() as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        with keys({}) as there:
            assert not there


async def test_pins(house: House) -> None:
    gpiozero = pytest.importorskip("gpiozero")
    mock = pytest.importorskip("gpiozero.pins.mock")
    from indoor_voice.room.controls.gpio import Pins  # noqa: PLC0415 - needs gpiozero
    from indoor_voice.room.controls.lamp import Lamp  # noqa: PLC0415

    factory = mock.MockFactory()
    before, gpiozero.Device.pin_factory = gpiozero.Device.pin_factory, factory
    try:
        pressed = asyncio.Event()
        with Pins({17: pressed.set}, 22) as pins:
            factory.pin(17).drive_low()
            async with asyncio.timeout(5):
                await pressed.wait()
            pins.show(Lamp.STREAMING)
            assert factory.pin(22).state
            pins.show(Lamp.DARK)
            assert not factory.pin(22).state
            pins.show(Lamp.MUTED)
        with pytest.raises(UserError, match="pins"):
            Pins({17: pressed.set, 99: pressed.set}, None)
        with Pins({}, 17):
            pass
    finally:
        gpiozero.Device.pin_factory = before
