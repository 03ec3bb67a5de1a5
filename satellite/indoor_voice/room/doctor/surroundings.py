"""Checks the rest of the satellite: lamps, clock, storage, network, pairing, speech server."""

import socket
import time
from pathlib import Path
from typing import Final

from indoor_voice.errors import UserError
from indoor_voice.link.addresses import own_addresses
from indoor_voice.link.pairing.responder import spaced
from indoor_voice.link.pairing.trust import Trust
from indoor_voice.room.controls.socket import Facts
from indoor_voice.state_folder import fault

from .finding import Finding

_RELEASED: Final = 1_793_491_200.0
"""2026-11-01 UTC: a correct clock shows a later time."""
_CONNECT_SECONDS: Final = 3.0
_DEFAULT_SPEECH: Final = ("127.0.0.1", 10701)


def check_lamps(facts: Facts | None) -> Finding:
    """Check whether the lamps of the running satellite work, as far as it can tell."""
    subject = "lamp"
    if facts is None:
        return Finding.unknown(subject, "the satellite is not running, and only it knows its lamps")
    lamps: dict[str, bool] = facts.get("lamps", {})
    if not lamps:
        return Finding.unknown(subject, "the satellite has none")
    failed = [name for name, works in lamps.items() if not works]
    if failed:
        return Finding.bad(
            subject,
            f"the satellite cannot set it: {', '.join(failed)}",
            "Is it still connected? The satellite's log says what went wrong: indoor-voice logs",
        )
    return Finding.good(subject, f"{', '.join(lamps)}; lit while sound is sent")


def check_clock(now: float) -> Finding:
    """Check whether the time, in seconds since 1970, is plausible."""
    seen = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(now))
    if now < _RELEASED:
        return Finding.bad(
            "clock",
            f"it shows {seen}, which is in the past",
            "The link still works, but log times are wrong. Let the system set its clock with: "
            "sudo timedatectl set-ntp true",
        )
    return Finding.good("clock", seen)


def check_storage(facts: Facts | None, state_dir: Path) -> Finding:
    """Check whether settings can be saved."""
    reason = fault(state_dir)
    if reason is None and facts is not None and not facts.get("storage", True):
        reason = "the satellite could not write there"
    if reason is not None:
        return Finding.bad(
            "storage",
            f"cannot save anything in {state_dir}: {reason}",
            "A restart loses changes to muting and pairing. Free some space, or replace the card.",
        )
    return Finding.good("storage", f"settings are saved in {state_dir}")


def check_network(facts: Facts | None, port: int) -> Finding:
    """Report this machine's addresses, and check whether the satellite's port is available."""
    subject = "network"
    addresses = ", ".join(own_addresses())
    if not addresses:
        return Finding.bad(
            subject,
            "this machine has no address other than loopback",
            "Connect it to a network, for example with nmtui, or raspi-config for Wi-Fi.",
        )
    if facts is not None:
        return Finding.good(subject, f"{addresses}; the satellite listens on port {facts['port']}")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", port))
        except OSError as err:
            return Finding.bad(
                subject,
                f"{addresses}; cannot listen on port {port}: {err.strerror}",
                "Stop the program that uses it, or choose another port with --port, here and for "
                "the satellite.",
            )
    return Finding.good(subject, f"{addresses}; port {port} is free for the satellite")


def check_pairing(facts: Facts | None, state_dir: Path) -> Finding:
    """Check whether the satellite is paired, and whether Home Assistant is connected."""
    subject = "pairing"
    if facts is None:
        return _check_saved_pairing(state_dir)
    if not facts["protected"]:
        return Finding.unknown(subject, "unprotected: the satellite was started with plain Wyoming")
    if facts["locked"]:
        return Finding.bad(
            subject,
            "locked for a while after wrong codes",
            "Wait, then enter the code that the satellite says. If the wrong codes were not yours, "
            "somebody on your network is trying to connect.",
        )
    if not facts["paired"]:
        return Finding.bad(
            subject,
            f"waiting for its code, {spaced(facts['code'])}",
            "Enter it in Home Assistant, under Settings, Devices & services.",
        )
    if not facts["connected"]:
        return Finding.bad(
            subject,
            "paired, but Home Assistant is not connected",
            "Is Home Assistant running, and does it have this machine's address?",
        )
    return Finding.good(subject, "paired, and Home Assistant is connected")


def _check_saved_pairing(state_dir: Path) -> Finding:
    subject = "pairing"
    start = "Start it with: indoor-voice satellite"
    if not state_dir.exists():
        return Finding.unknown(subject, "no satellite has run here yet", start)
    try:
        paired = Trust.load(state_dir).paired
    except UserError as err:
        return Finding.bad(subject, "cannot use its files", str(err))
    return Finding.unknown(
        subject, f"the satellite is not running; {'paired' if paired else 'not paired yet'}", start
    )


def check_speech(address: str | None) -> Finding:
    """Check whether a speech server listens at HOST:PORT or on this machine; raises `UserError`."""
    subject = "speech"
    host, port = _DEFAULT_SPEECH if address is None else _host_and_port(address)
    try:
        with socket.create_connection((host, port), timeout=_CONNECT_SECONDS):
            return Finding.good(subject, f"something listens at {host} port {port}")
    except OSError as err:
        if address is None:
            return Finding.unknown(
                subject,
                "no speech server on this machine",
                "If it runs on another machine, give its address with --speech HOST:PORT.",
            )
        return Finding.bad(
            subject,
            f"cannot connect to {host} port {port}: {err.strerror or err}",
            "Start it there with: indoor-voice speech",
        )


def _host_and_port(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:  # noqa: PLR2004 - the last port
        raise UserError(f"--speech must be HOST:PORT, such as 192.168.1.5:10701, not {address}.")
    return host.strip("[]"), int(port)
