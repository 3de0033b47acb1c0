"""What is broken in a hall, what is likely behind it and what to do next, from what consoles hear. Pure."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from typing import Any

from consoles.show import named
from contract import messages as m
from contract.hall import Hall
from contract.hints import HINTS, Hint
from contract.topics import STALE_S
from contract.words import Refusal, Role

FORMAT = "vikno-doctor/1"
"""Of `document`."""

AWAY = {"lost": "box_lost", "left": "box_left", "unknown": "box_silent"}
"""State of a box that is not here → the fault it is told as; one that was never heard of is `box_unseen`."""
KNOWN_BY_HALL = "payment_unknown"
"""A fault that the hall knows from what the box told: it holds while the box is away."""
REFUSING = {Refusal.NO_ROOM: "disk_low"}
"""Reason for which the coordinator refuses commands → the fault behind it."""
NO_HINT = Hint(
    "this doctor does not know the fault: the box runs another version of Vikno",
    "read the box's log: the line `trouble` that names the fault tells its next step",
)

MEASURES = frozenset({"mm", "m", "ms", "s", "min", "h", "mib", "bits", "baud", "percent"})
"""Last words of a figure's name that are its unit."""
LABEL = 6
"""Letters of the widest word in front of a line."""


class Grade(StrEnum):
    """How urgent it is, the worst last."""

    OK = "ok"
    """Nothing to do."""
    WAIT = "wait"
    """It ends by itself."""
    WARN = "warn"
    """It works, and a person must act soon."""
    STOP = "stop"
    """It does not do its work until a person acts."""
    UNKNOWN = "?"
    """Nobody confirms what was told last."""


COLOUR = {Grade.OK: "32", Grade.WAIT: "36", Grade.WARN: "33", Grade.STOP: "31", Grade.UNKNOWN: "35"}
"""SGR numbers (ECMA-48, 8.3.117)."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was heard. `me`: the console that listened; `beat_age_s`: seconds since a live heartbeat, None where there was none."""

    me: str
    hall: Hall | None
    view: m.ConsolesView | None
    beat: m.Heartbeat | None
    beat_age_s: float | None

    @property
    def confirmed(self) -> bool:
        """Whether the coordinator runs now and the view is its own; else the view is a retained copy of who knows when."""
        if self.beat is None or self.beat.lost or self.beat_age_s is None or self.beat_age_s >= STALE_S:
            return False
        return self.view is not None and self.view.ep == self.beat.ep


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault. `unit`: which of several behind the box, "" for the box itself; `place`: the window it belongs to, or "".

    `since`: hall time, None where it was not told.
    """

    fault: str
    unit: str
    place: str
    grade: Grade
    cause: str
    step: str
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One device. `since`: when its state began (hall time); `untold`: faults beyond those that the hall lists."""

    dev: str
    kind: Role
    state: str
    since: datetime | None
    grade: Grade
    findings: tuple[Finding, ...]
    units: Mapping[str, m.UnitHealth]
    untold: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """All devices, the coordinator first, the others as in the hall document."""

    evidence: Evidence
    diagnoses: tuple[Diagnosis, ...]

    def graded(self, *grades: Grade) -> list[Diagnosis]:
        """The devices of these grades."""
        return [d for d in self.diagnoses if d.grade in grades]

    @property
    def needs_person(self) -> list[Diagnosis]:
        """The devices that do not get well by themselves."""
        return self.graded(Grade.WARN, Grade.STOP)


def examine(evidence: Evidence) -> Report:
    """What is wrong. Without a living coordinator it alone is judged, and what the boxes told last is of grade UNKNOWN."""
    told = evidence.view.devices if evidence.view is not None else ()
    places = _places(evidence.hall)
    own = next((d for d in told if d.kind is Role.COORDINATOR), None)
    boxes = (d for d in told if d.kind is not Role.COORDINATOR and d.dev != evidence.me)
    return Report(
        evidence, (_coordinator(evidence, own, places), *(_box(d, places, known=evidence.confirmed) for d in boxes))
    )


def lines(report: Report, width: int, *, colour: bool) -> Iterator[str]:
    """The report for a person, a block per device and the summary last; `colour`: for a terminal that shows it."""
    yield _headline(report.evidence)
    for diagnosis in report.diagnoses:
        yield ""
        yield from _block(diagnosis, report.evidence, width, colour=colour)
    yield ""
    yield from map(_safe, _summary(report))


