"""Reads options of a command from a TOML file and from environment variables.

The options are defined once, by argparse: their names, types, choices and help. The option
`--cue-volume` of the satellite is also the key `cue-volume` in the table `satellite` of the file,
and the variable `INDOOR_VOICE_SATELLITE_CUE_VOLUME`. What is typed comes first, then the variable,
the file, and the default.
"""

import argparse
import json
import os
import re
import textwrap
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import platformdirs

from .errors import UserError

SYSTEM_FILE: Final = Path("/etc/indoor-voice.toml")
"""The file of the services that the installer sets up."""
FILE_VARIABLE: Final = "INDOOR_VOICE_CONFIG"
_TEXT_WIDTH: Final = 98
_ACTS: Final = frozenset(
    {"help", "config", "reset", "list-devices", "list-voices", "list-wake-words"}
)
"""Options that say what to do now, and are no settings."""
_HEADER: Final = """\
# Settings of Indoor Voice. To change one, remove the # in front of it; then restart what it is for.
# Each is also an option and an environment variable, which come before this file: volume of the
# satellite is --volume and INDOOR_VOICE_SATELLITE_VOLUME.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Configurable:
    """A command whose options can be set in a table of the file."""

    parser: argparse.ArgumentParser
    table: str
    only: Collection[str] | None = None
    """The keys that the command reads, of a table that belongs to another one; None for its own."""


def add_config_option(
    parser: argparse.ArgumentParser, table: str, only: Collection[str] | None = None
) -> None:
    """Make options of a command configurable, in a table of the file."""
    parser.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help=f"file with settings (default: {user_file()} or {SYSTEM_FILE}, if there is one)",
    )
    parser.set_defaults(configurable=Configurable(parser=parser, table=table, only=only))


def user_file() -> Path:
    """Return where a user's own file is."""
    return platformdirs.user_config_path("indoor-voice") / "indoor-voice.toml"


def configure(arguments: argparse.Namespace, typed: Sequence[str]) -> None:
    """Set options that were not typed from variables and the file.

    Args:
        arguments: What the whole command line, or the default of each option, says.
        typed: The words after the command's name.

    Raises:
        UserError: a value is wrong, or the file can't be read; the message says where.
    """
    command: Configurable = arguments.configurable
    given = _given(command.parser, typed)
    settings = {key: it for key, it in _settings(command).items() if it.dest not in given}
    for key, action in settings.items():
        variable = variable_of(command.table, key)
        if (text := os.environ.get(variable)) is not None:
            setattr(arguments, action.dest, _from_text(action, text, variable))
            given.add(action.dest)
    path = arguments.config or _default_file()
    if path is None:
        return
    for key, value, place in _read(path, command):
        setting = settings.get(key)
        if setting is not None and setting.dest not in given:
            setattr(arguments, setting.dest, _from_toml(setting, value, place))


def variable_of(table: str, key: str) -> str:
    """Return the name of the environment variable for a setting."""
    return f"INDOOR_VOICE_{table}_{key}".upper().replace("-", "_")


def example(commands: Sequence[Configurable], chosen: Mapping[str, Mapping[str, object]]) -> str:
    """Return a commented file with all settings; `chosen` are set, by table and key."""
    tables = [_example_of(command, chosen.get(command.table, {})) for command in commands]
    return "\n".join([_HEADER, *tables])


def changed(text: str, table: str, key: str, value: object) -> str:
    """Return the text of a file in which a setting has another value; its comments stay."""
    line = f"{key} = {_toml(value)}"
    start, end = _span(text, table)
    if start is None:
        return f"{text.rstrip()}\n\n[{table}]\n{line}\n"
    body = text[start:end]
    for pattern in (rf"^{re.escape(key)}\s*=.*$", rf"^# {re.escape(key)} = .*$"):
        if re.search(pattern, body, re.MULTILINE):
            body = re.sub(pattern, lambda _: line, body, count=1, flags=re.MULTILINE)
            break
    else:
        body = f"\n{line}{body}"
    return f"{text[:start]}{body}{text[end:]}"


def _settings(command: Configurable) -> dict[str, argparse.Action]:
    options = {
        option.removeprefix("--"): action
        for action in command.parser._actions  # noqa: SLF001 - argparse has no public list of them
        for option in action.option_strings
        if option.startswith("--")
    }
    allowed = options.keys() - _ACTS if command.only is None else command.only
    return {key: action for key, action in options.items() if key in allowed}


def _given(parser: argparse.ArgumentParser, typed: Sequence[str]) -> set[str]:
    """Return the names of what was typed, by parsing it once more without defaults."""
    actions = parser._actions  # noqa: SLF001 - as above
    defaults = [action.default for action in actions]
    for action in actions:
        action.default = argparse.SUPPRESS
    try:
        found, _ = parser.parse_known_args(list(typed))
    finally:
        for action, default in zip(actions, defaults, strict=True):
            action.default = default
    return set(vars(found))


