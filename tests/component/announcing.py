"""Announces and asks something on a satellite."""

from typing import TYPE_CHECKING, Any

from .waiting import SATELLITE as ENTITY

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant


async def announce(hass: HomeAssistant, **data: Any) -> None:
    await hass.services.async_call(
        "assist_satellite",
        "announce",
        {"entity_id": ENTITY, "preannounce": False, **data},
        blocking=True,
    )


async def ask(hass: HomeAssistant) -> Any:
    return await hass.services.async_call(
        "assist_satellite",
        "ask_question",
        {
            "entity_id": ENTITY,
            "question": "Shall I turn off the light?",
            "preannounce": False,
            "answers": [
                {"id": "yes", "sentences": ["yes [please]"]},
                {"id": "no", "sentences": ["no"]},
            ],
        },
        blocking=True,
        return_response=True,
    )
