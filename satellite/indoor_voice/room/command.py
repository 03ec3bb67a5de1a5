"""The `indoor-voice satellite` command."""

import argparse
import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Final

from indoor_voice.configuration import add_config_option
from indoor_voice.options import add_link_options, add_state_options

from .adjustments import (
    CUE_VOLUME,
    DEFAULT_LED_BRIGHTNESS,
    LED_BRIGHTNESS,
    MICROPHONE_GAIN_DB,
    VOLUME,
    Bounds,
    NoiseSuppression,
)
from .controls.boards import BOARDS, Strip, parse_strip
from .state_dir import DEFAULT_STATE_DIR, forget_everything

DEFAULT_PORT: Final = 10700
DEFAULT_WAKE_WORD: Final = "hey_jarvis"
DEFAULT_NAME: Final = "Satellite"
"""Home Assistant puts the area in front of it, in entity IDs too."""
ECHO_CANCELLING: Final = ("auto", "on", "off")
STOP_WORD: Final = ("off", "on")
SENDSPIN: Final = ("off", "auto")
"""Or an address."""
_LOGGER = logging.getLogger(__name__)


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand and its options."""
    parser = subparsers.add_parser(
        "satellite",
        help="run a satellite that listens for the wake word in this room",
        description="Listen for the wake word in this room, and send turns to Home Assistant.",
    )
    parser.set_defaults(run=run)
    parser.add_argument(
        "--name",
        default=DEFAULT_NAME,
        help="name in Home Assistant, which shows the area as well (default: %(default)s)",
    )
    parser.add_argument("--area", help="name of the area in Home Assistant")
    sound = parser.add_argument_group("sound")
    sound.add_argument(
        "--microphone",
        metavar="DEVICE",
        help="index or part of a name; default: the system default",
    )
    sound.add_argument(
        "--loudspeaker",
        metavar="DEVICE",
        help="index or part of a name; default: the system default",
    )
    sound.add_argument("--list-devices", action="store_true", help="list the devices and exit")
    _add_adjustments(sound)
    sound.add_argument(
        "--no-cues",
        action="store_true",
        help="play no short sounds, except for failures, for muting, and when the microphone "
        "opens without a wake word",
    )
    sound.add_argument(
        "--echo-cancelling",
        choices=ECHO_CANCELLING,
        default=ECHO_CANCELLING[0],
        help="whether to remove from the microphone's sound what the satellite itself plays; auto "
        "does so if libspeexdsp is installed; Home Assistant can change it later "
        "(default: %(default)s)",
    )
    wake = parser.add_argument_group("wake word")
    wake.add_argument(
        "--wake-word",
        action="append",
        metavar="NAME|FILE",
        help="a name from --list-wake-words, or a model of openWakeWord (.onnx) or of "
        "microWakeWord (.json); may be repeated; Home Assistant can choose among them later "
        f"(default: {DEFAULT_WAKE_WORD})",
    )
    wake.add_argument("--list-wake-words", action="store_true", help="list the names and exit")
    wake.add_argument(
        "--wake-sensitivity",
        action="append",
        metavar="NAME=LEVEL",
        help="how readily it wakes for a wake word: slight, default, strong, or a number from 0 to "
        "1; may be repeated; Home Assistant can change it later",
    )
    wake.add_argument(
        "--stop-word",
        choices=STOP_WORD,
        default=STOP_WORD[0],
        help='whether "stop" alone ends an answer, an announcement or ringing while it sounds '
        "(default: %(default)s)",
    )
    parser.add_argument_group("music").add_argument(
        "--sendspin",
        default=SENDSPIN[0],
        type=_sendspin,
        metavar="off|auto|ADDRESS",
        help="play in sync with other loudspeakers, from the Sendspin server, such as Music "
        "Assistant, that announces itself or is at this address; needs the extra music and "
        "Python 3.12 or newer (default: %(default)s)",
    )
    _add_controls(parser)
    add_link_options(parser, DEFAULT_PORT)
    add_state_options(parser, DEFAULT_STATE_DIR)
    parser.add_argument("--verbose", action="store_true", help="log debug messages")
    add_config_option(parser, "satellite")


def _add_adjustments(sound: "argparse._ArgumentGroup") -> None:
    """Add the options that give settings their first values, which Home Assistant can change."""
    sound.add_argument(
        "--volume",
        type=_number(VOLUME),
        metavar="0.1..1",
        help="volume of everything that it plays (default: 1)",
    )
    sound.add_argument(
        "--cue-volume",
        type=_number(CUE_VOLUME),
        metavar="0..1",
        help="volume of the short sounds (default: 0.2)",
    )
    sound.add_argument(
        "--microphone-gain",
        dest="microphone_gain_db",
        type=_number(MICROPHONE_GAIN_DB),
        metavar="DB",
        help="how much louder to make what the microphone hears, -20 to 30 dB (default: 0)",
    )
    sound.add_argument(
        "--noise-suppression",
        choices=[str(level) for level in NoiseSuppression],
        help="how much noise to remove from the sound that is sent; needs the extra noise "
        "(default: off)",
    )


def _add_controls(parser: argparse.ArgumentParser) -> None:
    controls = parser.add_argument_group("LEDs, lit while sound is sent, and buttons")
    controls.add_argument(
        "--board", choices=BOARDS, help="a board whose LEDs and button are to be used"
    )
    controls.add_argument(
        "--led-strip",
        type=_strip,
        metavar="CHIP:COUNT[:BUS]",
        help="other LEDs on an SPI bus, such as apa102:12 or ws2812:8:1.0",
    )
    controls.add_argument(
        "--led-brightness",
        type=_number(LED_BRIGHTNESS),
        metavar="0.05..1",
        help="how bright the LEDs of a board or strip are; Home Assistant can change it later "
        f"(default: {DEFAULT_LED_BRIGHTNESS})",
    )
    controls.add_argument(
        "--led-pin", type=int, metavar="PIN", help="one LED on a pin (Broadcom number)"
    )
    controls.add_argument(
        "--button-pin", type=int, metavar="PIN", help="button to pair, speak and stop"
    )
    controls.add_argument("--mute-pin", type=int, metavar="PIN", help="button to mute and unmute")


def run(arguments: argparse.Namespace) -> None:
    """Run the satellite until it is stopped; raises `UserError`."""
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
    from .daemon import serve  # noqa: PLC0415 - heavy, like those below

    arguments.wake_word = arguments.wake_word or [DEFAULT_WAKE_WORD]
    while asyncio.run(serve(arguments)):
        forget_everything(arguments.state_dir)
        _LOGGER.info("Deleted the pairing, keys, ID and settings; starting over")


def _reset(state_dir: Path) -> None:
    from .controls.socket import NotRunningError, ask  # noqa: PLC0415

    try:
        ask(state_dir, "reset")
        result = (
            "The running satellite is deleting its pairing, keys, ID and settings. "
            "It will say its new pairing code."
        )
    except NotRunningError:
        forget_everything(state_dir)
        result = f"Deleted the pairing, keys, ID and settings in {state_dir}."
    print(f"{result} Then add it to Home Assistant again.")  # noqa: T201 - command output


def _list_devices() -> None:
    from .sound.devices import Direction, list_devices  # noqa: PLC0415 - heavy

    for direction in Direction:
        print(f"For --{direction.noun}:")  # noqa: T201 - command output
        for device in list_devices(direction):
            print(f"  {device.index}: {device.name}")  # noqa: T201


def _list_wake_words(requested: list[str]) -> None:
    from .sound.wake_models import find_models  # noqa: PLC0415

    known, _ = find_models(requested)
    for model in known.values():
        print(f'{model.name}: "{model.phrase}"')  # noqa: T201 - command output


def _sendspin(text: str) -> str:
    if text in SENDSPIN:
        return text
    from .music.sendspin.address import server_url  # noqa: PLC0415 - heavy

    try:
        return server_url(text)
    except ValueError as err:
        raise argparse.ArgumentTypeError(
            f"{text!r} is neither off nor auto nor an address such as 192.168.1.20 or "
            "music.local:8927"
        ) from err


def _number(bounds: Bounds) -> Callable[[str], float]:
    def number(text: str) -> float:
        try:
            return bounds.checked(float(text))
        except ValueError as err:
            raise argparse.ArgumentTypeError(f"{text!r} {err}") from err

    return number


def _strip(text: str) -> Strip:
    try:
        return parse_strip(text)
    except ValueError as err:
        raise argparse.ArgumentTypeError(str(err)) from err
