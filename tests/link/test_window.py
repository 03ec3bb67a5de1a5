"""Tests that a person at the device can pair it despite others who try."""

import asyncio
import contextlib
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from indoor_voice.errors import UserError
from indoor_voice.link.pairing import window
from indoor_voice.link.pairing.code_socket import ask_for_code
from indoor_voice.link.pairing.responder import WINDOWS, Guesses
from indoor_voice.link.pairing.trust import Trust
from indoor_voice.link.server.server import LinkServer
from tests.background import in_background
from tests.link.initiator import CODE, GONE, Device, Initiator, RefusalError

WRONG = "000000"


@asynccontextmanager
async def serving(device: Device) -> AsyncIterator[LinkServer]:
    device.trust = Trust.load(device.state_dir)
    async with LinkServer(
        "127.0.0.1", 0, device.handle, trust=device.trust, on_code=device.codes.append, code=CODE
    ) as server:
        yield server


@asynccontextmanager
async def guessers(port: int, who: Initiator, sources: list[str]) -> AsyncIterator[None]:
    """Run strangers that try to pair repeatedly, and disconnect at once or a second later."""

    async def guess(source: str, number: int) -> None:
        while True:
            with contextlib.suppress(*GONE, RefusalError, TimeoutError):
                async with who.connected(port, peer=None, source=source) as connection:
                    await who.confirm(connection, WRONG)
                    await asyncio.sleep(number % 2)
            await asyncio.sleep(0.05)

    async with in_background(*(guess(it, number) for number, it in enumerate(sources))):
        await asyncio.sleep(1)
        yield


async def pair(home: Initiator, port: int, code: str) -> None:
    """Pair like Home Assistant, which tries again when the device has no free place."""
    async with asyncio.timeout(20):
        while True:
            try:
                return await home.pair(port, code)
            except GONE:
                await asyncio.sleep(0.1)


@pytest.mark.parametrize(
    "sources",
    [
        pytest.param(["127.0.0.2"], id="one"),
        pytest.param(["127.0.0.2"] * 8, id="many at one address"),
        pytest.param([f"127.0.0.{number % 4 + 2}" for number in range(12)], id="at 4 addresses"),
    ],
)
async def test_who_guesses_all_the_time_does_not_keep_the_owner_out(
    device: Device,
    home: Initiator,
    stranger: Initiator,
    monkeypatch: pytest.MonkeyPatch,
    sources: list[str],
) -> None:
    monkeypatch.setattr(window, "TURN_SECONDS", 1.0)
    async with serving(device) as server, guessers(server.port, stranger, sources):
        with pytest.raises(RefusalError, match="pairing-paused"):
            await pair(home, server.port, CODE)
        code = server.open_window()
        assert device.codes[-1] == code != CODE
        await asyncio.sleep(1)
        await pair(home, server.port, code)
        assert device.trust.peer_certificate == home.certificate


async def test_in_a_window_only_its_code_counts(device: Device, home: Initiator) -> None:
    async with serving(device) as server:
        code = server.open_window()
        assert server.open_window() == code
        assert device.codes == [CODE, code, code]
        with pytest.raises(RefusalError) as refused:
            await home.pair(server.port, CODE)
        assert refused.value.code == "wrong-code"
        assert refused.value.data["tries"] == 17
        assert Trust.load(device.state_dir).guesses == Guesses(windows=1)


async def test_windows_are_few_over_restarts_too(
    device: Device, home: Initiator, stranger: Initiator
) -> None:
    for number in range(WINDOWS):
        async with serving(device) as server:
            for _ in range(3):  # a window without attempts doesn't count
                server.open_window()
            with pytest.raises(RefusalError, match="wrong-code"):
                await stranger.pair(server.port, WRONG)
            assert Trust.load(device.state_dir).guesses == Guesses(windows=number + 1)
    async with serving(device) as server:
        with pytest.raises(UserError, match="--reset"):
            server.open_window()
        await home.pair(server.port, CODE)
        assert device.trust.guesses == Guesses()


async def test_a_window_ends_and_pauses_hold_again(
    device: Device, home: Initiator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(window, "WINDOW_SECONDS", 0.5)
    device.trust.keep_guesses(Guesses(wrong=3, pausing=True))
    async with serving(device) as server:
        code = server.open_window()
        await asyncio.sleep(0.6)
        with pytest.raises(RefusalError, match="pairing-paused"):
            await home.pair(server.port, code)


async def test_the_command_gets_a_code_from_what_runs(device: Device, home: Initiator) -> None:
    def command() -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - our own
            [sys.executable, "-m", "indoor_voice.cli", "pair", f"--state-dir={device.state_dir}"],
            capture_output=True,
            text=True,
            check=False,
        )

    with pytest.raises(UserError, match="runs on this machine"):
        ask_for_code(device.state_dir)
    async with serving(device) as server:
        assert (device.state_dir / "pair").stat().st_mode & 0o777 == 0o600
        done = await asyncio.to_thread(command)
        code = device.codes[-1] or ""
        assert done.stdout == f"Pairing code: {code[:3]} {code[3:]}\n"
        begun = time.monotonic()
        await home.pair(server.port, code)
        assert time.monotonic() - begun < 10
        done = await asyncio.to_thread(command)
        assert done.returncode == 1
        assert "paired" in done.stderr
    assert not (device.state_dir / "pair").exists()


async def test_a_plain_link_needs_no_code_and_says_so(device: Device) -> None:
    async with LinkServer("127.0.0.1", 0, device.handle, trust=None) as server:
        with pytest.raises(UserError, match="needs no pairing code"):
            server.open_window()
