"""Tests for recognition with sherpa-onnx: real models over a real socket."""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from wyoming.info import Describe, Info

from indoor_voice.errors import UserError
from indoor_voice.speech.errors import RequestError
from indoor_voice.speech.recognition.sherpa import Sherpa
from indoor_voice.speech.recognition.sherpa_models import SherpaFiles, find_sherpa_model
from tests.moonshine import make_moonshine_tiny
from tests.speech.speaking import RATE, Audio, Client, Connect, Say, Serve, silence
from tests.speech.test_command import run, started
from tests.speech.test_recognition import COMMANDS, clicks, hiss, hum, words
from tests.speech.whistled import make_whistle_model

COMMAND = "Turn off the lights in the living room."


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> SherpaFiles:
    folder = make_moonshine_tiny(tmp_path_factory.mktemp("models") / "moonshine")
    return find_sherpa_model(str(folder), "en", Path("unused"))


@pytest.fixture(scope="session")
def sherpa(files: SherpaFiles) -> Sherpa:
    return Sherpa(files)


@pytest.fixture
async def client(serve: Serve, connect: Connect, sherpa: Sherpa) -> AsyncIterator[Client]:
    async with serve(recogniser=sherpa) as port, connect(port) as client:
        yield client


async def test_commands_are_understood(client: Client, say: Say) -> None:
    wrong = spoken = 0
    for command in COMMANDS:
        text = await client.transcribe(say(command, after_seconds=1.0))
        spoken += len(words(command))
        wrong += len(set(words(command)) ^ set(words(text)))
    assert wrong / spoken < 0.1


async def test_the_server_tells_which_engine_it_uses(client: Client) -> None:
    await client.send(Describe())
    (model,) = Info.from_event(await client.receive("info")).asr[0].models
    assert (model.name, model.languages) == ("moonshine", ["en"])
    assert model.attribution.name == "sherpa-onnx"
    assert model.version == "2.0.1"


async def test_the_wake_phrase_is_no_command(client: Client, say: Say) -> None:
    audio = say("Hey Jarvis!", COMMAND, gap_seconds=0.4, after_seconds=1.0)
    text = await client.transcribe(audio, context={"wake_word_phrase": "hey jarvis"})
    assert words(text) == words(COMMAND)


async def test_names_change_nothing(client: Client, say: Say) -> None:
    audio = say(COMMAND, after_seconds=1.0)
    text = await client.transcribe(audio, transcript_names=["Marvin's lamp"])
    assert words(text) == words(COMMAND)


async def test_what_is_said_in_a_quarter_of_a_minute_is_read_to_its_end(
    sherpa: Sherpa, say: Say
) -> None:
    sentences = [
        "Turn off all the lights in the living room and in the kitchen.",
        "Set the temperature in the bedroom to nineteen degrees.",
        "Then close the blinds in the office and in the guest room.",
        "Remind me tomorrow to water the plants on the balcony.",
    ]
    audio = say(*sentences, gap_seconds=0.4, after_seconds=0.3)
    assert 10 < len(audio) / RATE < 15
    text = await asyncio.to_thread(lambda: sherpa.recognise(audio).best)
    assert words(text)[:4] == ["turn", "off", "all", "the"]
    assert words(text)[-3:] == ["on", "the", "balcony"]
    assert 38 <= len(words(text)) <= 44


@pytest.mark.parametrize("sound", [lambda: np.zeros(6 * RATE, np.float32), clicks, hum, hiss])
async def test_what_is_not_speech_has_no_text(client: Client, sound: Any) -> None:
    await client.begin_speaking()
    await client.stream(sound())
    (event,) = await client.receive_until("transcript", "error")
    assert event.data["text"] == ""


def quiet() -> Audio:
    return silence(3)


@pytest.mark.parametrize("sound", [lambda: np.zeros(3 * RATE, np.float32), hum, quiet])
def test_the_recogniser_does_not_repeat_itself(sherpa: Sherpa, sound: Any) -> None:
    assert sherpa.recognise(sound()).best == ""


