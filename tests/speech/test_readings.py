"""Tests that what Home Assistant understands chooses the text and ends the turn.

The tests answer a real server's questions as Home Assistant does. They send silence piece by piece
and count it, so that no clock decides.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from wyoming.asr import VadSensitivity
from wyoming.audio import AudioStop
from wyoming.event import Event
from wyoming.ping import Ping

from indoor_voice.speech.recognition.end_of_speech import FRAME_SECONDS
from indoor_voice.speech.recognition.engine import Heard, Origin
from indoor_voice.speech.recognition.matching import Understood
from indoor_voice.speech.recognition.silences import SILENCES
from indoor_voice.speech.recognition.smart_turn import MODEL, SmartTurn, load_smart_turn
from indoor_voice.speech.recognition.whisper import Whisper
from tests.speech.speaking import Audio, Client, Connect, Say, Serve, silence
from tests.waiting import PATIENCE_SECONDS

COMMAND: Final = "Close the bedroom blinds."
"""Sounds finished, by the model's judgement."""
GOES_ON: Final = "Turn off the lights, and then"
"""Sounds as if something followed."""
UNDERSTANDS: Final = {"context": {"understands": True}}
_VAD_SECONDS: Final = 0.2
"""Silero still reports speech for up to this long."""

Answer = Callable[[list[str]], dict[str, Any]]


def first(texts: list[str]) -> dict[str, Any]:
    return {"index": 0}


def none(texts: list[str]) -> dict[str, Any]:
    return {"index": None}


class Conversation:
    """A client that speaks, answers questions about readings, and listens for the end."""

    def __init__(self, client: Client, answer: Answer | None) -> None:
        self.client = client
        self.answer = answer
        self.questions: list[list[str]] = []
        self.ended = asyncio.Event()
        self.text: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.read = asyncio.Event()
        self._listening = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        while True:
            event = await self.client.connection.receive()
            match event.type:
                case "readings":
                    self.questions.append(event.data["texts"])
                    if self.answer is not None:
                        answer = {
                            "question": event.data["question"],
                            **self.answer(self.questions[-1]),
                        }
                        await self.client.send(Event("understood", answer))
                    self.read.set()
                case "voice-stopped":
                    self.ended.set()
                case "transcript":
                    self.text.set_result(event.data["text"])
                    return
                case "error":
                    self.text.set_exception(AssertionError(event.data["code"]))
                    self.ended.set()
                    return

    async def pause(self, most_seconds: float = 3.0) -> float:
        """Be silent until the turn ends, and return for how long, in seconds of sound.

        After 0.3 s and 0.5 s of it, the server gets the time that it needs to think.
        """
        quiet = 0.0
        while not self.ended.is_set() and quiet < most_seconds:
            await self.client.stream(silence(FRAME_SECONDS))
            quiet += FRAME_SECONDS
            thinks = abs(quiet - 0.32) < FRAME_SECONDS / 2 or quiet > 0.5
            await asyncio.sleep(0.6 if thinks else 0)
        return quiet

    async def transcript(self) -> str:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await self.text


async def speak(
    client: Client, audio: Audio, answer: Answer | None, **request: Any
) -> Conversation:
    conversation = Conversation(client, answer)
    await client.begin_speaking(**(request or UNDERSTANDS))
    await client.stream(audio)
    return conversation


async def test_a_complete_command_ends_the_turn_at_once(client: Client, say: Say) -> None:
    conversation = await speak(client, say(COMMAND, after_seconds=0.0), first)
    assert await conversation.pause() < 0.45 + _VAD_SECONDS
    assert await conversation.transcript() == COMMAND


async def test_a_command_that_may_go_on_gets_a_second(client: Client, say: Say) -> None:
    conversation = await speak(client, say(GOES_ON, after_seconds=0.0), first)
    assert 0.95 < await conversation.pause() < 1.0 + _VAD_SECONDS


@pytest.mark.parametrize("answer", [none, None])
async def test_what_is_not_understood_waits_longest(
    client: Client, say: Say, answer: Answer | None
) -> None:
    conversation = await speak(client, say(COMMAND, after_seconds=0.0), answer)
    assert 1.15 < await conversation.pause() < 1.2 + _VAD_SECONDS
    assert await conversation.transcript() == COMMAND


async def test_a_person_who_goes_on_is_not_answered_to_half_a_sentence(
    client: Client, say: Say
) -> None:
    conversation = await speak(client, say("Turn off the lights", after_seconds=0.4), first)
    async with asyncio.timeout(PATIENCE_SECONDS):
        await conversation.read.wait()
    await client.stream(say("in the living room.", before_seconds=0.0, after_seconds=0.0))
    await conversation.pause()
    assert (await conversation.transcript()).lower().startswith("turn off the lights in the living")


