"""Stores a device's own key and certificate, and the certificate of its paired peer."""

import dataclasses
import errno
import fcntl
import ipaddress
import json
import logging
import os
import shutil
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Self

from indoor_voice.errors import UserError
from indoor_voice.state_folder import is_kept, sync, write

from .identity import forget_identity
from .responder import TRIES, Guesses
from .sealed_file import add_digest, read_certificate_file, sealed
from .secret import entrance_name, fingerprint
from .tls_alert import AlertingSSLObject

_LOGGER = logging.getLogger(__name__)

_FOLDER: Final = "link"
_OWN: Final = "own.pem"
_PEER: Final = "peer.pem"
_MEMORY: Final = "memory.json"


class Trust:
    """A device's keys and pairing, stored in files that only their owner can read.

    Every method that makes a change writes it to disk before returning, so call it in a thread. It
    raises `UserError` when writing fails. Nothing has changed then, except for the address.
    """

    def __init__(self, folder: Path, certificate: bytes, peer_certificate: bytes | None) -> None:
        """Hold what `load` has read; use that instead."""
        self._folder = folder
        self.state_dir: Final = folder.parent
        self._writing = threading.Lock()
        self.certificate: Final = certificate
        """The device's own certificate, DER."""
        self.peer_certificate = peer_certificate
        """The paired side's certificate, DER; None while unpaired."""
        self.peer_address: str | None = None
        """Address from which the paired side last connected."""
        self.guesses = Guesses()
        """How often a wrong pairing code was given."""

    @classmethod
    def load(cls, state_dir: Path) -> Self:
        """Load the trust stored in `state_dir`; make a key and certificate the first time.

        Raises:
            UserError: Nothing can be stored there, or a file is damaged.
        """
        folder = state_dir / _FOLDER
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            is_paired = is_kept(folder / _PEER)
            if not is_kept(folder / _OWN):
                if is_paired:
                    raise _damaged(folder)
                # Needed once in a device's life, and takes 19 MB of memory.
                from .certificate import make_key_and_certificate  # noqa: PLC0415

                write(folder / _OWN, sealed(make_key_and_certificate()))
            _restrict_mode(folder / _OWN)
            own = read_certificate_file(folder / _OWN)
            peer = read_certificate_file(folder / _PEER) if is_paired else None
            trust = cls(folder, own, peer)
            trust._load_memory(folder / _MEMORY)
            trust.context()
            add_digest(folder / _OWN)
            if is_paired:
                add_digest(folder / _PEER)
        except ssl.SSLError as err:
            raise _damaged(folder) from err
        except OSError as err:
            raise _cannot_store(state_dir, err) from err
        except ValueError as err:
            raise _damaged(folder) from err
        return trust

    @staticmethod
    def reset(state_dir: Path) -> None:
        """Delete the paired side's certificate, the own key and the id; raises `UserError`."""
        if not state_dir.exists():
            return
        try:
            with _locked(state_dir):
                with suppress(FileNotFoundError):
                    shutil.rmtree(state_dir / _FOLDER)
                forget_identity(state_dir)
        except OSError as err:
            raise UserError(f"Cannot remove what is stored in {state_dir}: {err}.") from err

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Keep other processes from using or resetting the same state; raises `UserError`."""
        with _locked(self.state_dir):
            yield

    @property
    def paired(self) -> bool:
        """Whether the device is paired."""
        return self.peer_certificate is not None

    @property
    def fingerprint(self) -> bytes:
        """SHA-256 of the device's own certificate, 32 bytes."""
        return fingerprint(self.certificate)

    @property
    def entrance_name(self) -> bytes | None:
        """Server name that tells the paired side from a crowd; None while unpaired."""
        if self.peer_certificate is None:
            return None
        return entrance_name(fingerprint(self.peer_certificate), self.fingerprint).encode("ascii")

    def context(self) -> ssl.SSLContext:
        """Make a TLS context for listening: for the paired side alone, or for pairing.

        Make a new one after each change, so that it doesn't retain an old trust.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.num_tickets = 0
        context.sslobject_class = AlertingSSLObject
        context.load_cert_chain(self._folder / _OWN)
        if self.peer_certificate is not None:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(cadata=self.peer_certificate)
        return context

    def accept(self, certificate: bytes) -> None:
        """Pair with the holder of this DER certificate."""
        self._change(peer=certificate)

    def forget(self) -> None:
        """End the pairing; the device keeps its own key."""
        self._change(peer=None)

    def keep_address(self, address: str) -> None:
        """Store the paired side's address; until the next start it holds even if that fails."""
        with self._writing:
            self.peer_address = address
            self._store_memory(address, self.guesses)

    def keep_guesses(self, guesses: Guesses) -> None:
        """Store how often a wrong pairing code was given."""
        with self._writing:
            self._store_memory(self.peer_address, guesses)

    def _change(self, peer: bytes | None) -> None:
        with self._writing:
            try:
                # Deleting a file works on a full disk too.
                if peer is None:
                    (self._folder / _PEER).unlink(missing_ok=True)
                else:
                    pem = ssl.DER_cert_to_PEM_cert(peer)
                    write(self._folder / _PEER, sealed(pem.encode("ascii")))
                # Guesses and address belong to the former pairing.
                (self._folder / _MEMORY).unlink(missing_ok=True)
                sync(self._folder)
            except OSError as err:
                raise _cannot_store(self.state_dir, err) from err
            self.peer_certificate = peer
            self.peer_address = None
            self.guesses = Guesses()

    def _store_memory(self, address: str | None, guesses: Guesses) -> None:
        try:
            write(self._folder / _MEMORY, _as_json(address, guesses))
        except OSError as err:
            raise _cannot_store(self.state_dir, err) from err
        self.peer_address, self.guesses = address, guesses

    def _load_memory(self, path: Path) -> None:
        try:
            self.peer_address, self.guesses = _from_json(path.read_bytes())
        except FileNotFoundError:
            pass
        except (ValueError, LookupError, TypeError, RecursionError):
            # The counts are lost. Assume a pause, so that damaging the file gains nothing.
            self.guesses = Guesses(wrong=TRIES, pausing=True)
            _LOGGER.warning("%s is damaged; assuming that wrong pairing codes were given", path)


