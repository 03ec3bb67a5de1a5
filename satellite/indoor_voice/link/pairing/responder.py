"""The responder of docs/link.md, which allows few guesses at a six-digit code.

An attempt counts as a wrong guess before it is answered, and until it is confirmed correctly. An
attacker who disconnects, or cuts the device's power, after seeing the answer has still spent it.

This is a state machine without sockets, files or clocks. Callers pass the time, in seconds of one
monotonic clock, and store `guesses`, which must survive restarts.
"""

import binascii
import importlib
import math
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, NoReturn

from wyoming.event import Event

from indoor_voice.errors import UserError

from .secret import (
    CODE,
    CONFIRMATION_BYTES,
    MESSAGE_BYTES,
    PAIRING_PROTOCOL,
    Confirmations,
    Exchange,
    PairingError,
    Role,
    check_message,
    fingerprint,
    matches,
)
from .window import Waiting, Window

_ONLY_TO_PAIR: Final = (
    "cryptography.hazmat.primitives.kdf.hkdf",
    "indoor_voice.link.pairing.certificate",
    "nacl.bindings",
)
TRIES: Final = 3
"""Wrong codes until the code changes and a pause begins."""
FIRST_PAUSE_SECONDS: Final = 30.0
LONGEST_PAUSE_SECONDS: Final = 3600.0
ATTEMPT_SECONDS: Final = 10.0
"""Short, because nobody types during an attempt: it starts after the user has typed the code."""
WINDOWS: Final = 5
"""Windows with failed attempts only, after which no more can be opened."""
_MAX_CERTIFICATE_CHARACTERS: Final = 4096


class PairingRefusedError(Exception):
    """A request is answered with `error`, and the connection is closed."""

    def __init__(self, code: str, text: str, **details: int) -> None:
        """Give the reason as a code of docs/link.md and as a sentence, with the code's numbers."""
        super().__init__(text)
        self.code = code
        self._details = details

    def event(self) -> Event:
        """Return the `error` event."""
        return Event("error", {"code": self.code, "text": str(self), **self._details})