async def test_the_first_reading_that_is_understood_is_taken(client: Client, say: Say) -> None:
    conversation = await speak(
        client,
        say("Turn off the Dyson.", after_seconds=0.0),
        lambda texts: {"index": len(texts) - 1},
    )
    await conversation.pause()
    texts = conversation.questions[-1]
    assert 1 < len(texts) <= 5
    assert await conversation.transcript() == texts[-1]


async def test_a_name_of_the_home_is_heard(client: Client, say: Say) -> None:
    def answer(texts: list[str]) -> dict[str, Any]:
        if "Open the Velux window." in texts:
            return {"index": texts.index("Open the Velux window.")}
        return {"index": None, "expected": ["Close the Velux window.", "Open the Velux window."]}

    conversation = await speak(client, say("Open the Velux window.", after_seconds=0.0), answer)
    await conversation.pause()
    assert await conversation.transcript() == "Open the Velux window."
    assert len(conversation.questions) == 2


def test_the_nearest_of_many_expectations_is_not_forgotten(recogniser: Whisper, say: Say) -> None:
    heard = recogniser.recognise(say("Close the Velux window.", after_seconds=0.2), "en")
    far = [f"What is the temperature in the cellar of house number {n}?" for n in range(11, 50)]
    nearest = "Close the Velux window."
    assert nearest not in recogniser.read_again(heard, far)
    assert nearest in recogniser.read_again(heard, [*far, nearest])


async def test_an_expectation_puts_no_words_into_a_mouth(client: Client, say: Say) -> None:
    said = "I turned on the kitchen light yesterday."
    wanted = "Turn on the kitchen light."

    def answer(texts: list[str]) -> dict[str, Any]:
        if wanted in texts:
            return {"index": texts.index(wanted)}
        return {"index": None, "expected": [wanted] * 10}

    conversation = await speak(client, say(said, after_seconds=0.0), answer)
    await conversation.pause()
    assert await conversation.transcript() == said


class HearsOnceMore:
    """Reads what it is told to expect, and before that nothing that is understood."""

    name = "once more"
    languages = ("en",)
    origin = Origin(software="none", version="0", url="https://example.org", description="none")

    def language_code(self, language: str | None) -> str | None:
        return language

    def recognise(self, *_: Any) -> Heard:
        return Heard(("Turn on the obasac.",))

    def read_again(self, _: Heard, expected: list[str]) -> tuple[str, ...]:
        return tuple(expected)


_OWN, _CORRECTED, _TAUGHT = "Turn on the obasak.", "Turn on the Ovosec.", "Turn on the obosac."


@pytest.mark.parametrize(
    ("understood", "answer", "text"),
    [
        ({_OWN, _TAUGHT}, {"corrected": _CORRECTED}, _OWN),
        ({_TAUGHT}, {"corrected": _CORRECTED}, _CORRECTED),
        ({_TAUGHT}, {}, _TAUGHT),
        (set[str](), {}, "Turn on the obasac."),
    ],
)
async def test_what_was_learned_helps_only_where_nothing_else_is_understood(
    serve: Serve,
    connect: Connect,
    say: Say,
    *,
    understood: set[str],
    answer: dict[str, str],
    text: str,
) -> None:
    def reply(texts: list[str]) -> dict[str, Any]:
        index = next((n for n, one in enumerate(texts) if one in understood), None)
        learned = {"expected": [_OWN], "taught": [_TAUGHT], **answer}
        return {"index": index, **(learned if index is None else {})}

    async with serve(recogniser=HearsOnceMore()) as port, connect(port) as client:
        conversation = await speak(client, say(COMMAND, after_seconds=0.0), reply)
        await conversation.pause()
        assert await conversation.transcript() == text


class HearsThePhraseAndMore:
    """Reads a wake phrase with nothing after it, likeliest first, as tiny.en once did."""

    name = "phrase"
    languages = ("en",)
    origin = Origin(software="none", version="0", url="https://example.org", description="phrase")

    def language_code(self, language: str | None) -> str | None:
        return language

    def recognise(self, *_: Any) -> Heard:
        return Heard(("A Jarvis.", "A Jarvis", "A Jarvis A Jarvis", "Hey Jarvis, stop."))


async def test_the_wake_phrase_alone_raises_no_question(
    serve: Serve, connect: Connect, say: Say
) -> None:
    async with serve(recogniser=HearsThePhraseAndMore()) as port, connect(port) as client:
        context = {**UNDERSTANDS["context"], "wake_word_phrase": "hey jarvis"}
        conversation = await speak(
            client, say("Hey Jarvis!", after_seconds=0.0), first, context=context
        )
        await client.send(AudioStop())
        assert await conversation.transcript() == ""
        assert conversation.questions == []


