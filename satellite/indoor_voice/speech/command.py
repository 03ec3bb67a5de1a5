"""The command `indoor-voice speech`."""

import argparse
import asyncio
import logging
import signal
import sys
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from platformdirs import user_data_path

from indoor_voice.configuration import add_config_option
from indoor_voice.errors import UserError
from indoor_voice.faults import log_faults_of
from indoor_voice.installation import command_to_add
from indoor_voice.memory import use_few_heaps
from indoor_voice.options import (
    add_link_options,
    add_state_options,
    fixed_code,
    is_loopback,
    is_protected,
)
from indoor_voice.state_folder import default_state_dir, fault, notice

if TYPE_CHECKING:
    from collections.abc import Callable

    from .recognition.engine import Recogniser
    from .server import SpeechServer

_LOGGER = logging.getLogger(__name__)

DEFAULT_PORT = 10701
ENGINES: Final = ("faster-whisper", "sherpa-onnx")
DEFAULT_STATE_DIR: Final[Path] = default_state_dir("speech")


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command's options without importing its models."""
    parser = subparsers.add_parser(
        "speech",
        help="run the speech server: speech to text and text to speech",
    )
    parser.set_defaults(run=run)
    add_link_options(parser, DEFAULT_PORT)
    recognition = parser.add_argument_group("speech to text")
    recognition.add_argument(
        "--engine",
        choices=ENGINES,
        default=ENGINES[0],
        help="what reads speech (%(default)s)",
    )
    recognition.add_argument(
        "--model",
        help="name of one of the engine's models, such as base or small.en, or moonshine-base for "
        "sherpa-onnx, a repository on Hugging Face, or a folder; by default, one that suits the "
        "language",
    )
    recognition.add_argument(
        "--language",
        default="auto",
        help="language that is spoken, such as en (%(default)s: detect it)",
    )
    recognition.add_argument(
        "--beam-size",
        type=_positive_int,
        default=5,
        help="number of hypotheses that faster-whisper compares (%(default)s); 1 is fastest",
    )
    recognition.add_argument(
        "--compute-type", default="int8", help="CTranslate2's number type (%(default)s)"
    )
    recognition.add_argument(
        "--threads", type=_positive_int, help="number of CPU threads; by default, up to 4"
    )
    synthesis = parser.add_argument_group("text to speech")
    synthesis.add_argument(
        "--voice",
        action="append",
        help="name of a Piper voice, such as en_US-joe-medium, or path of an .onnx file; can be "
        "repeated, the first is the default; if omitted, one that suits the language",
    )
    synthesis.add_argument("--speaker", help="speaker to use in a voice with several")
    synthesis.add_argument(
        "--length-scale",
        type=_positive_float,
        default=1.0,
        help="relative duration of speech (%(default)s); 2 is half as fast",
    )
    synthesis.add_argument(
        "--list-voices", action="store_true", help="list the available voices and exit"
    )
    parser.add_argument(
        "--data-dir",
        type=Path,
        default=user_data_path("indoor-voice"),
        help="folder for downloaded models (%(default)s)",
    )
    add_state_options(parser, DEFAULT_STATE_DIR)
    parser.add_argument(
        "--verbose", action="store_true", help="log more events, but never what is said"
    )
    add_config_option(parser, "speech")


