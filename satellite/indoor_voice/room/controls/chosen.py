"""Makes the lamps and buttons that the options of the command line ask for."""

import argparse
from collections.abc import Sequence

from indoor_voice.errors import UserError

from .boards import BOARDS, Board
from .buttons import Button, ButtonDriver
from .console import Keyboard
from .lamp import LampDriver, Lamps


def chosen_lamps(arguments: argparse.Namespace) -> Lamps:
    """Return the lamps, still closed; raises `UserError`."""
    board = _chosen_board(arguments)
    drivers: list[LampDriver] = []
    if board is not None:
        from .led_strip import LedStrip  # noqa: PLC0415 - most satellites have none

        drivers.append(LedStrip(board.strip, board.power_pin))
    if arguments.led_pin is not None:
        from .gpio import PinLamp  # noqa: PLC0415 - optional dependency

        drivers.append(PinLamp(arguments.led_pin))
    lamps = Lamps(drivers)
    if arguments.led_brightness is not None and not lamps.dim:
        raise UserError("--led-brightness is for --board and --led-strip; other LEDs only switch.")
    return lamps


def chosen_buttons(arguments: argparse.Namespace) -> Sequence[ButtonDriver]:
    """Return the buttons, still closed; raises `UserError`."""
    board = _chosen_board(arguments)
    drivers: list[ButtonDriver] = [Keyboard()]
    pins: dict[int, Button] = {}
    if arguments.button_pin is not None:
        pins[arguments.button_pin] = Button.PRESS
    elif board is not None and board.button_pin is not None:
        pins[board.button_pin] = Button.PRESS
    if arguments.mute_pin is not None:
        pins[arguments.mute_pin] = Button.MUTE
    if pins:
        from .gpio import PinButtons  # noqa: PLC0415 - optional dependency

        drivers.append(PinButtons(pins))
    return drivers


def _chosen_board(arguments: argparse.Namespace) -> Board | None:
    """Return the board, or what takes its place: a strip of the user's own."""
    if arguments.board is not None and arguments.led_strip is not None:
        raise UserError("--board knows its LEDs: leave out --led-strip, or --board.")
    if arguments.led_strip is not None:
        return Board(strip=arguments.led_strip)
    return None if arguments.board is None else BOARDS[arguments.board]
