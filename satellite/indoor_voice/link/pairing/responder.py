"""The responder of docs/link.md: six digits, and few guesses.

An attempt counts as a wrong guess from before it is answered until it is confirmed rightly.

A state machine without sockets, files or clocks: times are handed in, in seconds of one
monotonic clock, and what must hold over restarts is handed out as `Guesses`.
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
"""Wrong codes until the digits change and a pause begins."""
FIRST_PAUSE_SECONDS: Final = 30.0
LONGEST_PAUSE_SECONDS: Final = 3600.0
ATTEMPT_SECONDS: Final = 10.0
"""Nobody types in the middle of an attempt: whoever asked for one has the digits already."""
WINDOWS: Final = 5
"""Windows in which somebody tried and nobody paired, until no more are opened."""
_MAX_CERTIFICATE_CHARACTERS: Final = 4096


class RefusedError(Exception):
    """The answer is `error`, and the connection is closed."""

    def __init__(self, code: str, text: str, **details: int) -> None:
        """Say why, as a code of docs/link.md and as a sentence, with the numbers it has."""
        super().__init__(text)
        self.code = code
        self._details = details

    def event(self) -> Event:
        """Return the `error` event."""
        return Event("error", {"code": self.code, "text": str(self), **self._details})


@dataclass(frozen=True, slots=True)
class Guesses:
    """What holds over restarts."""

    wrong: int = 0
    """Attempts outside of windows that were not confirmed rightly, since last paired."""
    pausing: bool = False
    """A pause has begun and not ended; a restart begins it anew, for no clock can be trusted."""
    windows: int = 0
    """Windows in which somebody tried, since last paired."""

    @property
    def tries_left(self) -> int:
        """Wrong codes until the next pause: 0 while it lasts, else 1 to 3."""
        return 0 if self.pausing else TRIES - self.wrong % TRIES

    @property
    def pause_seconds(self) -> float:
        """How long the latest pause lasts."""
        doublings = min(max(self.wrong // TRIES - 1, 0), 16)
        return min(FIRST_PAUSE_SECONDS * 2.0**doublings, LONGEST_PAUSE_SECONDS)

    def charged(self) -> "Guesses":
        """Count one more."""
        return replace(self, wrong=self.wrong + 1, pausing=self.tries_left == 1)


class Attempt:
    """One initiator's attempt, from `pair-begin` on."""

    def __init__(
        self,
        code: str,
        certificate: bytes,
        responder: bytes,
        message: bytes,
        window: tuple[Window, Waiting] | None,
    ) -> None:
        """Take the initiator's certificate (DER) and message, and the responder's fingerprint.

        In a window, the attempt waits for its turn there.
        """
        self.code: Final = code
        self.certificate: Final = certificate
        self.window: Final = window
        self.begun = 0.0
        """When it had its turn."""
        self.confirmed = False
        self.confirmations: Confirmations | None = None
        self._responder = responder
        self._message = message

    def answer(self) -> Event:
        """Return `pair-answer`; slow, for a thread. Raises `RefusedError`."""
        exchange = Exchange(
            Role.RESPONDER, self.code, fingerprint(self.certificate), self._responder
        )
        try:
            self.confirmations = exchange.finish(self._message)
        except PairingError as err:
            raise RefusedError("bad-request", "The message is not one of a pairing") from err
        return Event("pair-answer", {"message": exchange.message.hex()})


