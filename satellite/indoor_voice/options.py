"""Options that the satellite and the speech server have in common: the link and its protection."""

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
    """Add where to listen, and who may connect."""
    link = parser.add_argument_group("link to Home Assistant")
    link.add_argument("--host", default=ANY_HOST, help="address to listen on (default: all)")
    link.add_argument("--port", type=_port, default=default_port, help="default: %(default)s")
    link.add_argument(
        "--insecure-wyoming",
        action="store_true",
        help="for a trial: plain Wyoming, with no pairing and no encryption; on loopback only",
    )
    link.add_argument(
        "--insecure-wyoming-on-my-network",
        action="store_true",
        help="the same for --host of any kind: whoever is in your network gets in",
    )


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number <= _MAX_PORT:
        raise argparse.ArgumentTypeError(f"must be between 0 and {_MAX_PORT}")
    return number


def add_state_options(parser: argparse.ArgumentParser, state_dir: Path) -> None:
    """Add where the state is kept, and how to get rid of it."""
    add_state_dir(parser, state_dir)
    parser.add_argument(
        "--reset",
        action="store_true",
        help="forget the pairing, the keys, the id and the settings, and stop",
    )


def add_state_dir(parser: argparse.ArgumentParser, state_dir: Path) -> None:
    """Add where the state is kept."""
    parser.add_argument(
        "--state-dir",
        type=Path,
        default=state_dir,
        help="where pairing and settings are kept (default: %(default)s)",
    )


def is_protected(arguments: argparse.Namespace) -> bool:
    """Tell whether only a paired Home Assistant may connect.

    Raises:
        UserError: everybody in the network could connect, and the user has not asked for that.
    """
    if arguments.insecure_wyoming_on_my_network:
        return False
    if arguments.insecure_wyoming and not is_loopback(arguments.host):
        raise UserError(
            "Plain Wyoming lets everybody in the network use this device, unseen. Keep it on this "
            "machine with --host 127.0.0.1, or say --insecure-wyoming-on-my-network if you mean it."
        )
    return not arguments.insecure_wyoming


def fixed_code() -> str | None:
    """Return the pairing code that the environment gives, for containers; raises `UserError`."""
    from .link.pairing.responder import check_code  # noqa: PLC0415 - heavy

    code = os.environ.get(CODE_VARIABLE)
    return None if code is None else check_code(code)


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach `host`."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
