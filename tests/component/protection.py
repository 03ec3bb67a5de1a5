"""A scripted peer's end of the protected link, which can be told to lie."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from wyoming.event import Event
from wyoming.ping import Pong

from custom_components.indoor_voice.link.certificate import load_or_make
from custom_components.indoor_voice.link.secret import (
    Confirmations,
    Exchange,
    Role,
    fingerprint,
    matches,
)
from indoor_voice.link.pairing.tls_alert import AlertingSSLObject

if TYPE_CHECKING:
    from pathlib import Path


class Protection:
    """A key and certificate, the trusted client, and the responder of docs/link.md."""

    def __init__(self, path: Path, trusted: str | None = None) -> None:
        self.own = load_or_make(path)
        self.trusted = trusted
        """The only client certificate accepted (PEM); None while unpaired."""
        self.code = "492173"
        self.refusal: dict[str, object] | None = None
        """The error with which to answer every `pair-begin`."""
        self.lies: dict[str, object] = {}
        """Values that replace those of pairing events, by key."""
        self.breaks_off_at: str | None = None
        """The event type on which to disconnect; `pair-done` is then ignored."""
        self._candidate = ""
        self._confirmations: Confirmations | None = None

    @property
    def fingerprint(self) -> bytes:
        return fingerprint(ssl.PEM_cert_to_DER_cert(self.own.pem))

    def context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.sslobject_class = AlertingSSLObject
        context.load_cert_chain(self.own.path)
        if self.trusted is not None:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(cadata=self.trusted)
        return context

    def answer(self, event: Event) -> Event | None:
        """Answer an unpaired client; None disconnects."""
        if event.type == self.breaks_off_at:
            return None
        answer = Event(type="error", data={"code": "not-paired"})
        match event.type:
            case "ping":
                answer = Pong().event()
            case "pair-begin":
                answer = self._begin(event)
            case "pair-confirm":
                answer = self._confirm(event)
            case "pair-done":
                self.trusted = self._candidate
                answer = Event(type="pair-done")
        return answer

    def _begin(self, event: Event) -> Event:
        if self.refusal is not None:
            return Event(type="error", data=self.refusal)
        self._candidate = event.data["certificate"]
        initiator = fingerprint(ssl.PEM_cert_to_DER_cert(self._candidate))
        exchange = Exchange(Role.RESPONDER, self.code, initiator, self.fingerprint)
        self._confirmations = exchange.finish(bytes.fromhex(event.data["message"]))
        return self._event("pair-answer", message=exchange.message.hex())

    def _confirm(self, event: Event) -> Event:
        assert self._confirmations is not None
        theirs = bytes.fromhex(event.data["confirmation"])
        if not self.lies and not matches(self._confirmations.of_initiator, theirs):
            return Event(type="error", data={"code": "wrong-code", "tries": 2})
        return self._event("pair-confirm", confirmation=self._confirmations.of_responder.hex())

    def _event(self, event_type: str, **data: object) -> Event:
        return Event(type=event_type, data={key: self.lies.get(key, data[key]) for key in data})
