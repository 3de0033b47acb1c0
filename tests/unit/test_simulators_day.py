"""Days: made from a seed, read strictly, from a form or from records; what each kind promises is in it."""

import contextlib
import json
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from simulators import day as days
from simulators.day import KINDS, DayError, gone_by, load, make, read, write
from simulators.form import LegRecord, day_from, fit, read_form

SAMPLES = sorted((Path(__file__).parents[1] / "days").glob("*.json"))
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_gives_the_same_bytes_and_they_read_back(kind):
    text = write(make(kind, 3))
    assert write(make(kind, 3)) == text
    assert write(make(kind, 4)) != text
    assert read(text) == make(kind, 3)


def test_another_process_makes_the_same_bytes(tmp_path):
    file = tmp_path / "day.json"
    command = [sys.executable, "-m", "simulators.day", "--kind", "surge", "--seed", "5", "-o", str(file)]
    subprocess.run(command, check=True, cwd=ROOT, env={"PYTHONHASHSEED": "7"}, timeout=60)
    assert file.read_text("utf-8") == write(make("surge", 5))


def test_days_of_one_hall_differ_and_their_hall_does_not():
    one, other = make("calm", 1, hall=9), make("calm", 2, hall=9)
    assert (one.services, one.windows) == (other.services, other.windows)
    assert one.truth.tickets != other.truth.tickets


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: file.stem)
def test_a_sample_day_is_read_whole(file):
    body = json.loads(file.read_text("utf-8"))
    day = read(file.read_text("utf-8"))
    again = json.loads(write(day))
    assert again == body
    assert len(day.truth.tickets) == len(body["truth"]["tickets"])


def test_a_day_has_every_phenomenon():
    tickets = [ticket for kind in KINDS for ticket in make(kind, 1).truth.tickets]
    assert {ticket.cls for ticket in tickets} == {"walk", "appt", "prio"}
    assert {len(ticket.legs) for ticket in tickets} == {1, 2}
    for fact in ("silent", "absent"):
        assert {getattr(ticket, fact) for ticket in tickets} == {True, False}
    assert any(ticket.patience is None for ticket in tickets)
    assert any(ticket.absent and ticket.back_after for ticket in tickets)
    assert not any(ticket.absent and ticket.cls == "appt" for ticket in tickets)
    late = [ticket.arrive - ticket.appointment for ticket in tickets if ticket.appointment is not None]
    assert min(late) < -10 < 5 < max(late)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_hall_keeps_the_law_and_serves_everything(kind, seed):
    day = make(kind, seed)
    services = {service.id: service for service in day.services}
    assert {service.agency for service in day.services} == {0, 1}
    profiles = Counter(service for window in day.windows if not window.reserve for service in window.primary)
    assert all(profiles[service] >= 1 for service in services)
    for window in day.windows:
        assert set(window.primary) <= set(window.can)
        assert window.primary
        assert window.civil or not any(services[service].civil_only for service in window.can)
        assert bool(window.roster) != window.reserve
    assert sum(window.reserve for window in day.windows) == 2
    assert any(
        services[s].agency != w.agency for k in KINDS for w in make(k, seed).windows for s in w.can if s in services
    )


def of(kind, fact):
    """The mean of that fact over some days of that kind."""
    made = [make(kind, seed) for seed in (1, 2, 3, 4)]
    return sum(map(fact, made)) / len(made)


def share(fact):
    return lambda day: sum(map(fact, day.truth.tickets)) / len(day.truth.tickets)


def at_the_doors(day):
    return sum(t.arrive < 7 and t.cls != "appt" for t in day.truth.tickets) / len(day.truth.tickets)


def wave(day):
    """How far the walk-ins of some group in some two hours after the doors exceed their forecast, in standard deviations."""
    rates = day.forecast_rate_per_min
    most = 0.0
    for group in {service.group for service in day.services}:
        mine = {service.id: service.mix for service in day.services if service.group == group}
        for start in range(2, len(rates) - 4):
            expected = sum(mine.values()) * sum(rates[start : start + 4]) * 30
            came = sum(
                t.cls != "appt" and t.legs[0][0] in mine and start * 30 <= t.arrive < start * 30 + 120
                for t in day.truth.tickets
            )
            most = max(most, (came - expected) / expected**0.5)
    return most


