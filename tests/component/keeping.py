"""A household that keeps recordings of the kitchen, and a person who can listen."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from homeassistant.auth.const import GROUP_ID_USER
from homeassistant.components import person
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.indoor_voice.const import (
    CONF_KIND,
    CONF_RETENTION,
    DOMAIN,
    HOUSEHOLD_ID,
    EntryKind,
)
from custom_components.indoor_voice.household.keeper import KEEPER, Keeper
from custom_components.indoor_voice.household.locked_keys import async_locked_keys
from custom_components.indoor_voice.privacy.consent.consent import VALID_SECONDS_MAX, Purpose, Terms
from custom_components.indoor_voice.privacy.consent.notices import CURRENT
from custom_components.indoor_voice.privacy.people import DAY_SECONDS
from custom_components.indoor_voice.privacy.store.sealing import Part
from custom_components.indoor_voice.privacy.types import OpenReason
from tests.privacy.exposed import ExposedHousehold, SettableClock
from tests.privacy.listener import Listener
from tests.waiting import until

from .peers import SATELLITE_ID

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

    from custom_components.indoor_voice.privacy.consent.rules import DropReason
    from custom_components.indoor_voice.privacy.household import Household
    from custom_components.indoor_voice.privacy.store.recordings import Recording

WEEK_SECONDS = 7 * DAY_SECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Inhabitant:
    """A person with an account and a listening key."""

    id: str
    listener: Listener

    async def consent(self, hass: HomeAssistant, limit_seconds: float = WEEK_SECONDS) -> None:
        """Consent to keeping in the kitchen."""
        await self.give(
            hass,
            Terms(
                purpose=Purpose.KEEP, rooms=frozenset({SATELLITE_ID}), limit_seconds=limit_seconds
            ),
        )

    async def give(self, hass: HomeAssistant, terms: Terms) -> None:
        notice = CURRENT[terms.purpose, "en"].sha256

        def give(household: Household) -> None:
            household.give(self.id, terms, notice, VALID_SECONDS_MAX, "panel")

        await keeper_of(hass).run(give)

    async def recordings(self, hass: HomeAssistant) -> list[Recording]:
        """Return the recordings that this person can open, newest first."""
        return await keeper_of(hass).run(lambda household: household.recordings(self.id))

    async def open(self, hass: HomeAssistant, recording: Recording, part: Part) -> bytes:
        """Open a part of a recording as the panel does."""
        opened = await keeper_of(hass).run(
            lambda household: household.open_recording(recording.id, self.id, part, OpenReason.OWN)
        )
        return self.listener.open(opened.key, recording.id, part, opened.ciphertext)

    async def words(self, hass: HomeAssistant, recording: Recording) -> dict[str, Any]:
        words: dict[str, Any] = json.loads(await self.open(hass, recording, Part.WORDS))
        return words


def keeper_of(hass: HomeAssistant) -> Keeper:
    return hass.data[KEEPER]


async def add_person(hass: HomeAssistant, name: str) -> Inhabitant:
    """Add a person to the household."""
    assert await async_setup_component(hass, "person", {})
    user = await hass.auth.async_create_user(name, group_ids=[GROUP_ID_USER])
    await person.async_create_person(hass, name, user_id=user.id)
    await hass.async_block_till_done()
    return Inhabitant(id=user.id, listener=Listener.quick())


async def set_up_household(hass: HomeAssistant, **options: Any) -> MockConfigEntry:
    """Set up a household with a ceiling of a week."""
    assert await async_setup_component(hass, "person", {})
    entry = MockConfigEntry(
        domain=DOMAIN,
        title="Household",
        unique_id=HOUSEHOLD_ID,
        data={CONF_KIND: EntryKind.HOUSEHOLD},
        options={CONF_RETENTION: WEEK_SECONDS, **options},
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    return entry


def exposed(household: Household) -> ExposedHousehold:
    """Return the household as the fixture in `conftest.py` made it."""
    assert isinstance(household, ExposedHousehold)
    return household


async def set_time(hass: HomeAssistant, wall_seconds: float) -> None:
    """Set the store's clock, in seconds since 1970."""

    def set_clock(household: Household) -> None:
        clock = exposed(household).clock
        assert isinstance(clock, SettableClock)
        clock.wall_seconds = wall_seconds

    await keeper_of(hass).run(set_clock)


async def set_read_only(hass: HomeAssistant, *, read_only: bool = True) -> None:
    """Make the store read-only, as on a worn-out SD card, or writable again."""
    await keeper_of(hass).run(
        lambda it: exposed(it).database.read(f"PRAGMA query_only = {int(read_only)}")
    )


async def break_disk(hass: HomeAssistant, *, broken: bool = True) -> None:
    """Make every operation of the store fail with a disk error from now on, or work again."""

    def fail(household: Household) -> None:
        exposed(household).database.disk.failing = broken

    await keeper_of(hass).run(fail)


async def add_listening_key(hass: HomeAssistant, inhabitant: Inhabitant) -> None:
    """Give a person a listening key."""
    keys = await async_locked_keys(hass)
    await keys.async_create(keeper_of(hass), inhabitant.id, inhabitant.listener.locked)


async def add_consenting_person(hass: HomeAssistant, name: str) -> Inhabitant:
    """Add a person with a listening key who consents to keeping."""
    person = await add_person(hass, name)
    await add_listening_key(hass, person)
    await person.consent(hass)
    return person


async def totals(hass: HomeAssistant) -> tuple[int, dict[DropReason, int]]:
    """Return the number of turns kept, and of turns dropped by reason."""
    counts = await keeper_of(hass).run(lambda household: household.totals())
    return counts.kept, {reason: count for reason, count in counts.dropped.items() if count}


async def wait_for_totals(hass: HomeAssistant, kept: int, dropped: dict[DropReason, int]) -> None:
    """Wait until these numbers of turns have been kept, and dropped by reason."""
    await until(lambda: totals(hass), lambda counts: counts == (kept, dropped))
