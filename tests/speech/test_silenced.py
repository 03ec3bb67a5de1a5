"""Of a number that the panel silences, a recogniser hears next to nothing."""

from indoor_voice.speech.recognition.whisper import Whisper
from tests.bench.critical import digits_left, silenced

from .speaking import Say

WAKE_WORD = "Hey Jarvis."
NUMBERS = {
    "Remember that my PIN is 4821.": "4821",
    "The door code is 2580, thank you very much.": "2580",
    "My card number is 4539 5787 6362 1486.": "4539 5787 6362 1486",
    "4711 is the code for the back door of the house.": "4711",
}


def test_digits_that_are_silenced_are_not_heard(recogniser: Whisper, say: Say) -> None:
    recordings = [
        (say(WAKE_WORD, text, before_seconds=0.5, gap_seconds=0.4, after_seconds=0.8), text)
        for text in NUMBERS
    ]
    for (recording, text), played in zip(recordings, silenced(recordings), strict=True):
        secret = NUMBERS[text]
        assert digits_left(secret, recogniser.recognise(recording, "en").best) >= 3
        heard = recogniser.recognise(played, "en").best if played.any() else ""
        assert digits_left(secret, heard) <= 1, "one may be found in anything"
