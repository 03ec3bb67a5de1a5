"""Fixtures: a Home Assistant with Indoor Voice, and scripted peers on real sockets."""

import asyncio
import logging
import re
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from haffmpeg.tools import FFVersion
from hassil.parse_expression import parse_sentence
from homeassistant.config_entries import ConfigEntryState
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.storage import STORAGE_DIR
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry

# The harness has a package of the same name; Home Assistant must find ours.
sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(1, str(Path(__file__).parent))
import custom_components.indoor_voice  # noqa: F401
from custom_components.indoor_voice.const import DOMAIN
from custom_components.indoor_voice.devices import connecting
from custom_components.indoor_voice.devices.trust import KEY_FILE
from custom_components.indoor_voice.household import store
from custom_components.indoor_voice.link import satellite as link
from custom_components.indoor_voice.link.certificate import OwnCertificate, load_or_make
from tests.privacy.exposed import ExposedHousehold, SettableClock
from tests.waiting import until

from .entries import data_of, unload_entries
from .logins import Home, household
from .peers import IDLE_MUSIC, SATELLITE_ID, SPEECH_ID, FakeSatellite, FakeSpeech
from .protection import Protection

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator
    from threading import Thread

    from hassil.expression import Sentence
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.typing import WebSocketGenerator


COMPLAINT = re.compile(rf"Detected .*'{DOMAIN}'|[Dd]eprecated.* from {DOMAIN}")
"""How Home Assistant begins to say that an integration must be changed."""


def wait_for_threads(threads: set[Thread], timeout: float, log: bool) -> set[Thread]:  # noqa: FBT001 - Home Assistant's signature
    """Wait until threads have ended, and return them."""
    for thread in threads:
        thread.join()
    return threads


@pytest.fixture(scope="session", autouse=True)
def _threads_end_by_themselves() -> Generator[None]:
    """Wait for the threads of Home Assistant's executor, which would interrupt them.

    An idle thread that is told to end passes that on to the next. On a busy machine one may not get
    to run within the half second that Home Assistant waits: then it is interrupted before it has
    passed the message on, the next one waits for ever, and the harness finds it. One that never
    ends fails the test by the timeout.
    """
    with patch("homeassistant.util.executor.join_or_interrupt_threads", wait_for_threads):
        yield


@pytest.fixture(autouse=True)
async def enable_event_loop_debug() -> AsyncGenerator[None]:
    """Enable asyncio's checks as the harness does, except recording where each task was created.

    That would take half of the time.
    """
    loop = asyncio.get_running_loop()
    loop.set_debug(True)
    # Not a mock, which would remember each of the many calls.
    with patch.object(loop, "get_debug", lambda: False):
        yield


@pytest.fixture(scope="session", autouse=True)
def _ask_ffmpeg_for_its_version_once() -> Generator[None]:
    """Remember ffmpeg's version, for which each Home Assistant would start it."""
    versions: list[str | None] = []
    get_version = FFVersion.get_version

    async def remembered(ffmpeg: FFVersion) -> str | None:
        if not versions:
            versions.append(await get_version(ffmpeg))
        return versions[0]

    with patch.object(FFVersion, "get_version", remembered):
        yield


@pytest.fixture(scope="session", autouse=True)
def _parse_each_sentence_once() -> Generator[None]:
    """Remember the parsed sentences, which each Home Assistant would parse again."""
    parsed = cache(parse_sentence)

    def remembered(text: str, *, keep_text: bool = False) -> Sentence:
        # A copy, because a sentence also holds what depends on the other sentences.
        return replace(parsed(text, keep_text))

    with patch("hassil.intents.parse_sentence", remembered):
        yield


@pytest.fixture(autouse=True)
def _environment(
    enable_custom_integrations: None,
    socket_enabled: None,
    hass_storage: dict[str, Any],
    tmp_path: Path,
) -> Generator[None]:
    """Allow sockets, keep files in memory or in the test's folder, and shorten reconnect pauses.

    What the household is opened with is shown to tests.
    """
    with (
        patch("homeassistant.components.tts._init_tts_cache_dir", return_value=str(tmp_path)),
        patch.object(link, "RECONNECT_SECONDS", (0.05, 0.1)),
        patch.object(connecting, "PAUSE_SECONDS", (0.05, 0.1)),
        patch.object(store, "Household", ExposedHousehold),
        patch.object(store, "Clock", SettableClock),
    ):
        yield


