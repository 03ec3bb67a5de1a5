"""Command line options shared by the satellite and the speech server."""

import argparse
import ipaddress
import os
from pathlib import Path
from typing import Final

from .errors import UserError
from .link.addresses import ANY_HOST

_MAX_PORT: Final = 65_535
CODE_VARIABLE: Final = "INDOOR_VOICE_PAIRING_CODE"


def add_link_options(parser: argparse.ArgumentParser, default_port: int) -> None:
    """Add the options for the listening address and its protection."""
    link = parser.add_argument_group("link to Home Assistant")
    link.add_argument("--host", default=ANY_HOST, help="address to listen on (default: all)")
    link.add_argument("--port", type=_port, default=default_port, help="default: %(default)s")
    link.add_argument(
        "--insecure-wyoming",
        action="store_true",
        help="for trying it out: plain Wyoming without pairing or encryption, on loopback only",
    )
    link.add_argument(
        "--insecure-wyoming-on-my-network",
        action="store_true",
        help="the same on any --host: everyone on your network can connect",
    )


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number <= _MAX_PORT:
        raise argparse.ArgumentTypeError(f"must be between 0 and {_MAX_PORT}")
    return number


def add_state_options(parser: argparse.ArgumentParser, state_dir: Path) -> None:
    """Add the options for the state directory and for resetting it."""
    add_state_dir(parser, state_dir)
    parser.add_argument(
        "--reset",
        action="store_true",
        help="delete the pairing, keys, ID and settings, then exit",
    )


def add_state_dir(parser: argparse.ArgumentParser, state_dir: Path) -> None:
    """Add the option for the state directory."""
    parser.add_argument(
        "--state-dir",
        type=Path,
        default=state_dir,
        help="directory for the pairing and settings (default: %(default)s)",
    )


def is_protected(arguments: argparse.Namespace) -> bool:
    """Return whether only a paired Home Assistant can connect.

    Raises:
        UserError: everyone on the network could connect, and the user has not asked for that.
    """
    if arguments.insecure_wyoming_on_my_network:
        return False
    if arguments.insecure_wyoming and not is_loopback(arguments.host):
        raise UserError(
            "With plain Wyoming, everyone on your network can use this device unnoticed. Restrict "
            "it to this machine with --host 127.0.0.1, or confirm with "
            "--insecure-wyoming-on-my-network."
        )
    return not arguments.insecure_wyoming


def fixed_code() -> str | None:
    """Return the pairing code set in the environment, as for a container; raises `UserError`."""
    from .link.pairing.responder import check_code  # noqa: PLC0415 - heavy

    code = os.environ.get(CODE_VARIABLE)
    return None if code is None else check_code(code)


def is_loopback(host: str) -> bool:
    """Return whether `host` is reachable only from this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
