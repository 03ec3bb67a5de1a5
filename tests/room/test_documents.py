"""Checks the documents against the command, the satellite, the speech server and the link."""

import argparse
import itertools
import re
import shlex
import tomllib
from typing import Any, Final

import pytest
from wyoming.asr import VadSensitivity as Vad

from indoor_voice import cli, options, throttled_log
from indoor_voice.link.pairing import responder
from indoor_voice.link.pairing import window as windows
from indoor_voice.link.server import admission, connection, entrance, server, unpaired
from indoor_voice.room import adjustments, ringing, storage
from indoor_voice.room import command as satellite
from indoor_voice.room.controls.boards import BOARDS, MAX_LEDS
from indoor_voice.room.sound import cues, pre_roll, wake_models
from indoor_voice.room.turn import machine
from indoor_voice.room.wire import controller as room_controller
from indoor_voice.speech import command as speech
from indoor_voice.speech import messages, worker
from indoor_voice.speech import server as speech_server
from indoor_voice.speech.disguise import request as disguise
from indoor_voice.speech.recognition import request as recognition
from indoor_voice.speech.recognition.sherpa_models import SHERPA_MODELS
from indoor_voice.speech.recognition.silences import SILENCES
from indoor_voice.speech.synthesis import request as synthesis
from tests.documents import DOCUMENTS, ROOT, Document, doc, named

PROJECT: Final = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
UNDOCUMENTED_OPTIONS: Final = {"--help"}


def arguments_of(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    return parser._actions  # noqa: SLF001 - argparse has no public list of them


def subcommands() -> dict[str, argparse.ArgumentParser]:
    parser = cli.make_parser()
    (choices,) = (it.choices for it in arguments_of(parser) if isinstance(it.choices, dict))
    return choices


def options_of(command: str) -> dict[str, argparse.Action]:
    return {
        option: action
        for action in arguments_of(subcommands()[command])
        for option in action.option_strings
        if option.startswith("--") and option not in UNDOCUMENTED_OPTIONS
    }


@pytest.mark.parametrize(
    ("command", "heading"), [("satellite", "A satellite"), ("speech", "The speech server")]
)
def test_every_option_is_documented_with_its_default(command: str, heading: str) -> None:
    known = options_of(command)
    documented = {
        named(option)[0]: default for option, default, _ in doc("install.md").table(heading)
    }
    assert documented.keys() == known.keys()
    defaults: dict[str, Any] = {
        "--led-brightness": adjustments.DEFAULT_LED_BRIGHTNESS,
        "--cue-volume": cues.DEFAULT_VOLUME,
        "--volume": "1",
        "--microphone-gain": "0",
        "--noise-suppression": "off",
        "--wake-word": satellite.DEFAULT_WAKE_WORD,
    }
    for option, described in documented.items():
        default = defaults.get(option, known[option].default)
        if re.fullmatch(r"[0-9.]+|`[^`]+`", described):
            assert described.strip("`") == str(default), option
        elif not described:
            assert default in (None, False), option
        else:  # described in words: depends on the machine, the user or the language
            assert not isinstance(default, int | float) or option == "--threads", option
        if isinstance(default, int | float) and default is not False:
            assert described == str(default), option


def commands_in(document: Document) -> list[str]:
    fences = re.findall(r"^ *```sh\n(.*?)^ *```$", document.text, re.DOTALL | re.MULTILINE)
    lines = [line for fence in fences for line in fence.splitlines()]
    commands = [line for line in (*lines, *document.code()) if line.startswith("indoor-voice ")]
    # Names of formats, such as "indoor-voice clip 1", look like commands.
    return [line for line in commands if not re.search(r" \d(\\0)?$", line)]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.stem)
def test_every_command_in_a_document_exists(document: Any) -> None:
    for line in commands_in(Document(document)):
        _, name, *words = shlex.split(line, comments=True)
        if name == "--version":
            continue
        assert name in subcommands(), line
        for word in words:
            if word.startswith("--"):
                assert word.partition("=")[0] in options_of(name), line


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.stem)
def test_every_extra_and_variable_in_a_document_exists(document: Any) -> None:
    text = Document(document).text
    for extras in re.findall(r"(?:indoor-voice|\.)\[([\w,]+)\]", text):
        assert set(extras.split(",")) <= set(PROJECT["optional-dependencies"])
    assert set(re.findall(r"\bINDOOR_VOICE_PAIR\w+", text)) <= {options.CODE_VARIABLE}


def test_every_extra_has_an_installation_command() -> None:
    commands = " ".join(command for _, command in doc("install.md").table("The command"))
    for extra in PROJECT["optional-dependencies"]:
        assert re.search(rf"\[[\w,]*{extra}[\w,]*\]", commands), extra


