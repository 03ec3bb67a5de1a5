"""The wake words available to this satellite: those that come with it, and the user's models."""

import importlib.util
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from indoor_voice.errors import UserError

BUILT_IN: Final = ("alexa", "hey_jarvis", "hey_marvin", "hey_mycroft", "okay_nabu")
"""The wake words in openWakeWord 0.4.0, whose other two models detect commands, and in
pymicro-wakeword."""
COPY_AGAIN: Final = (
    "If the file is incomplete, copy or download it again; if the model came with this software, "
    "reinstall indoor-voice."
)

_VERSION: Final = re.compile(r"_v\d+(\.\d+)*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class WakeModel:
    """A wake word and its models, at least one."""

    name: str
    """Identifier in file names and on the wire, such as `hey_jarvis`."""
    open: Path | None = None
    """The .onnx file of its openWakeWord model."""
    micro: Path | None = None
    """The .json file of its microWakeWord model, which names the .tflite file beside it."""

    built_in: bool = False

    @property
    def phrase(self) -> str:
        """The spoken phrase, such as `hey jarvis`."""
        return self.name.replace("_", " ")


def model_folder() -> Path:
    """Return the folder of openWakeWord's models, without its slow import that takes 100 MB."""
    return _package_folder("openwakeword") / "resources" / "models"


def built_in_models() -> dict[str, WakeModel]:
    """Return the wake words that come with openWakeWord and pymicro-wakeword, by name."""
    open_folder, micro_folder = model_folder(), _package_folder("pymicro_wakeword") / "models"
    models = {}
    for name in BUILT_IN:
        open_files = sorted(open_folder.glob(f"{name}_v*.onnx"))
        micro_file = micro_folder / f"{name}.json"
        models[name] = WakeModel(
            name=name,
            built_in=True,
            open=open_files[-1] if open_files else None,
            micro=micro_file if micro_file.is_file() else None,
        )
    return models


def find_models(requested: Iterable[str]) -> tuple[dict[str, WakeModel], list[str]]:
    """Find the requested wake words, each given as a name or as the path of a model.

    Returns:
        All available wake words by name, including the user's files; and the requested names.

    Raises:
        UserError: a name or file does not exist.
    """
    known = built_in_models()
    names: list[str] = []
    for name_or_path in requested:
        name = name_or_path
        if name_or_path.endswith((".onnx", ".json", ".tflite")):
            model = _model_at(Path(name_or_path).expanduser().absolute())
            name = model.name
            known[name] = model
        elif name not in known:
            raise UserError(
                f"There is no wake word {name!r}. Choose from {', '.join(known)}, or give the path "
                "of an openWakeWord model (.onnx) or of a microWakeWord model (.json)."
            )
        if name not in names:
            names.append(name)
    return known, names


def _model_at(path: Path) -> WakeModel:
    if path.suffix == ".tflite":
        # microWakeWord's JSON file says how to read the network beside it.
        path = path.with_suffix(".json")
    if not path.is_file():
        raise UserError(f"There is no wake word model at {path}.")
    name = _VERSION.sub("", path.stem)
    if path.suffix == ".onnx":
        return WakeModel(name=name, open=path)
    return WakeModel(name=name, micro=path)


def _package_folder(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise UserError(f"{package} is not installed. Reinstall indoor-voice.")
    return Path(spec.origin).parent
