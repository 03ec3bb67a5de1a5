"""Assembles a satellite from the command line options and runs it."""

import argparse
import asyncio
import logging
import os
import signal
import sys
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from typing import Any

from indoor_voice.errors import UserError
from indoor_voice.faults import log_faults_of
from indoor_voice.link.discovery import Announcement
from indoor_voice.link.pairing.identity import DeviceKind, load_identity
from indoor_voice.link.pairing.responder import spaced
from indoor_voice.link.pairing.trust import Trust
from indoor_voice.link.server.server import LinkServer
from indoor_voice.link.supervisor import SupervisorAnnouncement
from indoor_voice.options import fixed_code, is_loopback, is_protected

from .adjustments import first_adjustments
from .controls.buttons import Button
from .controls.chosen import chosen_buttons, chosen_lamps
from .controls.socket import ControlSocket, Facts
from .language import system_language
from .music.kept_level import KeptLevel
from .music.player import MusicPlayer
from .music.process import can_decode
from .music.sendspin import sendspin_speaker, shown_name
from .room import SatelliteRoom
from .settings import Settings
from .sound.adjusted_microphone import AdjustedMicrophone
from .sound.echo.canceller import choose_canceller
from .sound.loudspeaker import DeviceLoudspeaker
from .sound.microphone import DeviceMicrophone
from .sound.noise import choose_suppressor
from .sound.stop_word import StopWord
from .sound.wake_models import WakeModel, find_models
from .sound.wake_rules import parse_sensitivities
from .sound.wake_word import Detector
from .verifier_file import Learned
from .wire.description import Description

_LOGGER = logging.getLogger(__name__)


async def serve(arguments: argparse.Namespace) -> bool:
    """Run a satellite until it is stopped; raises `UserError`.

    Returns:
        Whether it was told to delete its state and start over.
    """
    return await _Satellite(arguments).run()


