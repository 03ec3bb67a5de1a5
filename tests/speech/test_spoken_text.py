"""Tests for writing sentences as they are spoken, and for what is then heard."""

import re
from collections.abc import Sequence
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wyoming.event import Event
from wyoming.tts import Synthesize, SynthesizeChunk, SynthesizeStart, SynthesizeStop

from indoor_voice.speech.recognition.whisper import Recogniser
from indoor_voice.speech.synthesis.sentences import MAX_SENTENCE_CHARACTERS
from indoor_voice.speech.synthesis.spoken_text import SpokenText
from tests.speech.speaking import RATE, Audio, Client

ENGLISH = [
    ("The light is on.", "The light is on."),
    # Units
    ("15 km/h", "15 kilometers per hour"),
    ("3 µg/m³ and 3 μg/m³", "3 micrograms per cubic meter and 3 micrograms per cubic meter"),
    ("21.5 °C, 21.5°C, 21° C", "21.5 degrees Celsius, 21.5 degrees Celsius, 21 degrees Celsius"),
    ("It is -5 °C or −5 °F.", "It is minus 5 degrees Celsius or minus 5 degrees Fahrenheit."),  # noqa: RUF001 - meant
    ("1° and 2°", "1 degree and 2 degrees"),
    ("50%, 1 % and 10-20 %", "50 percent, 1 percent and 10 to 20 percent"),
    ("10–20 °C", "10 to 20 degrees Celsius"),  # noqa: RUF001 - meant
    ("1.0 kWh, 1,234.50 kWh", "1 kilowatt hour, 1234.5 kilowatt-hours"),
    ("3 MWh, 5 kV, 10 MiB/s", "3 megawatt-hours, 5 kilovolts, 10 mebibytes per second"),
    ("60 dB, 1500 rpm, 400 ppm", "60 decibels, 1500 revolutions per minute, 400 parts per million"),
    ("20 mm/h, 1013 hPa, 5 m²", "20 millimeters per hour, 1013 hectopascals, 5 square meters"),
    ("There are 6 in the hall, 5 a day.", "There are 6 in the hall, 5 a day."),
    ("4K, 5G, 5A, 3D, 5 km/x, km/h", "4K, 5G, 5A, 3D, 5 km/x, km/h"),
    # Money
    ("$12.50", "12 dollars and 50 cents"),
    ("€1, 1.01 €, £0.50", "1 euro, 1 euro and 1 cent, 50 pence"),
    ("-$5, $5 million, CHF 20", "minus 5 dollars, 5 million dollars, 20 Swiss francs"),
    ("$0.31/kWh, 0.315 €/kWh", "31 cents per kilowatt hour, 0.315 euros per kilowatt hour"),
    # Times and dates
    ("at 18:00, 18:30 and 18:05", "at 18 hundred, 18 30 and 18 oh 5"),
    ("6:05 PM, 6:00 p.m.", "6 oh 5 PM, 6 PM."),
    ("06:00, 00:00, 0:30", "6 o'clock, midnight, 0 30"),
    ("9:00-17:30", "9 o'clock to 17 30"),
    ("99:99, 1:2:3, 3:1", "99:99, 1:2:3, 3:1"),
    ("2026-11-26", "November 26, twenty twenty-six"),
    ("2026-13-26", "2026-13-26"),
    ("2026-11-26T18:05:00+00:00", "November 26, twenty twenty-six, 18 oh 5 UTC"),
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
    ("3/4, 1/2, 7/8, 24/7", "3 quarters, a half, 7 eighths, 24/7"),
    ("1 1/2 and 1½ and ⅞", "1 and a half and 1 and ½ and 7 eighths"),
    ("3-5 days, 3-1, 800-555-1234", "3 to 5 days, 3-1, 800-555-1234"),
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
UNITS = """
mW W kW MW GW TW BTU/h J kJ MJ GJ mWh Wh kWh MWh GWh TWh cal kcal Mcal Gcal Wh/km mi/kWh km/kWh μA
mA A μV mV V kV MV °C °F K μs ms s min h d mm cm m km yd mi nmi mHz Hz kHz MHz GHz mPa Pa hPa kPa
bar cbar mbar mmHg inHg psi dB dBA dBm ft³ m³ L mL gal m³/h m³/min m³/s ft³/min L/h L/min L/s
gal/h gal/min gal/d mL/s m² cm² km² mm² in² ft² yd² mi² ac ha g kg mg μg oz lb S/cm μS/cm mS/cm lx
rpm W/m² in/d in/h mm/d mm/h g/m³ mg/m³ μg/m³ μg/ft³ ppm ppb % mg/dL mmol/L Bq/m³ ft/s in/s m/min
m/s km/h kn mph mm/s bit kbit Mbit Gbit B kB MB GB TB PB KiB MiB GiB TiB bit/s kbit/s Mbit/s
Gbit/s B/s kB/s MB/s GB/s KiB/s MiB/s GiB/s
"""


@cache
def language(code: str) -> SpokenText:
    return SpokenText(code)


@pytest.mark.parametrize(("code", "written", "spoken"), EXAMPLES)
def test_written_and_spoken(code: str, written: str, spoken: str) -> None:
    assert language(code).say(written) == spoken


@pytest.mark.parametrize("code", ["en-US", "de-DE"])
def test_units_of_home_assistant(code: str) -> None:
    unspoken = []
    for unit in UNITS.split():
        spoken = language(code).say(f"It is 5 {unit}.")
        if f" {unit}." in spoken or "/" in spoken or re.search(r"[°²³%μ]", spoken):
            unspoken.append(unit)
    assert unspoken == []


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


@settings(deadline=None)  # the first sentence loads a language
@given(st.sampled_from(["en-US", "de-DE", "fr-FR", "xx"]), st.lists(words | symbols, max_size=30))
def test_no_word_is_lost(code: str, parts: list[str]) -> None:
    spoken = language(code).say(" ".join(parts))
    said = spoken.split()
    for part in parts:
        if len(part) > 5 and part.isalpha() and part.islower():
            assert part in said


@settings(deadline=None)
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


def heard(events: Sequence[Event], recogniser: Recogniser) -> str:
    payload = b"".join(event.payload or b"" for event in events)
    audio: Audio = np.frombuffer(payload, "<i2").astype(np.float32) / np.float32(32768)
    silence = np.zeros(RATE // 4, np.float32)
    return recogniser.recognise(np.concatenate([silence, audio, silence]), "en").lower()


@pytest.mark.parametrize(
    ("text", "expected", "unexpected"),
    [
        ("The air has 3 µg/m³ of dust.", "micrograms per cubic meter", "slash"),
        ("Rain of **5 mm/h** is expected.", "(millimeters|mm) per hour", "asterisk|slash"),
        ("It is 21.5 °C outside.", "21.5 degrees celsius", "degrees c "),
        ("Mt. Everest is high.", "mount everest", "mt"),
        (
            "See [the manual](https://www.example.com/a?b=c) for more.",
            "the manual for more",
            "http",
        ),
        ("The light is on 😀👍.", "the light is on", "face|thumb"),
        ("The date is 2026-11-26.", "november 26", "dash"),
        (
            "| Room | Window |\n|---|---|\n| Kitchen | open |",
            "kitchen,? open",
            "bar",
        ),
    ],
)
async def test_what_is_heard(
    client: Client, recogniser: Recogniser, text: str, expected: str, unexpected: str
) -> None:
    await client.send(Synthesize(text=text, context={"rate": RATE}))
    at_once = heard(await client.receive_until("audio-stop", "error"), recogniser)
    assert re.search(expected, at_once), at_once
    assert not re.search(unexpected, at_once), at_once


async def test_a_streamed_answer_sounds_like_the_whole_one(client: Client) -> None:
    text = "**Today:** [rain](https://example.com/a_b), 5 mm/h. Then `sun` at 18:00 😀."
    await client.send(Synthesize(text=text, context={"rate": RATE}))
    whole = await client.receive_until("audio-stop", "error")
    await client.send(SynthesizeStart(context={"rate": RATE}))
    await client.send(*(SynthesizeChunk(text=character) for character in text), SynthesizeStop())
    streamed = await client.receive_until("synthesize-stopped", "error")
    assert [event.payload for event in whole if event.payload] == [
        event.payload for event in streamed if event.payload
    ]


@pytest.mark.parametrize("text", ["![](cat.png)", "<br>", "&nbsp;", "```python"])
async def test_an_answer_without_words_is_a_short_silence(client: Client, text: str) -> None:
    # Home Assistant takes an answer without any sound for a failure.
    await client.send(Synthesize(text=text, context={"rate": RATE}))
    events = await client.receive_until("audio-stop", "error")
    sound = b"".join(event.payload or b"" for event in events)
    assert events[-1].type == "audio-stop"
    assert 0 < len(sound) < RATE
    assert not any(sound)
