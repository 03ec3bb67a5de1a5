"""The command `indoor-voice satellite`."""

import argparse
import asyncio
import ipaddress
import logging
import signal
import socket
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

import platformdirs

DEFAULT_PORT: Final = 10700
_DEFAULT_WAKE_WORD: Final = "hey_jarvis"
_LOGGER = logging.getLogger(__name__)


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command and its options."""
    parser = subparsers.add_parser(
        "satellite",
        help="listen for the wake word in this room",
        description="Listen for the wake word in this room and connect it to Home Assistant.",
    )
    parser.set_defaults(run=run)
    parser.add_argument("--name", default=socket.gethostname(), help="default: %(default)s")
    parser.add_argument("--area", help="the room, as Home Assistant names it")
    sound = parser.add_argument_group("sound")
    sound.add_argument(
        "--microphone", metavar="DEVICE", help="index or part of a name; default: the system's"
    )
    sound.add_argument(
        "--loudspeaker", metavar="DEVICE", help="index or part of a name; default: the system's"
    )
    sound.add_argument("--list-devices", action="store_true", help="show the devices and stop")
    sound.add_argument(
        "--cue-volume",
        type=_share,
        metavar="0..1",
        help="loudness of the short sounds (default: 0.2)",
    )
    sound.add_argument(
        "--no-cues", action="store_true", help="no short sounds, except when something went wrong"
    )
    wake = parser.add_argument_group("wake word")
    wake.add_argument(
        "--wake-word",
        action="append",
        metavar="NAME|FILE",
        help="a name from --list-wake-words or an openWakeWord model (.onnx); may be repeated; "
        f"Home Assistant can choose among them later (default: {_DEFAULT_WAKE_WORD})",
    )
    wake.add_argument("--list-wake-words", action="store_true", help="show the names and stop")
    wake.add_argument(
        "--threshold",
        type=_share,
        metavar="0..1",
        help="how sure to be of a wake word; higher wakes less often (default: 0.5)",
    )
    link = parser.add_argument_group("link to Home Assistant")
    link.add_argument("--host", default="0.0.0.0", help="address to listen on (default: all)")  # noqa: S104 - Home Assistant is another machine
    link.add_argument("--port", type=int, default=DEFAULT_PORT, help="default: %(default)s")
    parser.add_argument(
        "--state-dir",
        type=Path,
        default=platformdirs.user_state_path("indoor-voice") / "satellite",
        help="where settings are kept (default: %(default)s)",
    )
    parser.add_argument("--verbose", action="store_true", help="say more of what happens")


def run(arguments: argparse.Namespace) -> None:
    """Run the satellite until it is told to stop; raises `UserError`."""
    logging.basicConfig(
        level=logging.DEBUG if arguments.verbose else logging.INFO,
        format="%(asctime)s %(levelname)s %(message)s",
    )
    if arguments.list_devices:
        _list_devices()
    elif arguments.list_wake_words:
        _list_wake_words(arguments.wake_word or [])
    else:
        asyncio.run(_serve(arguments))


async def _serve(arguments: argparse.Namespace) -> None:
    from indoor_voice.link.discovery import Announcement  # noqa: PLC0415 - heavy, as all here
    from indoor_voice.link.identity import Kind, load_identity  # noqa: PLC0415
    from indoor_voice.link.server import LinkServer  # noqa: PLC0415

    from .cues import DEFAULT_VOLUME  # noqa: PLC0415
    from .daemon import Room  # noqa: PLC0415
    from .description import Description  # noqa: PLC0415
    from .loudspeaker import DeviceLoudspeaker  # noqa: PLC0415
    from .microphone import DeviceMicrophone  # noqa: PLC0415
    from .settings import Settings  # noqa: PLC0415
    from .wake_models import find_models  # noqa: PLC0415
    from .wake_word import DEFAULT_THRESHOLD, Detector  # noqa: PLC0415

    asked_for = arguments.wake_word or [_DEFAULT_WAKE_WORD]
    known, names = find_models(asked_for)
    settings = Settings(arguments.state_dir, asked_for)
    if settings.wake_words is not None:
        names = [name for name in settings.wake_words if name in known]
    detector = Detector(
        [known[name] for name in names],
        DEFAULT_THRESHOLD if arguments.threshold is None else arguments.threshold,
    )
    identity = load_identity(arguments.state_dir, Kind.SATELLITE)
    microphone = DeviceMicrophone(arguments.microphone)
    loudspeaker = DeviceLoudspeaker(
        arguments.loudspeaker,
        DEFAULT_VOLUME if arguments.cue_volume is None else arguments.cue_volume,
    )
    room = Room(
        description=Description(
            identity=identity,
            name=arguments.name,
            area=arguments.area,
            loudspeaker=loudspeaker.format,
        ),
        wake_words=known,
        active_wake_words=names,
        settings=settings,
        microphone=microphone,
        detector=detector,
        loudspeaker=loudspeaker,
        quiet=arguments.no_cues,
    )
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(
            LinkServer(arguments.host, arguments.port, room.controllers.serve)
        )
        await stack.enter_async_context(loudspeaker)
        await stack.enter_async_context(room)
        _LOGGER.info(
            "Listening for %s with %s; Home Assistant connects to port %d",
            " or ".join(f'"{known[name].phrase}"' for name in names) or "no wake word",
            microphone.name,
            server.port,
        )
        if not _is_loopback(arguments.host):
            await stack.enter_async_context(Announcement(identity, server.port))
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await stop.wait()


def _list_devices() -> None:
    from .devices import Kind, list_devices  # noqa: PLC0415 - heavy

    for kind in Kind:
        print(f"For --{kind.noun}:")  # noqa: T201 - what was asked for
        for device in list_devices(kind):
            print(f"  {device.index}: {device.name}")  # noqa: T201


def _list_wake_words(asked_for: list[str]) -> None:
    from .wake_models import find_models  # noqa: PLC0415 - only when asked for

    known, _ = find_models(asked_for)
    for model in known.values():
        print(f'{model.name}: "{model.phrase}"')  # noqa: T201 - what was asked for


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _share(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 1")
    return value
