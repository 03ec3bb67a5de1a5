"""Finds the models that sherpa-onnx loads, in a folder or downloaded once."""

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final, NamedTuple

from indoor_voice.errors import UserError
from indoor_voice.speech.models import AUTO, download


class Layout(Enum):
    """The files that make up a model, which tell how to load it."""

    MOONSHINE = ("encoder_model.ort", "decoder_model_merged.ort", "tokens.txt")
    """Moonshine's second generation."""
    TRANSDUCER = ("encoder.int8.onnx", "decoder.int8.onnx", "joiner.int8.onnx", "tokens.txt")
    """A transducer that was made with NVIDIA's NeMo, such as Parakeet."""


class _Known(NamedTuple):
    repository: str
    layout: Layout
    languages: tuple[str, ...]
    description: str


_ENGLISH: Final = ("en",)
_PARAKEET_LANGUAGES: Final = (
    *("bg", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "hr", "hu", "it"),
    *("lt", "lv", "mt", "nl", "pl", "pt", "ro", "ru", "sk", "sl", "sv", "uk"),
)
_KNOWN: Final = {
    "moonshine-tiny": _Known(
        "csukuangfj2/sherpa-onnx-moonshine-tiny-en-quantized-2026-02-27",
        Layout.MOONSHINE,
        _ENGLISH,
        "Moonshine tiny",
    ),
    "moonshine-base": _Known(
        "csukuangfj2/sherpa-onnx-moonshine-base-en-quantized-2026-02-27",
        Layout.MOONSHINE,
        _ENGLISH,
        "Moonshine base",
    ),
    "parakeet-v2": _Known(
        "csukuangfj/sherpa-onnx-nemo-parakeet-tdt-0.6b-v2-int8",
        Layout.TRANSDUCER,
        _ENGLISH,
        "Parakeet TDT 0.6B v2",
    ),
    "parakeet-v3": _Known(
        "csukuangfj/sherpa-onnx-nemo-parakeet-tdt-0.6b-v3-int8",
        Layout.TRANSDUCER,
        _PARAKEET_LANGUAGES,
        "Parakeet TDT 0.6B v3",
    ),
}
"""Models whose licences allow any use; most of Moonshine's for other languages don't."""
SHERPA_MODELS: Final = tuple(_KNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class SherpaFiles:
    """A model for sherpa-onnx: its name, its folder and what it is."""

    name: str
    folder: Path
    layout: Layout
    languages: tuple[str, ...]
    """Codes such as `en`."""
    description: str


def find_sherpa_model(name: str | None, language: str, data_dir: Path) -> SherpaFiles:
    """Find a model, downloading it to `data_dir` if necessary.

    Args:
        name: One of `SHERPA_MODELS`, a repository on Hugging Face, or a folder; None chooses a
            model for `language`.
        language: A code such as `en`, or `auto`. A repository or folder doesn't say which language
            its model knows, so it is taken to be this one.
        data_dir: Folder for downloads.

    Raises:
        UserError: There is no such model, or it can't be downloaded.
    """
    if name is None:
        name = "moonshine-base" if language == "en" else "parakeet-v3"
    if (known := _KNOWN.get(name)) is not None:
        folder = download(known.repository, known.layout.value, data_dir, f"model {name}")
        if _layout(folder) is not known.layout:
            raise UserError(f"{known.repository} no longer has the files of the model {name}.")
        return SherpaFiles(
            name=name,
            folder=folder,
            layout=known.layout,
            languages=known.languages,
            description=known.description,
        )
    folder = Path(name).expanduser()
    is_folder = folder.is_dir()
    if not is_folder and name.count("/") != 1:
        raise UserError(
            f"There is no model {name} for sherpa-onnx. Choose one of {', '.join(SHERPA_MODELS)}, "
            "a folder, or a repository on Hugging Face."
        )
    if language == AUTO:
        raise UserError(f"Say with --language which language the model {name} knows.")
    if not is_folder:
        files = tuple(dict.fromkeys(file for layout in Layout for file in layout.value))
        folder = download(name, files, data_dir, f"model {name}")
    layout = _layout(folder)
    if layout is None:
        wanted = " or ".join(", ".join(it.value) for it in Layout)
        raise UserError(f"{name} isn't a model that sherpa-onnx can load here: it needs {wanted}.")
    return SherpaFiles(
        name=folder.resolve().name if is_folder else name,
        folder=folder,
        layout=layout,
        languages=(language,),
        description=name,
    )


def _layout(folder: Path) -> Layout | None:
    for layout in Layout:
        if all((folder / file).is_file() for file in layout.value):
            return layout
    return None
