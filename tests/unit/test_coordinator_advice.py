"""What no calling order can mend is told as soon as it is true, and only then."""

from contract import messages as m
from coordinator import views
from coordinator.advice import advice
from tests.small_hall import CONSOLE, Play, hall


def told(play):
    """What consoles are told."""
    view = views.consoles_view(play.state, (), views.Mark("v-1-1", 1, 1), play.now, {})
    assert m.decode(m.encode(view)) == view
    return [(one.kind, one.service, one.waiting, one.windows) for one in view.advice]


def test_a_service_no_open_window_may_take_is_told_with_the_windows_that_could():
    play = Play(hall()).open("W1")
    assert told(play) == []
    play.take("birth")
    play.take("birth")
    assert told(play) == [("unserved", "birth", 2, (2, 3))]
    play.login("W2")
    assert told(play) == [("unserved", "birth", 2, (2, 3))]
    play.desk(m.WindowOpen, "W2")
    assert told(play) == []


def test_a_window_whose_operator_has_not_the_right_is_not_among_those_that_could():
    play = Play(hall()).open("W1")
    play.take("birth")
    play.login("W2", "bea")  # of another employer, without the right
    play.login("W3")
    assert told(play) == [("unserved", "birth", 1, (3,))]


def test_a_break_of_the_only_window_is_told_and_its_end_too():
    play = Play(hall()).open("W4")
    play.take("passport")
    play.take("passport")
    play.next("W4")
    assert told(play) == []
    play.desk(m.CallFinish, "W4")
    play.desk(m.WindowPause, "W4")
    assert told(play) == [("unserved", "passport", 1, (4,))]
    play.desk(m.WindowOpen, "W4")
    assert told(play) == []


def test_a_line_that_outlasts_the_hours_is_told_with_about_when_it_ends():
    play = Play(hall(rules={"ticket.last_before_close_min": 0})).open("W4")
    play.wait(7 * 3600).tick()
    for _ in range(7):
        play.take("passport")
    assert told(play) == []
    play.take("passport")
    (one,) = advice(play.state, play.now)
    assert (one.kind, one.service, one.waiting) == ("too_late", "passport", 8)
    assert one.until is not None
    assert 63 <= (one.until - play.now).total_seconds() / 60 <= 65


def test_a_closed_or_interrupted_hall_is_told_nothing():
    play = Play(hall()).open("W1")
    play.take("birth")
    play.ok(m.HallInterrupt(**play.id(), reason="alert"), CONSOLE)
    assert told(play) == []


def test_at_most_so_many_are_told_the_most_people_first():
    play = Play(hall()).open()
    for service, people in (("advice", 1), ("birth", 3), ("loss", 2)):
        for _ in range(people):
            play.take(service)
    assert [(service, waiting) for _, service, waiting, _ in told(play)] == [("birth", 3), ("loss", 2), ("advice", 1)]
