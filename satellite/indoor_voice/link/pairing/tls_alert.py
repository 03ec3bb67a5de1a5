"""Sends the TLS alert of a failed handshake, which asyncio alone would not send."""

import ssl


class AlertingSSLObject(ssl.SSLObject):
    """A value for `SSLContext.sslobject_class` that delays a handshake's failure by one step.

    asyncio sends the output of a handshake when it must wait for the peer, but not when the
    handshake fails. This class therefore reports a failure as one more wait, which makes asyncio
    send the alert. The next event (data, end of connection or timeout) then raises the failure.
    """

    _failure: ssl.SSLError | None = None

    def do_handshake(self) -> None:
        """Perform the next step of the handshake; raises `ssl.SSLError`."""
        if self._failure is not None:
            raise self._failure
        try:
            super().do_handshake()
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise
        except ssl.SSLError as err:
            self._failure = err
            raise ssl.SSLWantReadError from err
