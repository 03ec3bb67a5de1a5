"""All checks of the doctor's, one after the other."""

import argparse
import time
from collections.abc import Iterator
from contextlib import ExitStack

from indoor_voice.errors import UserError
from indoor_voice.room.controls.socket import Facts, NotRunningError, ask, asking
from indoor_voice.room.kept_mute import read_mute
from indoor_voice.room.sound.wake_models import WakeModel, find_models

from .finding import Finding
from .surroundings import check_clock, check_network, check_pairing, check_speech, check_storage


def examine(arguments: argparse.Namespace) -> Iterator[Finding]:
    """Try each part; raises `UserError` on options that make no sense."""
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
                # It would wake on what the doctor says, and some devices serve only one.
                stack.enter_context(asking(arguments.state_dir, "lend"))
        except UserError as err:
            yield Finding.unknown("sound", str(err), "Try again when it is done.")
        else:
            yield from _examine_sound(arguments, known[wake_word], muted=muted)
    yield check_clock(time.time())
    yield check_storage(facts, arguments.state_dir)
    yield check_network(facts, arguments.port)
    yield check_pairing(facts, arguments.state_dir)
    yield check_speech(arguments.speech)


def _examine_sound(
    arguments: argparse.Namespace, model: WakeModel, *, muted: bool
) -> Iterator[Finding]:
    try:
        # Without PortAudio there is nothing to import.
        from indoor_voice.room.sound.devices import DeviceLostError  # noqa: PLC0415
        from indoor_voice.room.sound.microphone import DeviceMicrophone  # noqa: PLC0415

        from .hearing import Ears, check_loudspeaker, check_microphone, check_wake_word  # noqa: PLC0415
    except UserError as err:
        yield Finding.bad("sound", "there is none", str(err))
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
        yield Finding.bad("microphone", "there is none", str(err))
        yield check_loudspeaker(None, arguments.loudspeaker)
        return
    try:
        ears = Ears(microphone)
        with ears.open():
            yield check_microphone(ears, microphone.name)
            yield check_loudspeaker(ears, arguments.loudspeaker)
            yield check_wake_word(ears, model, arguments.loudspeaker)
    except DeviceLostError as err:
        yield Finding.bad(
            "microphone",
            f"it cannot be used: {err}",
            "Does something else use it? Choose another with --microphone.",
        )
        yield check_loudspeaker(None, arguments.loudspeaker)