def _default_file() -> Path | None:
    if (named := os.environ.get(FILE_VARIABLE)) is not None:
        return Path(named)
    return next((path for path in (user_file(), SYSTEM_FILE) if path.exists()), None)


def _read(path: Path, command: Configurable) -> Iterator[tuple[str, object, str]]:
    """Yield each key of the command's table, its value, and its place; raises `UserError`."""
    try:
        text = path.read_text()
        content = tomllib.loads(text)
    except (OSError, ValueError) as err:
        reason = err.strerror if isinstance(err, OSError) else err
        raise UserError(f"Cannot read the settings in {path}: {reason}") from err
    for name in content.keys() - {"satellite", "speech"}:
        raise UserError(f"{path}: [{name}] is unknown; the tables are [satellite] and [speech].")
    table = content.get(command.table, {})
    known = _settings(command)
    for key, value in table.items():
        place = f"{path}{_line(text, command.table, key)}: {key}"
        if key not in known and command.only is None:
            raise UserError(
                f"{place} is no setting of [{command.table}], which has {', '.join(known)}."
            )
        yield key, value, place


def _line(text: str, table: str, key: str) -> str:
    start, end = _span(text, table)
    found = re.search(rf"^\s*\"?{re.escape(key)}\"?\s*=", text[start:end], re.MULTILINE)
    if start is None or found is None:
        return ""
    number = 1 + text.count("\n", 0, start + found.end())
    return f", line {number}"


def _span(text: str, table: str) -> tuple[int | None, int]:
    """Return where the body of a table begins and ends; None if it isn't there."""
    header = re.search(rf"^\s*\[{table}\][^\n]*", text, re.MULTILINE)
    if header is None:
        return None, len(text)
    following = re.search(r"^\s*\[\w", text[header.end() :], re.MULTILINE)
    return header.end(), len(text) if following is None else header.end() + following.start()


def _from_toml(action: argparse.Action, value: object, place: str) -> object:
    if action.nargs == 0:
        if isinstance(value, bool):
            return value
        raise UserError(f"{place} must be true or false.")
    if isinstance(value, list):
        if not _is_repeatable(action):
            raise UserError(f"{place} must be a single value.")
        return [_checked(action, item, place) for item in value]
    checked = _checked(action, value, place)
    return [checked] if _is_repeatable(action) else checked


def _from_text(action: argparse.Action, text: str, place: str) -> object:
    if action.nargs == 0:
        if text.casefold() in ("true", "false"):
            return text.casefold() == "true"
        raise UserError(f"{place} must be true or false.")
    if _is_repeatable(action):
        return [_checked(action, item.strip(), place) for item in text.split(",")]
    return _checked(action, text, place)


def _checked(action: argparse.Action, value: object, place: str) -> object:
    """Return a value as if it had been typed; raises `UserError`."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise UserError(f"{place} must be text or a number.")
    text = str(value)
    try:
        checked: object = action.type(text) if callable(action.type) else text
    except (ValueError, argparse.ArgumentTypeError) as err:
        reason = str(err) if isinstance(err, argparse.ArgumentTypeError) else "it must be a number"
        raise UserError(f"{place} can't be {text!r}: {reason}.") from err
    if action.choices is not None and checked not in action.choices:
        raise UserError(f"{place} can't be {text!r}, only {', '.join(map(str, action.choices))}.")
    return checked


def _is_repeatable(action: argparse.Action) -> bool:
    # argparse names no public class for it.
    return isinstance(action, argparse._AppendAction)  # noqa: SLF001


def _example_of(command: Configurable, chosen: Mapping[str, object]) -> str:
    lines = [f"[{command.table}]"]
    for key, action in _settings(command).items():
        words = (action.help or "") % {**vars(action), "prog": command.parser.prog}
        lines += ["", *(f"# {line}" for line in textwrap.wrap(words, _TEXT_WIDTH))]
        if key in chosen:
            lines.append(f"{key} = {_toml(chosen[key])}")
        else:
            lines.append(f"# {key} = {_toml(_shown_default(action))}")
    return "\n".join([*lines, ""])


def _shown_default(action: argparse.Action) -> object:
    if action.default is not None:
        return action.default
    return [] if _is_repeatable(action) else ""


def _toml(value: Any) -> str:  # noqa: ANN401 - whatever an option holds
    """Return a value in TOML, of which JSON's texts, numbers and lists are a part."""
    return json.dumps(value, ensure_ascii=False, default=str)
