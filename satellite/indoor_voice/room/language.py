"""The household's language: as Home Assistant tells it, or else as this machine is set."""

import re
from collections.abc import Mapping
from typing import Final

DEFAULT_LANGUAGE: Final = "en"
_TAG: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}")
"""Such as `de`, `pt-BR` or `zh-Hans`."""


def checked_language(value: object) -> str:
    """Return the value if it is a language tag; raises `ValueError`."""
    if not isinstance(value, str) or not _TAG.fullmatch(value):
        raise ValueError("must be a language such as de or pt-BR")
    return value


def system_language(environment: Mapping[str, str]) -> str:
    """Return the language of this machine, by its locale's variables; else English."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if locale := environment.get(name):
            tag = re.split(r"[.@]", locale)[0].replace("_", "-")
            return tag if _TAG.fullmatch(tag) else DEFAULT_LANGUAGE
    return DEFAULT_LANGUAGE
