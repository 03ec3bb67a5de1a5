"""Read stored JSON strictly: each function raises `ValueError` for anything unexpected."""

import math
from base64 import b64decode, b64encode


def members_of(data: object, names: set[str]) -> dict[str, object]:
    """Return an object, which must have exactly these members."""
    if not isinstance(data, dict) or data.keys() != names:
        raise ValueError(f"Expected an object with {', '.join(sorted(names))}")
    return data


def text_of(data: object) -> str:
    """Return a text, which must not be empty."""
    if not isinstance(data, str) or not data:
        raise ValueError("Expected a text")
    return data


def texts_of(data: object) -> frozenset[str]:
    """Return a list of texts as a set; none may occur twice."""
    if not isinstance(data, list):
        raise ValueError("Expected a list")  # noqa: TRY004 - one documented error
    texts = frozenset(text_of(text) for text in data)
    if len(texts) != len(data):
        raise ValueError("Expected a list without duplicates")
    return texts


def number_of(data: object) -> float:
    """Return a number, which must be finite."""
    if isinstance(data, bool) or not isinstance(data, int | float) or not math.isfinite(data):
        raise ValueError("Expected a number")
    return float(data)


def whole_number_of(data: object) -> int:
    """Return a whole number."""
    if isinstance(data, bool) or not isinstance(data, int):
        raise ValueError("Expected a whole number")  # noqa: TRY004 - one documented error
    return data


def bytes_of(data: object) -> bytes:
    """Decode a Base64 text."""
    return b64decode(text_of(data), validate=True)


def base64_of(data: bytes) -> str:
    """Encode bytes as a Base64 text."""
    return b64encode(data).decode()