def mismatch(day):
    """How far the share of windows set to a group is from the group's share of work, over all groups."""
    total = sum(service.mix * service.mean for service in day.services)
    apart = 0.0
    ordinary = [window for window in day.windows if not window.reserve]
    for group in {service.group for service in day.services}:
        mine = {service.id: service.mix * service.mean for service in day.services if service.group == group}
        set_to = sum(len(mine.keys() & set(window.primary)) / len(window.primary) for window in ordinary)
        apart += abs(set_to / len(ordinary) - sum(mine.values()) / total)
    return apart


def test_each_kind_of_day_is_what_it_is_called():
    assert of("calm", load) < 0.75 < 0.9 < of("overload", load)
    assert of("burst", at_the_doors) > 1.25 * of("surge", at_the_doors)
    assert of("bookings", share(lambda t: t.cls == "appt")) > 0.45 > 0.35 > of("calm", share(lambda t: t.cls == "appt"))
    assert (
        of("transfers", share(lambda t: len(t.legs) == 2)) > 0.3 > 0.2 > of("calm", share(lambda t: len(t.legs) == 2))
    )
    assert of("absences", lambda day: len(day.truth.absences)) >= 2 > of("calm", lambda day: len(day.truth.absences))
    assert of("employers", lambda day: len(day.services)) >= 32 > of("calm", lambda day: len(day.services))
    assert of("surge", wave) > 5 > of("absences", wave)
    assert of("skills", mismatch) > 1.2 * of("calm", mismatch)


def test_an_unknown_kind_is_refused():
    with pytest.raises(DayError, match="kind: one of calm"):
        make("sunny", 1)


def test_ghosts_are_more_the_longer_people_wait():
    day = make("burst", 1)
    assert 0 < gone_by(day, 20.0) < gone_by(day, 40.0) < 0.2


# bad files

BROKEN = {
    "format: one of": lambda d: d.update(format="hall-day/2"),
    "unit: one of": lambda d: d.update(unit="second"),
    "the day: unknown field 'weather'": lambda d: d.update(weather="rain"),
    "the day: field 'services' is missing": lambda d: d.pop("services"),
    "name: a word": lambda d: d.update(name=7),
    "burst: a whole number": lambda d: d.update(burst=True),
    "nonprimary_factor: at least 1": lambda d: d.update(nonprimary_factor=0.9),
    "static_reserve: ends at 60": lambda d: d.update(static_reserve=[180, 60]),
    "static_reserve: 2 elements": lambda d: d.update(static_reserve=[180]),
    "shares.appt: at least 0 and at most 1": lambda d: d["shares"].update(appt=1.5),
    "services[0]: field 'mean' is missing": lambda d: d["services"][0].pop("mean"),
    "services[1].mean: above 0": lambda d: d["services"][1].update(mean=0),
    "services: 'S1' stands 2 times": lambda d: d["services"][0].update(id="S1"),
    "services: the shares `mix`": lambda d: d["services"][0].update(mix=0.9),
    "windows[2].can[0]: no such service 'S99'": lambda d: d["windows"][2].update(can=["S99"], primary=[]),
    "windows[2].primary[0]: not in `can`: 'S99'": lambda d: d["windows"][2].update(primary=["S99"]),
    "windows[0].can: 'S0' stands 2 times": lambda d: d["windows"][0].update(can=["S0", "S0"], primary=[]),
    "windows[1].can[0]: service 'S14' is for civil": lambda d: d["windows"][1].update(can=["S14"], primary=[]),
    "windows[0].roster[1]: begins at 40": lambda d: d["windows"][0].update(roster=[[0, 50], [40, 60]]),
    "windows[0].reserve: true or false": lambda d: d["windows"][0].update(reserve=1),
    "windows: a hall without windows": lambda d: d.update(windows=[], bookings=[]),
    "forecast_rate_per_min[3]: a number, not": lambda d: d["forecast_rate_per_min"].__setitem__(3, "1.0"),
    "forecast_rate_per_min: a day without": lambda d: d.update(forecast_rate_per_min=[]),
    "bookings[0][1]: no window serves 'S99'": lambda d: d["bookings"][0].__setitem__(1, "S99"),
    "bookings[1]: booked for 10": lambda d: d["bookings"][1].__setitem__(0, 10),
    "bookings[0]: 2 elements, not 3": lambda d: d["bookings"][0].append(1),
    "truth.absences[0].window: no such window": lambda d: d["truth"].update(absences=[{"window": "W77", "start": 1, "end": 2}]),
    "truth.absences[0]: ends at 1": lambda d: d["truth"].update(absences=[{"window": "W01", "start": 2, "end": 1}]),
    "truth.tickets[3].cls: one of appt, prio, walk": lambda d: d["truth"]["tickets"][3].update(cls="vip"),
    "truth.tickets[12].legs[0][0]: no window serves 'S99'": lambda d: d["truth"]["tickets"][12].update(legs=[["S99", 1.0]]),
    "truth.tickets[12].legs[0][1]: above 0": lambda d: d["truth"]["tickets"][12].update(legs=[["S0", 0]]),
    "truth.tickets[12].legs: a ticket for nothing": lambda d: d["truth"]["tickets"][12].update(legs=[]),
    "truth.tickets[5]: arrives at 0": lambda d: d["truth"]["tickets"][5].update(arrive=0),
    "truth.tickets[594].arrive: after closing": lambda d: d["truth"]["tickets"][594].update(arrive=541),
    "truth.tickets[5].arrive: at least 0": lambda d: d["truth"]["tickets"][5].update(arrive=-1),
    "truth.tickets[5].arrive: a number, not null": lambda d: d["truth"]["tickets"][5].update(arrive=None),
    "truth.tickets[0].appointment: a time for class appt": lambda d: d["truth"]["tickets"][0].update(appointment=20.0),
    "truth.tickets[0]: nothing is booked for 21": lambda d: d["truth"]["tickets"][0].update(cls="appt", appointment=21),
    "truth.tickets[0].patience: above 0": lambda d: d["truth"]["tickets"][0].update(patience=0),
    "truth.tickets[0].silent: true or false": lambda d: d["truth"]["tickets"][0].update(silent="yes"),
    "truth.tickets[0]: unknown field 'phone'": lambda d: d["truth"]["tickets"][0].update(phone="1"),
    "truth.tickets: 0 stands 2 times": lambda d: d["truth"]["tickets"][1].update(id=0),
    "truth: a list": lambda d: d.update(truth=[]),
}  # fmt: skip


