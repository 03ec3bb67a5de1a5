"""Tests that long and odd texts cost no more than their sound and don't block the event loop."""

import asyncio
import json
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from wyoming.event import Event
from wyoming.info import Describe
from wyoming.tts import Synthesize, SynthesizeChunk, SynthesizeStart, SynthesizeStop

from indoor_voice.speech.synthesis import request
from indoor_voice.speech.synthesis.pieces import MAX_PIECE_SECONDS, PHONEME_SECONDS, pieces
from indoor_voice.speech.synthesis.piper import Speaker, Synthesiser
from tests.speech.speaking import Audio, Client, Connect, Serve

MOST_PHONEMES = round(MAX_PIECE_SECONDS / PHONEME_SECONDS)
ODD = {
    "dots": ".",
    "exclamation marks": "!",
    "ellipses": "…",
    "ideographic stops": "。",
    "stops and quotes": ".”",
    "initials": "A. ",
    "new lines": "\n",
    "telephone numbers": "0171 2345678, ",
    "digits": "7",
    "digits apart": "7 ",
    "money": "$9,999,999.99 ",
    "no spaces": "lamp",
    "ideographs": "电",
    "kana": "で",
    "pictures": "👩‍👩‍👧‍👦",
    "combining marks": "e\u0301",
    "only combining marks": "\u0301",
    "nothing visible": "\u200b",
    "right to left": "\u202eabc ",
    "NUL": "a\0",
    "brackets": "[[",
    "phonemes": "[[ɸɸɸɸ]]",
    "markup": '<break time="1000s"/>',
    "commas": ", ",
    "prose": "the lamp in the hall and ",
}


class PhonemeRecorder(Synthesiser):
    """Prepares text with the real voice, and records the pieces instead of speaking them."""

    def __init__(self, real: Synthesiser) -> None:
        self.voices = real.voices
        self._default = real.choose(None)
        self._length_scale = 1.0
        self.spoken: list[Sequence[str]] = []

    def speak(self, piece: Sequence[str], _: Speaker) -> Audio:
        self.spoken.append(piece)
        return np.full(1000, 0.5, np.float32)


@pytest.mark.parametrize("text", ODD.values(), ids=ODD.keys())
async def test_an_odd_text_is_spoken_in_small_pieces_while_others_are_answered(
    serve: Serve, connect: Connect, synthesiser: Synthesiser, text: str
) -> None:
    recorder = PhonemeRecorder(synthesiser)
    text = (text * 10_000)[:10_000]
    async with (
        serve(synthesiser=recorder) as port,
        connect(port) as client,
        connect(port) as streaming,
        connect(port) as probe,
    ):
        await client.send(Synthesize(text=text))
        await streaming.send(SynthesizeStart())
        await streaming.send(
            *(SynthesizeChunk(text=text[start : start + 50]) for start in range(0, 10_000, 50)),
            SynthesizeStop(),
        )
        speaking = asyncio.gather(
            client.receive_until("audio-stop", "error"),
            streaming.receive_until("synthesize-stopped", "error"),
        )
        while not speaking.done():
            await probe.send(Describe())
            await probe.receive("info", seconds=5)
            await asyncio.sleep(0.05)
        at_once, streamed = await speaking
    assert at_once[-1].type == "audio-stop"
    assert streamed[-1].type == "synthesize-stopped"
    assert all(len(piece) <= MOST_PHONEMES for piece in recorder.spoken)


@given(
    st.lists(st.sampled_from([*"aeo .,?", "oʊ"]), max_size=400),
    st.integers(min_value=1, max_value=50),
)
def test_pieces_lose_nothing_and_are_bounded(phonemes: list[str], most: int) -> None:
    cut = list(pieces(phonemes, most))
    assert [phoneme for piece in cut for phoneme in piece] == phonemes
    assert all(0 < len(piece) <= most for piece in cut)


def test_a_long_sentence_is_cut_where_a_speaker_breathes(synthesiser: Synthesiser) -> None:
    speaker = synthesiser.choose(None)
    assert (
        len(synthesiser.prepare("The window in the kitchen has been open for an hour.", speaker))
        == 1
    )
    clauses = synthesiser.prepare("the lamp in the hall is on, " * 9, speaker)
    assert len(clauses) > 1
    assert all("".join(piece).rstrip().endswith(",") for piece in clauses[:-1])
    words = synthesiser.prepare("the lamp in the hall and " * 11, speaker)
    assert all(piece[-1] == " " for piece in words[:-1])


async def test_an_answer_of_hours_ends(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request, "MAX_SOUND_SECONDS", 3.0)
    await client.send(Synthesize(text="0171 2345678, " * 20, context={"rate": 8000}))
    events = await client.receive_until("audio-stop", "error")
    assert events[-1].data["code"] == "text-too-long"
    sound = sum(len(event.payload or b"") for event in events) / 2 / 8000
    assert 3.0 <= sound <= 3.0 + 2 * MAX_PIECE_SECONDS


async def test_a_text_that_never_ends_ends(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request, "REQUEST_SECONDS", 1.0)
    await client.send(SynthesizeStart())

    async def drip() -> None:
        while True:
            await client.send(SynthesizeChunk(text=""))
            await asyncio.sleep(0.05)

    dripping = asyncio.create_task(drip())
    assert (await client.receive("error")).data["code"] == "bad-request"
    dripping.cancel()


@pytest.mark.parametrize(
    "event",
    [
        Event("synthesize", {"text": "A half \ud83d of a character"}),
        Event("synthesize", {"text": "Hello.", "voice": {"name": "\ud83d"}}),
        Event("synthesize", {"text": "Hello.", "voice": {"name": "a" * 300}}),
        Event("transcribe", {"language": "\ud83d"}),
        Event("transcribe", {"name": "a" * 300}),
        Event("transcribe", {"transcript_names": ["\ud83d"]}),
        Event("transcribe", {"context": {"wake_word_phrase": "hey \ud83d"}}),
        Event("transcribe", {"context": {"wake_word_phrase": "a " * 27_500}}),
        Event("transcribe", {"vad_sensitivity": []}),
        Event("ping", {"text": "\ud83d"}),
        Event("ping", {"text": {"a": 1}}),
    ],
)
async def test_what_cannot_be_read_is_refused_and_no_more(client: Client, event: Event) -> None:
    # Sent as escaped JSON, because Wyoming's own writer can't encode lone surrogates.
    await send_escaped(client, event)
    assert (await client.receive("error", "info", "pong")).data["code"] == "bad-request"
    await client.send(Synthesize(text="Hello."))
    await client.receive("audio-stop")


async def send_escaped(client: Client, event: Event) -> None:
    data = json.dumps(event.data).encode()
    header = json.dumps({"type": event.type, "data_length": len(data)}).encode()
    client.writer.write(header + b"\n" + data)
