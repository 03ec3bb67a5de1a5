"""Strict reading of stored JSON: whatever is not as it was written is a ValueError."""

import math
from base64 import b64decode, b64encode


def members_of(data: object, names: set[str]) -> dict[str, object]:
    """Return an object's members, of which there are exactly these."""
    if not isinstance(data, dict) or data.keys() != names:
        raise ValueError(f"Expected an object with {', '.join(sorted(names))}")
    return data


def text_of(data: object) -> str:
    """Return a text that is not empty."""
    if not isinstance(data, str) or not data:
        raise ValueError("Expected a text")
    return data


def texts_of(data: object) -> frozenset[str]:
    """Return a list of different texts."""
    if not isinstance(data, list):
        raise ValueError("Expected a list")  # noqa: TRY004 - one error for nonsense
    texts = frozenset(text_of(text) for text in data)
    if len(texts) != len(data):
        raise ValueError("Expected a list without repetition")
    return texts


def number_of(data: object) -> float:
    """Return a finite number."""
    if isinstance(data, bool) or not isinstance(data, int | float) or not math.isfinite(data):
        raise ValueError("Expected a number")
    return float(data)


def whole_number_of(data: object) -> int:
    """Return a whole number."""
    if isinstance(data, bool) or not isinstance(data, int):
        raise ValueError("Expected a whole number")  # noqa: TRY004 - one error for nonsense
    return data


def bytes_of(data: object) -> bytes:
    """Return the bytes of a text in base64."""
    return b64decode(text_of(data), validate=True)


def base64_of(data: bytes) -> str:
    """Return bytes as a text in base64."""
    return b64encode(data).decode()
