"""The command `indoor-voice pair`: a code that counts at once, whoever guessed before."""

import argparse
from pathlib import Path

from .room.state_dir import DEFAULT_STATE_DIR as SATELLITE_STATE_DIR
from .speech.command import DEFAULT_STATE_DIR as SPEECH_STATE_DIR


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command and its options."""
    parser = subparsers.add_parser(
        "pair",
        help="get a pairing code that counts at once",
        description="Get a new pairing code from the satellite, or the speech server, that runs on "
        "this machine. For three minutes it is the only one that counts, and no pause holds.",
    )
    parser.set_defaults(run=run)
    parser.add_argument(
        "device",
        nargs="?",
        choices=("satellite", "speech"),
        default="satellite",
        help="what to pair (default: %(default)s)",
    )
    parser.add_argument("--state-dir", type=Path, help="where it keeps its state, if not as usual")


def run(arguments: argparse.Namespace) -> None:
    """Print the code; raises `UserError`."""
    from .link.pairing.code_socket import ask_for_code  # noqa: PLC0415 - heavy
    from .link.pairing.responder import spaced  # noqa: PLC0415

    usual = SATELLITE_STATE_DIR if arguments.device == "satellite" else SPEECH_STATE_DIR
    code = ask_for_code(arguments.state_dir or usual)
    print(f"Pairing code: {spaced(code)}")  # noqa: T201 - what was asked for
