"""Tests for writing sentences as they are spoken."""

import re
from enum import StrEnum
from functools import cache

import pytest
from homeassistant import const
from hypothesis import given
from hypothesis import strategies as st

from indoor_voice.speech.synthesis.sentences import MAX_SENTENCE_CHARACTERS
from indoor_voice.speech.synthesis.spoken_text import SpokenText

ENGLISH = [
    ("The light is on.", "The light is on."),
    # Units
    ("15 km/h", "15 kilometers per hour"),
    ("3 µg/m³ and 3 μg/m³", "3 micrograms per cubic meter and 3 micrograms per cubic meter"),
    ("21.5 °C, 21.5°C, 21° C", "21.5 degrees Celsius, 21.5 degrees Celsius, 21 degrees Celsius"),
    ("It is -5 °C or −5 °F.", "It is minus 5 degrees Celsius or minus 5 degrees Fahrenheit."),  # noqa: RUF001 - meant
    ("1° and 2°", "1 degree and 2 degrees"),
    ("50%, 1 % and 10-20 %", "50 percent, 1 percent and 10 to 20 percent"),
    ("10–20 °C, 10°C–20°C", "10 to 20 degrees Celsius, 10 degrees Celsius to 20 degrees Celsius"),  # noqa: RUF001 - meant
    ("-5–-2 °C and 10%–15%", "minus 5 to minus 2 degrees Celsius and 10 percent to 15 percent"),  # noqa: RUF001 - meant
    ("0.5 in of rain, 5 ft 6 in.", "0.5 inches of rain, 5 feet 6 inches."),
    (
        "2 kWh/100km, 3 BTU/(h⋅ft²)",
        "2 kilowatt hours per 100 kilometers, 3 British thermal units per hour and square foot",
    ),
    (
        "5 VA, 1 var, 2 kvarh, 4 pCi/L",
        "5 volt amperes, 1 var, 2 kilovar hours, 4 picocuries per liter",
    ),
    ("10 m^2, 10 m², m²", "10 square meters, 10 square meters, m squared"),
    ("1.0 kWh, 1,234.50 kWh", "1 kilowatt hour, 1234.5 kilowatt-hours"),
    ("3 MWh, 5 kV, 10 MiB/s", "3 megawatt-hours, 5 kilovolts, 10 mebibytes per second"),
    ("60 dB, 1500 rpm, 400 ppm", "60 decibels, 1500 revolutions per minute, 400 parts per million"),
    ("20 mm/h, 1013 hPa, 5 m²", "20 millimeters per hour, 1013 hectopascals, 5 square meters"),
    ("There are 6 in the hall, 5 a day.", "There are 6 in the hall, 5 a day."),
    ("4K, 5G, 5A, 3D, 5 km/x, A/B", "4K, 5G, 5A, 3D, 5 km/x, A/B"),
    ("in °C, km/h or (m/s)", "in degrees Celsius, kilometers per hour or (meters per second)"),
    # Money
    ("$12.50", "12 dollars and 50 cents"),
    ("€1, 1.01 €, £0.50", "1 euro, 1 euro and 1 cent, 50 pence"),
    (
        "$1M, $3.5bn, $5 a day, 50¢",
        "1 million dollars, 3.5 billion dollars, 5 dollars a day, 50 cents",
    ),
    ("-$5, $5 million, CHF 20", "minus 5 dollars, 5 million dollars, 20 Swiss francs"),
    ("$0.31/kWh, 0.315 €/kWh", "31 cents per kilowatt hour, 0.315 euros per kilowatt hour"),
    # Times and dates
    ("at 18:00, 18:30 and 18:05", "at 6 PM, 6 30 PM and 6 oh 5 PM"),
    ("6:05 PM, 6:05pm, 9am, 6:00 p.m.", "6 oh 5 PM, 6 oh 5 PM, 9 AM, 6 PM."),
    ("06:00, 00:00, 0:30, 6:30, 12:00", "6 AM, midnight, 12 30 AM, 6 30, 12 o'clock"),
    ("9:00-17:30, 7 a.m.–9 p.m.", "9 o'clock to 5 30 PM, 7 AM to 9 PM."),  # noqa: RUF001 - meant
    (
        "18:05:30, 0:05:00, 1:30:10",
        "6 oh 5 PM and 30 seconds, 5 minutes, 1 hour 30 minutes 10 seconds",
    ),
    ("a score of 3:1, 16:9, 1:2:3", "a score of 3 to 1, 16 to 9, 1:2:3"),
    ("Mon-Fri, Sat.–Sun.", "Monday to Friday, Saturday to Sunday"),  # noqa: RUF001 - meant
    ("2026-11-26", "November 26, twenty twenty-six"),
    ("2026-13-26", "2026-13-26"),
    ("2026-11-26T18:05:00+00:00", "November 26, twenty twenty-six, 6 oh 5 PM UTC"),
    ("2026-11-26 06:00", "November 26, twenty twenty-six, 6 AM"),
    (
        "11/26/2026 and 26/11/2026",
        "November 26, twenty twenty-six and November 26, twenty twenty-six",
    ),
    ("Nov. 26 and Nov 26", "November 26 and November 26"),
    ("in 1995, the 1990s, the 90s", "in nineteen ninety-five, the nineteen nineties, the nineties"),
    ("in 1500 m", "in fifteen hundred meters"),
    ("1st, 2nd, 22nd", "1st, 2nd, 22nd"),
    # Numbers
    ("1,234 and 1,234.5", "1,234 and 1,234.5"),
    ("3/4, 1/2, 7/8, 24/7", "3 quarters, a half, 7 eighths, 24 7"),
    ("1 1/2 and 1½ and ⅞", "1 and a half and 1 and ½ and 7 eighths"),
    ("3-5 days, 3-1", "3 to 5 days, 3-1"),
    ("-3 and −3.5, but F-16", "minus 3 and minus 3.5, but F-16"),  # noqa: RUF001 - meant
    ("1e-5, 6.02E+23", "1 times 10 to the power of minus 5, 6.02 times 10 to the power of 23"),
    (
        "10^-3, x^2, x³, 10⁻⁶",
        "10 to the power of minus 3, x squared, x cubed, 10 to the power of minus 6",
    ),
    ("5 - 3 = 2, 5x faster, 1920x1080", "5 minus 3 = 2, 5 times faster, 1920 by 1080"),
    ("World War II, Chapter IV, Henry VIII", "World War 2, Chapter 4, Henry the eighth"),
    ("The IV, MIX, II and I", "The IV, MIX, II and I"),
    # Addresses
    ("800-555-1234, (800) 555-1234", "8 0 0, 5 5 5, 1 2 3 4, 8 0 0, 5 5 5, 1 2 3 4"),
    ("+44 20 7946 0958, PIN 0412", "plus 4 4, 2 0, 7 9 4 6, 0 9 5 8, PIN 0 4 1 2"),
    (
        "me@example.com, John.Doe@mail.example.org",
        "me at example dot com, John dot Doe at mail dot example dot org",
    ),
    ("v1.2.3, v2", "version 1 dot 2 dot 3, version 2"),
    ("192.168.1.1 and 1.2.3", "192 dot 168 dot 1 dot 1 and 1 dot 2 dot 3"),
    ("#1, <5, ≥5, ~5, 5 x 3, A → B", "number 1, less than 5, at least 5, ≈5, 5 × 3, A to B"),  # noqa: RUF001 - meant
    # Abbreviations
    ("Mt. Everest", "Mount Everest"),
    ("St. Mary's on Main St.", "Saint Mary's on Main Street."),
    ("Dr. Smith, Mr. Jones", "Doctor Smith, Mister Jones"),
    ("no. 5, but no.", "number 5, but no."),
    ("Lamps, e.g. two, etc. are on.", "Lamps, for example two, et cetera are on."),
    ("IPv6, CO₂", "I P v 6, C O 2"),
    ("example.com", "example dot com"),
    ("w/ milk, w/o sugar, and/or, on/off", "with milk, without sugar, and or, on off"),
    ("max. 5, avg. 3, Sept. 5", "maximum 5, average 3, September 5"),
]
GERMAN = [
    ("21,5 °C, 21.5 °C, -5 °C", "21,5 Grad Celsius, 21,5 Grad Celsius, minus 5 Grad Celsius"),
    ("15 km/h, 3 µg/m³", "15 Kilometer pro Stunde, 3 Mikrogramm pro Kubikmeter"),
    (
        "1 °C, 1 kWh, 1 Kilometer, 1 Min.",
        "ein Grad Celsius, eine Kilowattstunde, ein Kilometer, eine Minute",
    ),
    ("1.234 W, 1.234,5 kWh", "1234 Watt, 1234,5 Kilowattstunden"),
    (
        "12,50 €, 3 Mio. €, 0,25 €/kWh",
        "12 Euro und 50 Cent, 3 Millionen Euro, 25 Cent pro Kilowattstunde",
    ),
    ("18:00 Uhr, 18:05, 1:00 Uhr", "18 Uhr, 18 Uhr 5, ein Uhr"),
    ("18:05:30 Uhr, 0:05:00", "18 Uhr 5 und 30 Sekunden, 5 Minuten"),
    ("Mo.–Fr., 16:9", "Montag bis Freitag, 16 zu 9"),  # noqa: RUF001 - meant
    ("1 J, 1 MB, 1 U/min, 1 ac", "ein Joule, ein Megabyte, eine Umdrehung pro Minute, ein Acre"),
    (
        "5 µS/cm, 30 ct/kWh, 400 ppm",
        "5 Mikrosiemens pro Zentimeter, 30 Cent pro Kilowattstunde, 400 Teile pro Million",
    ),
    ("1e-5, 10^3, 3 m^2", "1 mal 10 hoch minus 5, 10 hoch 3, 3 Quadratmeter"),
    ("Tel. 0171 2345678", "Telefon 0 1 7 1, 2 3 4 5 6 7 8"),
    ("me@example.com, v1.2", "me ät example Punkt com, Version 1.2"),
    ("8:00-17:30 Uhr", "8 Uhr bis 17 Uhr 30"),
    (
        "Am 3. Mai 1995, der 1. Platz",
        "Am dritten Mai neunzehnhundertfünfundneunzig, der erste Platz",
    ),
    ("in der 3. Etage, vom 1.5. bis 3.5.", "in der dritten Etage, vom ersten Mai bis dritten Mai"),
    (
        "Heute ist der 26.11.2026",
        "Heute ist der sechsundzwanzigste November zweitausendsechsundzwanzig",
    ),
    ("2026-11-26", "sechsundzwanzigster November zweitausendsechsundzwanzig"),
    ("3/4, 1/3, 1/2", "3 Viertel, ein Drittel, ein halb"),
    (
        "z. B. bzw. d.h. ca. 5, Nr. 5, usw.",
        "zum Beispiel beziehungsweise das heißt circa 5, Nummer 5, und so weiter.",
    ),
    ("Dr. Müller in St. Gallen", "Doktor Müller in Sankt Gallen"),
    ("192.168.1.1, 1.234.567", "192 Punkt 168 Punkt 1 Punkt 1, 1.234.567"),
    ("5 in der Küche", "5 in der Küche"),
]
OTHERS = [
    (
        "fr-FR",
        "15 km/h, -5 °C, 12,50 €",
        "15 kilomètres par heure, moins 5 degrés Celsius, 12 euros 50",
    ),
    ("en-GB", "15 km/h, 26/11/2026", "15 kilometres per hour, 26 November twenty twenty-six"),
    ("pl-PL", "5 km, 2 km, 2026-11-26", "5 kilometrów, 2 kilometry, 26 listopada 2026"),
    ("nl-NL", "3/4 en 21,5 °C", "¾ en 21,5 graden Celsius"),
    ("es-ES", "5 y 6 a la vez, ha sido", "5 y 6 a la vez, ha sido"),
    ("zh-CN", "15 km/h", "每小时15公里"),
    ("xx-XX", "15 km/h, $12.50, 18:00", "15 km/h, $12.50, 18:00"),
    ("", "15 km/h", "15 km/h"),
]
EXAMPLES = [
    *(("en-US", written, spoken) for written, spoken in ENGLISH),
    *(("de-DE", written, spoken) for written, spoken in GERMAN),
    *OTHERS,
]
UNITS = sorted(
    {
        unit.value
        for name, units in vars(const).items()
        if name.startswith("UnitOf") and isinstance(units, type) and issubclass(units, StrEnum)
        for unit in units
    }
    | {const.CURRENCY_CENT, const.CURRENCY_DOLLAR, const.CURRENCY_EURO, const.DEGREE}
    | {const.LIGHT_LUX, const.PERCENTAGE, const.REVOLUTIONS_PER_MINUTE, const.UV_INDEX}
    | {const.SIGNAL_STRENGTH_DECIBELS, const.SIGNAL_STRENGTH_DECIBELS_MILLIWATT}
)
IN_WORDS = {"Beaufort", "UV index", "bar", "bit", "var"}
"""Units whose symbols are words, or at least begin so."""
WITHOUT_PLURAL = re.compile(r"percent|hertz|siemens|lux|cubic feet|Beaufort|UV index")


