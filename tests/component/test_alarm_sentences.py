"""What people say about alarms: which command it is, and when the alarm is to ring."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hassil import Intents, recognize

from custom_components.indoor_voice.voice_commands.alarms.recognise import (
    command_of,
    load_sentences,
)
from custom_components.indoor_voice.voice_commands.alarms.sentences import AlarmCommand
from custom_components.indoor_voice.voice_commands.alarms.when import (
    PassedTodayError,
    When,
    when,
)

BERLIN = ZoneInfo("Europe/Berlin")
FRIDAY_EVENING = datetime(2026, 11, 27, 21, 30, tzinfo=BERLIN)
NOON = datetime(2026, 11, 27, 12, 30, tzinfo=BERLIN)
FRIDAY, SATURDAY, SUNDAY, MONDAY = (date(2026, 11, day) for day in (27, 28, 29, 30))
EVERY_DAY = frozenset(range(7))
WORKING_DAYS = frozenset(range(5))
WEEKEND = frozenset({5, 6})


@pytest.fixture(scope="module")
def triggers() -> Intents:
    """Return the sentences as Home Assistant knows them."""
    data = [{"sentences": load_sentences()}]
    return Intents.from_dict({"language": "en", "intents": {"alarms": {"data": data}}})


def rings(text: str, now: datetime = FRIDAY_EVENING, language: str = "en") -> When:
    said = command_of(text, language)
    assert said is not None
    assert said.command is AlarmCommand.SET
    return when(said.slots, now)


ONCE = [
    ("Wake me at seven.", time(7), SATURDAY),
    ("wake me up at 7", time(7), SATURDAY),
    ("Wake me at 7:30.", time(7, 30), SATURDAY),
    ("Wake me at 7.30 please.", time(7, 30), SATURDAY),
    ("Wake me up at 6:05 a.m.", time(6, 5), SATURDAY),
    ("Please wake me at 6am", time(6), SATURDAY),
    ("wake me at six oh five", time(6, 5), SATURDAY),
    ("wake me at ten", time(22), FRIDAY),
    ("wake me at ten in the morning", time(10), SATURDAY),
    ("wake me at 11 p.m.", time(23), FRIDAY),
    ("wake me at half past six", time(6, 30), SATURDAY),
    ("wake me at a quarter to seven", time(6, 45), SATURDAY),
    ("wake me at quarter past twelve", time(0, 15), SATURDAY),
    ("wake me at twenty-five to eight", time(7, 35), SATURDAY),
    ("wake me at twenty five past eight", time(8, 25), SATURDAY),
    ("wake me at 10 minutes to 10", time(21, 50), FRIDAY),
    ("wake me at 18:20", time(18, 20), SATURDAY),
    ("wake me at 07:00", time(7), SATURDAY),
    ("wake me at seven o'clock", time(7), SATURDAY),
    ("wake me at noon", time(12), SATURDAY),
    ("wake me at midnight", time(0), SATURDAY),
    ("wake me at 12 am", time(0), SATURDAY),
    ("wake me tomorrow at seven", time(7), SATURDAY),
    ("wake me at seven tomorrow morning", time(7), SATURDAY),
    ("Tomorrow wake me at 8.", time(8), SATURDAY),
    ("wake me tomorrow afternoon at two", time(14), SATURDAY),
    ("wake me the day after tomorrow at 9", time(9), SUNDAY),
    ("wake me tonight at eleven", time(23), FRIDAY),
    ("wake me tonight at two", time(2), SATURDAY),
    ("wake me tomorrow night at 1", time(1), SUNDAY),
    ("wake me on Monday at six", time(6), MONDAY),
    ("wake me on Friday at 9 p.m.", time(21), date(2026, 12, 4)),
    ("wake me on Friday at 22:00", time(22), FRIDAY),
    ("Set an alarm for 6:30.", time(6, 30), SATURDAY),
    ("set an alarm for tomorrow at 7", time(7), SATURDAY),
    ("Set a 7 a.m. alarm for Monday.", time(7), MONDAY),
    ("Set the alarm to eight o'clock", time(8), SATURDAY),
    ("Can you wake me up at 7 a.m. tomorrow?", time(7), SATURDAY),
    ("Could you please set an alarm for 8?", time(8), SATURDAY),
    ("set alarm for 7", time(7), SATURDAY),
    ("Alarm at 7.", time(7), SATURDAY),
    ("Set my alarm to 5:45", time(5, 45), SATURDAY),
    ("wake me in 8 hours", time(5, 30), SATURDAY),
    ("wake me in twenty minutes", time(21, 50), FRIDAY),
    ("wake me in half an hour", time(22), FRIDAY),
    ("wake me in 1 hour and 15 minutes", time(22, 45), FRIDAY),
    ("Weck mich um sieben.", time(7), SATURDAY),
    ("Wecke mich bitte um 7 Uhr 15", time(7, 15), SATURDAY),
    ("Weck mich um halb sieben.", time(6, 30), SATURDAY),
    ("Weck mich um Viertel nach sechs", time(6, 15), SATURDAY),
    ("Weck mich um fünf vor halb acht", time(7, 25), SATURDAY),
    ("Weck mich um dreiviertel acht", time(7, 45), SATURDAY),
    ("Weck mich morgen früh um sechs", time(6), SATURDAY),
    ("Weck mich morgen um 7:20 Uhr", time(7, 20), SATURDAY),
    ("Weck mich heute Abend um elf", time(23), FRIDAY),
    ("Weck mich heute Nacht um drei", time(3), SATURDAY),
    ("Weck mich am Montag um 6", time(6), MONDAY),
    ("Wecke mich am Montagmorgen um acht", time(8), MONDAY),
    ("Stell den Wecker auf 6:30 Uhr.", time(6, 30), SATURDAY),
    ("Stell einen Wecker für morgen um 7", time(7), SATURDAY),
    ("Stelle mir bitte einen Wecker auf acht Uhr morgens", time(8), SATURDAY),
    ("Wecker um 7 stellen", time(7), SATURDAY),
    ("Weck mich in einer halben Stunde", time(22), FRIDAY),
    ("Weck mich in 8 Stunden", time(5, 30), SATURDAY),
]


@pytest.mark.parametrize(("text", "at", "day"), ONCE, ids=[case[0] for case in ONCE])
def test_an_alarm_that_rings_once(text: str, at: time, day: date, triggers: Intents) -> None:
    assert recognize(text, triggers) is not None
    assert rings(text) == When(at, day)
    assert rings(text, language="de") == When(at, day)


WEEKLY = [
    ("Wake me every weekday at half past six.", time(6, 30), WORKING_DAYS),
    ("Every weekday wake me at half past six.", time(6, 30), WORKING_DAYS),
    ("wake me at 7 on weekdays", time(7), WORKING_DAYS),
    ("wake me at 7 a.m. Monday to Friday", time(7), WORKING_DAYS),
    ("set an alarm for 9 on weekends", time(9), WEEKEND),
    ("wake me every day at 6:30", time(6, 30), EVERY_DAY),
    ("wake me at seven every morning", time(7), EVERY_DAY),
    ("wake me every evening at seven", time(19), EVERY_DAY),
    ("wake me every Monday at 7", time(7), frozenset({0})),
    ("wake me on Mondays and Wednesdays at six", time(6), frozenset({0, 2})),
    ("set an alarm for every Tuesday and Thursday at 5:45", time(5, 45), frozenset({1, 3})),
    ("Set a daily alarm for 7.", time(7), EVERY_DAY),
    ("Set a weekday alarm for 6:30", time(6, 30), WORKING_DAYS),
    ("wake me every weekday morning at six", time(6), WORKING_DAYS),
    ("wake me on weekday evenings at six", time(18), WORKING_DAYS),
    ("wake me every Sunday evening at nine", time(21), frozenset({6})),
    ("Weck mich jeden Montagmorgen um sieben", time(7), frozenset({0})),
    ("Weck mich jeden Werktag um halb sieben.", time(6, 30), WORKING_DAYS),
    ("Weck mich werktags um 6:30 Uhr", time(6, 30), WORKING_DAYS),
    ("Weck mich jeden Tag um sieben", time(7), EVERY_DAY),
    ("Weck mich jeden Abend um sieben", time(19), EVERY_DAY),
    ("Weck mich am Wochenende um neun", time(9), WEEKEND),
    ("Weck mich montags und mittwochs um sechs", time(6), frozenset({0, 2})),
    ("Weck mich jeden Montag um 7", time(7), frozenset({0})),
]


@pytest.mark.parametrize(("text", "at", "weekdays"), WEEKLY, ids=[case[0] for case in WEEKLY])
def test_an_alarm_that_rings_every_week(
    text: str, at: time, weekdays: frozenset[int], triggers: Intents
) -> None:
    assert recognize(text, triggers) is not None
    assert rings(text) == When(at, weekdays=weekdays)


@pytest.mark.parametrize(
    ("text", "now", "at", "day"),
    [
        ("wake me at two", NOON, time(14), FRIDAY),
        ("wake me at one", NOON, time(13), FRIDAY),
        ("wake me today at seven", NOON, time(19), FRIDAY),
        ("wake me at 12:30", NOON, time(0, 30), SATURDAY),
        ("wake me tomorrow at two", NOON, time(2), SATURDAY),
    ],
)
def test_seven_is_the_seven_that_comes_next(text: str, now: datetime, at: time, day: date) -> None:
    assert rings(text, now) == When(at, day)


def test_a_span_is_not_longer_when_the_clock_is_put_back() -> None:
    before = datetime(2026, 10, 24, 23, 0, tzinfo=BERLIN)
    assert rings("wake me in 8 hours", before) == When(time(6), date(2026, 10, 25))


def test_what_has_passed_today_is_said_to_have_passed() -> None:
    with pytest.raises(PassedTodayError):
        rings("wake me today at eight in the morning")


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("Snooze.", AlarmCommand.SNOOZE),
        ("snooze the alarm", AlarmCommand.SNOOZE),
        ("Five more minutes, please.", AlarmCommand.SNOOZE),
        ("a few more minutes", AlarmCommand.SNOOZE),
        ("Noch fünf Minuten", AlarmCommand.SNOOZE),
        ("Schlummern", AlarmCommand.SNOOZE),
        ("Weck mich später noch mal", AlarmCommand.SNOOZE),
        ("What alarms are set?", AlarmCommand.LIST),
        ("Which alarms do I have?", AlarmCommand.LIST),
        ("When is my next alarm?", AlarmCommand.LIST),
        ("Is an alarm set?", AlarmCommand.LIST),
        ("When will you wake me?", AlarmCommand.LIST),
        ("Welche Wecker sind gestellt?", AlarmCommand.LIST),
        ("Wann klingelt mein Wecker?", AlarmCommand.LIST),
        ("Ist ein Wecker gestellt?", AlarmCommand.LIST),
        ("Do I have any alarms set?", AlarmCommand.LIST),
        ("What time is my alarm set for?", AlarmCommand.LIST),
        ("What's my next alarm?", AlarmCommand.LIST),
        ("Show my alarms", AlarmCommand.LIST),
        ("How many alarms are set?", AlarmCommand.LIST),
        ("Snooze for 10 minutes", AlarmCommand.SNOOZE),
        ("Turn off my alarm", AlarmCommand.SWITCH),
        ("Turn off the 7 a.m. alarm", AlarmCommand.SWITCH),
        ("Disable the alarm for half past six", AlarmCommand.SWITCH),
        ("Turn my 7 o'clock alarm off", AlarmCommand.SWITCH),
        ("Switch on the alarm at 7", AlarmCommand.SWITCH),
        ("Stell den Wecker aus", AlarmCommand.SWITCH),
        ("Schalte den Wecker um 7 Uhr an", AlarmCommand.SWITCH),
        ("Cancel my alarm.", AlarmCommand.REMOVE),
        ("Cancel the 7 o'clock alarm", AlarmCommand.REMOVE),
        ("delete the alarm for half past six", AlarmCommand.REMOVE),
        ("Lösche den Wecker um 7 Uhr", AlarmCommand.REMOVE),
        ("Delete all alarms", AlarmCommand.REMOVE_ALL),
        ("Lösche alle Wecker", AlarmCommand.REMOVE_ALL),
    ],
)
def test_the_other_commands(text: str, command: AlarmCommand, triggers: Intents) -> None:
    assert recognize(text, triggers) is not None
    said = command_of(text, "en")
    assert said is not None
    assert said.command is command


@pytest.mark.parametrize(
    "text",
    [
        "wake me",
        "wake me at",
        "wake me at half past",
        "wake me every weekday",
        "wake me at twenty-five to",
        "set an alarm",
        "set an alarm for",
        "wake me at the kitchen light",
        "wake me at 27",
        "turn off the alarm",
        "turn on the alarm",
        "disable the alarm",
        "arm the alarm",
        "set a timer for seven minutes",
        "every day at seven",
        "what time is it",
        "weck mich",
        "weck mich um",
        "weck mich um halb",
        "stell den Wecker",
        "noch Minuten",
        "when will you water the plants",
        "turn on the kitchen light at seven",
    ],
)
def test_what_is_no_whole_command_ends_no_turn(text: str, triggers: Intents) -> None:
    assert recognize(text, triggers) is None
