"""The command `indoor-voice satellite`."""

import argparse
import asyncio
import logging
import socket
from pathlib import Path
from typing import Final

from indoor_voice.options import add_link_options, add_state_options

from .state_dir import DEFAULT_STATE_DIR, forget_everything

DEFAULT_PORT: Final = 10700
_DEFAULT_WAKE_WORD: Final = "hey_jarvis"
_LOGGER = logging.getLogger(__name__)


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command and its options."""
    parser = subparsers.add_parser(
        "satellite",
        help="listen for the wake word in this room",
        description="Listen for the wake word in this room and connect it to Home Assistant.",
    )
    parser.set_defaults(run=run)
    parser.add_argument("--name", default=socket.gethostname(), help="default: %(default)s")
    parser.add_argument("--area", help="the room, as Home Assistant names it")
    sound = parser.add_argument_group("sound")
    sound.add_argument(
        "--microphone", metavar="DEVICE", help="index or part of a name; default: the system's"
    )
    sound.add_argument(
        "--loudspeaker", metavar="DEVICE", help="index or part of a name; default: the system's"
    )
    sound.add_argument("--list-devices", action="store_true", help="show the devices and stop")
    sound.add_argument(
        "--cue-volume",
        type=_share,
        metavar="0..1",
        help="loudness of the short sounds (default: 0.2)",
    )
    sound.add_argument(
        "--no-cues",
        action="store_true",
        help="no short sounds, except when something went wrong, is muted, or the microphone "
        "opens without a wake word",
    )
    wake = parser.add_argument_group("wake word")
    wake.add_argument(
        "--wake-word",
        action="append",
        metavar="NAME|FILE",
        help="a name from --list-wake-words or an openWakeWord model (.onnx); may be repeated; "
        f"Home Assistant can choose among them later (default: {_DEFAULT_WAKE_WORD})",
    )
    wake.add_argument("--list-wake-words", action="store_true", help="show the names and stop")
    wake.add_argument(
        "--threshold",
        type=_share,
        metavar="0..1",
        help="how sure to be of a wake word; higher wakes less often (default: 0.5)",
    )
    pins = parser.add_argument_group("pins of a Raspberry Pi, by Broadcom's numbers")
    pins.add_argument("--button-pin", type=int, metavar="PIN", help="to pair, speak and stop")
    pins.add_argument("--mute-pin", type=int, metavar="PIN", help="to mute and unmute")
    pins.add_argument("--led-pin", type=int, metavar="PIN", help="lit while sound is sent")
    add_link_options(parser, DEFAULT_PORT)
    add_state_options(parser, DEFAULT_STATE_DIR)
    parser.add_argument("--verbose", action="store_true", help="say more of what happens")


def run(arguments: argparse.Namespace) -> None:
    """Run the satellite until it is told to stop; raises `UserError`."""
    logging.basicConfig(
        level=logging.DEBUG if arguments.verbose else logging.INFO,
        format="%(asctime)s %(levelname)s %(message)s",
    )
    if arguments.list_devices:
        _list_devices()
    elif arguments.list_wake_words:
        _list_wake_words(arguments.wake_word or [])
    elif arguments.reset:
        _reset(arguments.state_dir)
    else:
        _serve(arguments)


def _serve(arguments: argparse.Namespace) -> None:
    from .daemon import serve  # noqa: PLC0415 - heavy, as all here

    arguments.wake_word = arguments.wake_word or [_DEFAULT_WAKE_WORD]
    while asyncio.run(serve(arguments)):
        forget_everything(arguments.state_dir)
        _LOGGER.info("Forgot the pairing, the keys, the id and the settings; starting anew")


def _reset(state_dir: Path) -> None:
    from .controls.socket import NotRunningError, ask  # noqa: PLC0415

    try:
        ask(state_dir, "reset")
        done = (
            "The satellite that runs here forgets its pairing, keys, id and settings, "
            "and says its new pairing code."
        )
    except NotRunningError:
        forget_everything(state_dir)
        done = f"Forgot the pairing, the keys, the id and the settings in {state_dir}."
    print(f"{done} In Home Assistant, add it again.")  # noqa: T201 - what was asked for


def _list_devices() -> None:
    from .sound.devices import Direction, list_devices  # noqa: PLC0415 - heavy

    for kind in Direction:
        print(f"For --{kind.noun}:")  # noqa: T201 - what was asked for
        for device in list_devices(kind):
            print(f"  {device.index}: {device.name}")  # noqa: T201


def _list_wake_words(asked_for: list[str]) -> None:
    from .sound.wake_models import find_models  # noqa: PLC0415 - only when asked for

    known, _ = find_models(asked_for)
    for model in known.values():
        print(f'{model.name}: "{model.phrase}"')  # noqa: T201 - what was asked for


def _share(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 1")
    return value
