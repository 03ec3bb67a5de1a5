"""Converts the options that an earlier version of the integration stored."""

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from ..const import CONF_MAX_HOURS
from ..privacy.people import SPEECH_BYTES_PER_HOUR
from ..privacy.strict_json import number_of

if TYPE_CHECKING:
    from collections.abc import Mapping

ENTRY_MINOR_VERSION: Final = 2
"""Since 2 the limit on recordings is in hours of speech; before, it was in megabytes."""

_MAX_MEGABYTES: Final = "max_size_mb"
_MEGABYTE: Final = 1024 * 1024


def converted_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of an entry of minor version 1 as this version stores them.

    An invalid limit stays invalid, so that it is reported and nothing is kept.
    """
    converted = dict(options)
    if _MAX_MEGABYTES in converted:
        limit = converted.pop(_MAX_MEGABYTES)
        with suppress(ValueError):
            limit = int(number_of(limit)) * _MEGABYTE / SPEECH_BYTES_PER_HOUR
        converted[CONF_MAX_HOURS] = limit
    return converted