@pytest.mark.parametrize("place", BROKEN)
def test_a_broken_day_is_refused_by_its_place(place):
    body = json.loads(SAMPLES[0].read_text("utf-8"))
    BROKEN[place](body)
    with pytest.raises(DayError) as refused:
        read(json.dumps(body))
    assert str(refused.value).startswith(place.replace("truth: a list", "truth: an object"))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "cut short"),
        ("[]", "the day: an object"),
        ('{"format": "hall-day/1", "format": "hall-day/1"}', "format: stands twice"),
        ('{"burst": NaN}', "NaN: not a number"),
        ('{"burst": 1e999}', "field 'format' is missing"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_day_at_all_is_refused(text, why):
    with pytest.raises(DayError, match=why):
        read(text)


def test_a_day_cut_short_anywhere_is_refused():
    text = write(make("calm", 1))
    for end in range(0, len(text) - 1, len(text) // 40):
        with pytest.raises(DayError):
            read(text[:end])


def test_a_corrupted_day_is_refused_or_still_a_day():
    text, chance = write(make("calm", 2)), random.Random(1)
    refused = 0
    for _ in range(150):
        at = chance.randrange(len(text))
        with contextlib.suppress(DayError):
            read(text[:at] + chance.choice('0-"[]{},.xe') + text[at + 1 :])
            continue
        refused += 1
    assert 50 < refused < 150


# forms

FORM = """
name = "a small hall"
open_min = 480
doors = 12
[shares]
appt = 0.25
prio = 0.1
multi = 0.2
[[services]]
id = "passport"
minutes = 9
visitors = 60
group = 1
[[services]]
id = "deed"
minutes = 20
visitors = 15
civil_only = true
[[windows]]
id = "1"
can = ["passport", "deed"]
primary = ["deed"]
[[windows]]
id = "2"
can = ["passport"]
roster = [[0, 200], [260, 480]]
[[windows]]
id = "3"
can = ["passport"]
reserve = true
"""


def test_a_form_makes_days_of_its_hall():
    made = [day_from(read_form(FORM), seed) for seed in range(1, 9)]
    assert made[0] == day_from(read_form(FORM), 1) != made[1]
    for day in made:
        assert read(write(day)) == day
        assert day.closing == 480
        assert [window.reserve for window in day.windows] == [False, False, True]
        assert day.windows[0].civil
        assert day.windows[1].roster == ((0.0, 200.0), (260.0, 480.0))
        assert len({service.group for service in day.services}) == 2
    firsts = Counter(ticket.legs[0][0] for day in made for ticket in day.truth.tickets)
    assert sum(firsts.values()) / 8 == pytest.approx(75 * (1 - 0.25 * 0.12), rel=0.1)
    assert firsts["passport"] / firsts["deed"] == pytest.approx(4, rel=0.3)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (("open_min = 480", "open_min = 475"), "open_min: a number of half-hours"),
        (("open_min = 480", "open_min = 60"), "open_min: at least 120"),
        (("doors = 12", "doors = 1.5"), "doors: a whole number"),
        (("doors = 12", "windows_open = 3"), "the day: unknown field 'windows_open'"),
        (("minutes = 9", "minutes = 0"), r"services\[0\].minutes: above 0"),
        (('can = ["passport"]', 'can = ["visa"]'), r"windows\[1\].can\[0\]: no such service 'visa'"),
        (('can = ["passport", "deed"]\nprimary = ["deed"]', 'can = ["passport"]'), "no window serves 'deed'"),
        (("visitors = 60", "visitors = 0"), None),
        (("[shares]", "[shares"), "the form: "),
        (("doors = 12", "profile = [1, 2]"), "profile: 16 elements, not 2"),
    ],
)
def test_a_form_that_is_no_hall_is_refused_by_its_place(change, why):
    text = FORM.replace(*change)
    assert text != FORM
    if why is None:
        assert day_from(read_form(text), 1).truth.tickets
        return
    with pytest.raises(DayError, match=why):
        read_form(text)


