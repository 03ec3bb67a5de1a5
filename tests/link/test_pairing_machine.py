"""Property tests that drive the responder and the admission with events in any order."""

import ssl
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from indoor_voice.errors import UserError
from indoor_voice.link.pairing.responder import (
    FIRST_PAUSE_SECONDS,
    LONGEST_PAUSE_SECONDS,
    TRIES,
    WINDOWS,
    Attempt,
    Guesses,
    PairingRefusedError,
    Responder,
)
from indoor_voice.link.pairing.secret import PAIRING_PROTOCOL, Confirmations, generator
from indoor_voice.link.pairing.trust import Trust
from indoor_voice.link.pairing.window import TURN_SECONDS, WINDOW_SECONDS, Window
from indoor_voice.link.server.admission import (
    AUTHENTICATED,
    STRANGERS,
    STRANGERS_OF_ONE_ADDRESS,
    YOUNG_SECONDS,
    Admission,
    Place,
)

OWN = b"r" * 32
MESSAGE = generator("000000", OWN, OWN).hex()
"""An arbitrary point of the group."""
RIGHT, WRONG, ANSWER = b"i" * 32, b"w" * 32, b"a" * 32


@pytest.fixture(scope="session")
def pem(tmp_path_factory: pytest.TempPathFactory) -> str:
    return ssl.DER_cert_to_PEM_cert(Trust.load(tmp_path_factory.mktemp("pem")).certificate)


