"""A test-only integration that passes ended turns to the keeper, so that no test has to speak.

These turns are subject to the household's rules and are sealed like any other turn.
"""

import base64
from typing import TYPE_CHECKING, Any, Final

from homeassistant.components.websocket_api import async_register_command
from homeassistant.components.websocket_api.decorators import async_response, websocket_command

from custom_components.indoor_voice.household.keeper import KEEPER
from custom_components.indoor_voice.privacy.consent.disguise import Disguise
from custom_components.indoor_voice.privacy.types import Disguised, EndedTurn

if TYPE_CHECKING:
    from homeassistant.components.websocket_api.connection import ActiveConnection
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.typing import ConfigType

DOMAIN: Final = "ended_turns"


@websocket_command(
    {
        "type": f"{DOMAIN}/end",
        "room": str,
        "words": dict,
        "sound": str,
        "features": str,
        "respoken": str,
    }
)
@async_response
async def _end(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """End a turn that was understood; its bytes, such as 16 kHz, 16 bit, mono, are base64."""
    turn = EndedTurn(
        room=msg["room"],
        understood=True,
        about_keeping=False,
        sound=base64.b64decode(msg["sound"]),
        words=msg["words"],
        features=base64.b64decode(msg["features"]),
        disguised=Disguised(
            disguise=Disguise.RESPOKEN, sound=base64.b64decode(msg["respoken"]), rate=22_050
        ),
    )
    kept = await hass.data[KEEPER].run(lambda household: household.turn_ended(turn))
    connection.send_result(msg["id"], {"recording": kept.recording, "dropped": kept.dropped})


async def async_setup(hass: HomeAssistant, _config: ConfigType) -> bool:
    """Register the command, for every account."""
    async_register_command(hass, _end)
    return True
