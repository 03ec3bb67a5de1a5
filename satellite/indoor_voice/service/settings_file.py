"""Makes and changes the file with the settings of the satellite and the speech server."""

import argparse
import sys
from collections.abc import Mapping

from indoor_voice.configuration import Configurable, changed, example
from indoor_voice.room import command as satellite
from indoor_voice.speech import command as speech

from .files import replace
from .layout import Layout

Chosen = Mapping[str, Mapping[str, object]]
"""Values by table and key."""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand `example-settings`."""
    parser = subparsers.add_parser(
        "example-settings",
        help="print a file with all settings",
        description="Print a file in which all settings are explained and none is changed.",
    )
    parser.set_defaults(run=lambda _: sys.stdout.write(example_text({})))


def example_text(chosen: Chosen) -> str:
    """Return a commented file with all settings, of which some have been chosen."""
    subparsers = argparse.ArgumentParser(prog="indoor-voice").add_subparsers()
    for role in (satellite, speech):
        role.add_parser(subparsers)
    commands: list[Configurable] = [
        parser.get_default("configurable") for parser in subparsers.choices.values()
    ]
    return example(commands, chosen)


def save_settings(layout: Layout, chosen: Chosen) -> bool:
    """Save settings that were chosen, and keep all others; raises `OSError`.

    Returns:
        Whether that changed the file.
    """
    if not layout.settings.exists():
        return replace(layout.settings, example_text(chosen))
    text = layout.settings.read_text()
    for table, settings in chosen.items():
        for key, value in settings.items():
            text = changed(text, table, key, value)
    return replace(layout.settings, text)