class Responder:
    """An unpaired device's side of pairing, for all of its connections together."""

    def __init__(
        self, own_fingerprint: bytes, guesses: Guesses, now: float, code: str | None = None
    ) -> None:
        """Choose a code, or take a given one until it was guessed at too often.

        A pause that a restart cut short begins anew.
        """
        self._fingerprint = own_fingerprint
        self.code = _new_code() if code is None else code
        self.guesses = guesses
        self._pause_ends = now + guesses.pause_seconds if guesses.pausing else now
        self._window: Window | None = None
        self._attempts: set[Attempt] = set()
        self._done: Attempt | None = None

    def pause_left(self, now: float) -> float:
        """Return the seconds for which nobody can pair, but in a window."""
        return max(self._pause_ends - now, 0.0) if self.guesses.pausing else 0.0

    def open_window(self, now: float) -> None:
        """Choose a code that counts at once and alone; nothing while a window is open already.

        Raises `UserError` when too many windows have led to nothing.
        """
        if self._open(now):
            return
        if self.guesses.windows >= WINDOWS:
            raise UserError(
                f"Somebody tried to pair {WINDOWS} times after the button was pressed, and nobody "
                "did it. Pair with the code that counts now, after the pause if there is one, or "
                "stop the device and start anew with --reset."
            )
        self._window = Window(now)
        self._attempts.clear()
        self.code = _new_code()

    def begin(self, data: Mapping[str, Any], host: str, now: float) -> Attempt:
        """Take `pair-begin` from an address; raises `RefusedError`. `take_turn` comes next."""
        window = self._open(now)
        if window is None and (seconds := self.pause_left(now)):
            raise _paused(seconds)
        _check_protocol(data.get("protocol"))
        certificate = _certificate(data.get("certificate"))
        message = _binary(data, "message", MESSAGE_BYTES)
        try:
            check_message(message)
        except PairingError as err:
            raise RefusedError("bad-request", "The message is not one of a pairing") from err
        waiting = None
        if window is not None:
            if (place := window.join(host)) is None:
                raise RefusedError("pairing-busy", "Others wait at this address to pair; try again")
            waiting = window, place
        return Attempt(self.code, certificate, self._fingerprint, message, waiting)

    def take_turn(self, attempt: Attempt, now: float) -> bool:
        """Count an attempt as a guess, and tell whether it is to be answered now, or to wait.

        Raises `RefusedError` when it cannot be answered any more. Before the answer, `guesses`
        must have been written down.
        """
        if attempt.window is None:
            if self._open(now) or attempt.code != self.code:
                raise RefusedError("pairing-busy", "The device has another code by now")
            if seconds := self.pause_left(now):
                raise _paused(seconds)
            self.guesses = self.guesses.charged()
            if self.guesses.pausing:
                self._pause_ends = now + self.guesses.pause_seconds
        else:
            window, waiting = attempt.window
            if window is not self._open(now):
                raise RefusedError("pairing-busy", "Others were trying to pair; try again")
            first = not window.used
            if not window.take_turn(waiting, now):
                return False
            if first:
                self.guesses = replace(self.guesses, windows=self.guesses.windows + 1)
        attempt.begun = now
        self._attempts.add(attempt)
        return True

    def confirm(self, attempt: Attempt, data: Mapping[str, Any], now: float) -> Event:
        """Take the initiator's `pair-confirm` and return ours.

        Raises `RefusedError`; then `code` may have changed.
        """
        self._expect(attempt, attempt.confirmations is not None and not attempt.confirmed, now)
        received = _binary(data, "confirmation", CONFIRMATION_BYTES)
        assert attempt.confirmations is not None
        if matches(attempt.confirmations.of_initiator, received):
            attempt.confirmed = True
            if attempt.window is None:
                self.guesses = replace(self.guesses, wrong=self.guesses.wrong - 1, pausing=False)
            return Event("pair-confirm", {"confirmation": attempt.confirmations.of_responder.hex()})
        self._give_up(attempt)
        tries = attempt.window[0].turns_left(now) if attempt.window else self.guesses.tries_left
        raise RefusedError("wrong-code", "The code is wrong", tries=tries)

    def done(self, attempt: Attempt, now: float) -> bytes:
        """Take `pair-done` and return the certificate to trust, DER; raises `RefusedError`."""
        self._expect(attempt, attempt.confirmed, now)
        if self._done is not None:
            raise RefusedError("pairing-busy", "Somebody else was faster")
        self._done = attempt
        return attempt.certificate

    def end(self, attempt: Attempt) -> None:
        """Forget an attempt: its connection is gone."""
        if attempt.window is not None:
            window, waiting = attempt.window
            window.leave(waiting)
        if attempt is self._done:
            self._done = None
        self._give_up(attempt)

    def end_pause(self, now: float) -> None:
        """Mark a pause as over, so that a restart does not repeat it; nothing while it lasts."""
        if not self.pause_left(now):
            self.guesses = replace(self.guesses, pausing=False)

    def is_current(self, attempt: Attempt, now: float) -> bool:
        """Tell whether an attempt was answered, and neither ended nor outlived its time."""
        return attempt in self._attempts and now < attempt.begun + ATTEMPT_SECONDS

    def _open(self, now: float) -> Window | None:
        return self._window if self._window is not None and self._window.is_open(now) else None

    def _give_up(self, attempt: Attempt) -> None:
        if attempt not in self._attempts:
            return
        self._attempts.remove(attempt)
        if attempt.window is None and self.guesses.pausing and attempt.code == self.code:
            self.code = _new_code()

    def _expect(self, attempt: Attempt, in_order: bool, now: float) -> None:  # noqa: FBT001 - private
        if not self.is_current(attempt, now):
            raise RefusedError("pairing-busy", "This attempt took too long")
        if not in_order:
            _refuse("the steps of pairing came out of order")


def check_code(code: str) -> str:
    """Return a code that the user chose, without spaces; raises `UserError`."""
    digits = "".join(code.split())
    if not CODE.fullmatch(digits):
        raise UserError("A pairing code has six digits, such as 492173.")
    return digits


def spaced(code: str) -> str:
    """Return a code as it is printed: "492 173"."""
    return f"{code[:3]} {code[3:]}"


def _new_code() -> str:
    return f"{secrets.randbelow(10**6):06d}"


def _paused(seconds: float) -> RefusedError:
    return RefusedError(
        "pairing-paused", "Too many wrong codes; wait", seconds=math.ceil(seconds) or 1
    )


def _check_protocol(protocol: object) -> None:
    if not isinstance(protocol, int) or isinstance(protocol, bool) or protocol < 1:
        _refuse("protocol must be a number")
    if protocol != PAIRING_PROTOCOL:
        older = "Home Assistant" if protocol < PAIRING_PROTOCOL else "This device"
        # The code is what an older Home Assistant knows: it says that the device is newer.
        raise RefusedError(
            "newer-protocol",
            f"{older} pairs in an older way; update Indoor Voice there",
            protocol=PAIRING_PROTOCOL,
        )


def _refuse(text: str) -> NoReturn:
    raise RefusedError("bad-request", text[0].upper() + text[1:])


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
    """Load what only an unpaired device needs, so that no stranger makes it take memory; slow."""
    for module in _ONLY_TO_PAIR:
        importlib.import_module(module)


def _certificate(pem: object) -> bytes:
    """Return the DER of the one certificate in `pem`, of a kind that the link takes."""
    # Only who pairs needs it: 19 MB of memory that a paired device does without.
    from .certificate import read_certificate  # noqa: PLC0415

    if not isinstance(pem, str) or len(pem) > _MAX_CERTIFICATE_CHARACTERS:
        _refuse("certificate must be PEM")
    try:
        return read_certificate(pem.encode("ascii"))
    except ValueError as err:
        raise RefusedError("bad-request", f"The certificate is {err}") from err
