"""Tests that models are found, and downloaded once, using a local stand-in for Hugging Face."""

import hashlib
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from indoor_voice.errors import UserError
from indoor_voice.speech.models import find_model, find_voice

COMMIT = "c" * 40
VOICE = "de/de_DE/thorsten/medium/de_DE-thorsten-medium.onnx"
REPOSITORIES: dict[str, dict[str, bytes]] = {
    "Systran/faster-whisper-base": {
        "model.bin": b"weights" * 1000,
        "config.json": b"{}",
        "tokenizer.json": b"{ }",
        "vocabulary.txt": b"a\nb\n",
        "README.md": b"not needed",
    },
    "csukuangfj/sherpa-onnx-nemo-parakeet-tdt-0.6b-v3-int8": {
        "encoder.int8.onnx": b"encoder" * 1000,
        "decoder.int8.onnx": b"decoder",
        "joiner.int8.onnx": b"joiner",
        "tokens.txt": b"a 0\n",
        "test_wavs/0.wav": b"not needed",
    },
    "csukuangfj2/sherpa-onnx-moonshine-tiny-en-quantized-2026-02-27": {"tokens.txt": b"a 0\n"},
    "somebody/no-model": {"README.md": b"nothing here", "config.json": b"{}"},
    "rhasspy/piper-voices": {
        VOICE: b"voice" * 1000,
        f"{VOICE}.json": b"{}",
        "voices.json": json.dumps({"en_US-joe-medium": {}, "de_DE-thorsten-medium": {}}).encode(),
    },
}


class Hub(ThreadingHTTPServer):
    """The part of Hugging Face's API that downloads need."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), HubHandler)
        self.damaged = False
        self.downloads: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class HubHandler(BaseHTTPRequestHandler):
    server: Hub

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path = self.path.partition("?")[0].lstrip("/")
        for name, files in REPOSITORIES.items():
            if path.startswith(f"api/models/{name}/revision/"):
                siblings = [{"rfilename": file} for file in files]
                self._json({"id": name, "sha": COMMIT, "siblings": siblings})
                return
            if path.startswith(f"api/models/{name}/tree/"):
                self._json([self._entry(file, content) for file, content in files.items()])
                return
            if path.startswith(f"{name}/resolve/"):
                file = path.removeprefix(f"{name}/resolve/").partition("/")[2]
                if file in files:
                    self._file(file, files[file])
                    return
        self.send_response(404)
        self.send_header("X-Error-Code", "RepoNotFound")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _entry(self, file: str, content: bytes) -> dict[str, Any]:
        entry = {
            "type": "file",
            "path": file,
            "size": len(content),
            "oid": hashlib.sha1(content, usedforsecurity=False).hexdigest(),
        }
        if file.endswith((".bin", ".onnx")):
            checksum = hashlib.sha256(content).hexdigest()
            entry["lfs"] = {"oid": checksum, "size": len(content), "pointerSize": 130}
        return entry

    def _json(self, value: object) -> None:
        content = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content)

    def _file(self, file: str, content: bytes) -> None:
        is_large = file.endswith((".bin", ".onnx"))
        digest = hashlib.sha256 if is_large else hashlib.sha1
        self.send_response(200)
        self.send_header("ETag", f'"{digest(content).hexdigest()}"')
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command == "GET":
            self.server.downloads.append(file)
            if self.server.damaged and is_large:
                content = content[:-1] + b"?"
            self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Hub() as hub:
        threading.Thread(target=hub.serve_forever, daemon=True).start()
        yield hub
        hub.shutdown()


FIND = """
import sys
from pathlib import Path
from indoor_voice.errors import UserError
from indoor_voice.speech.models import find_model, find_voice, list_voices
from indoor_voice.speech.recognition.sherpa_models import find_sherpa_model
try:
    print({call})
except UserError as err:
    sys.exit(str(err))
