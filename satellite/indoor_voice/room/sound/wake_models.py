"""The wake words that this satellite knows: openWakeWord's own, and model files of the user's."""

import importlib.util
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from indoor_voice.errors import UserError

BUILT_IN: Final = ("alexa", "hey_jarvis", "hey_marvin", "hey_mycroft")
"""The wake words in openWakeWord 0.4.0; its other two, timer and weather, are none."""

_VERSION: Final = re.compile(r"_v\d+(\.\d+)*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class WakeModel:
    """A wake word and the ONNX file that finds it."""

    name: str
    """As in files and on the wire, such as `hey_jarvis`."""
    path: Path

    @property
    def phrase(self) -> str:
        """What people say, such as `hey jarvis`."""
        return self.name.replace("_", " ")


def model_folder() -> Path:
    """Find openWakeWord's models without importing it, which would cost 100 MB and seconds."""
    spec = importlib.util.find_spec("openwakeword")
    if spec is None or spec.origin is None:
        raise UserError("openwakeword is not installed. Install indoor-voice again.")
    return Path(spec.origin).parent / "resources" / "models"


def built_in_models() -> dict[str, WakeModel]:
    """Return the wake words that need no file of the user's, by name."""
    folder = model_folder()
    return {
        name: WakeModel(name=name, path=path)
        for name in BUILT_IN
        for path in sorted(folder.glob(f"{name}_v*.onnx"))
    }


def find_models(asked_for: Iterable[str]) -> tuple[dict[str, WakeModel], list[str]]:
    """Find the wake words that the user asks for, each by a name or by the path of an .onnx file.

    Returns:
        All known wake words by name, the user's files among them; and the names asked for.

    Raises:
        UserError: a name or a file does not exist.
    """
    known = built_in_models()
    names: list[str] = []
    for wish in asked_for:
        name = wish
        if wish.endswith(".onnx"):
            path = Path(wish).expanduser().absolute()
            if not path.is_file():
                raise UserError(f"There is no wake word model at {path}.")
            name = _VERSION.sub("", path.stem)
            known[name] = WakeModel(name=name, path=path)
        elif wish not in known:
            raise UserError(
                f"The wake word {wish!r} is not known. Known are {', '.join(known)}; "
                "another needs the path of its openWakeWord model (.onnx)."
            )
        if name not in names:
            names.append(name)
    return known, names
