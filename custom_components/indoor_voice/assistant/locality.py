"""Finds out which parts of a turn leave the house, and refuses such turns in strict mode."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from homeassistant.components import conversation
from homeassistant.components.assist_pipeline import PipelineNotFound
from homeassistant.components.assist_pipeline.const import CONF_DEBUG_RECORDING_DIR, DATA_CONFIG
from homeassistant.components.assist_pipeline.pipeline import async_get_pipeline
from homeassistant.core import callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.entity import entity_sources
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.helpers.start import async_at_started
from homeassistant.loader import IntegrationNotLoaded, async_get_loaded_integration

from ..const import CONF_KIND, CONF_STRICT, DOMAIN, EntryKind
from ..devices.entries import device_key, satellite_entries
from .addresses import AddressScope, async_look_up, scope_of
from .assistants import assistants_in_use, chosen_pipeline

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from homeassistant.config_entries import ConfigEntry
    from homeassistant.core import HomeAssistant

NOT_LOCAL: Final = "not-local"
"""The error code with which strict mode refuses a turn."""
CHECK_INTERVAL: Final = timedelta(seconds=30)
_ISSUE_DEBUG: Final = "debug_recordings"


class Stage(StrEnum):
    """The stage of a turn that an engine serves."""

    STT = "stt"
    CONVERSATION = "conversation"
    TTS = "tts"


class Locality(StrEnum):
    """Where an engine works, by its integration's class and the addresses in its settings."""

    LOCAL = "local"
    CLOUD = "cloud"
    OUTSIDE = "outside"
    """Its integration is local, but an address in its settings is outside the house."""

    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """An engine of a satellite's pipeline."""

    stage: Stage
    id: str
    integration: str | None
    iot_class: str | None
    where: Locality


@callback
def engines_of(
    hass: HomeAssistant, satellite: ConfigEntry[Any], assistant: int
) -> tuple[Engine, ...]:
    """Return the engines that serve the turns of one of a satellite's assistants now."""
    try:
        chosen = chosen_pipeline(hass, device_key(satellite), assistant)
        pipeline = async_get_pipeline(hass, chosen)
    except PipelineNotFound:
        return ()
    ids = {
        Stage.STT: pipeline.stt_engine,
        Stage.CONVERSATION: pipeline.conversation_engine,
        Stage.TTS: pipeline.tts_engine,
    }
    return tuple(_engine(hass, stage, id_) for stage, id_ in ids.items() if id_ is not None)


@callback
def is_refused(hass: HomeAssistant, satellite: ConfigEntry[Any], assistant: int) -> bool:
    """Return whether strict mode forbids turns with one of a satellite's assistants."""
    return _is_strict(hass) and any(
        engine.where is not Locality.LOCAL for engine in engines_of(hass, satellite, assistant)
    )


@callback
def speaks_locally(hass: HomeAssistant, satellite: ConfigEntry[Any], assistant: int) -> bool:
    """Return whether the speech of one of a satellite's assistants is synthesised in the house."""
    return any(
        engine.stage is Stage.TTS and engine.where is Locality.LOCAL
        for engine in engines_of(hass, satellite, assistant)
    )


@callback
def async_engine_report(hass: HomeAssistant, satellite: ConfigEntry[Any]) -> dict[str, Any]:
    """Return where each engine works, for the diagnostics."""
    engines, *of_second = (
        {
            engine.stage.value: {
                "integration": engine.integration,
                "iot_class": engine.iot_class,
                "where": engine.where.value,
            }
            for engine in engines_of(hass, satellite, assistant)
        }
        for assistant in assistants_in_use(satellite)
    )
    return {
        "engines": engines,
        **({"engines_of_second_assistant": of_second[0]} if of_second else {}),
        "strict": _is_strict(hass),
        "debug_recordings": debug_recordings(hass) is not None,
    }


