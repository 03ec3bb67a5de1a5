"""Constants of the Indoor Voice integration."""

from enum import StrEnum
from typing import Final

DOMAIN: Final = "indoor_voice"
PANEL_PATH: Final = "indoor-voice"
"""URL path of the panel in Home Assistant."""

CONF_KIND: Final = "kind"
CONF_CERTIFICATE: Final = "certificate"
"""The device's certificate (PEM, public); absent for speech servers of other vendors."""
CONF_CODE: Final = "code"
CONF_AREA: Final = "area"
CONF_PIPELINE: Final = "pipeline"
"""The user's choices for the pipeline, which is made once the entities exist; then removed."""
CONF_CREATE_PIPELINE: Final = "create_pipeline"
CONF_PREFER_PIPELINE: Final = "prefer_pipeline"

CONF_RETENTION: Final = "retention_seconds"
"""Longest time that the household keeps recordings; 0 keeps nothing."""
CONF_MAX_HOURS: Final = "max_hours"
"""How many hours of speech all recordings together can hold; beyond it the oldest are deleted."""
CONF_REVIEW: Final = "review"
CONF_RULED_OUT: Final = "ruled_out"
CONF_GUIDANCE: Final = "guidance"
"""The household's own advice on whom to talk to after hearing something troubling in a review."""
CONF_STRICT: Final = "strict"
"""Whether turns may only use engines that run in the house."""
CONF_EXCLUDED: Final = "excluded"
"""People whom the administrator does not expect at a satellite."""
CONF_LIMIT: Final = "limit_seconds"
"""Longest time that a satellite's recordings are kept; absent if the household's limit applies."""

PIPELINE_NAME: Final = "Indoor Voice"
HOUSEHOLD_ID: Final = "household"
"""The unique ID of the only household entry; no device can have it."""
HOUSEHOLD_TITLE: Final = "Household"


class EntryKind(StrEnum):
    """The kind of an entry; devices also use these words in their description and in zeroconf."""

    SATELLITE = "satellite"
    SPEECH = "speech"
    HOUSEHOLD = "household"


DEFAULT_PORTS: Final = {EntryKind.SATELLITE: 10700, EntryKind.SPEECH: 10701}
"""The default ports of `indoor-voice satellite` and `indoor-voice speech`."""
