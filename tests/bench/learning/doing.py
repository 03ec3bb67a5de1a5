"""What Home Assistant does when it is told something, without doing it."""

from dataclasses import dataclass
from typing import Final

from homeassistant.components import conversation
from homeassistant.core import Context, HomeAssistant, ServiceCall

from .hearing import LANGUAGE

_ACTIONS: Final = {
    "light": ("turn_on", "turn_off"),
    "switch": ("turn_on", "turn_off"),
    "fan": ("turn_on", "turn_off"),
    "media_player": ("turn_on", "turn_off"),
    "cover": ("open_cover", "close_cover"),
    "lock": ("lock", "unlock"),
}


@dataclass(frozen=True, slots=True)
class Done:
    """What was done."""

    actions: frozenset[tuple[str, str]] = frozenset()
    """Each with the thing that it was done to."""
    names: tuple[str, ...] = ()
    """Of the things that were reached."""


class Doing:
    """Home Assistant's own agent, whose actions are noted and have no effect."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Take the place of all actions that can be asked for."""
        self._hass = hass
        self._calls: list[ServiceCall] = []
        for domain, actions in _ACTIONS.items():
            for action in actions:
                hass.services.async_register(domain, action, self._note)

    async def async_do(self, text: str) -> Done:
        """Return what Home Assistant would do."""
        self._calls.clear()
        await conversation.async_converse(
            self._hass,
            text,
            None,
            Context(),
            LANGUAGE,
            agent_id=conversation.HOME_ASSISTANT_AGENT,
        )
        await self._hass.async_block_till_done()
        actions = frozenset(
            (f"{call.domain}.{call.service}", entity_id)
            for call in self._calls
            for entity_id in _targets(call)
        )
        states = (self._hass.states.get(entity_id) for entity_id in sorted(t for _, t in actions))
        return Done(actions, tuple(state.name for state in states if state is not None))

    async def _note(self, call: ServiceCall) -> None:
        self._calls.append(call)


def _targets(call: ServiceCall) -> list[str]:
    targets = call.data["entity_id"]
    return [targets] if isinstance(targets, str) else list(targets)
