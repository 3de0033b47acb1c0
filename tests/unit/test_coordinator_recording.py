"""A day out of a real journal: replayed by its own rules it is as late as it was; nothing in the file names a person or a ticket."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest

import vikno
from contract.messages import utc
from contract.words import HallState, Paper, TicketState, WindowState
from coordinator.record import DayRow, Leg, Ticket, Window, replace
from coordinator.replays import day_file
from coordinator.replays.recording import Log, recording
from coordinator.row import image
from journal.event import Event
from journal.journal import Journal
from journal.schema import HALL
from simulators import day_file as other_end
from tests import small_hall
from tests.played_day import RULES, PlayedDay, play

DAY = "2026-03-16"


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """A busy day's journal and its hall document."""
    folder = tmp_path_factory.mktemp("played")
    hall = small_hall.hall(rules=RULES)
    (folder / "hall.json").write_text(hall.model_dump_json(by_alias=True))
    play(hall, folder / "journal.db", seed=2)
    return folder


def exported(folder, capsys):
    """The exported day, as the command writes it."""
    out = folder / "day.json"
    words = ["--journal", folder / "journal.db", "--hall", folder / "hall.json", "--day", DAY]
    assert vikno.main(["replay", *map(str, words), "--export", str(out)]) == 0
    assert "visitors" in capsys.readouterr().out
    return day_file.load(out.read_text("utf-8"))


def replayed(folder, capsys):
    """The late share that the journal itself shows, and that of the day replayed by its own rules."""
    words = ["--journal", folder / "journal.db", "--hall", folder / "hall.json", "--day", DAY, "--json"]
    assert vikno.main(["replay", *map(str, words)]) == 0
    said = json.loads(capsys.readouterr().out)
    return said["as_it_was"]["late"], next(way for way in said["ways"] if way["name"] == "current rules")["means"][
        "late"
    ]


@pytest.mark.parametrize("seed", range(1, 21))
def test_a_day_replayed_by_its_own_rules_is_as_late_as_it_was(seed, tmp_path, capsys):
    """Within two points, each of twenty short days with too much to do."""
    hall = small_hall.hall(spans=("09:00-13:10",), rules=RULES)
    play(hall, tmp_path / "journal.db", seed, visitors=95, minutes=330.0, length=250.0)
    (tmp_path / "hall.json").write_text(hall.model_dump_json(by_alias=True))
    was, again = replayed(tmp_path, capsys)
    assert was > 0.0
    assert abs(again - was) <= 0.02


def test_the_exported_day_is_one_that_other_programs_read_and_names_nobody(played, capsys):
    day = exported(played, capsys)
    text = (played / "day.json").read_text("utf-8")
    assert len(other_end.read(text).truth.tickets) == len(day.truth.tickets) > 100
    hall = small_hall.hall()
    assert not [person for person in hall.operators if f'"{person.id}"' in text or person.name in text]
    assert "A001" not in text
    assert DAY.replace("-", "")[2:] not in text


def test_a_day_the_journal_does_not_know_is_refused(played, capsys):
    words = ["--journal", played / "journal.db", "--hall", played / "hall.json", "--day", "2026-03-17"]
    assert vikno.main(["replay", *map(str, words)]) == 2
    assert "journal.db: 2026-03-17: the journal of small knows no such day" in capsys.readouterr().err


class Hour(PlayedDay):
    """A day in which all that happens is written down by the test; nobody starts or finishes by himself."""

    def _look(self):
        pass


@pytest.fixture
def hour(tmp_path):
    """`hour(day)` plays; the day recorded from it."""
    hall = small_hall.hall(spans=("09:00-10:00", "10:30-11:00"), rules=RULES)
    (tmp_path / "hall.json").write_text(hall.model_dump_json(by_alias=True))

    def made(write):
        with Journal.open(tmp_path / "j.db", hall.id, HALL, lambda: datetime.now(UTC)) as journal:
            day = Hour(hall, journal, 1)
            day.truth.tick(day.now)
            write(day)
            day.run(130.0)
        out = tmp_path / "day.json"
        words = ["--journal", tmp_path / "j.db", "--hall", tmp_path / "hall.json", "--day", date(2026, 3, 16)]
        assert vikno.main(["replay", *map(str, words), "--export", str(out)]) == 0
        return day_file.load(out.read_text("utf-8"))

    return made


def desk(day, command, **words):
    return lambda: day.ask(small_hall.CONSOLE, command, window="W1", **words)