@dataclass(frozen=True, slots=True)
class Guesses:
    """Counts that must survive restarts."""

    wrong: int = 0
    """Attempts outside windows since last paired that were not confirmed correctly."""
    pausing: bool = False
    """Whether a pause is in progress. A restart repeats it, as no clock can be trusted."""
    windows: int = 0
    """Windows with at least one attempt since last paired."""

    @property
    def tries_left(self) -> int:
        """Wrong codes until the next pause: 0 during a pause, else 1 to 3."""
        return 0 if self.pausing else TRIES - self.wrong % TRIES

    @property
    def pause_seconds(self) -> float:
        """Length of the latest pause."""
        doublings = min(max(self.wrong // TRIES - 1, 0), 16)
        return min(FIRST_PAUSE_SECONDS * 2.0**doublings, LONGEST_PAUSE_SECONDS)

    def charged(self) -> "Guesses":
        """Return the counts after one more wrong guess."""
        return replace(self, wrong=self.wrong + 1, pausing=self.tries_left == 1)


class Attempt:
    """An initiator's pairing attempt, from `pair-begin` on."""

    def __init__(
        self,
        code: str,
        certificate: bytes,
        responder: bytes,
        message: bytes,
        window: tuple[Window, Waiting] | None,
    ) -> None:
        """Create an attempt at `code`.

        Args:
            code: The pairing code when the attempt began.
            certificate: The initiator's certificate, DER.
            responder: Fingerprint of the responder.
            message: The initiator's message.
            window: The window in which the attempt waits for its turn, if one is open.
        """
        self.code: Final = code
        self.certificate: Final = certificate
        self.window: Final = window
        self.begun = 0.0
        """When the attempt had its turn."""
        self.confirmed = False
        self.confirmations: Confirmations | None = None
        self._responder = responder
        self._message = message

    def answer(self) -> Event:
        """Return `pair-answer`; slow, so call it in a thread. Raises `PairingRefusedError`."""
        exchange = Exchange(
            Role.RESPONDER, self.code, fingerprint(self.certificate), self._responder
        )
        try:
            self.confirmations = exchange.finish(self._message)
        except PairingError as err:
            raise PairingRefusedError(
                "bad-request", "The message is not a valid pairing message"
            ) from err
        return Event("pair-answer", {"message": exchange.message.hex()})


class Responder:
    """An unpaired device's side of pairing, shared by all of its connections."""

    def __init__(
        self, own_fingerprint: bytes, guesses: Guesses, now: float, code: str | None = None
    ) -> None:
        """Choose a pairing code, or use the given one until too many wrong guesses.

        A pause that was interrupted by a restart is repeated in full.
        """
        self._fingerprint = own_fingerprint
        self.code = _new_code() if code is None else code
        self.guesses = guesses
        self._pause_ends = now + guesses.pause_seconds if guesses.pausing else now
        self._window: Window | None = None
        self._attempts: set[Attempt] = set()
        self._done: Attempt | None = None

    def pause_left(self, now: float) -> float:
        """Return the remaining seconds in which pairing is possible only in a window."""
        return max(self._pause_ends - now, 0.0) if self.guesses.pausing else 0.0

    def current_window(self, now: float) -> Window | None:
        """Return the window that is open, if there is one."""
        return self._window if self._window is not None and self._window.is_open(now) else None

    def open_window(self, now: float) -> None:
        """Open a window with a new code, the only valid one; do nothing while a window is open.

        Raises `UserError` when too many windows have ended without a pairing.
        """
        if self.current_window(now):
            return
        if self.guesses.windows >= WINDOWS:
            raise UserError(
                f"Pairing has failed {WINDOWS} times after the button was pressed. Pair with the "
                "current code, after the pause if there is one, or stop the device and start it "
                "again with --reset."
            )
        self._window = Window(now)
        self._attempts.clear()
        self.code = _new_code()

    def begin(self, data: Mapping[str, Any], host: str, now: float) -> Attempt:
        """Start an attempt on `pair-begin`; raises `PairingRefusedError`. Call `take_turn` next."""
        window = self.current_window(now)
        if window is None and (seconds := self.pause_left(now)):
            raise _paused(seconds)
        _check_protocol(data.get("protocol"))
        certificate = _certificate(data.get("certificate"))
        message = _binary(data, "message", MESSAGE_BYTES)
        try:
            check_message(message)
        except PairingError as err:
            raise PairingRefusedError(
                "bad-request", "The message is not a valid pairing message"
            ) from err
        waiting = None
        if window is not None:
            if (place := window.join(host)) is None:
                raise PairingRefusedError(
                    "pairing-busy", "Too many attempts from this address are waiting; try again"
                )
            waiting = window, place
        return Attempt(self.code, certificate, self._fingerprint, message, waiting)

    def take_turn(self, attempt: Attempt, now: float) -> bool:
        """Count an attempt as a guess and return True, or return False when it has to wait.

        Store `guesses` before answering. Raises `PairingRefusedError` when the attempt can no
        longer be answered.
        """
        if attempt.window is None:
            if self.current_window(now) or attempt.code != self.code:
                raise PairingRefusedError("pairing-busy", "The device has a new code now")
            if seconds := self.pause_left(now):
                raise _paused(seconds)
            self.guesses = self.guesses.charged()
            if self.guesses.pausing:
                self._pause_ends = now + self.guesses.pause_seconds
        else:
            window, waiting = attempt.window
            if window is not self.current_window(now):
                raise PairingRefusedError("pairing-busy", "Others were trying to pair; try again")
            first = not window.used
            if not window.take_turn(waiting, now):
                return False
            if first:
                self.guesses = replace(self.guesses, windows=self.guesses.windows + 1)
        attempt.begun = now
        self._attempts.add(attempt)
        return True

    def confirm(self, attempt: Attempt, data: Mapping[str, Any], now: float) -> Event:
        """Check the initiator's `pair-confirm` and return ours.

        Raises `PairingRefusedError`, after which `code` may have changed.
        """
        self._require(attempt, attempt.confirmations is not None and not attempt.confirmed, now)
        received = _binary(data, "confirmation", CONFIRMATION_BYTES)
        assert attempt.confirmations is not None
        if matches(attempt.confirmations.of_initiator, received):
            attempt.confirmed = True
            if attempt.window is None:
                self.guesses = replace(self.guesses, wrong=self.guesses.wrong - 1, pausing=False)
            return Event("pair-confirm", {"confirmation": attempt.confirmations.of_responder.hex()})
        self._give_up(attempt)
        tries = attempt.window[0].turns_left(now) if attempt.window else self.guesses.tries_left
        raise PairingRefusedError("wrong-code", "The code is wrong", tries=tries)

    def done(self, attempt: Attempt, now: float) -> bytes:
        """Finish on `pair-done` and return the DER certificate to trust.

        Raises `PairingRefusedError`.
        """
        self._require(attempt, attempt.confirmed, now)
        if self._done is not None:
            raise PairingRefusedError("pairing-busy", "Another attempt finished first")
        self._done = attempt
        return attempt.certificate

    def end(self, attempt: Attempt) -> None:
        """Discard an attempt whose connection has closed."""
        if attempt.window is not None:
            window, waiting = attempt.window
            window.leave(waiting)
        if attempt is self._done:
            self._done = None
        self._give_up(attempt)

    def end_pause(self, now: float) -> None:
        """Mark a pause that is over as ended, so that a restart doesn't repeat it."""
        if not self.pause_left(now):
            self.guesses = replace(self.guesses, pausing=False)

    def is_current(self, attempt: Attempt, now: float) -> bool:
        """Return whether an attempt has had its turn and has neither ended nor expired."""
        return attempt in self._attempts and now < attempt.begun + ATTEMPT_SECONDS

    def _give_up(self, attempt: Attempt) -> None:
        if attempt not in self._attempts:
            return
        self._attempts.remove(attempt)
        if attempt.window is None and self.guesses.pausing and attempt.code == self.code:
            self.code = _new_code()

    def _require(self, attempt: Attempt, in_order: bool, now: float) -> None:  # noqa: FBT001 - private
        if not self.is_current(attempt, now):
            raise PairingRefusedError("pairing-busy", "This attempt took too long")
        if not in_order:
            _refuse("the events of pairing arrived out of order")


def check_code(code: str) -> str:
    """Return a code chosen by the user without its spaces; raises `UserError`."""
    digits = "".join(code.split())
    if not CODE.fullmatch(digits):
        raise UserError("A pairing code has six digits, such as 492173.")
    return digits


def spaced(code: str) -> str:
    """Return a code as it is printed, such as "492 173"."""
    return f"{code[:3]} {code[3:]}"


def _new_code() -> str:
    return f"{secrets.randbelow(10**6):06d}"


def _paused(seconds: float) -> PairingRefusedError:
    return PairingRefusedError(
        "pairing-paused", "Too many wrong codes; wait", seconds=math.ceil(seconds) or 1
    )


def _check_protocol(protocol: object) -> None:
    if not isinstance(protocol, int) or isinstance(protocol, bool) or protocol < 1:
        _refuse("protocol must be a number")
    if protocol != PAIRING_PROTOCOL:
        older = "Home Assistant" if protocol < PAIRING_PROTOCOL else "This device"
        # An older Home Assistant knows only this error code, which says that the device is newer.
        raise PairingRefusedError(
            "newer-protocol",
            f"{older} uses an older pairing protocol; update Indoor Voice there",
            protocol=PAIRING_PROTOCOL,
        )


def _refuse(text: str) -> NoReturn:
    raise PairingRefusedError("bad-request", text[0].upper() + text[1:])


def _binary(data: Mapping[str, Any], key: str, length: int) -> bytes:
    value = data.get(key)
    try:
        binary = binascii.unhexlify(value) if isinstance(value, str) else b""
    except ValueError:
        binary = b""
    if len(binary) != length:
        _refuse(f"{key} must be {length} bytes in hexadecimal")
    return binary


def prepare() -> None:
    """Import what only pairing needs, so that a stranger can't trigger it later; slow."""
    for module in _ONLY_TO_PAIR:
        importlib.import_module(module)


def _certificate(pem: object) -> bytes:
    """Return the DER of a PEM certificate that the link accepts; raises `PairingRefusedError`."""
    # Imported late, to save 19 MB of memory on a device that is already paired.
    from .certificate import read_certificate  # noqa: PLC0415

    if not isinstance(pem, str) or len(pem) > _MAX_CERTIFICATE_CHARACTERS:
        _refuse("certificate must be PEM")
    try:
        return read_certificate(pem.encode("ascii"))
    except ValueError as err:
        raise PairingRefusedError("bad-request", f"The certificate is {err}") from err
