"""A home that tells which commands mean something in it: a real Home Assistant with many things."""

from collections.abc import AsyncIterator, Sequence
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


class Thing(NamedTuple):
    """Something in a home, in an area or in none."""

    domain: str
    name: str
    area: str | None = None
    state: str = "off"
    device_class: str | None = None


_THINGS: Final = (
    Thing("light", "Kitchen light", "Kitchen"),
    Thing("light", "Bedroom light", "Bedroom"),
    Thing("light", "Ceiling light", "Living room"),
    Thing("light", "Hall light", "Hall"),
    Thing("light", "Nursery light", "Nursery"),
    Thing("light", "Lamp", "Anna's room"),
    Thing("light", "Reading lamp", "Mohammed's room"),
    Thing("light", "Mohammed's reading lamp"),
    Thing("light", "Bed light", "Siobhan's room"),
    Thing("light", "Desk lamp", "Office"),
    Thing("fan", "Fan", "Guest room"),
    Thing("cover", "Garage door", "Garage", "open", "garage"),
    Thing("cover", "Curtains", "Bedroom", "open", "curtain"),
    Thing("cover", "Office blinds", "Office", "open", "blind"),
    Thing("cover", "Shutters", "Landing", "open", "shutter"),
    Thing("cover", "Dimitri's curtains", "Dimitri's office", "open", "curtain"),
    Thing("cover", "Window", "Bathroom", "open", "window"),
    Thing("cover", "Gate", None, "closed", "gate"),
    Thing("climate", "Thermostat", "Living room", "heat"),
    Thing("climate", "Bedroom heating", "Bedroom", "heat"),
    Thing("lock", "Front door", "Hall", "locked"),
    Thing("lock", "Back door", "Kitchen", "locked"),
    Thing("switch", "Coffee machine", "Kitchen"),
    Thing("switch", "Oven", "Kitchen"),
    Thing("switch", "Washing machine", "Bathroom"),
    Thing("switch", "Sprinklers", "Back garden"),
    Thing("switch", "Christmas tree", "Living room"),
    Thing("switch", "Heater", "Office"),
    Thing("switch", "Heating"),
    Thing("media_player", "Radio", "Kitchen", "playing"),
    Thing("media_player", "Television", "Living room", "playing"),
    Thing("media_player", "Dining room speaker", "Dining room", "playing"),
    Thing("vacuum", "Vacuum cleaner", "Landing", "docked"),
    Thing("weather", "Berlin", None, "sunny"),
    Thing("sensor", "Outside temperature", None, "12", "temperature"),
    Thing("sensor", "Cellar humidity", "Cellar", "60", "humidity"),
    Thing("sensor", "Motion sensor battery level", "Hall", "80", "battery"),
    Thing("person", "Marta", None, "home"),
    Thing("person", "Joshua", None, "home"),
    Thing("scene", "Movie", None, "unknown"),
    Thing("script", "Good night"),
    Thing("todo", "Shopping list", None, "3"),
)


class Home:
    """What means something in a home with many things and people in it."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Prepare to ask a Home Assistant that is ready."""
        self.hass = hass
        self.understanding = Understanding(hass, "en", SATELLITE, None)

    async def understands(self, text: str) -> bool:
        """Return whether a text means something."""
        return await self.understanding.async_first_understood([text]) is not None

    async def means(self, text: str) -> tuple[str, ...] | None:
        """Return an intent's name and what it is about; None if a text means nothing."""
        if not await self.understands(text):
            return None
        agent = async_get_agent(self.hass, conversation.HOME_ASSISTANT_AGENT)
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
async def home(things: Sequence[Thing] = _THINGS) -> AsyncIterator[Home]:
    """Run a Home Assistant with these things in this process while the block runs."""
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory(ignore_cleanup_errors=True))
        hass = await stack.enter_async_context(async_test_home_assistant(config_dir=folder))
        for component in ("homeassistant", "conversation", "intent"):
            assert await async_setup_component(hass, component, {})
        floors, areas, entities = fr.async_get(hass), ar.async_get(hass), er.async_get(hass)
        upstairs = floors.async_create("Upstairs", aliases={"first floor"})
        places = {thing.area for thing in things if thing.area is not None}
        rooms = {
            name: areas.async_create(
                name, floor_id=upstairs.floor_id if name == "Landing" else None
            )
            for name in sorted(places)
        }
        for number, thing in enumerate(things):
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
