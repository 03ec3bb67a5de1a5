"""Strips of LEDs: what is sent to them, byte for byte, and what happens if that fails."""

import argparse
import itertools
import logging
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indoor_voice.errors import UserError
from indoor_voice.room import command
from indoor_voice.room.adjustments import Adjustments
from indoor_voice.room.controls import spi as spi_module
from indoor_voice.room.controls.boards import BOARDS, MAX_LEDS, Chip, Strip
from indoor_voice.room.controls.buttons import Button
from indoor_voice.room.controls.chosen import chosen_buttons, chosen_lamps
from indoor_voice.room.controls.lamp import Lamp, Lamps
from indoor_voice.room.controls.led_strip import (
    WS2812_HERTZ,
    LedStrip,
    apa102_message,
    ws2812_message,
)
from indoor_voice.room.sending import Sending
from tests.room.spi_device import SpiDevice
from tests.room.test_sending import Wire, take_step
from tests.waiting import until

RING = Strip(Chip.APA102, 12)
COLOURS = st.lists(st.tuples(*[st.integers(0, 255)] * 3), min_size=1, max_size=MAX_LEDS)
RESET_SECONDS = 280e-6
"""What the newest WS2812B need; older ones are content with 50 µs."""


def parse(*argv: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    command.add_parser(parser.add_subparsers(required=True))
    return parser.parse_args(["satellite", *argv])


def test_apa102_get_a_start_frame_then_blue_green_red_and_an_end_frame() -> None:
    message = apa102_message([(1, 2, 3), (255, 0, 128)], 1.0)
    assert message == bytes.fromhex("00000000 ff030201 ff8000ff 00000000 00")
    assert apa102_message([(255, 255, 255)], 0.05)[4] == 0xE0 | 2
    assert apa102_message([(255, 255, 255)], 0.5)[4] == 0xE0 | 16


@pytest.mark.parametrize("count", [1, 2, 3, 12, 16, 17, 33, MAX_LEDS])
def test_apa102_get_a_half_clock_more_for_each_led(count: int) -> None:
    end = apa102_message([(1, 1, 1)] * count, 1.0)[4 + 4 * count :]
    assert len(end) * 8 >= 32 + count / 2
    assert not any(end), "ones would be seen by a longer strip, and not end a message for SK9822"


def test_ws2812_get_green_red_blue_in_pulses() -> None:
    reset = bytes(113)
    message = ws2812_message([(0xFF, 0x00, 0xA5)], 1.0)
    green, red, blue = "88888888", "cccccccc", "c8c88c8c"
    assert message == reset + bytes.fromhex(green + red + blue) + reset
    dimmed = ws2812_message([(255, 0, 1)], 0.05)
    assert dimmed == reset + bytes.fromhex("88888888" + "8888cc8c" + "8888888c") + reset


@given(COLOURS)
def test_pulses_and_pauses_are_within_the_limits_of_ws2812(
    colours: list[tuple[int, int, int]],
) -> None:
    message = ws2812_message(colours, 1.0)
    bits = "".join(f"{byte:08b}" for byte in message)
    runs = [(high, len(list(run)) / WS2812_HERTZ) for high, run in itertools.groupby(bits)]
    (_, before), *middle, (_, after) = runs
    assert before > RESET_SECONDS
    assert after > RESET_SECONDS
    pulses = [seconds for high, seconds in middle if high == "1"]
    # WS2812 0.2 to 0.5 µs and 0.55 to 0.85, WS2812B 0.22 to 0.38 and 0.58 to 1, SK6812 0.15 to
    # 0.45 and 0.45 to 0.75.
    is_one = [0.58e-6 <= seconds <= 0.75e-6 for seconds in pulses]
    assert all(
        one or 0.22e-6 <= seconds <= 0.38e-6 for one, seconds in zip(is_one, pulses, strict=True)
    )
    assert all(seconds < 5e-6 for high, seconds in middle if high == "0"), "nothing like a reset"
    values = np.packbits(is_one).reshape(-1, 3)
    assert values.tolist() == [[green, red, blue] for red, green, blue in colours]
    assert not any(byte & 1 for byte in message), "a pause between two bytes lengthens no pulse"


@pytest.mark.parametrize("message", [apa102_message, ws2812_message])
def test_the_longest_strip_fits_into_one_transfer(message: Callable[..., bytes]) -> None:
    assert len(message([(255, 255, 255)] * MAX_LEDS, 1.0)) <= spi_module.MAX_BYTES


def test_a_strip_is_dark_then_white_then_dark(spi: SpiDevice) -> None:
    strip = LedStrip(RING)
    with strip.opened():
        assert spi.apa102(12) == [(31, 0, 0, 0)] * 12
        assert spi.hertz == 1_000_000
        strip.show(Lamp.STREAMING, 0.2)
        assert spi.apa102(12) == [(7, 255, 255, 255)] * 12
    assert not spi.lit(12)


def test_a_crash_leaves_it_dark(spi: SpiDevice) -> None:
    strip = LedStrip(RING)

    def crash() -> None:
        with strip.opened():
            strip.show(Lamp.STREAMING, 1.0)
            assert spi.lit(12)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        crash()
    assert not spi.lit(12)


@pytest.mark.parametrize("brightness", [0.05, 0.2, 1.0])
def test_muted_looks_unlike_sending_even_to_the_colour_blind(
    spi: SpiDevice, brightness: float
) -> None:
    strip = LedStrip(RING)
    strip.show(Lamp.MUTED, brightness)
    (level, red, green, blue), *others = spi.apa102(12)
    assert level > 0
    assert 0 < red < 128
    assert (green, blue) == (0, 0)
    assert {other[1:] for other in others} == {(0, 0, 0)}
    assert not spi.lit(12)


def test_ws2812_have_their_own_rate(spi: SpiDevice) -> None:
    with LedStrip(Strip(Chip.WS2812, 8)).opened():
        assert spi.message == ws2812_message([(0, 0, 0)] * 8, 1.0)
        assert spi.hertz == WS2812_HERTZ


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["open", "send", "close", "write", "carry", "dim"]), max_size=30))
def test_the_strip_is_lit_exactly_while_sound_is_sent(spi: SpiDevice, steps: list[str]) -> None:
    class LitWire(Wire):
        def carry(self) -> None:
            self.lit = spi.lit(12)
            super().carry()

    wire = LitWire()
    lamps = Lamps([LedStrip(RING)])
    sending = Sending(
        wire, None, lambda: lamps.show(Lamp.STREAMING if sending.is_under_way else Lamp.DARK)
    )
    brightness = itertools.cycle([0.05, 0.5, 1.0])
    with lamps.opened():
        for step in steps:
            take_step(step, sending, wire)
            if step == "dim":
                lamps.adjust(Adjustments(led_brightness=next(brightness)))
            assert spi.lit(12) is sending.is_under_way
        wire.carry()
    assert all(lit for event, lit in wire.sent if event.type == "audio-chunk")


