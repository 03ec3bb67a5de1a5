"""The responder of docs/link.md: six digits, few guesses, one attempt at a time.

A state machine without sockets, files or clocks: times are handed in, in seconds of one
monotonic clock, and what must hold over restarts is handed out as `Guesses`.
"""

import binascii
import importlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, NoReturn

from wyoming.event import Event

from indoor_voice.errors import UserError

from .identity import PROTOCOL
from .secret import (
    CODE,
    CONFIRMATION_BYTES,
    MESSAGE_BYTES,
    Confirmations,
    Exchange,
    PairingError,
    Role,
    fingerprint,
    matches,
)

_ONLY_TO_PAIR: Final = (
    "cryptography.hazmat.primitives.kdf.hkdf",
    "indoor_voice.link.certificate",
    "spake2.ed25519_basic",
)
TRIES: Final = 3
"""Wrong codes until the digits change and a pause begins."""
FIRST_PAUSE_SECONDS: Final = 30.0
LONGEST_PAUSE_SECONDS: Final = 3600.0
ATTEMPT_SECONDS: Final = 10.0
"""Nobody types in the middle of an attempt: whoever asked for one has the digits already."""
ABANDONED_SECONDS: Final = 1.0
"""An attempt without an end costs as much as one with: it holds its place at least so long."""
_MAX_CERTIFICATE_CHARACTERS: Final = 4096


class RefusedError(Exception):
    """The answer is `error`, and the connection is closed."""

    def __init__(self, code: str, text: str, **details: int) -> None:
        """Say why, as a code of docs/link.md and as a sentence, with `tries` or `seconds`."""
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
    """Wrong codes since the device was last paired."""
    pausing: bool = False
    """A pause has begun and not ended; a restart begins it anew, for no clock can be trusted."""

    @property
    def tries_left(self) -> int:
        """Wrong codes until the next pause: 1 to 3."""
        return TRIES - self.wrong % TRIES

    @property
    def pause_seconds(self) -> float:
        """How long the latest pause lasts."""
        doublings = min(max(self.wrong // TRIES - 1, 0), 16)
        return min(FIRST_PAUSE_SECONDS * 2.0**doublings, LONGEST_PAUSE_SECONDS)


class Attempt:
    """One initiator's attempt, from `pair-begin` on."""

    def __init__(
        self, code: str, certificate: bytes, responder: bytes, message: bytes, begun: float
    ) -> None:
        """Take the initiator's certificate (DER) and message, and the responder's fingerprint."""
        self.certificate: Final = certificate
        self.begun: Final = begun
        self.confirmed = False
        self.confirmations: Confirmations | None = None
        self._code = code
        self._responder = responder
        self._message = message

    def answer(self) -> Event:
        """Return `pair-answer`; slow, for a thread. Raises `RefusedError`."""
        exchange = Exchange(
            Role.RESPONDER, self._code, fingerprint(self.certificate), self._responder
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
        self._attempt: Attempt | None = None
        self._free_from = now

    def pause_left(self, now: float) -> float:
        """Return the seconds for which nobody can pair."""
        return max(self._pause_ends - now, 0.0) if self.guesses.pausing else 0.0

    def begin(self, data: Mapping[str, Any], now: float) -> Attempt:
        """Take `pair-begin`; raises `RefusedError`."""
        if seconds := self.pause_left(now):
            raise RefusedError(
                "pairing-paused", "Too many wrong codes; wait", seconds=int(seconds) + 1
            )
        if now < self._free_from:
            raise RefusedError("pairing-busy", "Another attempt to pair is under way")
        protocol = data.get("protocol")
        if not isinstance(protocol, int) or isinstance(protocol, bool) or protocol < 1:
            _refuse("protocol must be a number")
        if protocol > PROTOCOL:
            raise RefusedError("newer-protocol", "This device is too old; update it")
        self._attempt = Attempt(
            self.code,
            _certificate(data.get("certificate")),
            self._fingerprint,
            _binary(data, "message", MESSAGE_BYTES),
            now,
        )
        self._free_from = now + ATTEMPT_SECONDS
        return self._attempt

    def confirm(self, attempt: Attempt, data: Mapping[str, Any], now: float) -> Event:
        """Take the initiator's `pair-confirm` and return ours.

        Raises `RefusedError`; then `guesses`, and perhaps `code`, may have changed.
        """
        self._expect(attempt, attempt.confirmations is not None and not attempt.confirmed, now)
        received = _binary(data, "confirmation", CONFIRMATION_BYTES)
        assert attempt.confirmations is not None
        if matches(attempt.confirmations.of_initiator, received):
            attempt.confirmed = True
            return Event("pair-confirm", {"confirmation": attempt.confirmations.of_responder.hex()})
        tries_left = self.guesses.tries_left - 1
        self.guesses = Guesses(self.guesses.wrong + 1, pausing=tries_left == 0)
        self._attempt = None
        self._free_from = now
        if tries_left == 0:
            self._pause_ends = now + self.guesses.pause_seconds
            self.code = _new_code()
        raise RefusedError("wrong-code", "The code is wrong", tries=tries_left)

    def done(self, attempt: Attempt, now: float) -> bytes:
        """Take `pair-done` and return the certificate to trust, DER; raises `RefusedError`."""
        self._expect(attempt, attempt.confirmed, now)
        return attempt.certificate

    def end(self, attempt: Attempt, now: float) -> None:
        """Make room for another attempt: this one's connection is gone."""
        if attempt is self._attempt:
            self._attempt = None
            self._free_from = max(now, attempt.begun + ABANDONED_SECONDS)

    def end_pause(self, now: float) -> None:
        """Mark a pause as over, so that a restart does not repeat it; nothing while it lasts."""
        if not self.pause_left(now):
            self.guesses = replace(self.guesses, pausing=False)

    def is_current(self, attempt: Attempt, now: float) -> bool:
        """Tell whether an attempt has not been ended nor outlived its time."""
        return attempt is self._attempt and now < attempt.begun + ATTEMPT_SECONDS

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
