"""The wake phrase comes off, and only the wake phrase."""

import pytest

from indoor_voice.speech.wake_phrase import strip_wake_phrase

PHRASES = [
    "alexa",
    "hey jarvis",
    "okay nabu",
    "hey mycroft",
    "computer",
    "hey marvin",
    "hey rhasspy",
]
COMMANDS = """
Turn on the kitchen light. | Turn off all the lights in the living room. | What time is it?
Set the bedroom lamp to 50%. | What's the temperature outside? | Set a timer for 10 minutes.
Close the garage door. | Is the front door locked? | Play some music in the kitchen. | Yes. | No.
Add milk and bread to my shopping list. | Open the blinds in the office. | Hey, turn it off.
Set the thermostat to 21 degrees. | Cancel the timer. | Lock the back door. | Turn the volume up.
Stop. | Make the hallway light blue. | How many lights are on? | Start the vacuum cleaner.
Good night. | Pause. | Relax. | Next. | Alarm off. | Remind me to call Mum at 6 o'clock.
Okay, good night. | Have you locked the door? | Who is at the door? | Computation is done.
""".replace("\n", "|").split("|")


@pytest.mark.parametrize("phrase", PHRASES)
@pytest.mark.parametrize("command", [command.strip() for command in COMMANDS if command.strip()])
def test_a_command_stays_whole(phrase: str, command: str) -> None:
    assert strip_wake_phrase(command, phrase) == command
    said = f"{phrase.capitalize()}, {command[0].lower()}{command[1:]}"
    assert strip_wake_phrase(said, phrase) == command


@pytest.mark.parametrize(
    ("text", "phrase", "expected"),
    [
        ("Hey Jarvis, turn on the light.", "hey jarvis", "Turn on the light."),
        ("Hey, Jervis. Turn on the light.", "hey jarvis", "Turn on the light."),
        ("Hey Travis turn on the light.", "hey jarvis", "Turn on the light."),
        ("Jarvis, stop.", "hey jarvis", "Stop."),
        ("Jarvis.", "hey jarvis", ""),
        ("Dorvis.", "jarvis", ""),
        ("Jervous.", "jarvis", ""),
        ("Alexa. Alexa. Stop.", "Alexa", "Stop."),
        ("Alexa, on.", "alexa", "On."),
        ("Jarvis off.", "hey jarvis", "Off."),
        ("OK Nabu, what time is it?", "okay_nabu", "What time is it?"),
        ("Okay, Naboo.", "okay nabu", ""),
        ("Okay now boo.", "okay nabu", ""),
        ("", "alexa", ""),
        ("Turn on the light.", "", "Turn on the light."),
        ("?!", "alexa", "?!"),
    ],
)
def test_what_recognisers_make_of_it(text: str, phrase: str, expected: str) -> None:
    assert strip_wake_phrase(text, phrase) == expected
