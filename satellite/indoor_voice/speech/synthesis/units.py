"""The symbols of units, and what CLDR calls them. Pure.

The units of Home Assistant's constants are here or are made of two of these (`km/h`, `μg/m³`).
Those that CLDR has no word for, such as `var` and `CCF`, are in `languages.py`.
"""

import re
from dataclasses import dataclass
from typing import Final

from .languages import OWN_UNITS, words


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit in CLDR, which may have another prefix than the one wanted."""

    name: str
    """Such as `length-kilometer`."""
    without: str = ""
    """The prefix to remove from its name in a language, such as `kilo`; a pattern."""
    prefix: str = ""
    """The prefix to write instead."""
    per: str = ""
    """The unit that it is divided by."""

    @property
    def is_changed(self) -> bool:
        """Whether it has another prefix than in CLDR."""
        return bool(self.without or self.prefix)


_WATT_HOUR: Final = "energy-kilowatt-hour"

UNITS: Final = {
    "%": Unit("concentr-percent"),
    "‰": Unit("concentr-permille"),
    "°": Unit("angle-degree"),
    "°C": Unit("temperature-celsius"),
    "° C": Unit("temperature-celsius"),
    "°F": Unit("temperature-fahrenheit"),
    "° F": Unit("temperature-fahrenheit"),
    "K": Unit("temperature-kelvin"),
    "nm": Unit("length-nanometer"),
    "μm": Unit("length-micrometer"),
    "mm": Unit("length-millimeter"),
    "cm": Unit("length-centimeter"),
    "m": Unit("length-meter"),
    "km": Unit("length-kilometer"),
    "in": Unit("length-inch"),
    "ft": Unit("length-foot"),
    "yd": Unit("length-yard"),
    "mi": Unit("length-mile"),
    "nmi": Unit("length-nautical-mile"),
    "mm²": Unit("area-square-centimeter", "[cz]enti", "milli"),
    "cm²": Unit("area-square-centimeter"),
    "m²": Unit("area-square-meter"),
    "m2": Unit("area-square-meter"),
    "km²": Unit("area-square-kilometer"),
    "in²": Unit("area-square-inch"),
    "ft²": Unit("area-square-foot"),
    "yd²": Unit("area-square-yard"),
    "mi²": Unit("area-square-mile"),
    "ac": Unit("area-acre"),
    "ha": Unit("area-hectare"),
    "cm³": Unit("volume-cubic-centimeter"),
    "m³": Unit("volume-cubic-meter"),
    "m3": Unit("volume-cubic-meter"),
    "ft³": Unit("volume-cubic-foot"),
    "mL": Unit("volume-milliliter"),
    "ml": Unit("volume-milliliter"),
    "cl": Unit("volume-centiliter"),
    "dL": Unit("volume-deciliter"),
    "dl": Unit("volume-deciliter"),
    "L": Unit("volume-liter"),
    "l": Unit("volume-liter"),
    "gal": Unit("volume-gallon"),
    "fl. oz.": Unit("volume-fluid-ounce"),
    "μg": Unit("mass-microgram"),
    "mg": Unit("mass-milligram"),
    "g": Unit("mass-gram"),
    "kg": Unit("mass-kilogram"),
    "t": Unit("mass-tonne"),
    "oz": Unit("mass-ounce"),
    "lb": Unit("mass-pound"),
    "lbs": Unit("mass-pound"),
    "st": Unit("mass-stone"),
    "μs": Unit("duration-microsecond"),
    "ms": Unit("duration-millisecond"),
    "s": Unit("duration-second"),
    "sec": Unit("duration-second"),
    "min": Unit("duration-minute"),
    "h": Unit("duration-hour"),
    "hr": Unit("duration-hour"),
    "hrs": Unit("duration-hour"),
    "d": Unit("duration-day"),
    "w": Unit("duration-week"),
    "y": Unit("duration-year"),
    "Std.": Unit("duration-hour"),
    "Min.": Unit("duration-minute"),
    "Sek.": Unit("duration-second"),
    "mph": Unit("speed-mile-per-hour"),
    "kph": Unit("speed-kilometer-per-hour"),
    "kmh": Unit("speed-kilometer-per-hour"),
    "kn": Unit("speed-knot"),
    "mHz": Unit("frequency-hertz", prefix="milli"),
    "Hz": Unit("frequency-hertz"),
    "kHz": Unit("frequency-kilohertz"),
    "MHz": Unit("frequency-megahertz"),
    "GHz": Unit("frequency-gigahertz"),
    "rpm": Unit("angle-revolution", per="duration-minute"),
    "U/min": Unit("angle-revolution", per="duration-minute"),
    "mPa": Unit("pressure-pascal", prefix="milli"),
    "Pa": Unit("pressure-pascal"),
    "hPa": Unit("pressure-hectopascal"),
    "kPa": Unit("pressure-kilopascal"),
    "mbar": Unit("pressure-millibar"),
    "cbar": Unit("pressure-bar", prefix="centi"),
    "bar": Unit("pressure-bar"),
    "mmHg": Unit("pressure-millimeter-ofhg"),
    "inHg": Unit("pressure-inch-ofhg"),
    "psi": Unit("pressure-pound-force-per-square-inch"),
    "atm": Unit("pressure-atmosphere"),
    "mW": Unit("power-milliwatt"),
    "W": Unit("power-watt"),
    "kW": Unit("power-kilowatt"),
    "MW": Unit("power-megawatt"),
    "GW": Unit("power-gigawatt"),
    "TW": Unit("power-watt", prefix="tera"),
    "BTU": Unit("energy-british-thermal-unit"),
    "mWh": Unit(_WATT_HOUR, "kilo", "milli"),
    "Wh": Unit(_WATT_HOUR, "kilo"),
    "kWh": Unit(_WATT_HOUR),
    "MWh": Unit(_WATT_HOUR, "kilo", "mega"),
    "GWh": Unit(_WATT_HOUR, "kilo", "giga"),
    "TWh": Unit(_WATT_HOUR, "kilo", "tera"),
    "J": Unit("energy-joule"),
    "kJ": Unit("energy-kilojoule"),
    "MJ": Unit("energy-joule", prefix="mega"),
    "GJ": Unit("energy-joule", prefix="giga"),
    "cal": Unit("energy-calorie"),
    "kcal": Unit("energy-kilocalorie"),
    "Mcal": Unit("energy-calorie", prefix="mega"),
    "Gcal": Unit("energy-calorie", prefix="giga"),
    "μA": Unit("electric-ampere", prefix="micro"),
    "mA": Unit("electric-milliampere"),
    "A": Unit("electric-ampere"),
    "μV": Unit("electric-volt", prefix="micro"),
    "mV": Unit("electric-volt", prefix="milli"),
    "V": Unit("electric-volt"),
    "kV": Unit("electric-volt", prefix="kilo"),
    "MV": Unit("electric-volt", prefix="mega"),
    "Ω": Unit("electric-ohm"),
    "kΩ": Unit("electric-ohm", prefix="kilo"),
    "S": Unit("electric-siemens"),
    "mS": Unit("electric-siemens", prefix="milli"),
    "μS": Unit("electric-siemens", prefix="micro"),
    "lx": Unit("light-lux"),
    "lm": Unit("light-lumen"),
    "ppm": Unit("concentr-part-per-1e6"),
    "ppb": Unit("concentr-part-per-1e9"),
    "mmol": Unit("concentr-mole", prefix="milli"),
    "Bq": Unit("energy-becquerel"),
    "bit": Unit("digital-bit"),
    "kbit": Unit("digital-kilobit"),
    "Mbit": Unit("digital-megabit"),
    "Gbit": Unit("digital-gigabit"),
    "B": Unit("digital-byte"),
    "kB": Unit("digital-kilobyte"),
    "KB": Unit("digital-kilobyte"),
    "MB": Unit("digital-megabyte"),
    "GB": Unit("digital-gigabyte"),
    "TB": Unit("digital-terabyte"),
    "PB": Unit("digital-petabyte"),
    "EB": Unit("digital-byte", prefix="exa"),
    "ZB": Unit("digital-byte", prefix="zetta"),
    "YB": Unit("digital-byte", prefix="yotta"),
    "KiB": Unit("digital-byte", prefix="kibi"),
    "MiB": Unit("digital-byte", prefix="mebi"),
    "GiB": Unit("digital-byte", prefix="gibi"),
    "TiB": Unit("digital-byte", prefix="tebi"),
    "PiB": Unit("digital-byte", prefix="pebi"),
    "EiB": Unit("digital-byte", prefix="exbi"),
    "ZiB": Unit("digital-byte", prefix="zebi"),
    "YiB": Unit("digital-byte", prefix="yobi"),
}
"""Where CLDR lacks a unit, it is one of another prefix with its prefix replaced."""

WORDS_ELSEWHERE: Final = words(
    "A B J K S VA ac bar cal d g gal h ha hr in l m mi min s sec st t thm var w y"
)
"""Symbols that are also words or letters in some language; each language says which it takes."""

NEEDS_SPACE: Final = words("A B J K S d in s st t ac w y")
"""Symbols that mean something else directly after a digit: *5A*, *4K*, *90s*, *1st*."""

_ANY: Final = "|".join(re.escape(symbol) for symbol in sorted(UNITS, key=len, reverse=True))
_OR_OWN: Final = "|".join(
    re.escape(symbol) for symbol in sorted(UNITS.keys() | OWN_UNITS, key=len, reverse=True)
)
SYMBOL: Final = rf"(?P<symbol>{_OR_OWN})(?:/(?P<per>{_ANY}))?(?![\w²³/’'])"  # noqa: RUF001 - meant
PER: Final = rf"/(?P<per>{_ANY})(?![\w²³/])"
ALONE: Final = rf"(?<![\w.,/°])(?<!\d[ ])(?P<symbol>{_OR_OWN})(?:/(?P<per>{_ANY}))?(?![\w²³/’'])"  # noqa: RUF001 - meant
"""A unit without a number, such as the heading of a table."""
