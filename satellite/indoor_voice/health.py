"""The `indoor-voice health` command: says whether a device works, for containers."""

import argparse
import sys
from pathlib import Path

from .errors import UserError
from .room.state_dir import DEFAULT_STATE_DIR as SATELLITE_STATE_DIR
from .speech.command import DEFAULT_STATE_DIR as SPEECH_STATE_DIR


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand and its options."""
    parser = subparsers.add_parser(
        "health",
        help="say whether a satellite or speech server answers",
        description="Ask the satellite or speech server running on this machine for a sign of "
        "life. The exit status is 0 if it answers. Containers use this as their health check.",
    )
    parser.set_defaults(run=run)
    parser.add_argument("device", choices=("satellite", "speech"), help="what to ask")
    parser.add_argument("--state-dir", type=Path, help="its state directory, if not the default")


def run(arguments: argparse.Namespace) -> None:
    """Ask the device; raises `UserError` if it does not answer."""
    if arguments.device == "satellite":
        _check_satellite(arguments.state_dir or SATELLITE_STATE_DIR)
    else:
        from .speech.alive import check_alive  # noqa: PLC0415 - heavy

        check_alive(arguments.state_dir or SPEECH_STATE_DIR)
    sys.stdout.write(f"The {arguments.device} answers.\n")


def _check_satellite(state_dir: Path) -> None:
    from .room.controls.socket import NotRunningError, ask  # noqa: PLC0415 - heavy

    try:
        ask(state_dir, "status")
    except NotRunningError as err:
        raise UserError(f"No satellite is running with its state in {state_dir}.") from err
