"""The `indoor-voice wake-test` command."""

import argparse
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from indoor_voice.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from indoor_voice.room.sound.wake_models import WakeModel

    from .clips import Clip
    from .measure import Result

_WIDTH: Final = 24


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand and its options."""
    parser = subparsers.add_parser(
        "wake-test",
        help="count what wake words find and miss in a folder of sound",
        description="Count what wake words find and miss in a folder of sound. The folder has a "
        "folder for each text that is spoken, such as hey_jarvis, or a manifest.json: a list of "
        "objects with path and says. Folders named speech and noise are also mixed with the rest.",
    )
    parser.set_defaults(run=run)
    parser.add_argument("folder", type=Path, help="folder of WAV files")
    parser.add_argument(
        "--wake-word",
        action="append",
        metavar="NAME|FILE",
        help="as for the satellite; may be repeated (default: those built in that are spoken)",
    )
    parser.add_argument(
        "--says", metavar="TEXT", help="what is spoken, if the model's file has another name"
    )
    parser.add_argument(
        "--quick", action="store_true", help="only as recorded, without noise and other speakers"
    )


def run(arguments: argparse.Namespace) -> None:
    """Measure and print; raises `UserError`."""
    from indoor_voice.room.sound.wake_models import find_models  # noqa: PLC0415 - heavy

    from .clips import identifier, read_clips  # noqa: PLC0415
    from .conditions import CONDITIONS  # noqa: PLC0415
    from .measure import measure  # noqa: PLC0415

    logging.basicConfig(format="%(message)s")
    known, names = find_models(arguments.wake_word or ())
    clips = read_clips(arguments.folder, _Progress("Reading"))
    if not names:
        names = [name for name in known if any(clip.says == name for clip in clips)]
    if not names:
        raise UserError(
            "None of the built-in wake words is spoken there. Choose with --wake-word; false "
            "accepts are then counted."
        )
    failed = []
    for name in names:
        says = identifier(arguments.says or name)
        conditions = CONDITIONS[:1] if arguments.quick else CONDITIONS
        try:
            result = measure(known[name], says, clips, _Progress(name), conditions)
        except UserError as err:
            failed.append(str(err))
        else:
            _print(known[name], result, clips, says)
    if failed:
        raise UserError("\n".join(failed))


def _print(model: "WakeModel", result: "Result", clips: "Sequence[Clip]", says: str) -> None:
    from indoor_voice.room.sound.wake_rules import Sensitivity, rules_of  # noqa: PLC0415 - heavy

    rules = [rules_of(model).rule(level.number) for level in Sensitivity]
    spoken = sum(clip.says == says for clip in clips)
    _line(model.name, Sensitivity)
    if not spoken:
        _line(f'nobody says "{says}"', ())
    for condition, scored in result.positives.items() if spoken else ():
        found = [result.found(condition, rule) for rule in rules]
        _line(f"  found, {condition}", [f"{count} of {len(scored)}" for count in found])
    if result.negatives:
        hours = result.negative_seconds / 3600
        per_hour = [f"{result.per_hour(rule):.1f}" for rule in rules]
        _line("  false accepts per hour", [*per_hour, f"in {hours:.2f} h"])
    false = [result.false_accepts(rule) for rule in rules]
    for text, count in sorted(result.spoken().items()):
        if any(accepts[text] for accepts in false):
            label = f'"{text}"' if text else "other speech"
            _line(f"  {label}", [f"{accepts[text]} of {count}" for accepts in false])
    _line("  CPU-seconds per second", ["", f"{result.cpu_seconds_per_second:.4f}"])


def _line(label: str, values: "Iterable[str]") -> None:
    cells = "".join(f"{value!s:>14}" for value in values)
    sys.stdout.write(f"{label:<{_WIDTH}}{cells}\n")


class _Progress:
    """Shows progress on a terminal, on one line."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._shown = -1

    def __call__(self, done: int, total: int) -> None:
        percent = 100 * done // total
        if percent == self._shown:
            return
        self._shown = percent
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{self._label}: {percent} %" + ("\n" if done == total else ""))
        elif percent % 10 == 0:
            sys.stderr.write(f"{self._label}: {percent} %\n")
        sys.stderr.flush()
