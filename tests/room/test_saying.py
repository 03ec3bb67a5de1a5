"""What a satellite says alone: that Home Assistant or a speech server is away, in its language."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from indoor_voice.room.adjustments import Adjustments, NoiseSuppression, first_adjustments
from indoor_voice.room.controls.lamp import Lamp
from indoor_voice.room.language import system_language
from indoor_voice.room.settings import Settings
from indoor_voice.room.sound.cues import Cue, cue_samples
from indoor_voice.room.sound.pcm import RATE, Samples
from indoor_voice.room.sound.prompts import Sentence, recording, spoken_sentence
from indoor_voice.room.state_dir import forget_everything
from tests.room.room_parts import WAKE_WORD, ServedSatellite
from tests.waiting import until

LANGUAGES = ("de", "en", "es", "fr", "it")
ENGLISH = {
    Sentence.HOME_ASSISTANT_AWAY: "home assistant is not answering",
    Sentence.SPEECH_SERVER_AWAY: "the speech server is not answering",
    Sentence.NOT_PAIRED: "this satellite is not paired yet",
}


def says(satellite: ServedSatellite, sentence: Sentence, language: str = "en") -> bool:
    """Return whether the last prompt is this sentence, after the cue and not during it."""
    expected, prompts = recording(f"{language}/{sentence}"), satellite.loudspeaker.prompts
    if not prompts or len(prompts[-1]) <= len(expected):
        return False
    before, said = np.split(prompts[-1], [len(prompts[-1]) - len(expected)])
    return not before.any() and np.array_equal(said, expected)


@pytest.fixture
def _slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sentence lasts for as long as a test."""
    monkeypatch.setattr("indoor_voice.room.saying.RATE", 16)


def has_said(satellite: ServedSatellite, times: int) -> bool:
    return len(satellite.loudspeaker.prompts) == times


async def until_said(satellite: ServedSatellite, sentence: Sentence, language: str = "en") -> None:
    await until(lambda: says(satellite, sentence, language))


# The recordings


@pytest.mark.parametrize("sentence", Sentence)
def test_the_recordings_are_understood(
    sentence: Sentence, words_in: Callable[[Samples], str]
) -> None:
    assert words_in(spoken_sentence(sentence, "en")) == ENGLISH[sentence]


@pytest.mark.parametrize("sentence", Sentence)
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_each_sentence_and_it_is_short(language: str, sentence: Sentence) -> None:
    sound = spoken_sentence(sentence, language).astype(int)
    assert 1.0 < len(sound) / RATE < 2.7
    assert 8_000 < np.abs(sound).max() < 20_000
    assert abs(sound[0]) < 50
    assert abs(sound[-1]) < 50


@pytest.mark.parametrize(
    ("language", "spoken"),
    [("de", "de"), ("de-CH", "de"), ("DE-at", "de"), ("en-GB", "en"), ("nl", "en"), ("zh", "en")],
)
def test_a_language_without_recordings_is_english(language: str, spoken: str) -> None:
    sentence = Sentence.HOME_ASSISTANT_AWAY
    expected = recording(f"{spoken}/{sentence}")
    np.testing.assert_array_equal(spoken_sentence(sentence, language), expected)


# The language


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "POSIX"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "de-DE"),
        ({"LANG": "de_DE.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "fr_FR@euro"}, "fr-FR"),
        ({"LANG": "../../etc"}, "en"),
    ],
)
def test_the_language_of_the_machine(environment: dict[str, str], language: str) -> None:
    assert system_language(environment) == language


async def test_the_language_that_home_assistant_tells_is_kept(satellite: ServedSatellite) -> None:
    controller = await satellite.control()
    await controller.send("change-settings", settings={"language": "de-CH"})
    assert (await controller.receive("settings")).data["settings"]["language"] == "de-CH"
    await controller.connection.close()
    await until(lambda: not satellite.room.controllers.connected)
    satellite.microphone.hear(WAKE_WORD)
    await until_said(satellite, Sentence.HOME_ASSISTANT_AWAY, "de")
    first = Adjustments(noise_suppression=NoiseSuppression.OFF)
    restarted = Settings(satellite.state_dir, ["hey_jarvis"], adjustments=first)
    assert restarted.adjustments.language == "de-CH"


def test_a_reset_forgets_the_language(tmp_path: Path) -> None:
    first = first_adjustments(
        {}, cancels_echo=None, suppresses_noise=False, dims_lamp=False, language="it-IT"
    )
    settings = Settings(tmp_path, ["a"], adjustments=first)
    settings.adjustments = first.changed({"language": "de"})
    settings.save_choices()
    assert Settings(tmp_path, ["a"], adjustments=first).adjustments.language == "de"
    forget_everything(tmp_path)
    assert Settings(tmp_path, ["a"], adjustments=first).adjustments.language == "it-IT"