def test_a_lamp_that_fails_is_told_once_and_tried_again(
    spi: SpiDevice, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    lamps = Lamps([LedStrip(RING)])
    with lamps.opened():
        spi.unplug()
        for lamp in (Lamp.STREAMING, Lamp.DARK, Lamp.STREAMING):
            lamps.show(lamp)
        assert not lamps.work
        assert lamps.report() == {"12 APA102 on SPI 0.0": False}
        (line,) = [record.getMessage() for record in caplog.records]
        assert "raspi-config" in line
        spi.plug()
        lamps.show(Lamp.STREAMING)
        assert lamps.work
        assert spi.lit(12)
        assert "works again" in caplog.text


def test_another_lamp_is_still_lit_if_one_fails(spi: SpiDevice, pins: Any) -> None:
    lamps = chosen_lamps(parse("--led-strip=apa102:12", "--led-pin=22"))
    with lamps.opened():
        spi.unplug()
        lamps.show(Lamp.STREAMING)
        assert pins.pin(22).state
    assert lamps.report() == {"12 APA102 on SPI 0.0": False, "LED on pin 22": True}


@pytest.mark.parametrize(
    ("fault", "advice"),
    [
        (FileNotFoundError(2, "No such file"), "raspi-config"),
        (PermissionError(13, "Permission denied"), "usermod -aG spi"),
        (OSError(6, "No such device or address"), "No such device or address. Is it the right bus"),
        (OSError(90, "Message too long"), "Message too long"),
    ],
)
def test_a_bus_that_cannot_be_used_at_the_start_is_an_error_that_helps(
    spi: SpiDevice, fault: OSError, advice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> int:
        raise fault

    monkeypatch.setattr(spi_module, "ioctl", fail)
    with pytest.raises(UserError, match=re.escape(advice)) as raised, LedStrip(RING).opened():
        pass
    assert str(spi.path) in str(raised.value)


@pytest.mark.parametrize("board", BOARDS)
async def test_boards(board: str, spi: SpiDevice, pins: Any) -> None:
    arguments = parse(f"--board={board}")
    lamps, buttons = chosen_lamps(arguments), chosen_buttons(arguments)
    count = BOARDS[board].strip.count
    pressed: list[Button] = []
    with lamps.opened():
        if (power := BOARDS[board].power_pin) is not None:
            assert pins.pin(power).state
        lamps.show(Lamp.STREAMING)
        assert spi.lit(count)
        for driver in buttons:
            with driver.opened(pressed.append):
                if (pin := BOARDS[board].button_pin) is not None and driver is buttons[-1]:
                    pins.pin(pin).drive_low()
                    await until(lambda: pressed == [Button.PRESS])


async def test_a_pin_of_the_user_takes_the_place_of_the_boards_button(pins: Any) -> None:
    pressed: list[Button] = []
    *_, buttons = chosen_buttons(parse("--board=respeaker-2mic", "--button-pin=23"))
    with buttons.opened(pressed.append):
        pins.pin(17).drive_low()
        pins.pin(23).drive_low()
        await until(lambda: pressed)
    assert pressed == [Button.PRESS]


@pytest.mark.parametrize(
    "argv",
    [
        ["--board=respeaker-2mic", "--led-strip=apa102:3"],
        ["--led-pin=22", "--led-brightness=0.5"],
        ["--led-brightness=0.5"],
    ],
)
def test_options_that_contradict_each_other_are_an_error(argv: list[str], pins: Any) -> None:
    with pytest.raises(UserError, match="--led"):
        chosen_lamps(parse(*argv))


@pytest.mark.parametrize(
    "text",
    ["apa102", "apa102:0", "apa102:301", "apa102:-1", "lpd8806:4", "apa102:4:0", "", "apa102:x"],
)
def test_a_strip_that_cannot_be_is_an_error_that_helps(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parse(f"--led-strip={text}")
    assert "such as apa102:12" in capsys.readouterr().err


def test_strips_on_other_buses() -> None:
    assert parse("--led-strip=ws2812:300").led_strip == Strip(Chip.WS2812, 300, "0.0")
    assert parse("--led-strip=apa102:12:1.2").led_strip == Strip(Chip.APA102, 12, "1.2")
