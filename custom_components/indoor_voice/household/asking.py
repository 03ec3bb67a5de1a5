"""Tells people that they are asked for their consent, once and only if the administrator says so.

Everyone gets a notification in Home Assistant, and a push on each of their phones that has the
companion app. The notification goes away when they have answered.
"""

from typing import TYPE_CHECKING, Final

from homeassistant.components import persistent_notification
from homeassistant.components.notify.const import DOMAIN as NOTIFY_DOMAIN
from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.dispatcher import async_dispatcher_connect

from ..assistant.phrases import async_sentence
from ..const import DOMAIN, PANEL_PATH
from .keeper import KEEPER, SIGNAL_HOUSEHOLD

if TYPE_CHECKING:
    from homeassistant.core import CALLBACK_TYPE, HomeAssistant

    from ..privacy.people import PersonId
    from .keeper import Keeper

_COMPANION_APP: Final = "mobile_app"
_USER_ID: Final = "user_id"
_ANSWER_AT: Final = f"/{PANEL_PATH}/start"


async def async_ask(hass: HomeAssistant, keeper: Keeper) -> frozenset[PersonId]:
    """Tell everyone who still has to answer and was never told; returns who that was.

    Raises `HomeAssistantError` if the store can't be used; nobody is told then.
    """
    people = await keeper.run(lambda household: household.questions.tell())
    language = hass.config.language
    title = await async_sentence(hass, "common.asked_title", language)
    for person in sorted(people):
        name = keeper.arrangement.people[person].name
        message = await async_sentence(hass, "common.asked", language, name=name, link=_ANSWER_AT)
        persistent_notification.async_create(hass, message, title, _notification_id(person))
        push = await async_sentence(hass, "common.asked_push", language, name=name)
        for entity_id in _phones_of(hass, person):
            await _async_push(hass, entity_id, title, push)
    return people


@callback
def async_watch_answers(hass: HomeAssistant) -> CALLBACK_TYPE:
    """Remove the notification of each person who has no question left to answer."""

    @callback
    def changed() -> None:
        keeper = hass.data.get(KEEPER)
        if keeper is None or keeper.view is None:
            return
        waiting = {
            person
            for status in keeper.view.rooms.values()
            for person in status.missing - status.declined
        }
        for person in keeper.arrangement.people.keys() - waiting:
            persistent_notification.async_dismiss(hass, _notification_id(person))

    return async_dispatcher_connect(hass, SIGNAL_HOUSEHOLD, changed)


def _notification_id(person: PersonId) -> str:
    return f"{DOMAIN}_asked_{person}"


def _phones_of(hass: HomeAssistant, person: PersonId) -> list[str]:
    """Return the entities through which the companion app of a person can be reached."""
    registry = er.async_get(hass)
    return [
        entity.entity_id
        for entry in hass.config_entries.async_entries(_COMPANION_APP)
        if entry.data.get(_USER_ID) == person
        for entity in er.async_entries_for_config_entry(registry, entry.entry_id)
        if entity.domain == NOTIFY_DOMAIN and hass.states.get(entity.entity_id)
    ]


async def _async_push(hass: HomeAssistant, entity_id: str, title: str, message: str) -> None:
    """Send a push; a phone that can't be reached has the notification in Home Assistant."""
    try:
        await hass.services.async_call(
            NOTIFY_DOMAIN,
            "send_message",
            {ATTR_ENTITY_ID: entity_id, "title": title, "message": message},
            blocking=True,
        )
    except HomeAssistantError:
        return