def test_a_form_may_be_json():
    form = {
        "name": "one window",
        "open_min": 120,
        "services": [{"id": "A", "minutes": 5, "visitors": 10}],
        "windows": [{"id": "1", "can": ["A"]}],
    }
    day = day_from(read_form(json.dumps(form)), 1)
    assert day.windows[0].roster == ((0.0, 120.0),)
    assert day.truth.tickets


def records_of(chance):
    """Twenty invented days: A takes 6 minutes at windows 1 and 2, B 15 at window 2."""
    for _ in range(20):
        for hour, count in ((9, 8), (10, 4), (11, 2)):
            for number in range(count):
                service, minutes, window = ("B", 15, "2") if number % 4 == 3 else ("A", 6, "12"[number % 2])
                yield LegRecord(service, 60.0, 60 * minutes * chance.uniform(0.5, 1.5), hour, "finished", window)
        yield LegRecord("A", 600.0, None, 9, "no_show", "1")
        yield LegRecord("A", 900.0, None, 9, "cancelled", None)
        yield LegRecord("B", 60.0, 900.0, 10, "finished", "2", "prio", 1)
        yield LegRecord("never", 60.0, None, 9, "cancelled", None)


def test_records_of_a_hall_fill_in_its_form():
    form = fit(records_of(random.Random(4)), days=20)
    minutes = {service.id: service.minutes for service in form.services}
    assert minutes == {"A": pytest.approx(6, rel=0.1), "B": pytest.approx(15, rel=0.1)}
    assert {service.id: service.visitors for service in form.services} == {"A": 13, "B": 3}
    assert form.services[0].cv == pytest.approx(0.29, abs=0.05)
    assert [(window.id, window.can) for window in form.windows] == [("1", ("A",)), ("2", ("A", "B"))]
    assert [half_hour / form.profile[-1] for half_hour in form.profile] == [
        pytest.approx(x, rel=0.3) for x in (5, 5, 2, 2, 1, 1)
    ]
    assert form.absent == pytest.approx(1 / 16)
    assert form.shares.multi == pytest.approx(1 / 16)
    assert day_from(form, 1).truth.tickets


@pytest.mark.parametrize(("records", "count"), [([], 1), ([LegRecord("A", 1.0, 60.0, 9, "finished", "1")], 0)])
def test_records_of_nobody_fill_in_nothing(records, count):
    with pytest.raises(DayError, match="nobody was served"):
        fit(records, days=count)


def test_the_command_lists_and_makes(tmp_path, capsys):
    assert days.main(["--list"]) == 0
    listed = capsys.readouterr().out
    assert all(kind in listed for kind in KINDS)
    (tmp_path / "form.toml").write_text(FORM, "utf-8")
    assert days.main(["--form", str(tmp_path / "form.toml"), "--seed", "2"]) == 0
    assert read(capsys.readouterr().out) == day_from(read_form(FORM), 2)
    with pytest.raises(SystemExit):
        days.main(["--form", str(tmp_path / "nothing.toml")])
    assert "nothing.toml" in capsys.readouterr().err
