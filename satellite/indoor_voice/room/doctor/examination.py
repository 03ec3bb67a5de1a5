"""Runs all checks of the doctor in order."""

import argparse
import time
from collections.abc import Iterator
from contextlib import ExitStack

from indoor_voice.errors import UserError
from indoor_voice.room.controls.socket import Facts, NotRunningError, ask, held_request
from indoor_voice.room.mute_file import read_mute
from indoor_voice.room.sound.wake_models import WakeModel, find_models

from .finding import Finding
from .surroundings import (
    check_clock,
    check_lamps,
    check_network,
    check_pairing,
    check_speech,
    check_storage,
)


def examine(arguments: argparse.Namespace) -> Iterator[Finding]:
    """Check each part; raises `UserError` for invalid options."""
    known, (wake_word,) = find_models([arguments.wake_word])
    try:
        facts: Facts | None = ask(arguments.state_dir, "status")
    except NotRunningError:
        facts = None
    except UserError as err:
        facts = None
        yield Finding.bad("satellite", "it does not answer", str(err))
    muted = read_mute(arguments.state_dir).muted if facts is None else facts["muted"]
    with ExitStack() as stack:
        try:
            if facts is not None and not muted:
                # The satellite would react to the wake word, and some devices allow only one user.
                stack.enter_context(held_request(arguments.state_dir, "lend"))
        except UserError as err:
            yield Finding.unknown("sound", str(err), "Try again later.")
        else:
            yield from _examine_sound(arguments, known[wake_word], muted=muted)
    yield check_lamps(facts)
    yield check_clock(time.time())
    yield check_storage(facts, arguments.state_dir)
    yield check_network(facts, arguments.port)
    yield check_pairing(facts, arguments.state_dir)
    yield check_speech(arguments.speech)


def _examine_sound(
    arguments: argparse.Namespace, model: WakeModel, *, muted: bool
) -> Iterator[Finding]:
    try:
        # Raises an error without PortAudio.
        from indoor_voice.room.sound.devices import DeviceLostError  # noqa: PLC0415
        from indoor_voice.room.sound.microphone import DeviceMicrophone  # noqa: PLC0415

        from .echo import check_echo  # noqa: PLC0415
        from .hearing import (  # noqa: PLC0415
            BackgroundMicrophone,
            check_loudspeaker,
            check_microphone,
            check_wake_word,
        )
    except UserError as err:
        yield Finding.bad("sound", "not available", str(err))
        return
    if muted:
        yield Finding.unknown(
            "microphone", "muted, so it stays closed", "To unmute: indoor-voice button unmute"
        )
        yield check_loudspeaker(None, arguments.loudspeaker)
        return
    try:
        microphone = DeviceMicrophone(arguments.microphone)
    except UserError as err:
        yield Finding.bad("microphone", "not found", str(err))
        yield check_loudspeaker(None, arguments.loudspeaker)
        return
    try:
        background = BackgroundMicrophone(microphone)
        with background.open():
            yield check_microphone(background, microphone.name)
            yield check_loudspeaker(background, arguments.loudspeaker)
            yield check_echo(background, arguments.loudspeaker)
            yield check_wake_word(background, model, arguments.loudspeaker)
    except DeviceLostError as err:
        yield Finding.bad(
            "microphone",
            f"it cannot be used: {err}",
            "Is something else using it? Choose another one with --microphone.",
        )
        yield check_loudspeaker(None, arguments.loudspeaker)