def document(report: Report) -> dict[str, Any]:
    """The report for a program, ready for JSON."""
    evidence = report.evidence
    return {
        "format": FORMAT,
        "hall": evidence.hall.id if evidence.hall is not None else None,
        "state": evidence.beat.state.value if evidence.beat is not None else None,
        "heartbeat_age_s": round(evidence.beat_age_s, 1) if evidence.beat_age_s is not None else None,
        "confirmed": evidence.confirmed,
        "needs_person": [d.dev for d in report.needs_person],
        "devices": [_device(diagnosis) for diagnosis in report.diagnoses],
    }


# --- judging -------------------------------------------------------------------------------------------------------------


def _coordinator(evidence: Evidence, told: m.DeskDevice | None, places: Mapping[str, str]) -> Diagnosis:
    faults = list(told.faults) if told is not None and evidence.confirmed else []
    refusing = evidence.beat.refusing if evidence.beat is not None else None
    if not evidence.confirmed:
        faults = ["coordinator_silent"]
    elif refusing is not None and (why := REFUSING.get(refusing, refusing.value)) not in faults:
        faults.append(why)
    since = _since(told)
    found = tuple(_finding(fault, places, since.get(fault)) for fault in faults)
    state = "here" if evidence.confirmed else "lost"
    return Diagnosis("coordinator", Role.COORDINATOR, state, None, _worst(found), found, {})


def _box(told: m.DeskDevice, places: Mapping[str, str], *, known: bool) -> Diagnosis:
    faults = list(told.faults)
    if told.state != "here":
        away = "box_unseen" if told.state == "unknown" and told.since is None else AWAY[told.state]
        faults = [away, *(fault for fault in faults if fault.partition(":")[0] == KNOWN_BY_HALL)]
    since = _since(told)
    found = tuple(_finding(fault, places, since.get(fault)) for fault in faults)
    untold = told.more_faults if told.state == "here" else 0
    grade = _worst(found, at_least=Grade.WARN if untold else Grade.OK) if known else Grade.UNKNOWN
    return Diagnosis(told.dev, told.kind, told.state, told.since, grade, found, told.units, untold)


def _since(told: m.DeskDevice | None) -> dict[str, datetime]:
    return dict(zip(told.faults, told.faults_since, strict=False)) if told is not None else {}


def _finding(text: str, places: Mapping[str, str], since: datetime | None) -> Finding:
    fault, _, unit = text.partition(":")
    hint = HINTS.get(fault, NO_HINT)
    return Finding(fault, unit, places.get(unit, ""), Grade(hint.urgency), hint.cause, hint.step, since)


def _worst(found: Iterable[Finding], at_least: Grade = Grade.OK) -> Grade:
    return max([at_least, *(finding.grade for finding in found)], key=list(Grade).index)


def _places(hall: Hall | None) -> dict[str, str]:
    """Unit → the window it belongs to, as it is painted on the wall."""
    if hall is None:
        return {}
    numbers = {window.id: window.number for window in hall.windows}
    return {unit.id: f"window {numbers[unit.window]}" for box in hall.boxes for unit in box.units}


# --- telling -------------------------------------------------------------------------------------------------------------


def _headline(evidence: Evidence) -> str:
    name = f"{named(evidence.hall.names, 'en')} ({evidence.hall.id})" if evidence.hall is not None else "hall"
    if not evidence.confirmed:
        asof = f", told last at {_clock(evidence.view.now, evidence)}" if evidence.view is not None else ""
        return f"{name}: no coordinator answers; nothing below is confirmed{asof}"
    assert evidence.beat is not None
    words = [evidence.beat.state.value, f"heartbeat {evidence.beat_age_s:.1f} s old"]
    if evidence.beat.refusing is not None:
        words.append(f"refuses commands ({evidence.beat.refusing.value})")
    return f"{name}: {', '.join(words)}"


def _block(diagnosis: Diagnosis, evidence: Evidence, width: int, *, colour: bool) -> Iterator[str]:
    grade = f"{diagnosis.grade:<{LABEL}}"
    light = f"\033[{COLOUR[diagnosis.grade]}m{grade}\033[0m" if colour else grade
    yield f"{light} {diagnosis.dev}  {_standing(diagnosis, evidence)}"
    yield from _units(diagnosis, _places(evidence.hall), width)
    yield from _faults(diagnosis, evidence, width)


def _units(diagnosis: Diagnosis, places: Mapping[str, str], width: int) -> Iterator[str]:
    """What stands behind the box; those that are alike together, one with a fault apart."""
    faulty = {finding.unit for finding in diagnosis.findings}
    alike: dict[tuple[str, str], list[str]] = {}
    for name, unit in diagnosis.units.items():
        alike.setdefault((_health(unit), name if name in faulty else ""), []).append(_unit(name, places.get(name, "")))
    for (health, _), names in alike.items():
        yield from _told("unit", f"{', '.join(names)}: {health}", width)


