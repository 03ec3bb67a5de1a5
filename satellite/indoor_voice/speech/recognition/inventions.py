"""Recognises the texts that models make up for sounds without speech."""

import zlib
from typing import Final

_REPETITIVE: Final = 2.4
"""Whisper's own threshold of the compression ratio of text that repeats itself."""
_FOR_NOISE: Final = frozenset({"", "bye", "hmm", "oh", "okay", "thank you", "thanks", "you"})
"""What Whisper and Moonshine return for sounds that aren't speech, without punctuation."""


def has_words(text: str) -> bool:
    """Return whether a text is more than punctuation and symbols."""
    return any(map(str.isalnum, text))


def is_repetitive(text: str) -> bool:
    """Return whether a text says the same again and again."""
    encoded = text.encode()
    return bool(encoded) and len(encoded) / len(zlib.compress(encoded)) > _REPETITIVE


def is_invented_for_noise(text: str) -> bool:
    """Return whether a text is one that models return for noise, and that people also say."""
    letters = "".join(c for c in text.casefold() if c.isalpha() or c == " ").strip()
    return letters in _FOR_NOISE