def test_a_visit_takes_as_long_as_the_window_was_with_it(hour):
    from contract import messages as m

    def write(day):
        day.at(0.0, day.sit, "W1")
        day.at(5.0, day.come, "advice")
        day.at(6.0, day.come, "intake")
        day.at(12.0, desk(day, m.CallStart))
        day.at(15.0, desk(day, m.CallFinish))
        day.at(17.0, desk(day, m.CallNext))
        day.at(18.0, desk(day, m.CallStart))
        day.at(20.0, desk(day, m.CallFinish))
        day.at(21.0, desk(day, m.WindowPause))

    day = hour(write)
    assert [ticket.legs for ticket in day.truth.tickets] == [(("advice", 12.0),), (("intake", 3.0),)]
    assert [ticket.arrive for ticket in day.truth.tickets] == [5.0, 6.0]
    assert [(window.id, window.roster) for window in day.windows] == [("W1", ((0.0, 19.99),))]
    assert set(day.windows[0].can) == {"advice", "intake"}


def test_a_hall_that_stands_still_has_no_windows(hour):
    from contract import messages as m

    def write(day):
        day.at(0.0, day.sit, "W1")
        day.at(10.0, lambda: day.ask(small_hall.CONSOLE, m.HallInterrupt, reason="alert"))
        day.at(20.0, lambda: day.ask(small_hall.CONSOLE, m.HallResume))
        day.at(25.0, day.come, "advice")
        day.at(26.0, desk(day, m.CallStart))
        day.at(30.0, desk(day, m.CallNext))

    assert hour(write).windows[0].roster[:2] == ((0.0, 10.0), (20.0, 60.0))


def test_who_was_called_in_vain_left_or_was_away_by_how_long_he_had_waited(hour):
    from contract import messages as m

    def write(day):
        day.at(0.0, day.sit, "W1")
        day.at(1.0, day.come, "advice")
        day.at(2.0, day.come, "intake")
        day.at(2.5, desk(day, m.CallNoShow))
        day.at(3.0, desk(day, m.CallNext))
        day.at(4.0, desk(day, m.CallStart))
        day.at(5.0, day.come, "intake")
        day.at(20.0, desk(day, m.CallNext))
        day.at(21.0, desk(day, m.CallNoShow))

    away, served, gone = hour(write).truth.tickets
    assert (away.absent, away.back_after, away.silent) == (True, None, False)
    assert (served.absent, served.silent, served.patience is None or served.patience > 1.0) == (False, False, True)
    assert (gone.absent, gone.silent) == (False, True)
    assert gone.patience < 15.0
    assert gone.legs[0][1] == pytest.approx(17.0)  # as the one visit of that service that was


def test_who_had_booked_comes_when_he_came_and_waits_from_the_booked_time(tmp_path):
    hall = small_hall.hall(rules=RULES)
    opened = datetime(2026, 3, 16, 3, 0, tzinfo=UTC)

    def at(minute):
        return opened + timedelta(minutes=minute)

    window = Window("W1", 1, WindowState.FREE, operator="ona", since=opened)
    ticket = Ticket(
        id="t1", day=date(2026, 3, 16), label="A001", letter="A", number=1, visit="t1", service="advice", then_services=(),
        service_group="general", priority=0, lang="en", state=TicketState.FINISHED, paper=Paper.NONE, issued_at=at(5),
        clock_at=at(12), ready_at=at(5), hour=9, booked_at=at(12),
    )  # fmt: skip
    leg = Leg(
        ticket="t1", n=1, day=ticket.day, hour=9, service="advice", service_group="general", outcome="finished", window="W1",
        operator="ona", called_at=at(14), started_at=at(14), ended_at=at(20), wait_s=120.0, service_s=360.0,
    )  # fmt: skip
    later = replace(ticket, booked_at=None)  # as the row of a visit with another turn behind it
    images = [(0, replace(window, armed=True)), (14, replace(window, ticket="t1")), (20, replace(window, armed=True))]
    events = [Event("window.changed", utc(at(minute)), "w", rows=(image(seen),)) for minute, seen in images]
    events.insert(1, Event("ticket.issued", utc(at(5)), "k", rows=(image(ticket),)))
    row = DayRow(ticket.day, HallState.OPEN, 1, opened_at=opened)
    day = recording(hall, Log(row, [later], [leg], events)).day
    (visitor,) = day.truth.tickets
    assert (visitor.arrive, visitor.cls, visitor.appointment, visitor.legs) == (5.0, "appt", 12.0, (("advice", 6.0),))
    assert day.bookings == ((12.0, "advice"),)
    assert other_end.read(day_file.dump(day)).truth.tickets[0].appointment == 12.0
