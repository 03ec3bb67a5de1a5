"""TLS that says why it refuses: asyncio would close the connection and keep the alert to itself."""

import ssl


class AlertingSSLObject(ssl.SSLObject):
    """For `SSLContext.sslobject_class`: lets asyncio send the alert before the handshake fails.

    asyncio sends what a handshake has produced when it must wait for the peer, and sends nothing
    when the handshake fails. So a failure is told as one more wait; what comes next, data, the
    end of the connection or the handshake's timeout, then finds the failure.
    """

    _failure: ssl.SSLError | None = None

    def do_handshake(self) -> None:
        """Take the next step of the handshake; raises `ssl.SSLError`."""
        if self._failure is not None:
            raise self._failure
        try:
            super().do_handshake()
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise
        except ssl.SSLError as err:
            self._failure = err
            raise ssl.SSLWantReadError from err