@cache
def language(code: str) -> SpokenText:
    return SpokenText(code)


@pytest.mark.parametrize(("code", "written", "spoken"), EXAMPLES)
def test_written_and_spoken(code: str, written: str, spoken: str) -> None:
    assert language(code).say(written) == spoken


@pytest.mark.parametrize("unit", UNITS)
def test_each_unit_of_home_assistant_has_words(unit: str) -> None:
    for code in ("en-US", "de-DE"):
        for number in ("1", "5"):
            spoken = language(code).say(f"It shows {number} {unit}.").removesuffix(".")
            assert unit in IN_WORDS or not re.search(rf"\b{re.escape(unit)}(?!\w)", spoken), spoken
            assert re.fullmatch(r"It shows (?:\d|an?|eine?)(?: (?:100|[A-Za-zäöüß-]+))+", spoken), (
                spoken
            )
            assert not re.search(r"[a-z][A-Z]", spoken), spoken


@pytest.mark.parametrize("unit", UNITS)
def test_each_unit_of_home_assistant_has_a_plural(unit: str) -> None:
    one, several = (language("en-US").say(f"{number} {unit}")[2:] for number in "15")
    assert one != several or WITHOUT_PLURAL.search(one)


@pytest.mark.parametrize(
    "code",
    """
    ar-JO ca-ES cs-CZ cy-GB da-DK el-GR es-MX eu-ES fa-IR fi-FI hi-IN hu-HU id-ID is-IS it-IT ka-GE
    kk-KZ lb-LU lv-LV ml-IN ne-NP nl-BE no-NO pl-PL pt-PT ro-RO ru-RU sk-SK sl-SI sr-RS sv-SE sw-CD
    te-IN tr-TR uk-UA ur-PK vi-VN zh-CN
    """.split(),  # noqa: SIM905 - a list would take a line for each
)
def test_each_language_of_the_voices(code: str) -> None:
    written = "15 km/h, -5 °C, 12,50 €, 3/4, 2026-11-26T10:00Z, 1 MWh, 0,25 €/kWh, 10-20 %, #1"
    spoken = SpokenText(code).say(written)
    assert "km/h" not in spoken
    assert "°C" not in spoken


