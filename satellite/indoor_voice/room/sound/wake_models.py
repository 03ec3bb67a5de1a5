"""The wake words available to this satellite: those of openWakeWord, and the user's model files."""

import importlib.util
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from indoor_voice.errors import UserError

BUILT_IN: Final = ("alexa", "hey_jarvis", "hey_marvin", "hey_mycroft")
"""The wake words in openWakeWord 0.4.0, whose other two models detect commands."""

_VERSION: Final = re.compile(r"_v\d+(\.\d+)*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class WakeModel:
    """A wake word and the ONNX file of its model."""

    name: str
    """Identifier in file names and on the wire, such as `hey_jarvis`."""
    path: Path

    @property
    def phrase(self) -> str:
        """The spoken phrase, such as `hey jarvis`."""
        return self.name.replace("_", " ")


def model_folder() -> Path:
    """Return the folder of openWakeWord's models, without its slow import that takes 100 MB."""
    spec = importlib.util.find_spec("openwakeword")
    if spec is None or spec.origin is None:
        raise UserError("openwakeword is not installed. Reinstall indoor-voice.")
    return Path(spec.origin).parent / "resources" / "models"


def built_in_models() -> dict[str, WakeModel]:
    """Return the wake words that come with openWakeWord, by name."""
    folder = model_folder()
    return {
        name: WakeModel(name=name, path=path)
        for name in BUILT_IN
        for path in sorted(folder.glob(f"{name}_v*.onnx"))
    }


def find_models(requested: Iterable[str]) -> tuple[dict[str, WakeModel], list[str]]:
    """Find the requested wake words, each given as a name or as the path of an .onnx file.

    Returns:
        All available wake words by name, including the user's files; and the requested names.

    Raises:
        UserError: a name or file does not exist.
    """
    known = built_in_models()
    names: list[str] = []
    for name_or_path in requested:
        name = name_or_path
        if name_or_path.endswith(".onnx"):
            path = Path(name_or_path).expanduser().absolute()
            if not path.is_file():
                raise UserError(f"There is no wake word model at {path}.")
            name = _VERSION.sub("", path.stem)
            known[name] = WakeModel(name=name, path=path)
        elif name not in known:
            raise UserError(
                f"There is no wake word {name!r}. Choose from {', '.join(known)}, "
                "or give the path of an openWakeWord model (.onnx)."
            )
        if name not in names:
            names.append(name)
    return known, names
