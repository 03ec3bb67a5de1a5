"""The store on a disk that fails and recovers: what the user sees a minute later.

Run by `test_disk.py` in its own mount namespace, if disks can be mounted.
"""

import sqlite3
import subprocess
from contextlib import contextmanager, suppress
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.const import STATE_ON
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.indoor_voice.const import CONF_LIMIT, DOMAIN
from custom_components.indoor_voice.household.store_issues import store_path

from .household_entities import KEEPS, KEPT, say, state_of
from .keeping import (
    Inhabitant,
    add_consenting_person,
    keeper_of,
    set_up_household,
)
from .peers import SATELLITE_ID
from .repair_issues import issues

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from homeassistant.core import HomeAssistant

_MINUTES = count(1)


def mount(*arguments: object) -> None:
    subprocess.run(["mount", *map(str, arguments)], check=True)  # noqa: S603, S607


def unmount(where: Path) -> None:
    subprocess.run(["umount", "--lazy", str(where)], check=True)  # noqa: S603, S607


@pytest.fixture
async def ada(house: HomeAssistant) -> Any:
    """The only member, whose turns are kept, with the store on a separate disk."""
    folder = store_path(house).parent
    folder.mkdir(parents=True)
    mount("-t", "tmpfs", "-o", "size=8m", "none", folder)
    await set_up_household(house)
    ada = await add_consenting_person(house, "Ada")
    await say(house)
    assert state_of(house, KEPT) == "1"
    yield ada
    unmount(folder)


async def a_minute_later(hass: HomeAssistant) -> None:
    async_fire_time_changed(hass, dt_util.utcnow() + next(_MINUTES) * timedelta(seconds=61))
    await hass.async_block_till_done()


# Faults, until the end of the block


@contextmanager
def read_only_disk(path: Path) -> Iterator[None]:
    # Of the mount, not of the file system: that is what users other than root may change.
    mount("-o", "remount,bind,ro", path.parent)
    yield
    mount("-o", "remount,bind,rw", path.parent)


@contextmanager
def read_only_folder(path: Path) -> Iterator[None]:
    """Only the folder; the rest of its disk is writable."""
    mount("--bind", path.parent, path.parent)
    mount("-o", "remount,bind,ro", path.parent)
    yield
    unmount(path.parent)


@contextmanager
def read_only_files(path: Path) -> Iterator[None]:
    files = list(path.parent.iterdir())
    for file in files:
        mount("--bind", file, file)
        mount("-o", "remount,bind,ro", file)
    yield
    for file in files:
        unmount(file)


@contextmanager
def full_disk(path: Path) -> Iterator[None]:
    filler = path.parent / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(512))
    yield
    filler.unlink()


@contextmanager
def lost_disk(path: Path) -> Iterator[None]:
    """The disk is gone, and its mount point is empty and read-only."""
    mount("-t", "tmpfs", "-o", "size=4k,ro", "none", path.parent)
    yield
    unmount(path.parent)


@contextmanager
def lost_files(path: Path) -> Iterator[None]:
    """The files are moved away and return; meanwhile an empty household starts."""
    away = path.parent / "away"
    away.mkdir()
    names = [file.name for file in path.parent.iterdir() if file != away]
    for name in names:
        (path.parent / name).rename(away / name)
    yield
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink()
    for name in names:
        (away / name).rename(path.parent / name)


@contextmanager
def used_by_another(path: Path) -> Iterator[None]:
    """Another process locks the file; it can't while the household has it open."""
    other = sqlite3.connect(path, timeout=0)
    with suppress(sqlite3.OperationalError):
        other.execute("BEGIN EXCLUSIVE")
    yield
    other.close()


# Actions in the meantime


async def keep(hass: HomeAssistant, _ada: Inhabitant) -> None:
    await say(hass)


async def delete(hass: HomeAssistant, ada: Inhabitant) -> None:
    actor = keeper_of(hass).actor(ada.id, "action")
    with suppress(HomeAssistantError):
        await keeper_of(hass).run(lambda it: it.delete_last(None, actor, 3600.0))


async def consent(hass: HomeAssistant, ada: Inhabitant) -> None:
    with suppress(HomeAssistantError):
        await ada.consent(hass, 3600.0)


async def move(hass: HomeAssistant, _ada: Inhabitant) -> None:
    """Shorten the room's limit, which changes the arrangement."""
    entry = hass.config_entries.async_entry_for_domain_unique_id(DOMAIN, SATELLITE_ID)
    assert entry is not None
    for limit in (3600, 7200):
        hass.config_entries.async_update_entry(entry, options={CONF_LIMIT: limit})
        await hass.async_block_till_done()


async def nothing(_hass: HomeAssistant, _ada: Inhabitant) -> None:
    """Do nothing."""


async def goes_on(house: HomeAssistant) -> None:
    """Check that a minute later the issue is gone and recordings are kept as before."""
    await a_minute_later(house)
    await a_minute_later(house)
    assert issues(house) == []
    assert state_of(house, KEEPS) == STATE_ON
    before = int(state_of(house, KEPT))
    await say(house)
    assert int(state_of(house, KEPT)) == before + 1


async def two_minutes(
    house: HomeAssistant,
    ada: Inhabitant,
    do: Callable[[HomeAssistant, Inhabitant], Awaitable[None]],
) -> None:
    """Act once in each of two minutes, and check that there is an issue afterwards."""
    for _ in range(2):
        await do(house, ada)
        await a_minute_later(house)
    assert issues(house)


@pytest.mark.parametrize(
    ("fault", "do"),
    [
        *((full_disk, do) for do in (keep, delete, move)),
        (lost_disk, keep),
        (lost_files, consent),
        (read_only_folder, keep),
    ],
)
async def test_a_fault_while_it_is_open(
    house: HomeAssistant,
    ada: Inhabitant,
    fault: Callable[[Path], AbstractContextManager[None]],
    do: Callable[[HomeAssistant, Inhabitant], Awaitable[None]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    with fault(store_path(house)):
        await two_minutes(house, ada, do)
    if fault is full_disk and do is delete:
        assert state_of(house, KEPT) == "0", "what is deleted is gone, on a full disk too"
    await goes_on(house)
    assert "sqlite3" not in caplog.text


@pytest.mark.parametrize(
    ("fault", "do"),
    [
        (read_only_disk, keep),
        (read_only_files, delete),
        (full_disk, nothing),
        (used_by_another, keep),
    ],
)
async def test_a_fault_from_the_start(
    house: HomeAssistant,
    ada: Inhabitant,
    fault: Callable[[Path], AbstractContextManager[None]],
    do: Callable[[HomeAssistant, Inhabitant], Awaitable[None]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    (entry,) = [
        one for one in house.config_entries.async_entries(DOMAIN) if one.title == "Household"
    ]
    await house.config_entries.async_unload(entry.entry_id)
    with fault(store_path(house)):
        await house.config_entries.async_setup(entry.entry_id)
        await house.async_block_till_done()
        await two_minutes(house, ada, do)
    await goes_on(house)
    assert "sqlite3" not in caplog.text
