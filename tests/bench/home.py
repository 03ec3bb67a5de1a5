"""A home that tells which commands mean something in it: a real Home Assistant with many things."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

from homeassistant.components import conversation
from homeassistant.components.conversation.agent_manager import async_get_agent
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import floor_registry as fr
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import async_test_home_assistant

from custom_components.indoor_voice.assistant.understanding import Understanding

SATELLITE: Final = "assist_satellite.kitchen"


class _Thing(NamedTuple):
    domain: str
    name: str
    area: str | None = None
    state: str = "off"
    device_class: str | None = None


_THINGS: Final = (
    _Thing("light", "Kitchen light", "Kitchen"),
    _Thing("light", "Bedroom light", "Bedroom"),
    _Thing("light", "Ceiling light", "Living room"),
    _Thing("light", "Hall light", "Hall"),
    _Thing("light", "Nursery light", "Nursery"),
    _Thing("light", "Lamp", "Anna's room"),
    _Thing("light", "Reading lamp", "Mohammed's room"),
    _Thing("light", "Mohammed's reading lamp"),
    _Thing("light", "Bed light", "Siobhan's room"),
    _Thing("light", "Desk lamp", "Office"),
    _Thing("fan", "Fan", "Guest room"),
    _Thing("cover", "Garage door", "Garage", "open", "garage"),
    _Thing("cover", "Curtains", "Bedroom", "open", "curtain"),
    _Thing("cover", "Office blinds", "Office", "open", "blind"),
    _Thing("cover", "Shutters", "Landing", "open", "shutter"),
    _Thing("cover", "Dimitri's curtains", "Dimitri's office", "open", "curtain"),
    _Thing("cover", "Window", "Bathroom", "open", "window"),
    _Thing("cover", "Gate", None, "closed", "gate"),
    _Thing("climate", "Thermostat", "Living room", "heat"),
    _Thing("climate", "Bedroom heating", "Bedroom", "heat"),
    _Thing("lock", "Front door", "Hall", "locked"),
    _Thing("lock", "Back door", "Kitchen", "locked"),
    _Thing("switch", "Coffee machine", "Kitchen"),
    _Thing("switch", "Oven", "Kitchen"),
    _Thing("switch", "Washing machine", "Bathroom"),
    _Thing("switch", "Sprinklers", "Back garden"),
    _Thing("switch", "Christmas tree", "Living room"),
    _Thing("switch", "Heater", "Office"),
    _Thing("switch", "Heating"),
    _Thing("media_player", "Radio", "Kitchen", "playing"),
    _Thing("media_player", "Television", "Living room", "playing"),
    _Thing("media_player", "Dining room speaker", "Dining room", "playing"),
    _Thing("vacuum", "Vacuum cleaner", "Landing", "docked"),
    _Thing("weather", "Berlin", None, "sunny"),
    _Thing("sensor", "Outside temperature", None, "12", "temperature"),
    _Thing("sensor", "Cellar humidity", "Cellar", "60", "humidity"),
    _Thing("sensor", "Motion sensor battery level", "Hall", "80", "battery"),
    _Thing("person", "Marta", None, "home"),
    _Thing("person", "Joshua", None, "home"),
    _Thing("scene", "Movie", None, "unknown"),
    _Thing("script", "Good night"),
    _Thing("todo", "Shopping list", None, "3"),
)


class Home:
    """What means something in a home with many things and people in it."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Prepare to ask a Home Assistant that is ready."""
        self._hass = hass
        self.understanding = Understanding(hass, "en", SATELLITE, None)

    async def understands(self, text: str) -> bool:
        """Return whether a text means something."""
        return await self.understanding.async_first_understood([text]) is not None

    async def means(self, text: str) -> tuple[str, ...] | None:
        """Return an intent's name and what it is about; None if a text means nothing."""
        if not await self.understands(text):
            return None
        agent = async_get_agent(self._hass, conversation.HOME_ASSISTANT_AGENT)
        said = conversation.ConversationInput(
            text=text,
            context=Context(),
            conversation_id=None,
            device_id=None,
            satellite_id=SATELLITE,
            language="en",
            agent_id=conversation.HOME_ASSISTANT_AGENT,
        )
        result = await agent.async_recognize_intent(said, strict_intents_only=True)  # type: ignore[union-attr]  # only this agent has it
        if result is None:
            return None
        about = (f"{one.name}={_value(one.value)}" for one in result.entities_list)
        return (result.intent.name, *sorted(about))


def _value(value: object) -> str:
    """Return a slot's value; "fifty" and "50" are recognised as 50 and 50.0."""
    return f"{value:g}" if isinstance(value, int | float) else str(value).casefold()


@asynccontextmanager
async def home() -> AsyncIterator[Home]:
    """Run a Home Assistant in this process while the block runs."""
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory(ignore_cleanup_errors=True))
        hass = await stack.enter_async_context(async_test_home_assistant(config_dir=folder))
        for component in ("homeassistant", "conversation", "intent"):
            assert await async_setup_component(hass, component, {})
        floors, areas, entities = fr.async_get(hass), ar.async_get(hass), er.async_get(hass)
        upstairs = floors.async_create("Upstairs", aliases={"first floor"})
        places = {thing.area for thing in _THINGS if thing.area is not None}
        rooms = {
            name: areas.async_create(
                name, floor_id=upstairs.floor_id if name == "Landing" else None
            )
            for name in sorted(places)
        }
        for number, thing in enumerate(_THINGS):
            entry = entities.async_get_or_create(
                thing.domain, "bench", str(number), original_name=thing.name
            )
            if thing.area is not None:
                entities.async_update_entity(entry.entity_id, area_id=rooms[thing.area].id)
            attributes = {"friendly_name": thing.name, "device_class": thing.device_class}
            hass.states.async_set(entry.entity_id, thing.state, attributes)
            async_expose_entity(hass, conversation.DOMAIN, entry.entity_id, should_expose=True)
        try:
            yield Home(hass)
        finally:
            await hass.async_stop(force=True)
