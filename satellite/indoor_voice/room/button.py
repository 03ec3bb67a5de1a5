"""The command `indoor-voice button`: the buttons of a satellite that has none to touch."""

import argparse
from typing import Final

from indoor_voice.errors import UserError
from indoor_voice.options import add_state_dir
from indoor_voice.room.state_dir import DEFAULT_STATE_DIR

_BUTTONS: Final = {
    "press": "say the pairing code, begin a turn, or end what goes on",
    "mute": "close the microphone until it is unmuted here, on the device",
    "unmute": "open the microphone again",
}


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command and its options."""
    parser = subparsers.add_parser(
        "button",
        help="press a button of the satellite on this machine",
        description="Press a button of the satellite that runs on this machine.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="\n".join(f"{button:<8}{does}" for button, does in _BUTTONS.items()),
    )
    parser.set_defaults(run=run)
    parser.add_argument("button", choices=_BUTTONS)
    add_state_dir(parser, DEFAULT_STATE_DIR)


def run(arguments: argparse.Namespace) -> None:
    """Press the button and say how it stands now; raises `UserError`."""
    from .controls.socket import NotRunningError, ask  # noqa: PLC0415 - heavy

    try:
        facts = ask(arguments.state_dir, arguments.button)
    except NotRunningError as err:
        raise UserError(
            f"No satellite runs on this machine with the state in {arguments.state_dir}. "
            "Start it with: indoor-voice satellite"
        ) from err
    print("muted: the microphone is closed" if facts["muted"] else "not muted")  # noqa: T201 - what was asked for
