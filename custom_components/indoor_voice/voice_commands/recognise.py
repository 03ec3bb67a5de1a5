"""Recognises commands about keeping and alarms, and for quiet, whichever agent is used."""

import logging
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Final

from hassil import Intents, recognize
from homeassistant.config_entries import ConfigEntryState
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.start import async_at_started
from homeassistant.util.language import Dialect

from ..assistant.phrases import async_sentence
from ..assistant.turn_context import turn_hints
from ..assistant.understanding import Understanding
from ..const import CONF_KIND, DOMAIN, EntryKind
from ..devices.entries import device_key
from .alarms.execute import async_execute as async_execute_about_alarms
from .alarms.recognise import command_of, load_sentences
from .execute import async_execute
from .sentences import QUIET, SENTENCES, Command

if TYPE_CHECKING:
    from hassil import RecognizeResult
    from homeassistant.components.conversation import ConversationInput
    from homeassistant.config_entries import ConfigEntry
    from homeassistant.core import HomeAssistant

    from ..privacy.people import RoomId

_LOGGER = logging.getLogger(__name__)

_ISSUE: Final = "voice_commands"


async def async_register_commands(hass: HomeAssistant) -> None:
    """Register the commands as sentence triggers, which are matched before any agent is asked.

    Home Assistant's own agent matches the triggers itself; for other agents the pipeline does.
    """
    about_alarms = await hass.async_add_executor_job(load_sentences)
    try:
        # Home Assistant offers this to its automations only; a change there must not break set-up.
        from homeassistant.components.conversation.agent_manager import (  # noqa: PLC0415
            get_agent_manager,
        )

        register = get_agent_manager(hass).register_trigger
        for command, sentences in _by_command().items():
            register(sentences, partial(_answer, hass, command))
        register(about_alarms, partial(_answer_about_alarms, hass))
        register([sentence for sentences in QUIET.values() for sentence in sentences], _say_nothing)
        async_at_started(hass, _prepare)
    except AttributeError, ImportError, TypeError:
        _LOGGER.warning("Voice commands about keeping could not be registered")
        ir.async_create_issue(
            hass,
            DOMAIN,
            _ISSUE,
            is_fixable=False,
            severity=ir.IssueSeverity.WARNING,
            translation_key=_ISSUE,
        )


def command_in(text: str) -> Command | None:
    """Return the command that a text matches word for word."""
    result = recognize(text, _intents())
    return Command(result.intent.name) if result is not None else None


def _by_command() -> dict[Command, list[str]]:
    languages = SENTENCES.values()
    return {
        command: [sentence for by_command in languages for sentence in by_command[command]]
        for command in Command
    }


@cache
def _intents() -> Intents:
    return Intents.from_dict(
        {
            "language": "en",
            "intents": {
                command: {"data": [{"sentences": sentences}]}
                for command, sentences in _by_command().items()
            },
        }
    )


async def _prepare(hass: HomeAssistant) -> None:
    """Let Home Assistant parse the sentences now, so that the first command doesn't wait for it."""
    await Understanding(hass, hass.config.language, "", None).async_first_understood([""])


async def _answer(
    hass: HomeAssistant, command: Command, heard: ConversationInput, _: RecognizeResult
) -> str:
    if (hints := turn_hints.get()) is not None:
        hints.about_keeping()
    return await async_execute(hass, command, _room_of(hass, heard), heard.language)


async def _answer_about_alarms(
    hass: HomeAssistant, heard: ConversationInput, _: RecognizeResult
) -> str:
    said = command_of(heard.text, Dialect.parse(heard.language).language)
    if said is None:  # a trigger lets some numbers pass that mean nothing
        return await async_sentence(hass, "common.voice_alarm_no_time", heard.language)
    entry = _satellite_of(hass, heard)
    alarms = (
        entry.runtime_data.alarms
        if entry is not None and entry.state is ConfigEntryState.LOADED
        else None
    )
    return await async_execute_about_alarms(hass, said, alarms, heard.language)


async def _say_nothing(_heard: ConversationInput, _: RecognizeResult) -> str:
    return ""


def _room_of(hass: HomeAssistant, heard: ConversationInput) -> RoomId | None:
    """Return the room in which something was said; None if no satellite of ours heard it."""
    entry = _satellite_of(hass, heard)
    return None if entry is None else device_key(entry)


def _satellite_of(hass: HomeAssistant, heard: ConversationInput) -> ConfigEntry[Any] | None:
    registered = er.async_get(hass).async_get(heard.satellite_id) if heard.satellite_id else None
    if registered is None or registered.platform != DOMAIN or registered.config_entry_id is None:
        return None
    entry = hass.config_entries.async_get_entry(registered.config_entry_id)
    return entry if entry and entry.data[CONF_KIND] == EntryKind.SATELLITE else None
