"""Tests that answers are heard as a person would read them aloud: spoken, and recognised again."""

import itertools
import re
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from wyoming.event import Event
from wyoming.tts import Synthesize, SynthesizeChunk, SynthesizeStart, SynthesizeStop

from indoor_voice.speech.recognition.whisper import Whisper
from indoor_voice.speech.synthesis.plain_text import PlainText
from indoor_voice.speech.synthesis.request import MAX_TEXT_CHARACTERS
from indoor_voice.speech.synthesis.sentences import Sentences
from indoor_voice.speech.synthesis.spoken_text import SpokenText
from tests.speech.speaking import RATE, Audio, Client

HEARD = [
    # Written, and a pattern of what the recogniser writes, with small numbers in digits.
    ("The wind blows at 15 km/h.", "15 (km|kilometers) per hour"),
    ("The air has 3 µg/m³ of dust.", "3 micrograms per cubic meter"),
    ("Rain of **5 mm/h** is expected.", "5 ?(mm|millimeters) per hour"),
    ("It is 21.5 °C outside.", "21.5 degrees celsius"),
    ("It is 21,5 °C in the living room.", "21.5 degrees celsius in the living room"),
    ("It is -5 °C outside.", "minus 5 degrees celsius"),
    ("The humidity is 45 %.", "45(%| percent)"),
    ("The battery holds 13.5 kWh.", "13.5 kilowatt.hours"),
    ("The well gives 5 L/min.", "5 liters per minute"),
    ("The sun gives 800 W/m².", "800 watts per square meter"),
    ("The download runs at 100 Mbit/s.", "100 megabits per second"),
    ("The filter is at 400 ppm.", "400 parts per million"),
    ("It is 72°F in here.", "72 degrees fahrenheit"),
    ("There fell 0.5 in of rain.", "0?.5 inches of rain"),
    ("That costs $12.50 in all.", r"\$12.50"),
    ("Dinner is at 18:00.", "6 ?p.?m"),
    ("The train leaves at 18:05.", "6[.: ](05|oh 5) ?p.?m"),
    ("The timer has 0:05:00 left.", "5 minutes left"),
    ("The tank is 3/4 full.", "3.quarters full|3/4 full"),
    ("The date is 2026-11-26.", "november 26"),
    ("The window is open since 2026-11-26T18:05:00.", "november 26,? 2026,? 6[.:]05 ?p.?m"),
    ("It was built in 1995.", "1995"),
    ("It is the 3rd of May.", "the (third|3rd) of may"),
    ("It is open Mon-Fri.", "monday to friday"),
    ("Call 555-123-4567 for help.", "555.?123.?4567"),
    ("The update to version 2026.11.0 is ready.", "version 2026.11.0"),
    ("Write to bob@example.com please.", "bob at example.com"),
    ("It happened in World War II.", "world war (ii|2)"),
    ("The score is 3:1 now.", "3 to 1"),
    ("Mt. Everest is high.", "mount everest is high"),
    ("Add approx. 5 oz of sugar, e.g. brown.", "approximately 5 ounces.*for example brown"),
    ("**Done.** The `kitchen` light is [on](https://a.b/c).", "done.? the kitchen light is on.?$"),
    ("See [the manual](https://www.example.com/a?b=c) for more.", "the manual for more"),
    ("The light is on 😀👍.", "the light is on.?$"),
    ("| Room | Window |\n|---|---|\n| Kitchen | open |", "kitchen,? open"),
]
SMALL_NUMBERS = (
    *("zero", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)
NEVER_HEARD = re.compile(
    "asterisk|slash|degrees c |dash|https?|face|thumb|vertical|bar|backtick|roman|hash"
)


def heard(events: Sequence[Event], recogniser: Whisper) -> str:
    payload = b"".join(event.payload or b"" for event in events)
    audio: Audio = np.frombuffer(payload, "<i2").astype(np.float32) / np.float32(32768)
    silence = np.zeros(RATE // 4, np.float32)
    text = recogniser.recognise(np.concatenate([silence, audio, silence]), "en").best.lower()
    # The recogniser writes numbers as it pleases, and not the same on every processor.
    for number, word in enumerate(SMALL_NUMBERS):
        text = re.sub(rf"\b{word}\b", str(number), text)
    return text


@pytest.mark.parametrize(("text", "expected"), HEARD)
async def test_what_is_heard(client: Client, recogniser: Whisper, text: str, expected: str) -> None:
    await client.send(Synthesize(text=text, context={"rate": RATE}))
    answer = heard(await client.receive_until("audio-stop", "error"), recogniser)
    assert re.search(expected, answer), answer
    assert not NEVER_HEARD.search(answer), answer


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


@pytest.mark.parametrize("text", ["![](cat.png)", "<br>", "&nbsp;", "```python\n```"])
async def test_an_answer_without_words_is_a_short_silence(client: Client, text: str) -> None:
    # Home Assistant takes an answer without any sound for a failure.
    await client.send(Synthesize(text=text, context={"rate": RATE}))
    events = await client.receive_until("audio-stop", "error")
    sound = b"".join(event.payload or b"" for event in events)
    assert events[-1].type == "audio-stop"
    assert 0 < len(sound) < RATE
    assert not any(sound)


def said(*chunks: str, code: str = "en-US") -> list[str]:
    """Return the sentences that a voice is given for a text that arrives in chunks."""
    spoken = SpokenText(code)
    plain, sentences = PlainText(), Sentences(spoken.language)
    written = [sentence for chunk in chunks for sentence in sentences.add(plain.add(chunk))]
    written += sentences.add(plain.finish()) + sentences.finish()
    return [spoken.say(sentence) for sentence in written]


PARTS = st.sampled_from(
    """
    **Dr. _Smith_ St. e.g. approx. z.B. 3. Mai ``` `x` [a](b.c) ![i](j) https://a.b/c?d <br> &amp;
    18:00 6 p.m. 15 km/h $12.50 3/4 21,5 °C 10^-3 a@b.de +1 555 123 4567 | - # 1. ~~ \\* … ?! [^1]
    😀 👩\u200d👧 \0 \u200b \u202e [[x]] 3µg/m³ -5°C 18–20% v1.2.3 2026-11-26T18:05:00Z II
    """.split()  # noqa: RUF001, SIM905 - meant; a list would take a line for each
)
TEXTS = st.lists(
    PARTS | st.sampled_from([" ", "\n", "\n\n", "The light is on. "]), max_size=40
).map(" ".join)


@given(st.sampled_from(["en-US", "de-DE"]), TEXTS, st.data())
def test_chunks_make_no_difference_to_what_is_said(
    code: str, text: str, data: st.DataObject
) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=12)))
    chunks = [text[start:end] for start, end in itertools.pairwise([0, *cuts, len(text)])]
    whole = said(text, code=code)
    assert said(*chunks, code=code) == whole
    assert said(*text, code=code) == whole