@contextmanager
def _locked(state_dir: Path) -> Iterator[None]:
    folder = os.open(state_dir, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as err:
        raise UserError(
            f"A satellite or speech server with its state in {state_dir} is running. "
            "Stop it first, or choose another folder with --state-dir."
        ) from err
    finally:
        os.close(folder)


def _as_json(address: str | None, guesses: Guesses) -> bytes:
    return json.dumps({"address": address, **dataclasses.asdict(guesses)}).encode("utf-8")


def _restrict_mode(path: Path) -> None:
    """Let only the owner read a file, as a restored backup may have changed its mode."""
    if path.stat().st_mode & 0o177:
        try:
            path.chmod(0o600)
        except OSError as err:
            if err.errno != errno.EROFS:
                raise
            _LOGGER.warning("Others on this machine may read the key in %s", path)


def _from_json(content: bytes) -> tuple[str | None, Guesses]:
    """Parse the output of `_as_json`; `Trust._load_memory` treats any exception as damage."""
    memory = json.loads(content)
    address, pausing = memory["address"], memory["pausing"]
    # Versions before pairing windows didn't count them.
    counts = memory["wrong"], memory.get("windows", 0)
    if not isinstance(address, str | None):
        raise TypeError("not an address")
    if address is not None:
        ipaddress.ip_address(address.partition("%")[0])
    if not isinstance(pausing, bool) or any(type(n) is not int or n < 0 for n in counts):
        raise ValueError("not what was stored")
    return address, Guesses(wrong=counts[0], pausing=pausing, windows=counts[1])


def _cannot_store(state_dir: Path, err: OSError) -> UserError:
    return UserError(
        f"Cannot store settings in {state_dir}: {err}. Choose a folder with --state-dir."
    )


def _damaged(folder: Path) -> UserError:
    return UserError(f"The keys in {folder} are damaged. Start again with --reset and pair again.")
