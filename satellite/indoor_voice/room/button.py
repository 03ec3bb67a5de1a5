"""The `indoor-voice button` command: presses the buttons of a satellite that has no real ones."""

import argparse
from typing import Final

from indoor_voice.errors import UserError
from indoor_voice.options import add_state_dir
from indoor_voice.room.state_dir import DEFAULT_STATE_DIR

_BUTTONS: Final = {
    "press": "say a new pairing code, start a turn, or stop the current one",
    "mute": "close the microphone until it is unmuted on the device itself",
    "unmute": "open the microphone again",
}


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand and its options."""
    parser = subparsers.add_parser(
        "button",
        help="press a button of the satellite on this machine",
        description="Press a button of the satellite that is running on this machine.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="\n".join(f"{button:<8}{effect}" for button, effect in _BUTTONS.items()),
    )
    parser.set_defaults(run=run)
    parser.add_argument("button", choices=_BUTTONS)
    add_state_dir(parser, DEFAULT_STATE_DIR)


def run(arguments: argparse.Namespace) -> None:
    """Press the button and print whether the satellite is muted; raises `UserError`."""
    from .controls.socket import NotRunningError, ask  # noqa: PLC0415 - heavy

    try:
        facts = ask(arguments.state_dir, arguments.button)
    except NotRunningError as err:
        raise UserError(
            f"No satellite with the state folder {arguments.state_dir} is running on this machine. "
            "Start it with: indoor-voice satellite"
        ) from err
    print("muted: the microphone is closed" if facts["muted"] else "not muted")  # noqa: T201 - command output