async def test_noise_raises_no_question(client: Client) -> None:
    noise = np.random.default_rng(1).normal(0, 0.05, 16_000 * 6).astype(np.float32)
    conversation = await speak(client, noise, first)
    assert await conversation.transcript() == ""
    assert conversation.questions == []


async def test_who_does_not_offer_to_answer_is_not_asked(client: Client, say: Say) -> None:
    conversation = await speak(client, say(COMMAND, after_seconds=0.0), first, language="en")
    # It sounds finished, but nobody knows whether it is understood.
    assert 0.55 < await conversation.pause() < 0.6 + _VAD_SECONDS
    assert await conversation.transcript() == COMMAND
    assert conversation.questions == []


@pytest.mark.parametrize("index", [5, -1, 10**9])
async def test_an_answer_that_means_no_text_is_none(client: Client, say: Say, index: int) -> None:
    conversation = await speak(client, say(COMMAND, after_seconds=0.0), lambda _: {"index": index})
    assert await conversation.pause() > 1.15
    assert await conversation.transcript() == COMMAND


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"question": 1},
        {"question": "1", "index": 0},
        {"question": 1, "index": "0"},
        {"question": 1, "index": None, "expected": "Turn on the light."},
        {"question": 1, "index": None, "expected": [7]},
        {"question": 1, "index": None, "expected": ["a" * 201]},
        {"question": 1, "index": None, "expected": ["a"] * 41},
        {"question": 1, "index": None, "taught": [7]},
        {"question": 1, "index": None, "taught": ["a"] * 41},
    ],
)
async def test_an_answer_that_is_none_is_refused(
    client: Client, say: Say, data: dict[str, Any]
) -> None:
    await client.begin_speaking(**UNDERSTANDS)
    await client.send(Event("understood", data))
    assert (await client.receive("error", "transcript")).data["code"] == "bad-request"
    await client.send(Ping())
    await client.receive("pong")


def test_half_a_character_is_no_expectation() -> None:
    with pytest.raises(ValueError, match="surrogates"):
        Understood.from_event(
            Event("understood", {"question": 1, "index": None, "expected": ["\ud800"]})
        )


async def test_answers_that_nobody_asked_for_are_ignored(client: Client, say: Say) -> None:
    await client.send(Event("understood", {"question": 1, "index": 0}))
    await client.begin_speaking(**UNDERSTANDS)
    await client.send(Event("understood", {"question": 7, "index": 0}))
    await client.stream(say(COMMAND, after_seconds=0.0))
    await client.send(AudioStop())
    assert (await client.receive("transcript", "error")).data["text"] == COMMAND


@pytest.mark.parametrize("sensitivity", VadSensitivity)
def test_more_knowledge_never_means_a_longer_wait(sensitivity: VadSensitivity) -> None:
    silences = SILENCES[sensitivity]
    assert silences.complete <= silences.understood <= silences.open
    assert silences.complete <= silences.finished <= silences.open
    assert silences.after(understood=True, finished=True) == silences.complete
    assert silences.after(understood=False, finished=True) == silences.open
    assert silences.after(understood=None, finished=None) == silences.open


async def test_without_smart_turn_understanding_and_silence_decide(
    serve: Serve, connect: Connect, say: Say
) -> None:
    async with serve(smart_turn=None) as port, connect(port) as client:
        conversation = await speak(client, say(COMMAND, after_seconds=0.0), first)
        assert 0.95 < await conversation.pause() < 1.0 + _VAD_SECONDS


def test_a_damaged_model_is_left_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    cut = tmp_path / MODEL.name
    cut.write_bytes(MODEL.read_bytes()[:100_000])
    assert load_smart_turn(cut) is None
    assert load_smart_turn(tmp_path / "missing.onnx") is None
    assert caplog.text.count("Install indoor-voice again to repair the file") == 2


def test_whether_somebody_has_finished_is_heard(smart_turn: SmartTurn, say: Say) -> None:
    assert smart_turn.is_finished(say(COMMAND, after_seconds=0.5))
    assert not smart_turn.is_finished(say(GOES_ON, after_seconds=0.5))
    # Only the last 8 s count.
    assert smart_turn.is_finished(say(COMMAND, before_seconds=20, after_seconds=0.5))
    for nothing in (np.zeros(0), np.zeros(16_000), np.ones(16_000), np.full(16_000, -1.0)):
        smart_turn.is_finished(nothing.astype(np.float32))


async def test_a_command_followed_by_silence_is_read_once(client: Client, say: Say) -> None:
    for seconds in (0.2, 1.5, 4.0):
        text = await client.transcribe(say(COMMAND, after_seconds=seconds), stop=True)
        assert text == COMMAND
