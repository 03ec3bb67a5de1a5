"""The demo as a newcomer meets it: what it prints, and that what it promises is there."""

import asyncio
import io
import json
import os
import pty
import re
import signal
import sys
import time
import wave
from base64 import b64decode
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from demo.listening_key import unlock_key
from demo.people import Login
from demo.sound import SoundServer
from tests.waiting import until

START_SECONDS: Final = 240.0
"""On a busy machine the first start takes minutes."""
TURN_SECONDS: Final = 60.0
MISSING_SECONDS: Final = 15.0
"""A second or two, but many more on a busy machine. Starting everything takes longer than this."""
PROMPT: Final = "Say something: "
END_OF_INPUT: Final = b"\x04"
"""Ctrl-D."""


class Terminal:
    """A terminal in which the demo runs."""

    def __init__(self, master: int) -> None:
        self._master = master
        self.shown = ""

    def read(self) -> None:
        self.shown += os.read(self._master, 65536).decode().replace("\r\n", "\n")

    def type(self, keys: bytes) -> None:
        os.write(self._master, keys)

    async def wait_for(self, text: str, seconds: float) -> None:
        await until(lambda: self.shown, lambda shown: text in shown, seconds=seconds)


@asynccontextmanager
async def demo_in_a_terminal() -> AsyncIterator[tuple[asyncio.subprocess.Process, Terminal]]:
    """Run the demo without options, in a session of its own as a terminal gives it."""
    master, slave = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "demo",
        stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
    )  # fmt: skip
    os.close(slave)
    terminal = Terminal(master)

    def read() -> None:
        try:
            terminal.read()
        except OSError:  # the demo has ended
            asyncio.get_running_loop().remove_reader(master)

    asyncio.get_running_loop().add_reader(master, read)
    try:
        yield process, terminal
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            await process.wait()
        asyncio.get_running_loop().remove_reader(master)
        os.close(master)


async def run_python(*arguments: str, env: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Run Python without a terminal; return its exit status and what it prints."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, **(env or {})},
    )  # fmt: skip
    output, _ = await process.communicate()
    return process.returncode or 0, output.decode()


async def test_two_people_can_open_what_was_said_and_anything_can_be_typed() -> None:
    async with demo_in_a_terminal() as (process, terminal):
        await terminal.wait_for(PROMPT, START_SECONDS)
        assert "5 of 5 commands had their effect" in terminal.shown
        assert "5 recordings wait to be heard" in terminal.shown
        ((url, panel),) = re.findall(r"(http://127\.0\.0\.1:\d+)\n.*(http\S+)", terminal.shown)
        assert panel == f"{url}/indoor-voice"
        for user_name in ("anna", "ben"):
            ((password, passphrase),) = re.findall(rf"  {user_name} +(\w+) +(.+)", terminal.shown)
            login = await Login.log_in(url, user_name, user_name, password)
            await hear_everything(login, passphrase)

        terminal.type(b"turn on the bedroom light\n")
        await terminal.wait_for("Bedroom light: off → on", TURN_SECONDS)
        await until(lambda: terminal.shown.count(PROMPT), lambda prompts: prompts == 2)
        terminal.type(END_OF_INPUT)
        assert await process.wait() == 0


async def hear_everything(login: Login, passphrase: str) -> None:
    """Open five recordings as the panel does, and check that they are those of the commands."""
    key = unlock_key(await login.ask("key/get"), passphrase)
    lights = 0
    async with login.socket() as socket:
        recordings = (await socket.call("indoor_voice/recordings/list"))["recordings"]
        assert len(recordings) == 5
        for recording in recordings:
            opened = {}
            for part in ("words", "sound"):
                sealed = await socket.call(
                    "indoor_voice/recordings/open",
                    recording=recording["recording"],
                    part=part,
                    why="own",
                )
                ciphertext = b64decode(sealed["ciphertext"])
                opened[part] = key.open(b64decode(sealed["key"]), sealed["id"], part, ciphertext)
            lights += "kitchen light" in json.loads(opened["words"])["transcript"].lower()
            with wave.open(io.BytesIO(opened["sound"])) as sound:
                assert sound.getnframes() > sound.getframerate()
    assert lights == 2


async def test_a_sentence_is_spoken_without_a_terminal() -> None:
    status, output = await run_python("-m", "demo", "--say", "turn on the kitchen light")
    assert "Hey Jarvis, turn on the kitchen light." in output
    assert "Kitchen light: off → on" in output
    assert PROMPT not in output
    assert status == 0


async def test_a_missing_microphone_is_noticed_before_anything_starts(folder: Path) -> None:
    without_devices = folder / "asound.conf"
    without_devices.write_text("pcm.!default { type hw card 99 }", encoding="ascii")
    began = time.monotonic()
    status, output = await run_python(
        "-m", "demo", "--mic", env={"ALSA_CONFIG_PATH": str(without_devices)}
    )
    assert time.monotonic() - began < MISSING_SECONDS
    assert output.startswith("No microphone was found.")
    assert "Starting" not in output
    assert status == 1


async def test_a_microphone_and_a_loudspeaker_are_found(folder: Path) -> None:
    server = SoundServer(folder / "found")
    async with server.running():
        room = await server.room("attic")
        script = "from demo.sound_check import missing_device; print(missing_device())"
        assert await run_python("-c", script, env=room.env) == (0, "None\n")