MARKDOWN = """\
# Weather *today*

- **Rain**: 5 mm/h at 18:00, [more](https://www.example.com/weather_(today)?a=b "Weather")
  - Wind: ~~20~~ 15 km/h &amp; gusts[^1]
    1. North
    2. South-west
- [x] Done, ![a picture](cat.png) <b>really</b>

| Room | °C |
|------|---:|
| Hall | 21,5 °C |

> Dr. Smith says 👩‍🔬:
> "Take `an umbrella`."

```python
print("hello")
```
<!-- nothing -->
[^1]: Up to 60 km/h.
"""


def test_markdown_is_said() -> None:
    assert said(MARKDOWN) == [
        "Weather today",
        "Rain: 5 millimeters per hour at 6 PM, more",
        "Wind: 20 15 kilometers per hour & gusts",
        "1. North",
        "2. South-west",
        "Done, a picture really",
        "Room, degrees Celsius",
        "Hall, 21.5 degrees Celsius",
        "Doctor Smith says:",
        '"Take an umbrella."',
        'print("hello")',
        ": Up to 60 kilometers per hour.",
    ]


@pytest.mark.parametrize("chunk", [1, 7, MAX_TEXT_CHARACTERS])
def test_ten_thousand_characters_of_markdown_are_said(chunk: int) -> None:
    text = (MARKDOWN * 50)[:MAX_TEXT_CHARACTERS]
    sentences = said(*(text[start : start + chunk] for start in range(0, len(text), chunk)))
    times = len(text) // len(MARKDOWN)
    assert sentences[: 12 * times] == said(MARKDOWN) * times
