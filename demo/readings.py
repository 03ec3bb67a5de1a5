"""What the devices of the demo's home show, and what a command has changed there."""

from typing import Final

from .home_assistant import AREAS, HomeAssistant

Readings = dict[str, str]
"""The states and settings of the devices, by a name that people understand."""

_SETTINGS: Final = ("brightness", "temperature", "current_position")


async def readings(home_assistant: HomeAssistant) -> Readings:
    """Return what every device shows now."""
    devices = {entity_id for entity_ids in AREAS.values() for entity_id in entity_ids}
    shown: Readings = {}
    for state in await home_assistant.request("GET", "/api/states"):
        if state["entity_id"] not in devices:
            continue
        attributes = state["attributes"]
        name = attributes["friendly_name"]
        shown[name] = state["state"]
        for setting in _SETTINGS:
            if (value := attributes.get(setting)) is not None:
                shown[f"{name}, {setting.replace('_', ' ')}"] = f"{value:g}"
    return shown


def changes(before: Readings, after: Readings) -> list[str]:
    """Describe what has changed, such as `Kitchen light: off → on`."""
    changed = {name for name in before.keys() & after.keys() if before[name] != after[name]}
    return [
        f"{name}: {before[name]} → {after[name]}"
        for name in sorted(changed)
        # A light that is switched on has a brightness, too: one line is enough.
        if name.partition(",")[0] not in changed - {name}
    ]