def test_very_short_sound_is_nothing(sherpa: Sherpa) -> None:
    for samples in (0, 1, 160, 1600):
        assert sherpa.recognise(silence(1)[:samples]).readings == ()


def test_the_language(sherpa: Sherpa, files: SherpaFiles) -> None:
    assert sherpa.language_code("en_GB") == "en"
    assert sherpa.language_code(None) is None
    with pytest.raises(RequestError, match="does not know the language de"):
        sherpa.language_code("de")
    with pytest.raises(UserError, match="--language"):
        Sherpa(files, language="de")


def copy(files: SherpaFiles, folder: Path) -> Path:
    return Path(shutil.copytree(files.folder, folder / "copy"))


@pytest.mark.parametrize("file", ["encoder_model.ort", "decoder_model_merged.ort"])
def test_a_cut_model_is_named(files: SherpaFiles, tmp_path: Path, file: str) -> None:
    path = copy(files, tmp_path) / file
    path.write_bytes(path.read_bytes()[:100_000])
    result = run(
        *("--engine", "sherpa-onnx", "--model", str(path.parent), "--language", "en"),
        *("--state-dir", str(tmp_path)),
    )
    assert result.returncode == 1
    assert "Cannot load the model copy" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_folder_without_a_model_is_named(files: SherpaFiles, tmp_path: Path) -> None:
    folder = copy(files, tmp_path)
    with pytest.raises(UserError, match="--language"):
        find_sherpa_model(str(folder), "auto", tmp_path)
    (folder / "tokens.txt").unlink()
    with pytest.raises(UserError, match=r"it needs encoder_model\.ort"):
        find_sherpa_model(str(folder), "en", tmp_path)
    with pytest.raises(UserError, match="Choose one of moonshine-tiny"):
        find_sherpa_model("base", "en", tmp_path)


def whistle(hertz: float, seconds: float) -> Audio:
    time_seconds = np.arange(round(seconds * RATE)) / RATE
    return (0.3 * np.sin(2 * np.pi * hertz * time_seconds)).astype(np.float32)


def test_a_transducer_is_read(tmp_path: Path) -> None:
    folder = make_whistle_model(tmp_path / "whistled")
    transducer = Sherpa(find_sherpa_model(str(folder), "xx", tmp_path), language="xx")
    sound = np.concatenate([silence(0.3), whistle(500, 0.4), whistle(3500, 0.4), silence(0.3)])
    heard = transducer.recognise(sound, "xx")
    assert heard.readings == ("low high",)
    assert transducer.read_again(heard, ["high low"]) == ()
    assert transducer.recognise(silence(2)).best == ""
    joiner = folder / "joiner.int8.onnx"
    joiner.write_bytes(joiner.read_bytes()[:-50])
    with pytest.raises(UserError, match="Cannot load the model whistled"):
        Sherpa(find_sherpa_model(str(folder), "xx", tmp_path))


async def test_the_command_serves_it(files: SherpaFiles, tmp_path: Path) -> None:
    arguments = ("--engine", "sherpa-onnx", "--model", str(files.folder), "--language", "en")
    async with started(tmp_path, "--insecure-wyoming", *arguments) as process:
        assert process.stdout is not None
        async with asyncio.timeout(60):
            assert (await process.stdout.readline()).startswith(b"Loading model moonshine ")
            ready = (await process.stdout.readline()).decode()
        assert ", model moonshine, voice en_US-joe-medium" in ready


def test_without_its_package_it_says_what_to_install() -> None:
    result = run("--engine", "sherpa-onnx", python="sys.modules['sherpa_onnx'] = None")
    assert result.returncode == 1
    assert re.search(r"needs the package sherpa_onnx\. .*indoor-voice\[.*sherpa", result.stderr)
    assert len(result.stderr.splitlines()) == 1