@callback
def async_watch_locality(hass: HomeAssistant) -> None:
    """Keep repair issues about what leaves the house up to date until Home Assistant stops.

    Polling finds every change, including those without an event, such as a different preferred
    assistant.
    """
    shown: set[str] = set()

    async def check(_: datetime | HomeAssistant) -> None:
        await async_look_up(hass, _engine_entries(hass))
        used = [entry for entry in satellite_entries(hass) if entry.disabled_by is None]
        found = {issue.id: issue for entry in used for issue in _issues(hass, entry)}
        if used and (directory := debug_recordings(hass)) is not None:
            found[_ISSUE_DEBUG] = _Issue(
                id=_ISSUE_DEBUG, key=_ISSUE_DEBUG, placeholders={"directory": directory}
            )
        for issue_id in shown - found.keys():
            ir.async_delete_issue(hass, DOMAIN, issue_id)
        for issue in found.values():
            ir.async_create_issue(
                hass,
                DOMAIN,
                issue.id,
                is_fixable=False,
                severity=issue.severity,
                translation_key=issue.key,
                translation_placeholders=issue.placeholders,
            )
        shown.clear()
        shown.update(found)

    async_at_started(hass, check)
    async_track_time_interval(hass, check, CHECK_INTERVAL, cancel_on_shutdown=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Issue:
    id: str
    key: str
    placeholders: dict[str, str]
    severity: ir.IssueSeverity = ir.IssueSeverity.WARNING


def _issues(hass: HomeAssistant, satellite: ConfigEntry[Any]) -> Iterator[_Issue]:
    engines = _engines_in_use(hass, satellite)
    if _is_strict(hass):
        refused = [engine for engine in engines if engine.where is not Locality.LOCAL]
        if refused:
            named = ", ".join(
                f"{engine.id} ({engine.integration})" if engine.integration else engine.id
                for engine in refused
            )
            yield _Issue(
                id=f"strict_{satellite.entry_id}",
                key="strict",
                placeholders={"title": satellite.title, "engines": named},
                severity=ir.IssueSeverity.ERROR,
            )
        return
    for engine in engines:
        if engine.where in {Locality.CLOUD, Locality.OUTSIDE}:
            yield _Issue(
                id=f"cloud_{engine.stage}_{engine.id}_{satellite.entry_id}",
                key=f"cloud_{engine.stage}",
                placeholders={
                    "title": satellite.title,
                    "engine": engine.id,
                    "integration": str(engine.integration),
                },
            )


def _engines_in_use(hass: HomeAssistant, satellite: ConfigEntry[Any]) -> tuple[Engine, ...]:
    """Return the engines of all of a satellite's assistants, each once."""
    engines = (
        engine
        for assistant in assistants_in_use(satellite)
        for engine in engines_of(hass, satellite, assistant)
    )
    return tuple(dict.fromkeys(engines))


_LOCALITIES: Final = {
    AddressScope.HOUSE: Locality.LOCAL,
    AddressScope.OUTSIDE: Locality.OUTSIDE,
    AddressScope.UNKNOWN: Locality.UNKNOWN,
}


def _engine_entries(hass: HomeAssistant) -> list[ConfigEntry[Any]]:
    """Return the config entries of all engines that satellites use."""
    used = (
        _source(hass, engine.stage, engine.id)[1]
        for satellite in satellite_entries(hass)
        for engine in _engines_in_use(hass, satellite)
    )
    return [entry for entry in used if entry is not None]


def _engine(hass: HomeAssistant, stage: Stage, id_: str) -> Engine:
    integration, entry = _source(hass, stage, id_)
    iot_class = _iot_class(hass, integration)
    if id_ == conversation.HOME_ASSISTANT_AGENT:
        where = Locality.LOCAL
    elif iot_class is not None and iot_class.startswith("cloud_"):
        where = Locality.CLOUD
    elif iot_class is not None and iot_class.startswith("local_"):
        # The addresses of an integration that was set up in YAML are not accessible.
        where = Locality.UNKNOWN if entry is None else _LOCALITIES[scope_of(hass, entry)]
    else:
        where = Locality.UNKNOWN
    return Engine(stage=stage, id=id_, integration=integration, iot_class=iot_class, where=where)


def _source(
    hass: HomeAssistant, stage: Stage, engine_id: str
) -> tuple[str | None, ConfigEntry[Any] | None]:
    """Return an engine's integration, and its config entry if it has one."""
    if "." in engine_id:
        if (registered := er.async_get(hass).async_get(engine_id)) is not None:
            entry_id = registered.config_entry_id
            entry = hass.config_entries.async_get_entry(entry_id) if entry_id else None
            return registered.platform, entry
        source = entity_sources(hass).get(engine_id)
        return (source["domain"] if source else None), None
    if stage is Stage.CONVERSATION:
        # The id of an agent that is not an entity is that of its config entry.
        entry = hass.config_entries.async_get_entry(engine_id)
        return (entry.domain if entry else None), entry
    return engine_id, None  # a legacy engine has the name of its integration


def _iot_class(hass: HomeAssistant, integration: str | None) -> str | None:
    if integration is None:
        return None
    try:
        return async_get_loaded_integration(hass, integration).iot_class
    except IntegrationNotLoaded:
        return None


@callback
def debug_recordings(hass: HomeAssistant) -> str | None:
    """Return the directory to which Home Assistant writes the sound of every turn, if any."""
    directory: str | None = hass.data[DATA_CONFIG].get(CONF_DEBUG_RECORDING_DIR)
    return directory


def _is_strict(hass: HomeAssistant) -> bool:
    return any(
        entry.data[CONF_KIND] == EntryKind.HOUSEHOLD and entry.options.get(CONF_STRICT, False)
        for entry in hass.config_entries.async_entries(
            DOMAIN, include_ignore=False, include_disabled=False
        )
    )