"""


def find(call: str, url: str) -> "subprocess.CompletedProcess[str]":
    """Call a function in a separate process, because the hub's address is read at import."""
    return subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-c", FIND.format(call=call)],
        env={"HF_ENDPOINT": url, "HF_HUB_DISABLE_XET": "1", "HOME": "/nonexistent"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_model_is_downloaded_once(hub: Hub, tmp_path: Path) -> None:
    call = f"find_model('base', 'auto', Path({str(tmp_path)!r})).folder"
    first = find(call, hub.url)
    assert first.returncode == 0, first.stderr
    folder = Path(first.stdout.strip())
    assert (folder / "model.bin").read_bytes() == b"weights" * 1000
    # It showed progress, and downloaded only what is needed.
    assert "%" in first.stderr
    assert sorted(hub.downloads) == ["config.json", "model.bin", "tokenizer.json", "vocabulary.txt"]
    # Without a network, the downloaded model is used.
    again = find(call, "http://127.0.0.1:9")
    assert again.stdout == first.stdout, again.stderr


def test_a_model_for_sherpa_is_downloaded_once(hub: Hub, tmp_path: Path) -> None:
    call = f"find_sherpa_model(None, 'de', Path({str(tmp_path)!r})).folder"
    first = find(call, hub.url)
    assert first.returncode == 0, first.stderr
    folder = Path(first.stdout.strip())
    assert (folder / "encoder.int8.onnx").read_bytes() == b"encoder" * 1000
    assert "%" in first.stderr
    assert sorted(hub.downloads) == [
        "decoder.int8.onnx",
        "encoder.int8.onnx",
        "joiner.int8.onnx",
        "tokens.txt",
    ]
    again = find(call, "http://127.0.0.1:9")
    assert again.stdout == first.stdout, again.stderr


def test_a_damaged_model_for_sherpa_is_not_used(hub: Hub, tmp_path: Path) -> None:
    call = f"find_sherpa_model('parakeet-v3', 'auto', Path({str(tmp_path)!r})).languages"
    hub.damaged = True
    result = find(call, hub.url)
    assert result.returncode == 1
    assert "damaged" in result.stderr.splitlines()[-1]
    hub.damaged = False
    result = find(call, hub.url)
    assert "'de'" in result.stdout


def test_a_voice_is_downloaded_once(hub: Hub, tmp_path: Path) -> None:
    call = f"find_voice(None, 'de', Path({str(tmp_path)!r})).model"
    first = find(call, hub.url)
    assert first.returncode == 0, first.stderr
    assert Path(first.stdout.strip()).read_bytes() == b"voice" * 1000
    again = find(call, "http://127.0.0.1:9")
    assert again.stdout == first.stdout, again.stderr


def test_voices_are_listed(hub: Hub, tmp_path: Path) -> None:
    result = find(f"list_voices(Path({str(tmp_path)!r}))", hub.url)
    assert "de_DE-thorsten-medium" in result.stdout, result.stderr


def test_a_damaged_download_is_not_used(hub: Hub, tmp_path: Path) -> None:
    call = f"find_model('base', 'auto', Path({str(tmp_path)!r})).folder"
    hub.damaged = True
    result = find(call, hub.url)
    assert result.returncode == 1
    assert "damaged" in result.stderr.splitlines()[-1]
    hub.damaged = False
    result = find(call, hub.url)
    assert (Path(result.stdout.strip()) / "model.bin").read_bytes() == b"weights" * 1000


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("find_model('nobody/nothing', 'auto', folder)", "There is no model nobody/nothing"),
        ("find_model('somebody/no-model', 'auto', folder)", "has no model.bin"),
        ("find_voice('de_DE-nobody-medium', 'de', folder)", "--list-voices"),
        ("find_sherpa_model('nobody/nothing', 'en', folder)", "There is no model nobody/nothing"),
        ("find_sherpa_model('somebody/no-model', 'en', folder)", "needs encoder_model.ort"),
        ("find_sherpa_model('moonshine-tiny', 'en', folder)", "no longer has the files"),
    ],
)
def test_what_the_hub_does_not_have(hub: Hub, tmp_path: Path, call: str, message: str) -> None:
    result = find(call.replace("folder", f"Path({str(tmp_path)!r})"), hub.url)
    assert result.returncode == 1
    assert message in result.stderr.splitlines()[-1]


def test_without_network(tmp_path: Path) -> None:
    result = find(f"find_model('base', 'auto', Path({str(tmp_path)!r}))", "http://127.0.0.1:9")
    assert result.returncode == 1
    assert "Is this machine connected to the internet?" in result.stderr.splitlines()[-1]


def test_names_that_nobody_has(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="Choose one of tiny"):
        find_model("huge", "auto", tmp_path)
    with pytest.raises(UserError, match="--list-voices"):
        find_voice("nobody", "en", tmp_path)
    with pytest.raises(UserError, match="--voice"):
        find_voice(None, "xx", tmp_path)


def test_folders_and_files(tmp_path: Path) -> None:
    folder = tmp_path / "my-model"
    folder.mkdir()
    with pytest.raises(UserError, match=r"model\.bin"):
        find_model(str(folder), "auto", tmp_path)
    (folder / "model.bin").touch()
    assert find_model(str(folder), "auto", tmp_path).name == "my-model"
    voice = tmp_path / "my-voice.onnx"
    voice.touch()
    with pytest.raises(UserError, match=r"my-voice\.onnx\.json"):
        find_voice(str(voice), "en", tmp_path)
    voice.with_name("my-voice.onnx.json").touch()
    assert find_voice(str(voice), "en", tmp_path).name == "my-voice"


def test_what_is_packaged_suits_english(tmp_path: Path) -> None:
    assert find_model(None, "auto", tmp_path).name == "tiny.en"
    assert find_model(None, "en", tmp_path).name == "tiny.en"
    assert find_voice(None, "en", tmp_path).name == "en_US-joe-medium"
