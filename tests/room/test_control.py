"""The buttons of a satellite: by command, by key and by pin."""

import asyncio
import os
import pty
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from indoor_voice import cli
from indoor_voice.errors import UserError
from indoor_voice.room.controls.buttons import Button
from indoor_voice.room.controls.console import Keyboard
from indoor_voice.room.controls.lamp import Lamp
from indoor_voice.room.controls.socket import (
    ControlSocket,
    NotRunningError,
    ask,
    held_request,
    is_running,
)
from indoor_voice.room.sound.cues import Cue
from tests.room.room_parts import WAKE_WORD, ServedSatellite
from tests.waiting import until


@pytest.fixture
async def folder(satellite: ServedSatellite, tmp_path: Path) -> AsyncIterator[Path]:
    folder = tmp_path / ("long" * 50)

    def facts() -> dict[str, Any]:
        return satellite.room.status().data

    def reset() -> None:
        satellite.room.announce_code("000000")

    async with ControlSocket(folder, satellite.room, facts=facts, reset=reset):
        yield folder


async def request_facts(folder: Path, request: str) -> dict[str, Any]:
    return await asyncio.to_thread(ask, folder, request)


async def test_a_press_begins_a_turn(satellite: ServedSatellite, folder: Path) -> None:
    controller = await satellite.control()
    assert not (await request_facts(folder, "press"))["muted"]
    assert (await controller.receive("run-pipeline")).data["turn"] == 1


async def test_a_press_while_unpaired_says_the_code_again(
    satellite: ServedSatellite, folder: Path
) -> None:
    satellite.room.announce_code("492173")
    await request_facts(folder, "press")
    (twice, once) = satellite.loudspeaker.said
    assert 1.9 < twice / once < 2.5
    satellite.room.announce_code(None)
    assert satellite.loudspeaker.said[2] == 0
    assert satellite.loudspeaker.cues == [Cue.DONE]
    await request_facts(folder, "press")
    assert satellite.loudspeaker.cues == [Cue.DONE, Cue.FAILED]


async def test_mute_and_unmute(satellite: ServedSatellite, folder: Path) -> None:
    assert (await request_facts(folder, "mute"))["muted_on_device"]
    await satellite.microphone.until(is_open=False)
    await request_facts(folder, "press")
    assert satellite.loudspeaker.cues == [Cue.MUTED, Cue.MUTED]
    assert not (await request_facts(folder, "unmute"))["muted"]
    await satellite.microphone.until(is_open=True)


async def test_the_microphone_is_lent_until_the_client_disconnects(
    satellite: ServedSatellite, folder: Path
) -> None:
    controller = await satellite.control()
    await satellite.microphone.until(is_open=True)
    lent = held_request(folder, "lend")
    await asyncio.to_thread(lent.__enter__)
    assert not satellite.microphone.is_open
    satellite.microphone.hear(1, WAKE_WORD)
    with pytest.raises(UserError, match="turn"):
        await request_facts(folder, "lend")
    await asyncio.to_thread(lent.__exit__, None, None, None)
    await satellite.microphone.until(is_open=True)
    await controller.receive("run-pipeline")
    with pytest.raises(UserError, match="turn"):
        await request_facts(folder, "lend")


async def test_muted_a_lent_microphone_stays_closed(
    satellite: ServedSatellite, folder: Path
) -> None:
    lent = held_request(folder, "lend")
    await asyncio.to_thread(lent.__enter__)
    await satellite.room.mute_on_device(True)
    await asyncio.to_thread(lent.__exit__, None, None, None)
    await asyncio.sleep(0.1)
    assert not satellite.microphone.is_open


async def test_other_users_cannot_connect(folder: Path) -> None:
    assert (folder / "control").stat().st_mode & 0o777 == 0o600


async def test_an_unknown_button_is_refused(folder: Path) -> None:
    with pytest.raises(UserError, match="no such button"):
        await request_facts(folder, "explode")
    with pytest.raises(UserError):
        await request_facts(folder, "x" * 200_000)
    await request_facts(folder, "status")


