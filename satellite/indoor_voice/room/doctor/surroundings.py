"""Checks of what is around a satellite: time, network, Home Assistant, the speech server."""

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
"""2026-11-01 UTC: no clock that is right shows less."""
_CONNECT_SECONDS: Final = 3.0
_DEFAULT_SPEECH: Final = ("127.0.0.1", 10701)


def check_clock(now: float) -> Finding:
    """Tell whether the time, in seconds since 1970, can be right."""
    seen = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(now))
    if now < _RELEASED:
        return Finding.bad(
            "clock",
            f"it says {seen}, which is past",
            "The link works all the same, but logs are dated wrong. Let the system set its clock: "
            "sudo timedatectl set-ntp true",
        )
    return Finding.good("clock", seen)


def check_storage(facts: Facts | None, state_dir: Path) -> Finding:
    """Tell whether what is changed outlasts a restart."""
    why = fault(state_dir)
    if why is None and facts is not None and not facts.get("storage", True):
        why = "the satellite could not write there"
    if why is not None:
        return Finding.bad(
            "storage",
            f"nothing can be kept in {state_dir}: {why}",
            "Muting and pairing do not outlast a restart. Make room, or replace the card.",
        )
    return Finding.good("storage", f"settings are kept in {state_dir}")


def check_network(facts: Facts | None, port: int) -> Finding:
    """Tell the addresses of this machine, and whether the satellite can be reached at its port."""
    subject = "network"
    addresses = ", ".join(own_addresses())
    if not addresses:
        return Finding.bad(
            subject,
            "this machine has no address but its own loopback",
            "Connect it: nmtui, or raspi-config for Wi-Fi.",
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
                f"{addresses}; port {port} cannot be listened on: {err.strerror}",
                "Stop what uses it, or choose another port with --port, here and for the "
                "satellite.",
            )
    return Finding.good(subject, f"{addresses}; port {port} is free for the satellite")


def check_pairing(facts: Facts | None, state_dir: Path) -> Finding:
    """Tell whether the satellite is paired, and whether Home Assistant is connected."""
    subject = "pairing"
    if facts is None:
        return _check_kept_pairing(state_dir)
    if not facts["protected"]:
        return Finding.unknown(subject, "plain Wyoming, unprotected, as it was started")
    if facts["locked"]:
        return Finding.bad(
            subject,
            "locked for a while: somebody gave wrong codes",
            "Wait, then enter the code that the satellite says now. Was it not you? Then somebody "
            "in your network tries to get in.",
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
            "Does Home Assistant run, and does it know this machine's address?",
        )
    return Finding.good(subject, "paired, and Home Assistant is connected")


def _check_kept_pairing(state_dir: Path) -> Finding:
    subject = "pairing"
    start = "Start it with: indoor-voice satellite"
    if not state_dir.exists():
        return Finding.unknown(subject, "no satellite has run here yet", start)
    try:
        paired = Trust.load(state_dir).paired
    except UserError as err:
        return Finding.bad(subject, "its files cannot be used", str(err))
    return Finding.unknown(
        subject, f"the satellite does not run; {'paired' if paired else 'not paired yet'}", start
    )


def check_speech(where: str | None) -> Finding:
    """Tell whether a speech server listens, at HOST:PORT or on this machine; raises `UserError`."""
    subject = "speech"
    host, port = _DEFAULT_SPEECH if where is None else _host_and_port(where)
    try:
        with socket.create_connection((host, port), timeout=_CONNECT_SECONDS):
            return Finding.good(subject, f"something listens at {host} port {port}")
    except OSError as err:
        if where is None:
            return Finding.unknown(
                subject,
                "no speech server on this machine",
                "If it is on another one, name it with --speech HOST:PORT.",
            )
        return Finding.bad(
            subject,
            f"nothing can be reached at {host} port {port}: {err.strerror or err}",
            "Start it there with: indoor-voice speech",
        )


def _host_and_port(where: str) -> tuple[str, int]:
    host, _, port = where.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:  # noqa: PLR2004 - the last port
        raise UserError(f"--speech takes HOST:PORT, such as 192.168.1.5:10701, not {where}.")
    return host.strip("[]"), int(port)
