"""Tells which readings of a command Home Assistant understands, without acting on any.

A speech server asks this while somebody pauses. What it learns makes it choose the right reading,
and end the turn at once when the command is complete. It waits for no answer that is late, so there
is no limit of time here.
"""

import logging
from typing import TYPE_CHECKING

from home_assistant_intents import get_languages
from homeassistant.components import conversation
from homeassistant.components.assist_pipeline import PipelineNotFound
from homeassistant.components.assist_pipeline.pipeline import async_get_pipeline
from homeassistant.components.conversation.agent_manager import async_get_agent
from homeassistant.const import MATCH_ALL
from homeassistant.core import Context
from homeassistant.helpers import intent
from homeassistant.util import language as language_util

from ..link.rate_limit import LogThrottle
from .expected import async_expected, names_of_things
from .learned import learned
from .sounding_alike import with_misheard_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hassil import RecognizeResult
    from homeassistant.core import HomeAssistant

    from .learned import Learned
    from .sounding_alike import MisheardName

_LOGGER = logging.getLogger(__name__)

_log = LogThrottle()


class Understanding:
    """What Home Assistant makes of commands to one satellite."""

    def __init__(
        self, hass: HomeAssistant, language: str, satellite_id: str, device_id: str | None
    ) -> None:
        """Initialize for a satellite, given as its entity's and its device's id."""
        self._hass = hass
        self._language = language
        self._satellite_id = satellite_id
        self._device_id = device_id

    async def async_first_understood(self, texts: Sequence[str]) -> int | None:
        """Return the index of the first text that means something with what is exposed."""
        try:
            for index, text in enumerate(texts):
                if await self._understands(text):
                    return index
        except Exception as err:  # noqa: BLE001 - Home Assistant's own agent isn't meant for this
            _log.warn(
                _LOGGER,
                "Home Assistant could not say which text it understands (%s); turns go on without, "
                "and take a little longer",
                type(err).__name__,
            )
        return None

    async def async_expected(self, texts: Sequence[str]) -> list[str]:
        """Return sentences that mean something in this home and come near one of the texts.

        What was learned makes no difference, so that what was understood before still is.
        """
        return await self._async_nearest(texts)

    async def async_taught(self, texts: Sequence[str]) -> list[str]:
        """Return what the household has learned to expect, if nothing else is understood."""
        known = learned(self._hass)
        misheard, _ = self._misheard(known)
        about = await self._async_nearest(texts, [one.name for one in misheard]) if misheard else []
        return known.expected(texts, self._language, about)

    async def async_corrected(self, texts: Sequence[str]) -> str | None:
        """Return a text with an approved correction that means something; None if there is none.

        If what was corrected is in none of them, what sounds like a corrected name counts, too.
        """
        known = learned(self._hass)
        corrections = known.corrections(texts, self._language)
        index = await self.async_first_understood(corrections)
        misheard, names = self._misheard(known) if index is None else ([], [])
        if misheard:
            corrections = await self._hass.async_add_executor_job(
                with_misheard_names, texts, misheard, names
            )
            index = await self.async_first_understood(corrections)
        return None if index is None else corrections[index]

    def _misheard(self, known: Learned) -> tuple[list[MisheardName], list[str]]:
        """Return the names that were misheard, and all names; none where nothing was corrected."""
        if not known.mishearings:
            return [], []
        try:
            names = names_of_things(self._hass)
        except Exception:  # noqa: BLE001 - see above
            _LOGGER.debug("The names in this home are not known")
            names = []
        return known.misheard_names(self._language, names), names

    async def _async_nearest(
        self, texts: Sequence[str], about: Sequence[str] | None = None
    ) -> list[str]:
        try:
            return await async_expected(self._hass, self._language, texts, about)
        except Exception:  # noqa: BLE001 - see above
            _LOGGER.debug("No sentences are expected in %s", self._language)
            return []

    async def _understands(self, text: str) -> bool:
        agent = async_get_agent(self._hass, conversation.HOME_ASSISTANT_AGENT)
        said = conversation.ConversationInput(
            text=text,
            context=Context(),
            conversation_id=None,
            device_id=self._device_id,
            satellite_id=self._satellite_id,
            language=self._language,
            agent_id=conversation.HOME_ASSISTANT_AGENT,
        )
        if await agent.async_recognize_sentence_trigger(said):  # type: ignore[union-attr]  # only this agent has it
            return True
        result = await agent.async_recognize_intent(said, strict_intents_only=True)  # type: ignore[union-attr]  # see above
        return result is not None and not result.unmatched_entities and self._has_target(result)

    def _has_target(self, result: RecognizeResult) -> bool:
        """Return whether what a sentence is about exists and is exposed."""
        values = {name: entity.value for name, entity in result.entities.items()}
        name, domain = values.get("name"), values.get("domain")
        if name is None and domain is None:
            return True
        constraints = intent.MatchTargetsConstraints(
            name=name,
            area_name=values.get("area"),
            floor_name=values.get("floor"),
            domains=[domain] if isinstance(domain, str) else domain,
            assistant=conversation.DOMAIN,
            allow_duplicate_names=True,
        )
        return intent.async_match_targets(self._hass, constraints).is_match


def understanding_of(
    hass: HomeAssistant, pipeline_id: str | None, satellite_id: str, device_id: str | None
) -> Understanding | None:
    """Return what tells whether a command is understood.

    None if another agent decides that, or if Home Assistant has no sentences in the language.
    """
    try:
        pipeline = async_get_pipeline(hass, pipeline_id)
    except PipelineNotFound:
        return None
    is_own = pipeline.conversation_engine in (None, conversation.HOME_ASSISTANT_AGENT)
    if not (is_own or pipeline.prefer_local_intents):
        return None
    language = pipeline.conversation_language
    if language == MATCH_ALL:
        language = pipeline.stt_language or pipeline.tts_language or pipeline.language
    if not language_util.matches(language, get_languages(), country=hass.config.country):
        return None
    return Understanding(hass, language, satellite_id, device_id)