# When it is said


async def test_without_home_assistant_a_wake_word_fails_in_words_each_time(
    satellite: ServedSatellite,
) -> None:
    for times in (1, 2, 3):
        satellite.microphone.hear(WAKE_WORD)
        await until(partial(has_said, satellite, times))
        assert says(satellite, Sentence.HOME_ASSISTANT_AWAY)
    cue = len(cue_samples(Cue.FAILED, RATE))
    assert satellite.loudspeaker.said[-1] == cue + len(recording("en/home-assistant-away"))
    assert satellite.loudspeaker.cues == [Cue.FAILED] * 3
    assert Lamp.STREAMING not in satellite.lamp.shown


async def test_a_speech_server_that_is_away_is_named(satellite: ServedSatellite) -> None:
    controller = await satellite.control()
    satellite.microphone.hear(WAKE_WORD)
    turn = (await controller.receive("run-pipeline")).data["turn"]
    await controller.send("error", text="", code="speech-away", turn=turn)
    await controller.receive("audio-stop")
    await until_said(satellite, Sentence.SPEECH_SERVER_AWAY)
    assert satellite.loudspeaker.cues == [Cue.HEARD, Cue.FAILED]


@pytest.mark.usefixtures("_slowly")
async def test_a_turn_ends_the_sentence_and_works_once_home_assistant_is_back(
    satellite: ServedSatellite,
) -> None:
    satellite.microphone.hear(WAKE_WORD)
    await until_said(satellite, Sentence.HOME_ASSISTANT_AWAY)
    controller = await satellite.control()
    satellite.microphone.hear(WAKE_WORD)
    await controller.receive("run-pipeline")
    assert satellite.loudspeaker.said[1:] == [0]
    await controller.say(b"\1\2")
    await controller.receive("played")
    satellite.microphone.hear(WAKE_WORD)
    await controller.receive("run-pipeline")
    assert satellite.loudspeaker.said[1:] == [0]


@pytest.mark.usefixtures("_slowly")
async def test_an_announcement_ends_the_sentence(satellite: ServedSatellite) -> None:
    satellite.microphone.hear(WAKE_WORD)
    await until_said(satellite, Sentence.HOME_ASSISTANT_AWAY)
    controller = await satellite.control()
    await controller.say(b"\1\2")
    await controller.receive("played")
    assert satellite.loudspeaker.said[1:] == [0]


@pytest.mark.usefixtures("_slowly")
async def test_a_press_ends_the_sentence(satellite: ServedSatellite) -> None:
    satellite.room.press()
    assert says(satellite, Sentence.HOME_ASSISTANT_AWAY)
    satellite.room.press()
    assert satellite.loudspeaker.said[1:] == [0]
    satellite.room.press()
    assert says(satellite, Sentence.HOME_ASSISTANT_AWAY)


async def test_an_unpaired_satellite_says_so_but_not_over_its_code(
    satellite: ServedSatellite, monkeypatch: pytest.MonkeyPatch
) -> None:
    satellite.room.announce_code("492173")
    satellite.microphone.hear(WAKE_WORD)
    await satellite.loudspeaker.until_cue(Cue.FAILED)
    assert len(satellite.loudspeaker.prompts) == 1
    monkeypatch.setattr("indoor_voice.room.saying.spoken_code", lambda _: recording("0")[:1])
    satellite.room.repeat_code()
    satellite.microphone.hear(WAKE_WORD)
    await until_said(satellite, Sentence.NOT_PAIRED)


async def test_timers_go_on_while_home_assistant_is_away(
    satellite: ServedSatellite,
) -> None:
    controller = await satellite.control()
    await controller.send("timer-started", id="a", total_seconds=1)
    await controller.receive("timers")
    await controller.connection.close()
    await until(lambda: not satellite.room.controllers.connected)
    satellite.microphone.hear(WAKE_WORD)
    await until_said(satellite, Sentence.HOME_ASSISTANT_AWAY)
    await satellite.loudspeaker.until_cue(Cue.RINGING)
    satellite.microphone.hear(WAKE_WORD)
    await until(lambda: not satellite.room.timers.ringing)
    assert len(satellite.loudspeaker.prompts) == 1


async def test_a_muted_satellite_says_nothing(satellite: ServedSatellite) -> None:
    await satellite.room.mute(muted=True)
    satellite.room.press()
    assert satellite.loudspeaker.prompts == []
    assert satellite.loudspeaker.cues == [Cue.MUTED, Cue.MUTED]
