"""The same id is asked again until the reply comes; exactly one answer per question."""

from __future__ import annotations

from contract import messages as m
from contract.topics import Topic, asked_on
from contract.words import Refusal
from runtime.asker import Answer, Asker, Unanswered, new_id


class Desk:
    """An asker with its wire and its answers written down."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.answers: list[Answer] = []
        self.silent: list[str] = []
        self.left_s: list[float] = []
        self.asker = Asker(self._send, self.silent.append)

    def _send(self, topic: Topic, payload: bytes, left_s: float) -> None:
        assert topic is asked_on(m.CallNext(id="x", unit="u1"))
        self.sent.append(m.decode(payload).id)
        self.left_s.append(left_s)

    def ask(self, key: str, now: float, life_s: float = 10.0) -> None:
        self.asker.ask(m.CallNext(id=key, unit="u1"), self.answers.append, now, life_s)


def done(key: str) -> m.Done:
    return m.Done(id="r", re=key)


def test_reply_ends_the_asking() -> None:
    desk = Desk()
    desk.ask("a", 0.0)
    assert desk.asker.heard(done("a"))
    desk.asker.tick(60.0)
    assert desk.sent == ["a"]
    assert desk.answers == [done("a")]


def test_same_id_is_asked_again_at_1_3_and_7_seconds() -> None:
    desk = Desk()
    desk.ask("a", 0.0)
    asked_at = []
    for tenth in range(1, 100):
        before = len(desk.sent)
        desk.asker.tick(tenth / 10)
        if len(desk.sent) > before:
            asked_at.append(tenth / 10)
    assert asked_at == [1.0, 3.0, 7.0]
    assert set(desk.sent) == {"a"}


def test_repeat_may_act_no_later_than_the_first() -> None:
    desk = Desk()
    desk.ask("a", 0.0)
    desk.asker.tick(1.0)
    desk.asker.tick(3.0)
    assert desk.left_s == [10.0, 9.0, 7.0]


def test_asking_what_is_open_sends_nothing_and_answers_the_newer_caller() -> None:
    desk = Desk()
    desk.ask("a", 0.0)
    later: list[Answer] = []
    desk.asker.ask(m.CallNext(id="a", unit="u1"), later.append, 5.0)
    desk.asker.heard(done("a"))
    assert desk.sent == ["a"]
    assert (desk.answers, later) == ([], [done("a")])


def test_silence_is_told_once_after_two_seconds() -> None:
    desk = Desk()
    desk.ask("a", 0.0)
    desk.asker.tick(1.9)
    assert desk.silent == []
    for now in (2.0, 2.5, 9.0):
        desk.asker.tick(now)
    assert desk.silent == ["a"]


def test_unanswered_after_its_life_is_said_to_be_unknown_once() -> None:
    desk = Desk()
    desk.ask("a", 0.0)
    for now in (10.0, 11.0):
        desk.asker.tick(now)
    assert desk.answers == [Unanswered("a")]
    assert not desk.asker.heard(done("a")), "a late reply finds nobody"


def test_reconnect_asks_everything_open_at_once() -> None:
    desk = Desk()
    desk.ask("a", 0.0)
    desk.ask("b", 0.0)
    desk.asker.connected(0.5)
    desk.asker.tick(0.5)
    assert desk.sent == ["a", "b", "a", "b"]


def test_refusal_is_an_answer() -> None:
    desk = Desk()
    desk.ask("a", 0.0)
    refused = m.Refused(id="r", re="a", code=Refusal.TOO_QUICK, text="too quick")
    desk.asker.heard(refused)
    assert desk.answers == [refused]


def test_tick_says_when_it_is_wanted_again() -> None:
    desk = Desk()
    assert desk.asker.tick(0.0) is None
    desk.ask("a", 0.0)
    assert desk.asker.tick(0.25) == 0.75


def test_new_ids_differ_and_fit_the_envelope() -> None:
    ids = {new_id("kiosk") for _ in range(1000)}
    assert len(ids) == 1000
    assert max(map(len, ids)) <= 64