@pytest.fixture(autouse=True)
def _nothing_deprecated_is_used(caplog: pytest.LogCaptureFixture) -> Generator[None]:
    """Fail a test in which Home Assistant complains about how the integration uses it."""
    yield
    records = (*caplog.get_records("setup"), *caplog.get_records("call"))
    said = {record.getMessage() for record in records if record.levelno >= logging.WARNING}
    assert not {it for it in said if COMPLAINT.search(it)}


@pytest.fixture(autouse=True)
async def _assist(hass: HomeAssistant, _environment: None) -> None:
    hass.config.internal_url = "http://127.0.0.1:8123"
    assert await async_setup_component(hass, "homeassistant", {})
    assert await async_setup_component(hass, "assist_pipeline", {})


@pytest.fixture
def own(hass: HomeAssistant, tmp_path: Path) -> OwnCertificate:
    """Home Assistant's certificate and key, made before the peers that trust it."""
    hass.config.config_dir = str(tmp_path)
    (tmp_path / STORAGE_DIR).mkdir()
    return load_or_make(tmp_path / STORAGE_DIR / KEY_FILE)


@pytest.fixture
async def satellite(own: OwnCertificate, tmp_path: Path) -> AsyncGenerator[FakeSatellite]:
    async with FakeSatellite(Protection(tmp_path / "satellite.pem", own.pem)) as peer:
        yield peer


@pytest.fixture
async def new_satellite(satellite: FakeSatellite) -> FakeSatellite:
    await satellite.trust(None)
    return satellite


@pytest.fixture
def plays_music(satellite: FakeSatellite) -> None:
    """Give the satellite a music player; ask for this before `house`."""
    satellite.media = dict(IDLE_MUSIC)


@pytest.fixture
async def speech(own: OwnCertificate, tmp_path: Path) -> AsyncGenerator[FakeSpeech]:
    async with FakeSpeech(Protection(tmp_path / "speech.pem", own.pem)) as peer:
        yield peer


@pytest.fixture
async def new_speech(speech: FakeSpeech) -> FakeSpeech:
    await speech.trust(None)
    return speech


@pytest.fixture
async def plain_speech() -> AsyncGenerator[FakeSpeech]:
    """A speech server of another vendor."""
    async with FakeSpeech(None) as peer:
        peer.id = None
        yield peer


@pytest.fixture
async def satellite_entry(
    hass: HomeAssistant, satellite: FakeSatellite
) -> AsyncGenerator[MockConfigEntry]:
    entry = MockConfigEntry(
        domain=DOMAIN,
        title="Kitchen satellite",
        unique_id=SATELLITE_ID,
        data=data_of(satellite),
    )
    entry.add_to_hass(hass)
    yield entry
    await unload_entries(hass)


@pytest.fixture
def disabled_entity(hass: HomeAssistant, satellite_entry: MockConfigEntry) -> er.RegistryEntry:
    """The satellite's `assist_satellite` entity, disabled by the user."""
    return er.async_get(hass).async_get_or_create(
        "assist_satellite",
        DOMAIN,
        SATELLITE_ID,
        config_entry=satellite_entry,
        disabled_by=er.RegistryEntryDisabler.USER,
    )


@pytest.fixture
async def speech_entry(hass: HomeAssistant, speech: FakeSpeech) -> AsyncGenerator[MockConfigEntry]:
    entry = MockConfigEntry(
        domain=DOMAIN,
        title="Speech server (tiny.en)",
        unique_id=SPEECH_ID,
        data={
            **data_of(speech),
            "pipeline": {"create_pipeline": True, "prefer_pipeline": True},
        },
    )
    entry.add_to_hass(hass)
    yield entry
    await unload_entries(hass)


@pytest.fixture
async def house(
    hass: HomeAssistant,
    satellite: FakeSatellite,
    satellite_entry: MockConfigEntry,
    speech: FakeSpeech,
    speech_entry: MockConfigEntry,
) -> AsyncGenerator[HomeAssistant]:
    """A satellite and a speech server, with Home Assistant's own conversation agent."""
    assert await async_setup_component(hass, DOMAIN, {})
    await hass.async_block_till_done()
    await satellite.wait_for("run-satellite")
    # Home Assistant tries again where a busy machine was too slow to answer it.
    await until(lambda: speech_entry.state is ConfigEntryState.LOADED)
    yield hass
    await unload_entries(hass)


@pytest.fixture
async def home(
    hass: HomeAssistant, own: OwnCertificate, hass_ws_client: WebSocketGenerator
) -> AsyncGenerator[Home]:
    """A household of three people and two rooms that keeps nothing yet."""
    async with household(hass, hass_ws_client) as home:
        yield home
