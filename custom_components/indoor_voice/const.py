"""Names and numbers that several modules of the integration share."""

from enum import StrEnum
from typing import Final

DOMAIN: Final = "indoor_voice"

CONF_KIND: Final = "kind"
CONF_CERTIFICATE: Final = "certificate"
"""The device's certificate (PEM, public); absent for others' speech servers, which have none."""
CONF_CODE: Final = "code"
CONF_PIPELINE: Final = "pipeline"
"""What the user asked for that can only be done once the entities exist; removed when done."""
CONF_CREATE_PIPELINE: Final = "create_pipeline"
CONF_PREFER_PIPELINE: Final = "prefer_pipeline"

CONF_RETENTION: Final = "retention_seconds"
"""How long the household keeps recordings at most; 0 keeps nothing."""
CONF_MAX_SIZE: Final = "max_size_mb"
CONF_REVIEW: Final = "review"
CONF_RULED_OUT: Final = "ruled_out"
CONF_GUIDANCE: Final = "guidance"
"""Whom to talk to, for who has heard in a review what troubles them; in the household's words."""
CONF_STRICT: Final = "strict"
"""Whether a turn may use only what runs in this house."""
CONF_EXCLUDED: Final = "excluded"
"""The people whom the administrator does not expect at a satellite."""
CONF_LIMIT: Final = "limit_seconds"
"""How long this satellite's recordings are kept at most; absent where the household's holds."""

PIPELINE_NAME: Final = "Indoor Voice"
HOUSEHOLD_ID: Final = "household"
"""The unique ID of the one household; no device may call itself so."""
HOUSEHOLD_TITLE: Final = "Household"


class EntryKind(StrEnum):
    """What an entry is; the words of a device stand in its description and in zeroconf, too."""

    SATELLITE = "satellite"
    SPEECH = "speech"
    HOUSEHOLD = "household"


DEFAULT_PORTS: Final = {EntryKind.SATELLITE: 10700, EntryKind.SPEECH: 10701}
"""The ports that `indoor-voice satellite` and `indoor-voice speech` listen on unless told."""
