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

PIPELINE_NAME: Final = "Indoor Voice"


class Kind(StrEnum):
    """What a device does; the same words stand in its description and in zeroconf."""

    SATELLITE = "satellite"
    SPEECH = "speech"


DEFAULT_PORTS: Final = {Kind.SATELLITE: 10700, Kind.SPEECH: 10701}
"""The ports that `indoor-voice satellite` and `indoor-voice speech` listen on unless told."""
