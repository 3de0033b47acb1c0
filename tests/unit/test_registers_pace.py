from __future__ import annotations

from registers.pace import Pace


def test_a_terminal_is_answered_so_often_in_any_minute_and_the_others_beside_it() -> None:
    pace = Pace(2)
    assert [pace.allows("terminal-1", at) for at in (0.0, 30.0, 59.9)] == [True, True, False]
    assert pace.allows("terminal-2", 59.9)
    assert [pace.allows("terminal-1", at) for at in (60.0, 60.1, 90.0)] == [True, False, True]


def test_refused_questions_do_not_keep_a_terminal_out() -> None:
    pace = Pace(1)
    answered = [at for at in range(300) if pace.allows("terminal-1", float(at))]
    assert answered == [0, 60, 120, 180, 240]


def test_who_was_refused_is_told_for_a_minute() -> None:
    pace = Pace(1)
    assert pace.allows("terminal-1", 0.0)
    assert pace.hasty(0.0) == frozenset()
    assert not pace.allows("terminal-1", 5.0)
    assert pace.hasty(64.9) == frozenset({"terminal-1"})
    assert pace.hasty(65.0) == frozenset()