class Guessing(RuleBasedStateMachine):
    """A stranger tries everything, including restarts, while others press the button.

    The answers of CPace are simulated. `stored` is what was written to disk before an answer.
    """

    pem: str

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.responder = Responder(OWN, Guesses(), self.now)
        self.stored = Guesses()
        self.attempts: list[Attempt] = []
        self.waiting: list[Attempt] = []
        self.codes = {self.responder.code}
        self.guesses: list[float] = []
        """Times of answered attempts outside windows; none is ever confirmed."""
        self.windows: list[list[float]] = []
        """Times of answered attempts in each window."""

    @rule(seconds=st.sampled_from([0.0, 0.5, 1.0, 9.0, 11.0, 29.0, 31.0, 181.0, 3601.0]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds
        self.responder.end_pause(self.now)
        if self.responder.guesses.pausing is False:
            self.stored = self.responder.guesses

    @rule()
    def restart(self) -> None:
        assert self.stored == self.responder.guesses
        self.responder = Responder(OWN, self.stored, self.now)
        self.attempts.clear()
        self.waiting.clear()
        self.windows.append([])

    @rule()
    def press(self) -> None:
        was_open, before = self.responder.current_window(self.now), self.responder.code
        try:
            self.responder.open_window(self.now)
        except UserError:
            assert self.responder.guesses.windows == WINDOWS
            return
        if was_open is None:
            self.windows.append([])
            # Earlier attempts are no longer valid.
            assert not any(self.responder.is_current(it, self.now) for it in self.attempts)
        else:
            assert self.responder.code == before

    @rule(host=st.sampled_from(["192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2"]))
    def begin(self, host: str) -> None:
        data = {"protocol": PAIRING_PROTOCOL, "certificate": self.pem, "message": MESSAGE}
        try:
            attempt = self.responder.begin(data, host, self.now)
        except PairingRefusedError:
            return
        self.waiting.append(attempt)

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def be_answered(self, data: st.DataObject) -> None:
        attempt = data.draw(st.sampled_from(self.waiting))
        in_window = self.responder.current_window(self.now) is not None
        try:
            has_turn = self.responder.take_turn(attempt, self.now)
        except PairingRefusedError:
            self.hang_up(attempt)
            return
        if has_turn:
            (self.windows[-1] if in_window else self.guesses).append(self.now)
            self.stored = self.responder.guesses
            self.waiting.remove(attempt)
            attempt.confirmations = Confirmations(RIGHT, ANSWER)
            self.attempts.append(attempt)

    @precondition(lambda self: self.attempts)
    @rule(data=st.data(), sent=st.sampled_from([WRONG.hex(), "", "zz", None]))
    def guess(self, data: st.DataObject, sent: object) -> None:
        attempt = data.draw(st.sampled_from(self.attempts))
        before = self.responder.guesses
        with pytest.raises(PairingRefusedError):
            self.responder.confirm(attempt, {"confirmation": sent}, self.now)
        # It was already counted when it was answered.
        assert self.responder.guesses == before
        if sent == WRONG.hex():
            assert not self.responder.is_current(attempt, self.now)
        else:
            self.hang_up(attempt)

    @precondition(lambda self: self.attempts)
    @rule(data=st.data())
    def skip_to_the_end(self, data: st.DataObject) -> None:
        with pytest.raises(PairingRefusedError):
            self.responder.done(data.draw(st.sampled_from(self.attempts)), self.now)

    @precondition(lambda self: self.attempts or self.waiting)
    @rule(data=st.data())
    def hang_up_somewhere(self, data: st.DataObject) -> None:
        self.hang_up(data.draw(st.sampled_from(self.attempts + self.waiting)))

    def hang_up(self, attempt: Attempt) -> None:
        before = self.responder.guesses
        self.responder.end(attempt)
        assert self.responder.guesses == before
        assert not self.responder.is_current(attempt, self.now)
        for attempts in (self.attempts, self.waiting):
            if attempt in attempts:
                attempts.remove(attempt)

    @invariant()
    def every_answer_is_counted(self) -> None:
        assert self.responder.guesses.wrong == len(self.guesses)
        assert self.responder.guesses.windows == sum(bool(window) for window in self.windows)

    @invariant()
    def guesses_are_few(self) -> None:
        """Three at once, then a pause before each further three, each at least as long."""
        for first, later in zip(self.guesses, self.guesses[TRIES:], strict=False):
            assert later - first >= FIRST_PAUSE_SECONDS
        rounds = len(self.guesses) // TRIES
        paused = sum(
            min(FIRST_PAUSE_SECONDS * 2.0**done, LONGEST_PAUSE_SECONDS)
            for done in range(rounds - (0 if len(self.guesses) % TRIES else 1))
        )
        assert not self.guesses or self.guesses[-1] >= paused
        used = [window for window in self.windows if window]
        assert len(used) <= WINDOWS
        assert all(len(window) <= WINDOW_SECONDS / TURN_SECONDS for window in used)


def test_no_order_of_events_gives_more_guesses(pem: str) -> None:
    Guessing.pem = pem
    Guessing.TestCase.settings = settings(max_examples=150, stateful_step_count=50)
    Guessing.TestCase().runTest()


def test_the_figures_of_the_documents() -> None:
    """90 guesses on the first day, 72 on each later day, and at most 90 more in windows."""
    now, wrong, of_day = 0.0, Guesses(), [0, 0, 0]
    while now < 3 * 86400:
        of_day[int(now // 86400)] += 1
        wrong = wrong.charged()
        if wrong.pausing:
            now += wrong.pause_seconds
            wrong = Guesses(wrong.wrong)
    assert of_day == [90, 72, 72]
    assert WINDOWS * WINDOW_SECONDS / TURN_SECONDS == 90


def test_in_a_window_a_new_address_comes_first() -> None:
    window = Window(0.0)
    stranger = [window.join("192.0.2.1") for _ in range(3)]
    assert window.join("192.0.2.1") is None
    assert stranger[0] is not None
    assert window.take_turn(stranger[0], 0.0)
    window.join("192.0.2.1")
    owner = window.join("192.0.2.9")
    assert owner is not None
    assert stranger[1] is not None
    assert not window.take_turn(stranger[1], 10.0)
    assert window.take_turn(owner, 10.0)
    assert window.join("2001:db8::1") is not None
    many = [window.join(f"2001:db8::{number}") for number in range(2, 5)]
    assert many[-1] is None  # one machine can have all these addresses


@settings(max_examples=300)
@given(
    st.dictionaries(
        st.sampled_from(["protocol", "certificate", "message", "confirmation"]),
        st.none()
        | st.booleans()
        | st.integers()
        | st.text(max_size=80)
        | st.binary(min_size=32, max_size=33).map(bytes.hex)
        | st.just(PAIRING_PROTOCOL),
    ),
    st.booleans(),
)
def test_whatever_is_said_it_is_refused(
    pem: str,
    data: dict[str, Any],
    certificate: bool,  # noqa: FBT001 - hypothesis gives it by position
) -> None:
    responder = Responder(OWN, Guesses(), 0.0)
    if certificate:
        data["certificate"], data["protocol"] = pem, PAIRING_PROTOCOL

    def try_to_pair() -> None:
        attempt = responder.begin(data, "192.0.2.1", 0.0)
        assert responder.take_turn(attempt, 0.0)
        attempt.answer()
        responder.confirm(attempt, data, 0.0)

    with pytest.raises(PairingRefusedError) as refused:
        try_to_pair()
    assert refused.value.event().type == "error"


def test_the_right_confirmation_is_answered_and_trusted(pem: str) -> None:
    responder = Responder(OWN, Guesses(wrong=2), 0.0, "123456")
    data = {"protocol": PAIRING_PROTOCOL, "certificate": pem, "message": MESSAGE}
    attempt = responder.begin(data, "192.0.2.1", 0.0)
    assert responder.take_turn(attempt, 0.0)
    attempt.confirmations = Confirmations(RIGHT, ANSWER)
    assert responder.guesses == Guesses(wrong=3, pausing=True)
    event = responder.confirm(attempt, {"confirmation": RIGHT.hex()}, 1.0)
    assert event.data == {"confirmation": ANSWER.hex()}
    assert responder.guesses == Guesses(wrong=2)
    assert responder.done(attempt, 2.0) == ssl.PEM_cert_to_DER_cert(pem)


class Crowd(RuleBasedStateMachine):
    """Strangers connect from many addresses, and the paired side from one."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.admission = Admission()
        self.inside: list[Place] = []
        self.sent_away: list[Place] = []

    def _enter(self, host: str, *, known: bool) -> Place | None:
        box: list[Place] = []

        def send_away() -> None:
            (place,) = box
            self.inside.remove(place)
            self.sent_away.append(place)

        place = self.admission.admit(host, known=known, send_away=send_away, now=self.now)
        if place is not None:
            box.append(place)
            self.inside.append(place)
        return place

    @rule(seconds=st.sampled_from([0.01, 0.1, 0.3, 11.0]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule(host=st.sampled_from("abcd"))
    def stranger(self, host: str) -> None:
        self._enter(host, known=False)

    @rule()
    def paired_side_gets_in(self) -> None:
        place = self._enter("home", known=True)
        assert place is not None
        self.inside.remove(place)
        self.admission.leave(place, self.now)

    @precondition(lambda self: self.inside)
    @rule(data=st.data(), wasted=st.booleans())
    def leave(self, data: st.DataObject, *, wasted: bool) -> None:
        place = data.draw(st.sampled_from(self.inside))
        place.wasted = wasted
        self.inside.remove(place)
        self.admission.leave(place, self.now)

    @precondition(lambda self: self.inside)
    @rule(data=st.data())
    def pair(self, data: st.DataObject) -> None:
        data.draw(st.sampled_from(self.inside)).held = True

    @invariant()
    def places_are_few_and_the_young_stay(self) -> None:
        assert len(self.inside) <= STRANGERS
        for host in "abcd":
            assert sum(place.host == host for place in self.inside) <= STRANGERS_OF_ONE_ADDRESS
        assert not any(place.held for place in self.sent_away)


def test_strangers_never_take_the_place_of_the_paired_side() -> None:
    Crowd.TestCase.settings = settings(max_examples=100, stateful_step_count=40)
    Crowd.TestCase().runTest()


def test_strangers_make_few_handshakes() -> None:
    admission, admitted = Admission(), 0
    for step in range(1000):
        now = step / 1000
        place = admission.admit(f"{step % 50}", known=False, send_away=lambda: None, now=now)
        if place is not None:
            admitted += 1
            place.wasted = True
            admission.leave(place, now)
    assert admitted <= STRANGERS * (1 / YOUNG_SECONDS + 1)


def test_the_silent_give_way_to_the_new_and_the_busy_do_not() -> None:
    admission, sent_away = Admission(), list[int]()
    places = []
    for number in range(AUTHENTICATED):
        place = admission.admit(
            "home", known=True, send_away=partial(sent_away.append, number), now=number
        )
        assert place is not None
        assert admission.authenticate(place, number)
        places.append(place)
    late = admission.admit("home", known=True, send_away=lambda: None, now=9.0)
    assert late is not None
    assert not admission.authenticate(late, 9.0)
    places[0].heard = 9.0
    assert admission.authenticate(late, 12.0)
    assert sent_away == [1]


def test_a_key_is_of_the_curve_that_the_link_takes(tmp_path: Path) -> None:
    responder = Responder(OWN, Guesses(), 0.0)
    data = {"protocol": PAIRING_PROTOCOL, "certificate": ED25519_PEM, "message": MESSAGE}
    with pytest.raises(PairingRefusedError, match="P-256"):
        responder.begin(data, "192.0.2.1", 0.0)


ED25519_PEM = """-----BEGIN CERTIFICATE-----
MIHFMHmgAwIBAgIBATAFBgMrZXAwDDEKMAgGA1UEAwwBeDAgFw03MDAxMDEwMDAw
MDBaGA85OTk5MTIzMTAwMDAwMFowDDEKMAgGA1UEAwwBeDAqMAUGAytlcAMhAKcO
WXXsoo3G2drLD34R88FEIKUWiTIywsczN/4VQPFhMAUGAytlcANBADGJUKcRuz9H
3+RPWJeOYK19nvkB79VdikvXLjW6v8Y1N1DeWWC7fpfNAxH3P2HnW8R6Zd/9yT+w
pEruwm0a9Ao=
-----END CERTIFICATE-----
"""
