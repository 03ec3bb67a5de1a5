"""The `indoor-voice` command."""

import argparse
import os
import sys
from importlib.metadata import version

from indoor_voice.configuration import configure
from indoor_voice.errors import UserError


def make_parser() -> argparse.ArgumentParser:
    """Return the parser for all subcommands."""
    # These modules only define options; each command imports its heavy dependencies when it runs.
    from indoor_voice import health, pair, verify  # noqa: PLC0415
    from indoor_voice.room import button  # noqa: PLC0415
    from indoor_voice.room import command as satellite  # noqa: PLC0415
    from indoor_voice.room.doctor import command as doctor  # noqa: PLC0415
    from indoor_voice.room.wake_test import command as wake_test  # noqa: PLC0415
    from indoor_voice.service import app, set_up, settings_file  # noqa: PLC0415
    from indoor_voice.service import command as service  # noqa: PLC0415
    from indoor_voice.speech import command as speech  # noqa: PLC0415

    parser = argparse.ArgumentParser(
        prog="indoor-voice", description="A voice assistant that keeps what you say indoors."
    )
    parser.add_argument("--version", action="version", version=version("indoor-voice"))
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    satellite.add_parser(commands)
    speech.add_parser(commands)
    button.add_parser(commands)
    pair.add_parser(commands)
    health.add_parser(commands)
    doctor.add_parser(commands)
    wake_test.add_parser(commands)
    verify.add_parser(commands)
    settings_file.add_parser(commands)
    set_up.add_parser(commands)
    service.add_parsers(commands)
    app.add_parser(commands)
    return parser


def main(argv: list[str] | None = None) -> int:
    """Run the command and return its exit status: 0 for success, 1 for an error, 2 for misuse."""
    words = sys.argv[1:] if argv is None else argv
    arguments = make_parser().parse_args(words)
    # numpy reads this when it is imported. Its threads would spend more than they save here.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        if hasattr(arguments, "configurable"):
            configure(arguments, words[1:])
        arguments.run(arguments)
    except UserError as err:
        print(f"indoor-voice: {err}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