def test_the_models_are_those_that_are_offered() -> None:
    options = {named(row[0])[0]: row[2] for row in doc("install.md").table("The speech server")}
    assert set(SHERPA_MODELS) <= set(named(options["--model"]))
    assert set(speech.ENGINES) <= set(named(options["--engine"]))
    choosing = doc("choosing-models.md").section("sherpa-onnx")
    assert all(f"`{model}`" in choosing for model in SHERPA_MODELS)


def test_the_buttons_are_those_of_the_command() -> None:
    (action,) = (it for it in arguments_of(subcommands()["button"]) if it.choices)
    assert action.choices is not None
    text = doc("install.md").section("Buttons and a lamp")
    for name in action.choices:
        assert f"`indoor-voice button {name}`" in text


def test_the_boards_are_those_that_are_known() -> None:
    table = doc("install.md").table("Buttons and a lamp")
    assert [named(name)[0] for name, _, _ in table] == list(BOARDS)
    for (_, _, used), board in zip(table, BOARDS.values(), strict=True):
        pins = [pin for pin in (board.button_pin, board.power_pin) if pin is not None]
        assert re.findall(r"\d+", used) == [str(it) for it in (board.strip.count, *pins)]
    assert f"how many, up to {MAX_LEDS}" in doc("install.md").line


def test_the_pythons_are_those_that_are_tested() -> None:
    minimum = PROJECT["requires-python"].removeprefix(">=")
    classified = [it.rpartition(" ")[2] for it in PROJECT["classifiers"] if ":: 3." in it]
    assert classified == ["3.11", "3.12", "3.13", "3.14"]
    assert classified[0] == minimum
    action = (ROOT / ".github/actions/machine/action.yml").read_text()
    tested = re.findall(r"^ +(3\.\d+)$", action, re.MULTILINE)
    untested = sorted(set(classified) - set(tested))
    text = doc("install.md").line
    assert f"**Python** {minimum} or newer" in text
    assert f"is tested with {' and '.join(tested)};" in text
    assert f"{' and '.join(untested)} install the same packages, but are not tested" in text


def test_the_wake_words_are_those_that_are_built_in() -> None:
    names = ", ".join(name.replace("_", " ") for name in wake_models.BUILT_IN)
    assert f"built in: {names}." in doc("install.md").line
    models = wake_models.built_in_models().values()
    for kind in ("open", "micro"):
        phrases = ", ".join(model.phrase for model in models if getattr(model, kind) is not None)
        assert f"models: {phrases} |" in doc("licences.md").line


def minutes(seconds: float) -> str:
    words = {3: "three", 5: "five"}
    return f"{words[round(seconds / 60)]} minutes"


