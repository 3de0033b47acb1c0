"""One intention has one id, however often it is sent; another intention has another."""

from __future__ import annotations

from consoles.press import MOST_DESKS, Presses, Said, is_key
from contract import messages as m
from contract.words import Refusal
from runtime.asker import Unanswered

DESK = "s/window"


def pressed(answer: m.Done | m.Refused | Unanswered | None, mark_after: str = "free") -> tuple[Presses, str]:
    presses = Presses()
    key = presses.key(DESK, "next", "free")
    presses.begin(DESK, "next", key, "free")
    if answer is not None:
        presses.end(DESK, key, answer, mark_after)
    return presses, key


def refused() -> m.Refused:
    return m.Refused(id="r", re="x", code=Refusal.TOO_QUICK, text="too quick")


def test_each_drawing_gives_a_fresh_id() -> None:
    presses = Presses()
    keys = {presses.key(DESK, "next", "free") for _ in range(10)}
    assert len(keys) == 10
    assert all(is_key(k) for k in keys)


def test_a_press_on_its_way_keeps_its_id_and_says_so() -> None:
    presses, key = pressed(None)
    assert presses.key(DESK, "next", "free") == key
    assert presses.said(DESK, "free") == Said("next", None)


def test_an_unanswered_press_keeps_its_id_so_that_pressing_again_is_safe() -> None:
    presses, key = pressed(Unanswered("x"))
    assert presses.key(DESK, "next", "free") == key
    assert presses.said(DESK, "free") == Said("next", Unanswered("x"))


def test_when_the_place_has_changed_a_press_means_something_new() -> None:
    presses, key = pressed(Unanswered("x"))
    assert presses.key(DESK, "next", "called") != key
    assert presses.said(DESK, "called") is None


def test_a_refused_press_gets_a_new_id_and_its_reason_stays_until_something_changes() -> None:
    presses, key = pressed(refused())
    assert presses.key(DESK, "next", "free") != key
    assert presses.said(DESK, "free") == Said("next", refused())
    assert presses.said(DESK, "called") is None


def test_the_reason_is_shown_on_the_state_that_caused_it() -> None:
    presses, _ = pressed(refused(), mark_after="called")
    assert presses.said(DESK, "called") == Said("next", refused())


def test_other_buttons_and_desks_have_ids_of_their_own() -> None:
    presses, key = pressed(None)
    assert presses.key(DESK, "start", "free") != key
    assert presses.key("other/window", "next", "free") != key
    assert presses.said("other/window", "free") is None


def test_the_answer_of_an_older_press_is_no_news() -> None:
    presses, key = pressed(None)
    presses.begin(DESK, "start", "c-" + "0" * 24, "free")
    presses.end(DESK, key, refused(), "free")
    assert presses.said(DESK, "free") == Said("start", None)


def test_old_desks_are_forgotten() -> None:
    presses, _ = pressed(None)
    for n in range(MOST_DESKS):
        presses.begin(f"{n}/window", "next", "k", "free")
    assert presses.said(DESK, "free") is None


def test_an_id_that_is_not_ours_is_known() -> None:
    assert not any(is_key(k) for k in ("", "c-", "x" * 26, "c-" + "g" * 24, "c-" + "0" * 24 + "\n", "c-" + "0" * 25))
