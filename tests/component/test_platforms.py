"""Snapshots of every entity: name, category, attributes and state."""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity import Entity
from pytest_homeassistant_custom_component.common import snapshot_platform
from pytest_homeassistant_custom_component.syrupy import HomeAssistantSnapshotExtension
from syrupy.filters import props

from custom_components.indoor_voice.const import DOMAIN, EntryKind
from indoor_voice.room.adjustments import Adjustments, NoiseSuppression
from tests.waiting import until

from .keeping import set_up_household
from .waiting import shows

if TYPE_CHECKING:
    from collections.abc import Generator

    from homeassistant.core import HomeAssistant
    from syrupy.assertion import SnapshotAssertion

    from .peers import FakeSatellite


ECHO_CANCELLING = "switch.kitchen_kitchen_satellite_echo_cancelling"


@dataclass(frozen=True, slots=True)
class OnePlatform:
    """The registry's entries of one platform; the harness takes snapshots of only one."""

    registry: er.EntityRegistry
    platform: str

    @property
    def entities(self) -> OnePlatform:
        return self

    def get_entries_for_config_entry_id(self, entry_id: str) -> list[er.RegistryEntry]:
        entries = er.async_entries_for_config_entry(self.registry, entry_id)
        return [entry for entry in entries if entry.domain == self.platform]


@pytest.fixture(autouse=True)
def _all_enabled() -> Generator[None]:
    with patch.object(Entity, "entity_registry_enabled_default", new=True):
        yield


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """Leave out what differs between runs or between releases of Home Assistant."""
    without = props("compat_name")  # 2026.10 doesn't have it
    return snapshot.use_extension(HomeAssistantSnapshotExtension).with_defaults(exclude=without)


async def look(hass: HomeAssistant, snapshot: SnapshotAssertion, kind: EntryKind) -> None:
    (entry,) = [
        entry for entry in hass.config_entries.async_entries(DOMAIN) if entry.data["kind"] == kind
    ]
    registry = er.async_get(hass)
    entities = er.async_entries_for_config_entry(registry, entry.entry_id)

    def unavailable() -> list[str]:
        shown = {entity.entity_id: hass.states.get(entity.entity_id) for entity in entities}
        return [id_ for id_, it in shown.items() if it is None or it.state == STATE_UNAVAILABLE]

    await until(unavailable, lambda ids: not ids)
    for platform in sorted({entity.domain for entity in entities}):
        only = OnePlatform(registry, platform)
        await snapshot_platform(hass, only, snapshot, entry.entry_id)


@pytest.mark.parametrize("kind", EntryKind)
@pytest.mark.usefixtures("plays_music")
async def test_every_entity_is_as_ever(
    house: HomeAssistant, satellite: FakeSatellite, snapshot: SnapshotAssertion, kind: EntryKind
) -> None:
    await set_up_household(house)
    has_all = Adjustments(
        led_brightness=0.2, noise_suppression=NoiseSuppression.OFF, echo_cancelling=True
    )
    await satellite.report_settings(**has_all.as_data())
    await shows(house, ECHO_CANCELLING, lambda state: state == "on")
    await look(house, snapshot, kind)
