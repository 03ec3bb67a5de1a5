"""Says recorded speech: the pairing code, and what nobody else can say."""

import asyncio

import numpy as np

from .adjustments import Adjustments
from .language import DEFAULT_LANGUAGE
from .sound.cues import Cue, cue_samples
from .sound.loudspeaker import Loudspeaker
from .sound.pcm import RATE, Samples
from .sound.prompts import SILENCE, Sentence, spoken_code, spoken_sentence


class Saying:
    """Says one thing at a time. A sentence gives way to a turn, and never to a pairing code."""

    def __init__(self, loudspeaker: Loudspeaker) -> None:
        """Prepare to speak on this loudspeaker."""
        self._loudspeaker = loudspeaker
        self._loop = asyncio.get_running_loop()
        self._language = DEFAULT_LANGUAGE
        self._code_ends = self._sentence_ends = 0.0
        """When what is being said will have been said, in seconds of the loop's clock."""

    def adjust(self, adjustments: Adjustments) -> None:
        """Use this language from now on."""
        self._language = adjustments.language

    @property
    def says_sentence(self) -> bool:
        """Whether a sentence is being said."""
        return self._loop.time() < self._sentence_ends

    def announce_code(self, code: str | None) -> None:
        """Say a new pairing code twice; None stops saying the former one."""
        self._say_code(SILENCE if code is None else spoken_code(code, times=2))

    def repeat_code(self, code: str) -> None:
        """Say a pairing code again."""
        self._say_code(spoken_code(code))

    def say(self, sentence: Sentence) -> None:
        """Say a sentence after the cue of a failure, which sounds now."""
        if self._loop.time() < self._code_ends:
            return
        cue = np.zeros_like(cue_samples(Cue.FAILED, RATE))
        self._sentence_ends = self._say(
            np.concatenate([cue, spoken_sentence(sentence, self._language)])
        )

    def stop(self) -> bool:
        """Stop saying a sentence, and return whether one was being said."""
        said = self.says_sentence
        if said:
            self._sentence_ends = self._say(SILENCE)
        return said

    def _say_code(self, speech: Samples) -> None:
        self._sentence_ends = 0.0
        self._code_ends = self._say(speech)

    def _say(self, speech: Samples) -> float:
        self._loudspeaker.say(speech)
        return self._loop.time() + len(speech) / RATE
