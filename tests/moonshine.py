"""Moonshine's tiny English model, as sherpa-onnx loads it."""

import base64
import importlib.util
from collections.abc import Iterator
from pathlib import Path

_FILES = ("encoder_model.ort", "decoder_model_merged.ort")


def make_moonshine_tiny(folder: Path) -> Path:
    """Lay out in `folder` the model that the package `moonshine-voice` brings, and return it."""
    spec = importlib.util.find_spec("moonshine_voice")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    assets = Path(spec.submodule_search_locations[0]) / "assets" / "tiny-en"
    folder.mkdir(parents=True, exist_ok=True)
    for file in _FILES:
        (folder / file).symlink_to(assets / file)
    tokens = _tokens((assets / "tokenizer.bin").read_bytes())
    lines = (f"{base64.b64encode(token).decode()} {it}\n" for it, token in enumerate(tokens))
    (folder / "tokens.txt").write_text("".join(lines), encoding="ascii")
    return folder


def _tokens(data: bytes) -> Iterator[bytes]:
    """Yield the tokens of Moonshine's own format: the length in one byte, or in two, then bytes."""
    at = 0
    while at < len(data):
        length = data[at]
        at += 1
        if length >= 128:
            length += (data[at] - 1) * 128
            at += 1
        yield data[at : at + length]
        at += length