def run(arguments: argparse.Namespace) -> None:
    """Serve until interrupted; raises `UserError`."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    # Not for other packages, whose debug messages contain what is said.
    logging.getLogger("indoor_voice").setLevel(logging.DEBUG if arguments.verbose else logging.INFO)
    if arguments.reset:
        _reset(arguments.state_dir)
        return
    is_protected(arguments)  # before the models are loaded, which takes a while
    use_few_heaps()
    code = fixed_code()
    try:
        from . import models  # noqa: PLC0415 - the extra `speech` may be missing

        if arguments.list_voices:
            _print("\n".join(models.list_voices(arguments.data_dir)))
            return
        server = _load(arguments)
    except ImportError as err:
        extra = "sherpa" if err.name == "sherpa_onnx" else "speech"
        raise UserError(
            f"The speech server needs the package {err.name}. Install it with: "
            f"{command_to_add(extra)}"
        ) from err
    asyncio.run(_serve(server, arguments, code))


def _reset(state_dir: Path) -> None:
    from indoor_voice.link.pairing.trust import Trust  # noqa: PLC0415 - heavy

    Trust.reset(state_dir)
    _print(f"Deleted the pairing, the keys and the id in {state_dir}")


def _load(arguments: argparse.Namespace) -> "SpeechServer":
    from indoor_voice.link.pairing.identity import DeviceKind, load_identity  # noqa: PLC0415

    from .models import find_voice  # noqa: PLC0415
    from .recognition.smart_turn import load_smart_turn  # noqa: PLC0415
    from .server import Models, SpeechServer  # noqa: PLC0415
    from .synthesis.piper import Synthesiser  # noqa: PLC0415

    language, data_dir = arguments.language.lower(), arguments.data_dir
    identity = load_identity(arguments.state_dir, DeviceKind.SPEECH)
    load_recogniser, model = _find_recogniser(arguments)
    voices = [
        find_voice(voice, language, data_dir) for voice in dict.fromkeys(arguments.voice or [None])
    ]
    _print(f"Loading model {model} and voice {', '.join(voice.name for voice in voices)} …")
    models = Models(
        load_recogniser(),
        Synthesiser(voices, speaker=arguments.speaker, length_scale=arguments.length_scale),
        load_smart_turn(),
    )
    return SpeechServer(models, identity)


def _find_recogniser(arguments: argparse.Namespace) -> "tuple[Callable[[], Recogniser], str]":
    """Return what loads the chosen engine's model, and the model's name."""
    language, threads = arguments.language.lower(), arguments.threads
    if arguments.engine == "sherpa-onnx":
        from .recognition.sherpa import Sherpa  # noqa: PLC0415 - the extra `sherpa` may be missing
        from .recognition.sherpa_models import find_sherpa_model  # noqa: PLC0415

        files = find_sherpa_model(arguments.model, language, arguments.data_dir)
        return partial(Sherpa, files, language=language, threads=threads), files.name
    from .models import find_model  # noqa: PLC0415
    from .recognition.whisper import Whisper  # noqa: PLC0415

    model = find_model(arguments.model, language, arguments.data_dir)
    load = partial(
        Whisper,
        model,
        language=language,
        beam_size=arguments.beam_size,
        compute_type=arguments.compute_type,
        threads=threads,
    )
    return load, model.name


async def _serve(server: "SpeechServer", arguments: argparse.Namespace, code: str | None) -> None:
    from indoor_voice.link.discovery import Announcement  # noqa: PLC0415
    from indoor_voice.link.pairing.responder import spaced  # noqa: PLC0415
    from indoor_voice.link.pairing.trust import Trust  # noqa: PLC0415
    from indoor_voice.link.server.server import LinkServer  # noqa: PLC0415
    from indoor_voice.link.supervisor import SupervisorAnnouncement  # noqa: PLC0415

    from .alive import answering_health_checks  # noqa: PLC0415
    from .server import CONNECTIONS  # noqa: PLC0415

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    trust = Trust.load(arguments.state_dir) if is_protected(arguments) else None
    if why := fault(arguments.state_dir):
        _LOGGER.error("%s", notice(arguments.state_dir, why))
    announcement: Announcement | None = None
    app = SupervisorAnnouncement(server.identity, arguments.port)

    def tell_code(code: str | None) -> None:
        if code is None:
            _print("Paired with Home Assistant")
        else:
            _print(
                f"Pairing code: {spaced(code)}\n"
                "In Home Assistant, add the integration Indoor Voice and enter this code"
            )
        if announcement is not None:
            announcement.update(paired=code is None)
        app.update(code)

    async with AsyncExitStack() as stack:
        stack.callback(log_faults_of(loop).close)
        await stack.enter_async_context(app)
        link = await stack.enter_async_context(
            LinkServer(
                arguments.host,
                arguments.port,
                server.handle,
                trust=trust,
                on_code=tell_code,
                code=code,
                places=CONNECTIONS,
                turn_away=server.turn_away,
            )
        )
        await stack.enter_async_context(answering_health_checks(arguments.state_dir))
        _print(
            f"Listening on {arguments.host or 'all addresses,'} port {link.port}, "
            f"model {server.models.recogniser.name}, "
            f"voice {', '.join(server.models.synthesiser.voices)}"
        )
        if trust is None:
            _print("Unprotected: anyone who can reach this port can use it")
        elif not is_loopback(arguments.host):
            announcement = Announcement(
                server.identity, link.port, paired=trust.paired, host=arguments.host
            )
            await stack.enter_async_context(announcement)
        await stop.wait()


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _positive_int(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def _positive_float(text: str) -> float:
    number = float(text)
    if not 0.1 <= number <= 10:  # noqa: PLR2004 - beyond, nobody understands a word
        raise argparse.ArgumentTypeError("must be between 0.1 and 10")
    return number
