"""The `indoor-voice doctor` command."""

import argparse

from indoor_voice.configuration import add_config_option
from indoor_voice.errors import UserError
from indoor_voice.options import add_state_dir
from indoor_voice.room.state_dir import DEFAULT_STATE_DIR

_DEFAULT_SPEECH = "127.0.0.1:10701"


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand and its options."""
    parser = subparsers.add_parser(
        "doctor",
        help="find out what does not work and how to fix it",
        description="Check each part of the satellite on this machine. This plays a tone, a "
        "hiss and the wake word, and checks whether the microphone hears them.",
    )
    parser.set_defaults(run=run)
    sound = parser.add_argument_group("sound: the same options as for the satellite")
    sound.add_argument("--microphone", metavar="DEVICE", help="index or part of a name")
    sound.add_argument("--loudspeaker", metavar="DEVICE", help="index or part of a name")
    sound.add_argument("--wake-word", metavar="NAME", default="hey_jarvis", help="%(default)s")
    parser.add_argument("--port", type=int, default=10700, help="default: %(default)s")
    parser.add_argument(
        "--speech",
        metavar="HOST:PORT",
        help=f"address of the speech server (default: {_DEFAULT_SPEECH}, if it is in use)",
    )
    add_state_dir(parser, DEFAULT_STATE_DIR)
    add_config_option(parser, "satellite", only=("microphone", "loudspeaker", "port"))


def run(arguments: argparse.Namespace) -> None:
    """Run all checks and print their findings; raises `UserError` if any failed."""
    from .examination import examine  # noqa: PLC0415 - heavy
    from .finding import Outcome  # noqa: PLC0415

    failed = 0
    count = 0
    for finding in examine(arguments):
        print(finding, flush=True)  # noqa: T201 - command output
        count += 1
        failed += finding.outcome is Outcome.FAIL
    if failed:
        raise UserError(f"{failed} of {count} checks failed.")
