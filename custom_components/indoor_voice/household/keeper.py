"""Connects Home Assistant to the household, whose decisions and storage run in one thread."""

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, TypeGuard

from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryChange,
)
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.dispatcher import async_dispatcher_connect, async_dispatcher_send
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.util.hass_dict import HassKey

from ..const import CONF_CERTIFICATE, CONF_KIND, DOMAIN, EntryKind
from ..devices.entries import device_key
from ..privacy.people import Arrangement
from ..privacy.store.database import StoreError, StoreFullError
from ..privacy.store.ledger_rows import RowKind
from ..privacy.types import ITSELF, Actor
from .announcer import Announcer
from .arrangement import (
    UnusableSettingsError,
    acting_user_id,
    async_arrangement,
    async_watch_people,
    async_watch_rooms,
)
from .disguising import Disguising
from .events import async_report_events
from .held_turns import HeldTurns
from .locked_keys import async_locked_keys
from .store import HouseholdStore, run_with_reserve
from .store_issues import (
    show_store_error,
    show_unusable_settings,
    store_failure,
    withdraw_store_errors,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant

    from ..privacy.consent.consent import Channel
    from ..privacy.household import Household
    from ..privacy.lessons.lesson import Lesson
    from ..privacy.people import Pauses, RoomId
    from ..privacy.types import EndedTurn, KeepResult, News, RoomStatus, Totals

_LOGGER = logging.getLogger(__name__)

KEEPER: Final = HassKey["Keeper"](f"{DOMAIN}_keeper")
"""Present in `hass.data` while the household is set up."""
SIGNAL_HOUSEHOLD: Final = f"{DOMAIN}_household"
"""Sent when the keeper's view or failure state has changed."""

_INTERVAL: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Snapshot of the household for display: counts and names, never what was said."""

    arrangement: Arrangement
    """The stored setup, including removed people whose account still exists."""

    pauses: Pauses
    rooms: Mapping[RoomId, RoomStatus]
    totals: Totals
    is_short_of_space: bool
    newest_row: int
    """The number of the ledger's newest row, so that any new row counts as a change."""

    lessons: tuple[Lesson, ...]
    """What was learned and is in use."""


class Keeper:
    """Owns the household's store and the thread that uses it."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
        """Initialize the keeper for the household's config entry."""
        self._hass = hass
        self._entry = entry
        self._store = HouseholdStore(hass)
        self._arrangement: Arrangement | None = None
        self._arranging = asyncio.Lock()
        self._knows_people = True
        self._certificates = _certificates(hass)
        self._removals: list[CALLBACK_TYPE] = []
        self._announcer = Announcer(hass, self._async_told)
        self.held: Final = HeldTurns(hass)
        """What led to nothing a moment ago."""
        self._disguising = Disguising(hass)
        self._failure: StoreError | None = None
        """The last store error, until a write succeeds again."""
        self.view: View | None = None
        """None until the store is opened; the last known state while the store can't be used."""

    async def async_start(self) -> None:
        """Open the store and start listening for changes in Home Assistant.

        Raises `ConfigEntryError` if the ledger's signing seed or the file of locked keys is
        damaged. A `StoreError` is reported as a repair issue instead of being raised.
        """
        await self._store.async_prepare()
        await async_locked_keys(self._hass)
        self._removals = [
            async_dispatcher_connect(self._hass, SIGNAL_CONFIG_ENTRY_CHANGED, self._entry_changed),
            async_watch_people(self._hass, self._set_up_changed),
            async_watch_rooms(self._hass, self._set_up_changed),
            async_track_time_interval(self._hass, self._minute, _INTERVAL, cancel_on_shutdown=True),
            self._announcer.async_watch(),
            self._hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, self._stopping),
        ]
        await self._async_open()

    async def async_stop(self) -> None:
        """Stop listening and close the store, after the work that is under way."""
        while self._removals:
            self._removals.pop()()
        await self.async_forget_latest(None)
        await self._store.async_stop()
        self.view = None

    async def _stopping(self, _event: Event) -> None:
        self._removals.pop()  # a one-time listener is already removed when it runs
        await self.async_stop()

    def status(self, room: RoomId) -> RoomStatus | None:
        """Return what a room keeps as of the last change or minute; None if that is not known.

        The same rules decide again when a turn ends.
        """
        status = None if self.view is None else self.view.rooms.get(room)
        return None if status is None else self.as_shown(status)

    async def async_status(self, room: RoomId) -> RoomStatus:
        """Return what a room keeps now; raises `HomeAssistantError` if the store can't be used."""
        return self.as_shown(await self.run(lambda household: household.status(room)))

    def as_shown(self, status: RoomStatus) -> RoomStatus:
        """Return a status as it is to be shown: nothing is kept while storing fails."""
        return status.failing() if self._is_failing else status

    @property
    def _is_failing(self) -> bool:
        """Whether nothing can be stored, so that no turn is kept whatever the rules say."""
        return self._failure is not None or self.view is None or self.view.is_short_of_space

    async def run[T](self, work: Callable[[Household], T], *, keeps: bool = False) -> T:
        """Run `work` on the household in the store's thread and return its result.

        On a full disk, `work` uses the space reserved for deletions, unless it `keeps` more data.
        Raises what `work` raises, such as `NotAllowedError`, and `HomeAssistantError` if the store
        can't be used.
        """
        # Work that has started is finished and shown even if its caller is cancelled.
        task = self._hass.async_create_task(self._run(work, keeps=keeps), eager_start=True)
        return await asyncio.shield(task)

    async def _run[T](self, work: Callable[[Household], T], *, keeps: bool) -> T:
        household = self._store.household
        if household is None:
            raise store_failure(self._failure)
        try:
            return await self._store.async_run(
                lambda: run_with_reserve(work, household, keeps=keeps)
            )
        except StoreError as err:
            self._note_failure(err)
            raise store_failure(err) from err
        finally:
            await self._async_look(household)

    async def async_turn_ended(self, turn: EndedTurn) -> None:
        """Keep or drop a turn according to the rules; never raises, so that turns keep working.

        One that led to nothing is dropped, but held in memory in case it is reported as wrong.
        """
        if not turn.about_keeping:
            self.held.drop(turn.room)
        if not turn.understood:
            if turn.sound:
                self.held.hold(turn)
            turn = turn.without_content()
        try:
            if self._is_failing:
                # Until the store is known to work again, so that what is shown stays true.
                raise store_failure(self._failure)  # noqa: TRY301
            await self._async_store(turn, lambda household, kept: household.turn_ended(kept))
        except HomeAssistantError:
            _LOGGER.debug("A turn was not kept: the store cannot be used")
            with suppress(HomeAssistantError):
                await self.run(lambda household: household.note_failure(), keeps=True)
        except Exception as err:  # noqa: BLE001 - its text and traceback may contain speech
            _LOGGER.error("A turn was not kept: %s", type(err).__name__)  # noqa: TRY400

    async def async_report_wrong(self, room: RoomId) -> KeepResult | None:
        """Keep a room's last turn for review, if it led to nothing and everyone allows that.

        Returns None if no such turn is held. Raises `HomeAssistantError` if it can't be stored.
        """
        turn = self.held.take(room)
        if turn is None:
            return None
        if self._is_failing:
            raise store_failure(self._failure)
        return await self._async_store(turn, lambda household, kept: household.turn_reported(kept))

    async def _async_store(
        self, turn: EndedTurn, store: Callable[[Household, EndedTurn], KeepResult]
    ) -> KeepResult:
        """Store a turn, if the rules allow it, with what listeners from outside get of it."""
        status = self.status(turn.room) if turn.sound else None
        async with self._disguising.disguised(turn, status) as disguised:
            complete = replace(turn, disguised=disguised)
            return await self.run(lambda household: store(household, complete), keeps=True)

    async def async_forget_latest(self, room: RoomId | None) -> None:
        """Forget what a room, or every room, holds in memory; to be called before deleting.

        What is about to be stored is stored, so that it can be deleted.
        """
        self.held.drop(room)
        await self._disguising.async_finish(room)

    # The store

    async def _async_open(self) -> None:
        try:
            if not await self._store.async_open():
                return
        except StoreError as err:
            self._note_failure(err)
            return
        self._arrangement = None
        await self._async_settle()

    @callback
    def _minute(self, _now: datetime) -> None:
        work = self._async_open() if self._store.household is None else self._async_settle()
        self._hass.async_create_task(work, eager_start=True)

    async def _async_settle(self) -> None:
        """Update the setup and delete expired data, including work that was missed or failed."""
        await self._async_arrange(ITSELF)
        try:
            await self.run(lambda household: household.expire(), keeps=True)
        except HomeAssistantError:
            if isinstance(self._failure, StoreFullError):
                # Expired recordings are still deleted; nothing is kept until there is space.
                with suppress(HomeAssistantError):
                    await self.run(lambda household: household.expire())
            await self._async_close()
            return  # the failure is shown as a repair issue, and this is retried in a minute
        withdraw_store_errors(self._hass)
        if self._failure is not None:
            self._failure = None
            async_dispatcher_send(self._hass, SIGNAL_HOUSEHOLD)

    async def _async_close(self) -> None:
        """Close a store that failed, because reopening it checks its file.

        A full store stays open, because deleting from it frees space.
        """
        if not isinstance(self._failure, StoreFullError):
            await self._store.async_abandon()

    def _note_failure(self, err: StoreError) -> None:
        self._failure = err
        show_store_error(self._hass, err)
        async_dispatcher_send(self._hass, SIGNAL_HOUSEHOLD)

    async def _async_look(self, household: Household) -> None:
        """Refresh the view, and report and announce what has changed."""
        if household is not self._store.household:
            return  # closed in the meantime
        arrangement = self._arrangement

        def look() -> tuple[View, Mapping[RoomId, News]]:
            rooms = () if arrangement is None else arrangement.rooms
            view = View(
                arrangement=household.arrangement,
                pauses=household.pauses,
                rooms={room: household.status(room) for room in rooms},
                totals=household.totals(),
                is_short_of_space=household.is_short_of_space,
                newest_row=household.newest_row(),
                lessons=tuple(household.teaching.in_use()),
            )
            # While the rooms are not known, no room is reported as having ended keeping.
            return view, household.untold(view.rooms.values())

        try:
            view, untold = await self._store.async_run(look)
        except StoreError as err:
            self._note_failure(err)
            return
        if view != self.view:
            before, self.view = self.view, view
            async_dispatcher_send(self._hass, SIGNAL_HOUSEHOLD)
            if before is not None:
                async_report_events(self._hass, before.totals, view.totals)
        self._announcer.tell(untold)

    async def _async_told(self, room: RoomId, news: News) -> None:
        await self.run(lambda household: household.told(room, news))

    # What happens in Home Assistant

    @callback
    def _entry_changed(self, change: ConfigEntryChange, entry: ConfigEntry[Any]) -> None:
        if entry.domain != DOMAIN or entry.data.get(CONF_KIND) is None:
            return
        actor = self.actor(acting_user_id(), "options")
        self._hass.async_create_task(self._async_follow(change, entry, actor), eager_start=True)

    async def _async_follow(
        self, change: ConfigEntryChange, entry: ConfigEntry[Any], actor: Actor
    ) -> None:
        await self._async_arrange(actor)
        before = self._certificates
        self._certificates = _certificates(self._hass)
        known, now = before.get(entry.entry_id), self._certificates.get(entry.entry_id)
        if known == now:
            return
        row = RowKind.UNPAIRED if change is ConfigEntryChange.REMOVED else RowKind.PAIRED
        room = device_key(entry) if entry.data[CONF_KIND] == EntryKind.SATELLITE else None
        try:
            await self.run(lambda household: household.note(row, actor, room, {"how": actor.how}))
        except HomeAssistantError:
            _LOGGER.warning("The ledger could not be written")

    async def _set_up_changed(self, *_change: object) -> None:
        await self._async_arrange(self.actor(acting_user_id(), "options"))

    async def async_update_setup(self, actor: Actor) -> None:
        """Apply a change of the settings now, so that it holds when its request is answered."""
        await self._async_arrange(actor)

    async def _async_arrange(self, actor: Actor) -> None:
        """Pass the current setup to the household if it has changed."""
        async with self._arranging:
            await self._async_arrange_now(actor)

    async def _async_arrange_now(self, actor: Actor) -> None:
        try:
            arrangement = await async_arrangement(self._hass, self._entry)
        except UnusableSettingsError as err:
            show_unusable_settings(self._hass, err.title)
            return  # the limits that would apply are not known
        show_unusable_settings(self._hass, None)
        if arrangement is None and self._knows_people:
            _LOGGER.warning("The people in Home Assistant are not known, so nothing is kept")
        self._knows_people = arrangement is not None
        if arrangement is None or arrangement == self._arrangement or self._store.household is None:
            return
        self._arrangement = arrangement
        try:
            await self.run(lambda household: household.arrange(arrangement, actor))
            await (await async_locked_keys(self._hass)).async_compare(self)
        except HomeAssistantError:
            self._arrangement = None  # retried at the next change or minute

    def actor(self, user_id: str | None, how: Channel) -> Actor:
        """Return the actor for an account, without a person if it isn't one of the household's."""
        person = None if user_id is None else self.arrangement.people.get(user_id)
        known = person is not None and person.has_account
        return Actor(person=user_id if known else None, how=how)

    @property
    def arrangement(self) -> Arrangement:
        """The household's setup; empty while it is not known."""
        return Arrangement() if self.view is None else self.view.arrangement


type HouseholdConfigEntry = ConfigEntry[Keeper]


def is_household(entry: ConfigEntry[Any]) -> TypeGuard[HouseholdConfigEntry]:
    """Return whether a config entry is the household rather than a device."""
    return bool(entry.data[CONF_KIND] == EntryKind.HOUSEHOLD)


def _certificates(hass: HomeAssistant) -> dict[str, str]:
    """Return the certificates of the paired devices by entry id."""
    return {
        entry.entry_id: entry.data[CONF_CERTIFICATE]
        for entry in hass.config_entries.async_entries(DOMAIN)
        if CONF_CERTIFICATE in entry.data
    }
