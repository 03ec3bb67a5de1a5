"""The `indoor-voice pair` command: gets a pairing code that works even while pairing is paused."""

import argparse
from pathlib import Path

from .room.state_dir import DEFAULT_STATE_DIR as SATELLITE_STATE_DIR
from .speech.command import DEFAULT_STATE_DIR as SPEECH_STATE_DIR


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand and its options."""
    parser = subparsers.add_parser(
        "pair",
        help="get a pairing code that works immediately",
        description="Get a new pairing code from the satellite or speech server running on this "
        "machine. For three minutes only this code works, even if wrong codes have paused pairing.",
    )
    parser.set_defaults(run=run)
    parser.add_argument(
        "device",
        nargs="?",
        choices=("satellite", "speech"),
        default="satellite",
        help="what to pair (default: %(default)s)",
    )
    parser.add_argument("--state-dir", type=Path, help="its state directory, if not the default")


def run(arguments: argparse.Namespace) -> None:
    """Print a new pairing code; raises `UserError`."""
    from .link.pairing.code_socket import ask_for_code  # noqa: PLC0415 - heavy
    from .link.pairing.responder import spaced  # noqa: PLC0415

    default = SATELLITE_STATE_DIR if arguments.device == "satellite" else SPEECH_STATE_DIR
    code = ask_for_code(arguments.state_dir or default)
    print(f"Pairing code: {spaced(code)}")  # noqa: T201 - command output
