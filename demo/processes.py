"""Starts and stops the programs of the house, and logs what they print."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

TERMINATE_TIMEOUT_SECONDS: Final = 15.0


class ProcessFailedError(Exception):
    """A program ended or did not become ready; the message ends with its last output."""


class Program:
    """One child process whose output goes to a log file.

    `async with` starts and stops it. Tests also kill, stop and start it in between.
    """

    def __init__(
        self, name: str, command: Sequence[str], *, log: Path, env: Mapping[str, str] | None = None
    ) -> None:
        """Prepare to run `command` with `env` added to the environment."""
        self.name = name
        self.log = log
        self._command = command
        self.env = {**os.environ, **(env or {})}
        """The environment of the process."""
        self._process: asyncio.subprocess.Process | None = None
        self._log_start = 0

    async def __aenter__(self) -> Self:
        """Start."""
        await self.start()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop."""
        await self.stop()

    @property
    def pid(self) -> int:
        """The process id; only while it runs."""
        assert self._process is not None
        return self._process.pid

    @property
    def runs(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Start it in a process group of its own, so that Ctrl-C reaches only the demo.

        A session of its own would do that, too, but Linux then shares the processor out among
        sessions, whatever the priority of the processes.
        """
        self._log_start = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self.env,
                process_group=0,
            )

    def output(self) -> str:
        """Return its output since it was last started."""
        with self.log.open("rb") as log:
            log.seek(self._log_start)
            return log.read().decode(errors="replace")

    async def wait_for_output(self, text: str, timeout_seconds: float) -> None:
        """Wait until it prints `text`; raises `ProcessFailedError`."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_seconds):
                while text not in self.output():
                    self.check()
                    await asyncio.sleep(0.05)
                return
        raise ProcessFailedError(f"{self.name} did not become ready:\n{self._last_lines()}")

    def check(self) -> None:
        """Raise `ProcessFailedError` if it has ended."""
        if self._process is not None and self._process.returncode is not None:
            raise ProcessFailedError(f"{self.name} has ended:\n{self._last_lines()}")

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal, such as SIGSTOP to make it hang."""
        assert self._process is not None
        self._process.send_signal(number)

    async def kill(self) -> None:
        """End it without a chance to clean up, as a power cut would."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> None:
        """Ask it to end, and wait until it has."""
        await self._end(signal.SIGTERM)

    async def _end(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(number)
        try:
            async with asyncio.timeout(TERMINATE_TIMEOUT_SECONDS):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        self._process = None

    def _last_lines(self) -> str:
        return "\n".join(self.output().splitlines()[-15:])