words = st.text(st.characters(categories=["Ll", "Lu"]), min_size=3, max_size=12)
symbols = st.sampled_from(
    ["5", "1,234.5", "$", "€", "km/h", "°C", "%", "/", "-", "–", ".", ",", ":", "18:00", "1/2", "#"]  # noqa: RUF001 - meant
)


@given(st.sampled_from(["en-US", "de-DE", "fr-FR", "xx"]), st.lists(words | symbols, max_size=30))
def test_no_word_is_lost(code: str, parts: list[str]) -> None:
    spoken = language(code).say(" ".join(parts))
    said = spoken.split()
    for part in parts:
        if len(part) > 5 and part.isalpha() and part.islower():
            assert part in said


@given(
    st.sampled_from(["en-US", "de-DE", "fr-FR", "ru-RU"]),
    st.lists(st.sampled_from("0159.,:/-+$€%° ²kmhWsx") | st.characters(codec="utf-8"), max_size=60),
)
def test_any_sentence_can_be_spoken(code: str, characters: list[str]) -> None:
    sentence = "".join(characters)
    assert len(language(code).say(sentence)) <= 40 * len(sentence) + 40


@pytest.mark.parametrize("code", ["en-US", "de-DE", "fr-FR"])
@pytest.mark.parametrize(
    "pattern", ["7", "7 ", "1,", "1.", "1-", "$", "5%", "1/2 ", "18:00 ", "a.", "26.11. ", "9" * 20]
)
def test_long_sentences_grow_by_a_bounded_factor(code: str, pattern: str) -> None:
    sentence = (pattern * MAX_SENTENCE_CHARACTERS)[:MAX_SENTENCE_CHARACTERS]
    assert len(language(code).say(sentence)) <= 12 * MAX_SENTENCE_CHARACTERS
