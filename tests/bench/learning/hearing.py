"""Hears commands as a satellite's speech server and Home Assistant do together."""

import asyncio
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from wyoming.event import Event

from custom_components.indoor_voice.assistant.understanding import Understanding
from indoor_voice.speech.recognition.engine import Heard, Origin, Recogniser
from indoor_voice.speech.recognition.matching import Matcher, Understood
from indoor_voice.speech.recognition.reading import Expectations, Reader
from indoor_voice.speech.worker import Worker
from tests.bench.recognition import load_model

from .household import Said

MODEL: Final = "faster-whisper:tiny.en"
LANGUAGE: Final = "en"


class Hearing:
    """The speech server's own reader, which asks Home Assistant what it understands."""

    def __init__(self) -> None:
        """Load the model that the speech server uses by default; raises `UserError`."""
        self._worker = Worker("bench")
        self._recogniser = load_model(MODEL)
        self._remembered: dict[Said, _Remembering] = {}

    async def hear(self, said: Said, understanding: Understanding, *, again: bool = False) -> str:
        """Return the text that a turn is about.

        What will be heard `again` is remembered: the model reads the same sound in the same way.
        """
        recogniser: Recogniser = self._recogniser
        if again:
            recogniser = self._remembered.setdefault(said, _Remembering(recogniser))
        matcher = _AnsweringMatcher(understanding)
        expectations = Expectations(LANGUAGE, phrase="", names=())
        reader = Reader(recogniser, self._worker, matcher, expectations)
        text = ""
        async for reading in reader.read(said.audio, asyncio.get_running_loop().create_future()):
            text = reading.text
        return text


class _AnsweringMatcher(Matcher):
    """A matcher whose questions are answered as by the component at the other end of the link."""

    def __init__(self, understanding: Understanding) -> None:
        super().__init__(self._reply)
        self._understanding = understanding

    async def _reply(self, event: Event) -> None:
        texts = event.data["texts"]
        index = await self._understanding.async_first_understood(texts)
        answer = {"question": event.data["question"], "index": index}
        if index is None:
            answer["expected"] = await self._understanding.async_expected(texts)
            answer["corrected"] = await self._understanding.async_corrected(texts)
            answer["taught"] = await self._understanding.async_taught(texts)
        self.take(Understood.from_event(Event("understood", answer)))


class _Remembering:
    """A recogniser that remembers what it made of one sound."""

    def __init__(self, recogniser: Recogniser) -> None:
        self.name: str = recogniser.name
        self.languages: list[str] = recogniser.languages
        self.origin: Origin = recogniser.origin
        self._recogniser = recogniser
        self._heard: Heard | None = None
        self._again: dict[tuple[str, ...], tuple[str, ...]] = {}

    def language_code(self, language: str | None) -> str | None:
        return self._recogniser.language_code(language)

    def recognise(self, audio: NDArray[np.float32], language: str | None = None) -> Heard:
        if self._heard is None:
            self._heard = self._recogniser.recognise(audio, language)
        return self._heard

    def read_again(self, heard: Heard, expected: Sequence[str]) -> tuple[str, ...]:
        key = tuple(expected)
        if key not in self._again:
            self._again[key] = self._recogniser.read_again(heard, expected)
        return self._again[key]