QUOTES: Final = {
    "use.md": (
        f"after {machine.MAX_STREAM_SECONDS:.0f} s in any case",
        (
            f"with our speech server {SILENCES[Vad.DEFAULT].complete} s after a command that Home "
            "Assistant understands and that sounds finished, and "
            f"{SILENCES[Vad.DEFAULT].open} s after what it doesn't understand; "
            f"*Relaxed* {SILENCES[Vad.RELAXED].complete} s and {SILENCES[Vad.RELAXED].open} s, "
            f"*Aggressive* {SILENCES[Vad.AGGRESSIVE].complete} s and "
            f"{SILENCES[Vad.AGGRESSIVE].open} s"
        ),
        f"checks every {storage.LOOK_SECONDS:.0f} s",
        f"commands after {machine.MAX_STREAM_SECONDS:.0f} s",
    ),
    "install.md": (
        (
            f"TCP port {satellite.DEFAULT_PORT} and to the speech server's TCP port "
            f"{speech.DEFAULT_PORT}"
        ),
        f"{satellite.DEFAULT_PORT} for a satellite and {speech.DEFAULT_PORT} for a speech server",
        (
            f"none for {responder.FIRST_PAUSE_SECONDS:.0f} s, then for 1 minute, and so on up to "
            "an hour"
        ),
        f"for {minutes(windows.WINDOW_SECONDS)} only the new code works",
        "After five such windows",
        "After three wrong codes",
    ),
    "promises.md": (
        f"the last {pre_roll.PRE_ROLL_SECONDS} s wait in RAM",
        f"within {machine.MAX_STREAM_SECONDS:.0f} s",
    ),
    "threat-model.md": (
        (
            f"at most {machine.MAX_STREAM_SECONDS:.0f} s of microphone at a time, at most "
            f"{machine.MAX_QUEUED_SECONDS:.0f} s and {machine.MAX_QUEUED_BYTES // 2**20} "
            "MiB of sound"
        ),
    ),
    "architecture.md": (f"| {pre_roll.PRE_ROLL_SECONDS} s, in RAM |",),
    "link.md": (
        (
            f"{admission.STRANGERS} from all addresses together, "
            f"{admission.STRANGERS_OF_ONE_ADDRESS} from one"
        ),
        f"the oldest that has had {admission.YOUNG_SECONDS} s",
        f"| TLS handshake | {server.HANDSHAKE_SECONDS:.0f} s;",
        (
            f"{unpaired.CONNECTION_SECONDS:.0f} s; {unpaired.SILENT_SECONDS:.0f} s of silence; "
            f"header and data of {connection.STRANGER_BYTES // 1024} KiB each"
        ),
        (
            f"| authenticated connections | {admission.AUTHENTICATED}, at a speech server "
            f"{speech_server.CONNECTIONS};"
        ),
        f"gives way, after {admission.SILENT_SECONDS:.0f} s",
        (
            f"| header, data, payload | {connection.HEADER_BYTES // 1024} KiB, "
            f"{connection.DATA_BYTES // 1024} KiB, {connection.PAYLOAD_BYTES // 1024} KiB |"
        ),
        (
            f"{connection.EVENTS_PER_SECOND:.0f} a second on average, "
            f"{connection.EVENTS_AT_ONCE:,.0f} at once"
        ),
        (
            f"says nothing for {room_controller.SILENT_SECONDS:.0f} s; a speech server one that "
            f"asks for nothing for {recognition.IDLE_SECONDS:.0f} s"
        ),
        f"at most {entrance.WAIT_SECONDS:.0f} s: up to {entrance.SILENT} that",
        f"attempts have turns, one every {windows.TURN_SECONDS:.0f} s",
        f"An answered attempt lasts at most {responder.ATTEMPT_SECONDS:.0f} s",
    ),
    "wire.md": (
        (
            f"{machine.MAX_QUEUED_SECONDS:.0f} s or {machine.MAX_QUEUED_BYTES // 2**20} MiB of "
            f"queued sound, or {machine.SILENT_SECONDS:.0f} s without any"
        ),
        (
            f"A text has at most {synthesis.MAX_TEXT_CHARACTERS:,} characters and is spoken for at "
            f"most {synthesis.MAX_SOUND_SECONDS / 60:.0f} minutes"
        ),
        f"within {synthesis.REQUEST_SECONDS / 60:.0f} minutes",
        f"A recording lasts at most {disguise.MAX_SOUND_SECONDS:.0f} s",
        (
            f"did not end within {recognition.LISTEN_SECONDS:.0f} s, or the answer was not ready "
            f"{disguise.DISGUISE_SECONDS:.0f} s later"
        ),
        f"more than {worker.MAX_WAIT_SECONDS:.0f} s",
        f"or after {speech_server.LINGER_SECONDS:.0f} s",
        f"It serves {speech_server.CONNECTIONS} connections",
        f"at most {messages.MAX_NAME_CHARACTERS} characters",
    ),
    "for-the-people-at-home.md": (
        f"After {machine.MAX_STREAM_SECONDS:.0f} seconds it stops listening",
    ),
}
"""Sentences in documents that contain numbers from the code, and so must change with it."""


@pytest.mark.parametrize(
    ("name", "sentence"), [(name, it) for name, quotes in QUOTES.items() for it in quotes]
)
def test_numbers_in_documents_match_the_code(name: str, sentence: str) -> None:
    assert sentence in doc(name).line


def test_counts_in_words_match_the_code() -> None:
    assert (responder.TRIES, responder.WINDOWS, speech_server.PLACES) == (3, 5, 8)
    assert responder.LONGEST_PAUSE_SECONDS == 3600
    assert unpaired.ANSWER_SECONDS == 0.5, "link.md: half a second"
    assert throttled_log.EVERY_SECONDS == 60, "link.md: one a minute"


def test_the_short_sounds_are_those_that_are_played() -> None:
    """The steps between the notes of each sound match the table."""
    steps = {
        "two rising notes": [1],
        "two higher notes": [1],
        "one low note": [],
        "three falling notes": [-1, -1],
        "two equal notes and a lower one": [0, -1],
        "two equal notes and a higher one": [0, 1],
        "four notes, up and down, every two seconds": [1, -1, 1],
        "two soft and equal notes, repeated": [0],
    }
    documented = [name for name, _ in doc("install.md").table("A satellite", 1)]
    assert documented == list(steps)
    played = [
        [(later > earlier) - (later < earlier) for earlier, later in itertools.pairwise(tones)]
        for tones in ([note[0] for note in notes] for notes in cues.NOTES.values())
    ]
    assert sorted(played) == sorted(steps.values())
    assert ringing.PULSE_SECONDS == 2, "every two seconds"


def test_a_press_of_the_button_gives_another_code_and_then_the_same() -> None:
    device = responder.Responder(bytes(32), responder.Guesses(), 0, "492173")
    before = device.code
    device.open_window(0)
    pressed = device.code
    assert pressed != before
    device.open_window(windows.WINDOW_SECONDS - 1)
    assert device.code == pressed
    text = doc("use.md").section("The button and mute")
    assert "speaks a new [pairing code]" in text
    assert "within three minutes" in text