async def test_two_satellites_do_not_share_their_state(
    satellite: ServedSatellite, folder: Path
) -> None:
    with pytest.raises(UserError, match="--state-dir"):
        async with ControlSocket(folder, satellite.room, facts=dict, reset=lambda: None):
            pass
    assert await asyncio.to_thread(is_running, folder)


async def test_a_socket_left_behind_by_a_killed_satellite_is_replaced(
    satellite: ServedSatellite, tmp_path: Path
) -> None:
    with socket.socket(socket.AF_UNIX) as leftover:
        leftover.bind(str(tmp_path / "control"))
    with pytest.raises(NotRunningError):
        await request_facts(tmp_path, "press")
    async with ControlSocket(tmp_path, satellite.room, facts=dict, reset=lambda: None):
        assert await request_facts(tmp_path, "status") == {}
    assert not (tmp_path / "control").exists()


def test_without_a_satellite_the_command_says_how_to_start_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["button", "press", "--state-dir", str(tmp_path)]) == 1
    assert "indoor-voice satellite" in capsys.readouterr().err


async def test_the_command_presses(
    satellite: ServedSatellite, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await asyncio.to_thread(cli.main, ["button", "mute", f"--state-dir={folder}"]) == 0
    assert "muted" in capsys.readouterr().out
    assert satellite.room.muted


async def test_a_health_check_asks_the_satellite(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    check = ["health", "satellite", "--state-dir"]
    assert await asyncio.to_thread(cli.main, [*check, str(folder)]) == 0
    assert "answers" in capsys.readouterr().out
    assert cli.main([*check, str(tmp_path)]) == 1
    assert "No satellite is running" in capsys.readouterr().err


async def test_a_running_satellite_is_asked_to_reset_itself(
    satellite: ServedSatellite, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = ["satellite", "--reset", f"--state-dir={folder}"]
    assert await asyncio.to_thread(cli.main, argv) == 0
    assert "new pairing code" in capsys.readouterr().out
    assert satellite.room.code == "000000"


async def test_keys_of_the_console(monkeypatch: pytest.MonkeyPatch) -> None:
    console, terminal = pty.openpty()
    pressed: list[Button] = []
    with os.fdopen(terminal) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        monkeypatch.setattr(os, "tcgetpgrp", lambda _: os.getpgrp())
        with Keyboard().opened(pressed.append):
            os.write(console, b" xm")
            await until(lambda: len(pressed) == 2)
        assert pressed == [Button.PRESS, Button.MUTE]
    os.close(console)


def test_without_a_console_there_are_no_keys(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    with Path(os.devnull).open() as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        with Keyboard().opened(lambda _: None):
            assert "Keys" not in caplog.text


async def test_buttons_on_pins(pins: Any) -> None:
    from indoor_voice.room.controls.gpio import PinButtons, PinLamp  # noqa: PLC0415

    pressed: list[Button] = []
    buttons = PinButtons({17: Button.PRESS, 27: Button.MUTE})
    with buttons.opened(pressed.append):
        pins.pin(27).drive_low()
        await until(lambda: pressed == [Button.MUTE])
        pins.pin(17).drive_low()
        await until(lambda: pressed == [Button.MUTE, Button.PRESS])
    wrong = PinButtons({17: Button.PRESS, 99: Button.MUTE})
    with pytest.raises(UserError, match="pins"), wrong.opened(pressed.append):
        pass
    with PinLamp(17).opened():
        pass


def test_a_led_on_a_pin(pins: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from indoor_voice.room.controls.gpio import PinLamp  # noqa: PLC0415

    lamp = PinLamp(22)
    with lamp.opened():
        assert not pins.pin(22).state
        lamp.show(Lamp.STREAMING, 1.0)
        assert pins.pin(22).state
        lamp.show(Lamp.DARK, 1.0)
        assert not pins.pin(22).state
        lamp.show(Lamp.MUTED, 1.0)
        monkeypatch.setattr("gpiozero.LED.on", Mock(side_effect=ZeroDivisionError("broken")))
        with pytest.raises(OSError, match="broken"):
            lamp.show(Lamp.STREAMING, 1.0)
