"""Decides whether a wake word begins a turn, or another satellite answers it.

Home Assistant refuses a wake word that was heard less than 2 s ago, so that only one of two
satellites in earshot answers: the first. It does the same with a single satellite: a person who
cancelled a turn and started again at once would get no answer. Satellites that ask for their turns
get a better rule from `best_hearing`. For them, Home Assistant's memory is emptied of what they
heard themselves; what other devices heard stays.
"""

import logging
import time
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from homeassistant.components.assist_pipeline.const import DATA_LAST_WAKE_UP, WAKE_WORD_COOLDOWN
from homeassistant.core import callback
from homeassistant.util.hass_dict import HassKey
from wyoming.error import Error
from wyoming.event import Event

from ..const import DOMAIN
from .best_hearing import Ask, BestHearing, Verdict

if TYPE_CHECKING:
    from asyncio import TimerHandle
    from collections.abc import Callable, Iterable

    from homeassistant.core import HomeAssistant

    from ..devices.satellite import SatelliteData
    from ..link.hearing import Hearing

_LOGGER = logging.getLogger(__name__)

DUPLICATE_WAKE_UP: Final = "duplicate_wake_up_detected"
"""Home Assistant's error code for a turn that another satellite has taken."""
_ROOMS: Final = HassKey["_Rooms"](f"{DOMAIN}_wake_ups")


class WakeUps:
    """The wake words that one satellite hears."""

    def __init__(self, data: SatelliteData) -> None:
        """Initialize without any."""
        self._data = data
        self._rooms: _Rooms | None = None
        self._told: tuple[int, bool] = (0, False)
        """The number of a connection, and whether the satellite was told over it to ask."""
        self._verdict: Verdict | None = None
        self._own: tuple[str, float] | None = None
        """The phrase and time of the wake word that this satellite heard last."""
        self._admitted: tuple[str, float] | None = None
        """The phrase that begins a turn that was granted, and when it was."""

    @callback
    def join(self, hass: HomeAssistant) -> Callable[[], None]:
        """Decide together with other satellites until the returned function is called."""
        self._rooms = rooms = hass.data.setdefault(_ROOMS, _Rooms(hass))
        rooms.members.append(self)
        stop = self._data.health.async_add_listener(rooms.update)

        @callback
        def leave() -> None:
            stop()
            rooms.members.remove(self)
            rooms.update()

        return leave

    @property
    def phrases(self) -> set[str]:
        """The wake words that the satellite can hear now."""
        health = self._data.health.data
        if not health.connected or (health.status and health.status.muted):
            return set()
        return {self.phrase(name) for name in self._data.peer.active_wake_words}

    def phrase(self, name: str) -> str:
        """Return the phrase of a wake word."""
        return self._data.peer.wake_word_phrase(name) or name

    @callback
    def tell_to_ask(self, *, wanted: bool) -> None:
        """Tell the satellite whether to ask before a turn, unless it knows."""
        connection = self._data.connections
        if self._told != (connection, wanted):
            if wanted or self._told == (connection, True):
                self._data.send_soon(Event("ask-first", {"wanted": wanted}))
            self._told = (connection, wanted)

    @callback
    def ask(self, hearing: Hearing) -> None:
        """Decide whether the satellite takes a turn, now or a moment later."""
        if self._rooms is not None:
            address, turn, quality_db = self._data.address, hearing.turn, hearing.quality_db
            _LOGGER.debug("%s asks for turn %d, quality %.1f dB", address, turn, quality_db)
            self._rooms.ask(self, hearing)

    @callback
    def forget_verdict(self) -> None:
        """Forget the last verdict, because the satellite may count its turns anew."""
        self._verdict = None

    @callback
    def take_verdict(self, verdict: Verdict) -> None:
        """Tell the satellite whether it takes the turn."""
        self._verdict = verdict
        granted = "takes" if verdict.granted else "is denied"
        _LOGGER.debug("%s %s turn %d", self._data.address, granted, verdict.turn)
        if verdict.granted:
            self._data.send_soon(Event("turn-granted", {"turn": verdict.turn}))
            return
        denied = Error(text="Another satellite answers", code=DUPLICATE_WAKE_UP).event()
        denied.data["turn"] = verdict.turn
        self._data.send_soon(denied)

    @callback
    def admit(self, turn: int | None, phrase: str | None) -> bool:
        """Return whether a turn that has begun may go on, as far as other satellites matter."""
        if phrase is None or self._rooms is None:
            return True
        if self._verdict is None or self._verdict.turn != turn:
            self._rooms.take(self, phrase)
        if self._verdict is not None and self._verdict.turn == turn:
            if self._verdict.granted:
                self._rooms.forget(phrase, *self._rooms.members)
                self._admitted = (phrase, time.monotonic())
            return self._verdict.granted
        self._rooms.forget(phrase, self)
        return True

    @callback
    def note(self, phrase: str | None) -> None:
        """Record that Home Assistant has just accepted a wake word from this satellite."""
        self._own = self._admitted = None
        if phrase is None or self._rooms is None:
            return
        if (heard := self._rooms.accepted(phrase)) is not None:
            self._own = (phrase, heard)
        if self._rooms.admits_another(phrase):
            self._rooms.forget(phrase, self)

    def heard(self, phrase: str, seconds: float) -> bool:
        """Return whether this satellite heard the wake word that Home Assistant accepted then."""
        return self._own == (phrase, seconds)

    def is_admitted(self, phrase: str) -> bool:
        """Return whether Home Assistant is about to accept the wake word from this satellite."""
        if self._admitted is None or self._admitted[0] != phrase:
            return False
        return time.monotonic() - self._admitted[1] < WAKE_WORD_COOLDOWN


