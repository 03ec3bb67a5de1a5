"""The lamp: what it shows, what each kind of lamp can do, and all lamps of a satellite as one."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from enum import StrEnum
from typing import Final, Protocol

from indoor_voice.room.adjustments import Adjustments

_LOGGER: Final = logging.getLogger(__name__)


class Lamp(StrEnum):
    """What a lamp shows."""

    DARK = "dark"
    """Off: the satellite only listens for the wake word."""
    STREAMING = "streaming"
    """On, steadily: sound leaves the device."""
    MUTED = "muted"
    """The satellite is muted; it must not look like `STREAMING`."""


class LampDriver(Protocol):
    """One lamp."""

    @property
    def name(self) -> str:
        """What it is called in messages."""
        ...

    @property
    def dims(self) -> bool:
        """Whether its brightness can be set."""
        ...

    def opened(self) -> AbstractContextManager[None]:
        """Use the hardware during the block, from dark to dark; raises `UserError`."""
        ...

    def show(self, lamp: Lamp, brightness: float) -> None:
        """Show something at once, as brightly as `brightness`, above 0 to 1; raises `OSError`."""
        ...


class Lamps:
    """All lamps of a satellite as one.

    One that fails while the satellite runs does not stop it, and is tried again at each change.
    """

    def __init__(self, drivers: Sequence[LampDriver]) -> None:
        """Prepare to use these lamps."""
        self._drivers = drivers
        self._failed: set[str] = set()
        self._lamp = Lamp.DARK
        self._brightness = 1.0
        self._is_open = False

    @property
    def dim(self) -> bool:
        """Whether there is one whose brightness can be set."""
        return any(driver.dims for driver in self._drivers)

    @property
    def work(self) -> bool:
        """Whether all show what they should, as far as the machine can tell."""
        return not self._failed

    def report(self) -> dict[str, bool]:
        """Return for each lamp, by its name, whether it works."""
        return {driver.name: driver.name not in self._failed for driver in self._drivers}

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Use the lamps during the block; raises `UserError`."""
        with ExitStack() as stack:
            for driver in self._drivers:
                stack.enter_context(driver.opened())
            self._is_open = True
            try:
                yield
            finally:
                self._is_open = False

    def adjust(self, adjustments: Adjustments) -> None:
        """Use the brightness of these settings from now on."""
        if adjustments.led_brightness is not None:
            self._brightness = adjustments.led_brightness
            self.show(self._lamp)

    def show(self, lamp: Lamp) -> None:
        """Show something at once."""
        self._lamp = lamp
        if not self._is_open:
            return
        for driver in self._drivers:
            try:
                driver.show(lamp, self._brightness)
            except OSError as err:
                self._note_failure(driver.name, err)
            else:
                self._note_success(driver.name)

    def _note_failure(self, name: str, err: OSError) -> None:
        if name not in self._failed:
            self._failed.add(name)
            _LOGGER.error(
                "The lamp fails, %s: %s. What it shows may be wrong until it works again; a short "
                "sound tells each time that the microphone's sound begins to be sent",
                name,
                err,
            )

    def _note_success(self, name: str) -> None:
        if name in self._failed:
            self._failed.remove(name)
            _LOGGER.info("The lamp works again, %s", name)
