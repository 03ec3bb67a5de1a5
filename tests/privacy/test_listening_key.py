"""A listening key as Home Assistant stores it, and as its owner unlocks it."""

from base64 import b64encode
from typing import Any

import pytest
from nacl.exceptions import CryptoError

from custom_components.indoor_voice.privacy.store.listening_key import LockedKey

from .listener import Listener

PASSPHRASE = "ein Satz, der läuft ①"  # noqa: S105 - a test's


@pytest.fixture(scope="module")
def listener() -> Listener:
    return Listener.create(PASSPHRASE)


def test_its_owner_unlocks_it_after_it_was_stored(listener: Listener) -> None:
    stored = LockedKey.from_json(listener.locked.to_json())
    assert stored == listener.locked
    assert Listener.unlock(stored, PASSPHRASE).private == listener.private


def test_another_keyboard_writes_the_same_passphrase(listener: Listener) -> None:
    apart = "ein Satz, der la\u0308uft 1"
    assert Listener.unlock(listener.locked, apart).private == listener.private


def test_the_recovery_code_unlocks_it_too_however_it_is_typed(listener: Listener) -> None:
    assert listener.recovery_code
    typed = listener.recovery_code.lower().replace("-", " ").replace("o", "0").replace("b", "8")
    assert Listener.recover(listener.locked, typed).private == listener.private


def test_nothing_else_unlocks_it(listener: Listener) -> None:
    with pytest.raises(CryptoError):
        Listener.unlock(listener.locked, PASSPHRASE + ".")
    with pytest.raises(CryptoError):
        Listener.recover(listener.locked, PASSPHRASE)


def test_a_swapped_public_key_shows_as_it_is_unlocked(listener: Listener) -> None:
    swapped = listener.with_public(Listener.quick().public)
    with pytest.raises(CryptoError):
        Listener.unlock(swapped.locked, PASSPHRASE)


def test_what_is_stored_does_not_hold_the_private_key(listener: Listener) -> None:
    assert listener.private not in b"".join(
        value for value in (listener.locked.locked, listener.locked.salt, listener.locked.nonce)
    )
    assert b64encode(listener.private).decode() not in str(listener.locked.to_json())


def changed(**changes: Any) -> dict[str, Any]:
    return Listener.quick().locked.to_json() | changes


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        "text",
        {},
        changed(extra=1),
        changed(ops=1),
        changed(ops=2.0),
        changed(ops=True),
        changed(ops="2"),
        changed(ops=17),
        changed(memory_bytes=64 * 1024**2 - 1),
        changed(memory_bytes=1024**3 + 1),
        changed(salt=b64encode(bytes(15)).decode()),
        changed(salt="*"),
        changed(salt="ä"),
        changed(salt=None),
        changed(nonce=b64encode(bytes(12)).decode()),
        changed(locked=b64encode(bytes(32)).decode()),
        changed(public=b64encode(bytes(31)).decode()),
        pytest.param(changed(public=b64encode(bytes(32)).decode()), id="of low order"),
        changed(recovery={}),
        changed(recovery=changed()),
        {name: value for name, value in changed().items() if name != "recovery"},
    ],
)
def test_nonsense_and_weak_locks_are_refused(data: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - one error for nonsense
        LockedKey.from_json(data)