class _Satellite:
    """One run of a satellite: owns its parts and connects them."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._arguments = arguments
        protected = is_protected(arguments)
        known, names = find_models(arguments.wake_word)
        requested = parse_sensitivities(arguments.wake_sensitivity or (), known)
        canceller = choose_canceller(arguments.echo_cancelling)
        suppressor = choose_suppressor(arguments.noise_suppression)
        self._lamps = chosen_lamps(arguments)
        self._buttons = chosen_buttons(arguments)
        first = first_adjustments(
            vars(arguments),
            cancels_echo=None if canceller is None else arguments.echo_cancelling != "off",
            suppresses_noise=suppressor is not None,
            dims_lamp=self._lamps.dim,
            language=system_language(os.environ),
        )
        settings = Settings(arguments.state_dir, arguments.wake_word, requested, first)
        self._trust = Trust.load(arguments.state_dir) if protected else None
        self._identity = load_identity(arguments.state_dir, DeviceKind.SATELLITE)
        if settings.wake_words is not None:
            names = [name for name in settings.wake_words if name in known]
        detector = Detector([known[name] for name in names], settings.sensitivities)
        if names and len(detector.faults) == len(names):
            raise UserError(detector.faults[names[0]])
        names = [name for name in names if name not in detector.faults]
        self._microphone = DeviceMicrophone(arguments.microphone)
        plays_music = can_decode()
        self._loudspeaker = DeviceLoudspeaker(arguments.loudspeaker, stereo=plays_music)
        self._music: MusicPlayer | None = None
        if plays_music:
            self._music = MusicPlayer(self._loudspeaker, KeptLevel(arguments.state_dir))
        self._sendspin = sendspin_speaker(
            arguments.sendspin,
            name=shown_name(arguments.name, arguments.area),
            state_dir=arguments.state_dir,
            music=self._music,
            loudspeaker=self._loudspeaker,
        )
        if canceller is not None:
            self._loudspeaker.monitors.append(canceller)
        self._active_wake_words = [known[name] for name in names]
        self._room = SatelliteRoom(
            description=Description(
                identity=self._identity,
                name=arguments.name,
                area=arguments.area,
                loudspeaker=self._loudspeaker.format,
                plays_music=plays_music,
            ),
            wake_words=known,
            active_wake_words=names,
            settings=settings,
            microphone=AdjustedMicrophone(self._microphone, canceller),
            suppressor=suppressor,
            detector=detector,
            loudspeaker=self._loudspeaker,
            lamps=self._lamps,
            music=self._music,
            stop_word=StopWord() if arguments.stop_word == "on" else None,
            quiet=arguments.no_cues,
        )
        self._server = LinkServer(
            arguments.host,
            arguments.port,
            self._room.controllers.serve,
            trust=self._trust,
            on_code=self._announce_code,
            code=fixed_code(),
        )
        self._room.on_pairing_requested = self._open_pairing_window
        self._announcement: Announcement | None = None
        self._app = SupervisorAnnouncement(self._identity, arguments.port)
        self._stop = asyncio.Event()
        self._resetting = False
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> bool:
        """Run until stopped, and return whether to delete all state."""
        arguments, room = self._arguments, self._room
        async with AsyncExitStack() as stack:
            stack.callback(log_faults_of(asyncio.get_running_loop()).close)
            await stack.enter_async_context(
                ControlSocket(arguments.state_dir, room, facts=self._facts, reset=self._reset)
            )
            await stack.enter_async_context(self._loudspeaker)
            if self._music is not None:
                await stack.enter_async_context(self._music)
            stack.enter_context(self._lamps.opened())
            for buttons in self._buttons:
                stack.enter_context(buttons.opened(self._handle_button))
            await stack.enter_async_context(room)
            if self._sendspin is not None:
                await stack.enter_async_context(self._sendspin)
            # Users may speak to the satellite as soon as it shows as connected.
            await room.until_listening()
            await stack.enter_async_context(self._app)
            await stack.enter_async_context(self._server)
            _log_listening(self._active_wake_words, self._microphone.name, self._server.port)
            if self._trust is not None and not is_loopback(arguments.host):
                self._announcement = await stack.enter_async_context(
                    Announcement(
                        self._identity,
                        self._server.port,
                        paired=self._trust.paired,
                        host=arguments.host,
                    )
                )
            for stop_signal in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(stop_signal, self._stop.set)
            await self._stop.wait()
        return self._resetting

    def _open_pairing_window(self) -> None:
        """Let the user pair with a new code, even if wrong guesses have paused pairing."""
        try:
            self._server.open_window()
        except UserError as err:
            _LOGGER.warning("%s", err)
            self._room.repeat_code()

    def _announce_code(self, code: str | None) -> None:
        self._room.announce_code(code)
        if code is not None:
            # What one household has learned is of no use to another.
            self._run_in_background(self._room.wake_learning.set_learned(Learned()))
            sys.stdout.write(
                f"Pairing code: {spaced(code)}\n"
                "Enter it in Home Assistant, under Settings, Devices & services, where this "
                "satellite is discovered or can be added by its address and port "
                f"{self._server.port}.\n"
            )
            sys.stdout.flush()
        if self._announcement is not None:
            self._announcement.update(paired=code is None)
        self._app.update(code)

    def _facts(self) -> Facts:
        """Return the status reported to commands on this machine."""
        status = self._room.status().data
        return {
            **status,
            "port": self._server.port,
            "connected": self._room.controllers.connected,
            "protected": self._trust is not None,
            "paired": self._trust is not None and self._trust.paired,
            "locked": self._trust is not None and self._trust.guesses.pausing,
            "code": self._room.code,
            "lamps": self._lamps.report(),
        }

    def _handle_button(self, button: Button) -> None:
        match button:
            case Button.PRESS:
                self._room.press()
            case Button.MUTE:
                self._run_in_background(self._room.mute_on_device(not self._room.muted))

    def _run_in_background(self, action: Coroutine[Any, Any, None]) -> None:
        async def run() -> None:
            try:
                await action
            except UserError as err:
                _LOGGER.error("%s", err)  # noqa: TRY400 - the message is for users

        task = asyncio.create_task(run())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _reset(self) -> None:
        self._resetting = True
        self._stop.set()


def _log_listening(wake_words: list[WakeModel], microphone: str, port: int) -> None:
    _LOGGER.info(
        "Listening for %s with %s; Home Assistant connects to port %d",
        " or ".join(f'"{model.phrase}"' for model in wake_words) or "no wake word",
        microphone,
        port,
    )