def _faults(diagnosis: Diagnosis, evidence: Evidence, width: int) -> Iterator[str]:
    """Each fault with the units that have it and since when, then its cause and step."""
    for fault, found in groupby(diagnosis.findings, key=lambda finding: finding.fault):
        alike = list(found)
        for finding in alike:
            which = f": {_unit(finding.unit, finding.place)}" if finding.unit else ""
            when = f", since {_clock(finding.since, evidence)}" if finding.since is not None else ""
            yield from _told("fault", f"{fault}{which}{when}", width)
        yield from _told("cause", alike[0].cause, width)
        yield from _told("next", alike[0].step, width)
    if diagnosis.untold:
        yield from _told(
            "more", f"faults of this box that the hall does not list: {diagnosis.untold}; see its log", width
        )


def _standing(diagnosis: Diagnosis, evidence: Evidence) -> str:
    if diagnosis.since is None:
        return f"{diagnosis.kind.value}, {'here' if diagnosis.state == 'here' else 'not here'}"
    return f"{diagnosis.kind.value}, {diagnosis.state} since {_clock(diagnosis.since, evidence)}"


def _clock(moment: datetime, evidence: Evidence) -> str:
    """Hall time; with its day where that is not today's."""
    if evidence.hall is None:
        return f"{moment:%Y-%m-%d %H:%M} UTC"
    there = evidence.hall.local(moment)
    now = evidence.beat.now if evidence.beat is not None else moment
    return f"{there:%H:%M}" if there.date() == evidence.hall.local(now).date() else f"{there:%Y-%m-%d %H:%M}"


def _unit(name: str, place: str) -> str:
    return f"{name} ({place})" if place else name


def _health(unit: m.UnitHealth) -> str:
    what = " ".join(word for word in (unit.kind, unit.model, unit.version) if word)
    return ", ".join([what, *(_figure(name, value) for name, value in unit.figures.items())])


def _figure(name: str, value: float) -> str:
    """`paper_left_mm`, 900 → `paper left 900 mm`."""
    words = name.split("_")
    measure = [words.pop()] if len(words) > 1 and words[-1] in MEASURES else []
    return " ".join([*words, f"{value:.10g}", *measure])


def _told(label: str, text: str, width: int) -> list[str]:
    """A line of a block, folded."""
    indent = " " * (LABEL + 1)
    folded = textwrap.wrap(
        _safe(text), max(width, 40), initial_indent=f"{indent}{label:<{LABEL}} ", subsequent_indent=indent * 2
    )
    return folded or [f"{indent}{label}"]


def _safe(text: str) -> str:
    """What a terminal could take for an order is shown as `?`."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def _summary(report: Report) -> Iterator[str]:
    needy, waiting = report.needs_person, report.graded(Grade.WAIT)
    if waiting:
        yield f"ends by itself: {_names(waiting)}"
    if unknown := report.graded(Grade.UNKNOWN):
        yield f"not known until the coordinator answers: {', '.join(d.dev for d in unknown)}"
    if needy:
        count = "1 device needs" if len(needy) == 1 else f"{len(needy)} devices need"
        yield f"{count} a person: {_names(needy)}"
    else:
        yield f"all is well: nothing needs a person ({len(report.diagnoses)} devices)"


def _names(diagnoses: Iterable[Diagnosis]) -> str:
    return ", ".join(f"{d.dev} ({', '.join(_gathered(d.findings))})" for d in diagnoses)


def _gathered(findings: Iterable[Finding]) -> Iterator[str]:
    """Each fault once, with the first of the units that have it."""
    for fault, found in groupby(findings, key=lambda finding: finding.fault):
        units = [_unit(each.unit, each.place) for each in found if each.unit]
        rest = f" and {len(units) - 1} more" if len(units) > 1 else ""
        yield f"{fault}: {units[0]}{rest}" if units else fault


def _device(diagnosis: Diagnosis) -> dict[str, Any]:
    return {
        "dev": diagnosis.dev,
        "kind": diagnosis.kind.value,
        "state": diagnosis.state,
        "since": diagnosis.since.isoformat() if diagnosis.since is not None else None,
        "grade": diagnosis.grade.value,
        "units": {name: unit.model_dump(mode="json") for name, unit in diagnosis.units.items()},
        "faults": [
            {
                "fault": f.fault,
                "unit": f.unit,
                "place": f.place,
                "grade": f.grade.value,
                "cause": f.cause,
                "step": f.step,
                "since": f.since.isoformat() if f.since is not None else None,
            }
            for f in diagnosis.findings
        ],
        "more_faults": diagnosis.untold,
    }
