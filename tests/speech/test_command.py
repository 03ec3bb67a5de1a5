"""Tests for the command `indoor-voice speech`, run as a process."""

import asyncio
import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from wyoming.info import Describe, Info
from wyoming.tts import Synthesize

from indoor_voice import cli
from indoor_voice.link.supervisor import TOKEN_VARIABLE
from indoor_voice.speech.alive import answering_health_checks
from indoor_voice.speech.recognition.whisper import Whisper
from tests.documents import needed_memory_bytes
from tests.link.fake_supervisor import TOKEN, FakeSupervisor
from tests.link.initiator import Initiator
from tests.process_status import memory_bytes
from tests.speech.speaking import Connect
from tests.waiting import until


@contextlib.asynccontextmanager
async def started(
    state_dir: Path, *arguments: str, **environment: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "indoor_voice.cli", "speech", "--host", "127.0.0.1"),
        *("--port", "0", "--state-dir", str(state_dir), *arguments),
        env=os.environ | environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_it_says_where_it_is_and_ends_when_told(
    tmp_path: Path, connect: Connect, number: signal.Signals
) -> None:
    async with started(tmp_path, "--insecure-wyoming") as process:
        assert process.stdout is not None
        async with asyncio.timeout(60):
            loading = (await process.stdout.readline()).decode()
            ready = (await process.stdout.readline()).decode()
        assert loading.startswith("Loading model tiny.en")
        where = re.fullmatch(
            r"Listening on 127\.0\.0\.1 port (\d+), model tiny\.en, voice en_US-joe-medium\n", ready
        )
        assert where is not None, ready
        async with connect(int(where[1])) as client:
            await client.send(Describe())
            event = await client.receive("info")
        assert event.data["indoor_voice"] == {
            "id": (tmp_path / "id").read_text().split()[0],
            "protocol": 1,
            "kind": "speech",
            "disguise": True,
        }
        info = Info.from_event(event)
        assert info.asr[0].requires_external_vad is False
        assert info.asr[0].models[0].languages == ["en"]
        assert info.tts[0].supports_synthesize_streaming
        assert info.tts[0].voices[0].languages == ["en-US"]
        process.send_signal(number)
        async with asyncio.timeout(10):
            _, errors = await process.communicate()
        assert process.returncode == 0
        assert errors == b""


async def test_it_pairs_by_the_code_that_it_prints(tmp_path: Path) -> None:
    home = Initiator(tmp_path / "home")
    async with started(tmp_path, INDOOR_VOICE_PAIRING_CODE="492173") as process:
        assert process.stdout is not None
        async with asyncio.timeout(60):
            while not (line := (await process.stdout.readline()).decode()).startswith("Pairing"):
                pass
            assert line == "Pairing code: 492 173\n"
            assert "Home Assistant" in (await process.stdout.readline()).decode()
            listening = (await process.stdout.readline()).decode()
        check = ["health", "speech", "--state-dir", str(tmp_path)]
        assert await asyncio.to_thread(cli.main, check) == 0
        port = int(re.findall(r"port (\d+)", listening)[0])
        await home.pair(port, "492173")
        assert (await process.stdout.readline()).decode() == "Paired with Home Assistant\n"
        async with home.pinned(port) as connection:
            await connection.send(Describe())
            assert Info.is_type((await connection.receive()).type)
        running = run("--reset", "--state-dir", str(tmp_path))
        assert running.returncode == 1
        assert "Stop it first" in running.stderr
    assert cli.main(check) == 1
    reset = run("--reset", "--state-dir", str(tmp_path))
    assert reset.returncode == 0
    assert reset.stdout.startswith("Deleted the pairing")
    assert not (tmp_path / "id").exists()


async def test_as_an_app_it_tells_the_supervisor_its_code(tmp_path: Path) -> None:
    fake = FakeSupervisor()
    async with fake.serving() as address:
        variables = {
            "INDOOR_VOICE_PAIRING_CODE": "492173",
            TOKEN_VARIABLE: TOKEN,
            "http_proxy": address,  # which leads http://supervisor here
        }
        async with started(tmp_path, **variables):
            await until(lambda: fake.codes == ["492173"], seconds=60)
    line, body = fake.requests[0]
    assert line.startswith("POST http://supervisor/discovery ")
    assert body["config"]["id"] == (tmp_path / "id").read_text().split()[0]


async def test_without_a_place_for_its_socket_only_the_health_check_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "file"))
    async with answering_health_checks(tmp_path / "file"):
        assert "`indoor-voice health` will not work" in caplog.text


def run(*arguments: str, python: str = "pass") -> "subprocess.CompletedProcess[str]":
    code = f"import sys; {python}; from indoor_voice.cli import main; sys.exit(main(sys.argv[1:]))"
    return subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-c", code, "speech", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=os.environ | {"HF_ENDPOINT": "http://127.0.0.1:9"},
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--model", "huge"], "There is no model huge"),
        (["--voice", "nobody"], "There is no voice nobody"),
        (["--speaker", "bob"], "has no speaker bob"),
        (["--model", "tiny.en", "--language", "de", "--voice", "en_US-joe-medium"], "--language"),
        (["--compute-type", "int3"], "Cannot load the model tiny.en"),
        (["--port", "1", "--host", "192.0.2.1"], "--port"),
        (["--insecure-wyoming"], "--insecure-wyoming-on-my-network"),
    ],
)
def test_what_it_cannot_do_it_says_in_a_line(
    tmp_path: Path, arguments: list[str], message: str
) -> None:
    result = run("--state-dir", str(tmp_path), *arguments)
    assert result.returncode == 1
    assert message in result.stderr
    assert result.stderr.startswith("indoor-voice: ")
    assert len(result.stderr.splitlines()) == 1


async def test_it_needs_no_more_memory_than_the_documents_say(
    tmp_path: Path, connect: Connect
) -> None:
    async with started(tmp_path, "--insecure-wyoming") as process:
        assert process.stdout is not None
        async with asyncio.timeout(60):
            await process.stdout.readline()
            ready = (await process.stdout.readline()).decode()
        (port,) = re.findall(r"port (\d+)", ready)
        async with connect(int(port)) as client:
            await client.send(Synthesize("The washing machine in the cellar is done."))
            await client.receive("audio-stop", seconds=60)
        assert memory_bytes(process.pid, "VmHWM") < needed_memory_bytes("speech server")


def test_without_its_packages_it_says_what_to_install() -> None:
    result = run(python="sys.modules['faster_whisper'] = None")
    assert result.returncode == 1
    # The test environment has the extras `offline` and `sherpa`, which include `speech`.
    assert re.search(r"Install it with: .*'indoor-voice\[[\w,]*offline,sherpa\]", result.stderr)
    assert len(result.stderr.splitlines()) == 1


def test_a_multilingual_house_is_asked_for_its_language(recogniser: Whisper) -> None:
    assert recogniser.language_code("en_US") == "en"
    assert recogniser.language_code(None) is None