class _Rooms:
    """All satellites whose turns are handled."""

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass
        self.members: list[WakeUps] = []
        self._deciding: defaultdict[str, BestHearing] = defaultdict(BestHearing)
        """By phrase."""
        self._timer: TimerHandle | None = None

    @callback
    def update(self) -> None:
        """Tell each satellite whether others may hear the same."""
        heard = {member: member.phrases for member in self.members}
        for member, phrases in heard.items():
            others = [theirs for other, theirs in heard.items() if other is not member]
            if phrases:
                member.tell_to_ask(wanted=any(phrases & theirs for theirs in others))
            else:
                member.forget_verdict()
        for phrase in list(self._deciding):
            hearing = [member for member, phrases in heard.items() if phrase in phrases]
            self._deciding[phrase].keep_waiting(hearing)
            if not hearing:
                del self._deciding[phrase]
        self._schedule()

    @callback
    def ask(self, member: WakeUps, hearing: Hearing) -> None:
        phrase = member.phrase(hearing.wake_word)
        if phrase not in member.phrases:
            return  # it goes on by itself, as without an answer
        if self._other_device_answers(phrase):
            member.take_verdict(Verdict(satellite=member, turn=hearing.turn, granted=False))
            return
        expected = sum(phrase in one.phrases for one in self.members)
        ask = Ask(satellite=member, hearing=hearing, seconds=self._hass.loop.time())
        self._apply(self._deciding[phrase].ask(ask, expected))

    @callback
    def take(self, member: WakeUps, phrase: str) -> None:
        if phrase in member.phrases:
            self._apply(self._deciding[phrase].take(member, self._hass.loop.time()))

    @callback
    def accepted(self, phrase: str) -> float | None:
        """Return when Home Assistant last accepted a wake word."""
        heard: float | None = self._hass.data.get(DATA_LAST_WAKE_UP, {}).get(phrase)
        return heard

    @callback
    def forget(self, phrase: str, *members: WakeUps) -> None:
        """Make Home Assistant accept a wake word that only these satellites heard last."""
        heard = self.accepted(phrase)
        if heard is not None and any(member.heard(phrase, heard) for member in members):
            del self._hass.data[DATA_LAST_WAKE_UP][phrase]

    def admits_another(self, phrase: str) -> bool:
        """Return whether a satellite was granted a turn, and its wake word is not yet accepted."""
        return any(member.is_admitted(phrase) for member in self.members)

    def _other_device_answers(self, phrase: str) -> bool:
        heard = self.accepted(phrase)
        return (
            heard is not None
            and time.monotonic() - heard < WAKE_WORD_COOLDOWN
            and not any(member.heard(phrase, heard) for member in self.members)
        )

    @callback
    def _decide(self) -> None:
        self._timer = None
        now = self._hass.loop.time()
        self._apply([v for deciding in self._deciding.values() for v in deciding.decide(now)])

    def _apply(self, verdicts: Iterable[Verdict]) -> None:
        for verdict in verdicts:
            for member in self.members:
                if member is verdict.satellite:
                    member.take_verdict(verdict)
        self._schedule()

    def _schedule(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        deadlines = [one.deadline_seconds for one in self._deciding.values()]
        waiting = [deadline for deadline in deadlines if deadline is not None]
        if waiting:
            self._timer = self._hass.loop.call_at(min(waiting), self._decide)
