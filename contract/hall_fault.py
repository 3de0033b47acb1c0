"""What makes a hall document whole: names stand once, references lead somewhere, spans are in order, no text is missing. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from contract import rules as knobs
from contract.errors import ContractError
from contract.hall_part import Document, Named, Window
from contract.hours import calendar_faults, week_faults
from contract.words import LETTERS, Role


def faults(hall: Document) -> Iterator[str]:
    """What is wrong with a document, each with its place in it; nothing where it is whole."""
    yield from _identity_faults(hall)
    yield from _reference_faults(hall)
    yield from _letter_faults(hall)
    yield from _text_faults(hall)


def _identity_faults(hall: Document) -> Iterator[str]:
    parts: dict[str, Iterable[Any]] = {
        "employers": hall.employers, "rights": hall.rights, "zones": hall.zones, "service_groups": hall.service_groups,
        "services": hall.services, "priority_groups": hall.priority_groups, "windows": hall.windows,
        "indices": hall.indices, "messages": hall.messages, "operators": hall.operators, "results": hall.results, "boxes": hall.boxes,
        "forms": hall.forms, "payees": hall.payees,
        **{f"forms.{form.id}.fields": form.fields for form in hall.forms},
        **{f"services.{s.id}.question": s.question.replies for s in hall.services if s.question is not None},
    }  # fmt: skip
    for name, items in parts.items():
        yield from (f"{name}: {i!r} stands twice" for i in _twice(x.id for x in items))
    yield from (f"windows: number {n} stands twice" for n in _twice(w.number for w in hall.windows))
    yield from (f"boxes: unit {u!r} stands twice" for u in _twice(u.id for b in hall.boxes for u in b.units))
    if hall.default_language not in hall.languages:
        yield f"default_language: {hall.default_language!r} is not in languages"
    foreign = [(z.id, x) for z in hall.zones for x in z.spoken if x not in hall.languages]
    yield from (f"zones.{zone}.spoken: {language!r} is not in languages" for zone, language in foreign)
    try:
        ZoneInfo(hall.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield f"timezone: {hall.timezone!r} is not a known time zone"
    try:
        knobs.check(hall.rules)
    except ContractError as exc:
        yield f"rules: {exc}"
    yield from week_faults("hours", hall.hours)
    yield from calendar_faults(hall.calendar)
    for window in hall.windows:
        faults = list(week_faults(f"windows.{window.id}.roster", window.roster))
        yield from faults or _roster_faults(hall, window)


def _roster_faults(hall: Document, window: Window) -> Iterator[str]:
    """A window is staffed within one span of the hall's hours: a closing at noon is not worked through."""
    for day, spans in window.roster.items():
        open_ = hall.hours.get(day, ())
        for each in spans:
            if not any(o[:5] <= each[:5] and each[6:] <= o[6:] for o in open_):
                yield f"windows.{window.id}.roster: {day}: {each!r} is outside the hall's hours"


def _reference_faults(hall: Document) -> Iterator[str]:
    known: dict[str, set[str]] = {
        "employer": {e.id for e in hall.employers}, "right": {r.id for r in hall.rights}, "zone": {z.id for z in hall.zones},
        "group": {g.id for g in hall.service_groups}, "window": {w.id for w in hall.windows}, "document": set(hall.documents),
    }  # fmt: skip
    used: list[tuple[str, str, str]] = []
    used += [("employer", e, f"rights.{r.id}") for r in hall.rights for e in r.employers]
    used += [("zone", g.zone, f"service_groups.{g.id}") for g in hall.service_groups]
    used += [("group", s.group, f"services.{s.id}") for s in hall.services]
    used += [("right", s.right, f"services.{s.id}") for s in hall.services]
    used += [("document", d, f"services.{s.id}") for s in hall.services for d in s.bring]
    used += [("employer", w.employer, f"windows.{w.id}") for w in hall.windows]
    used += [("zone", w.zone, f"windows.{w.id}") for w in hall.windows]
    used += [("group", g, f"windows.{w.id}") for w in hall.windows for g in w.groups]
    used += [("employer", o.employer, f"operators.{o.id}") for o in hall.operators]
    used += [("right", r.right, f"operators.{o.id}") for o in hall.operators for r in o.rights]
    used += [("employer", r.employer, f"operators.{o.id}") for o in hall.operators for r in o.rights]
    used += [("zone", b.zone, f"boxes.{b.id}") for b in hall.boxes if b.zone is not None]
    used += [("window", u.window, f"boxes.{b.id}") for b in hall.boxes for u in b.units]
    yield from (
        f"{where}: {kind} {name!r} is not in the document" for kind, name, where in used if name not in known[kind]
    )
    yield from _self_service_faults(hall)
    yield from _question_faults(hall)
    yield from _fee_faults(hall)
    own = [b.id for b in hall.boxes if b.kind is Role.COORDINATOR or b.id == "coordinator"]
    yield from (f"boxes: {b!r}: the name is the coordinator's own" for b in own)


def _self_service_faults(hall: Document) -> Iterator[str]:
    forms, payees = {f.id for f in hall.forms}, {p.id for p in hall.payees}
    for service in hall.services:
        alone, where = service.self_service, f"services.{service.id}.self_service"
        if alone is None:
            continue
        if alone.form is not None and alone.form not in forms:
            yield f"{where}: form {alone.form!r} is not in the document"
        if alone.payee is not None and alone.payee not in payees:
            yield f"{where}: payee {alone.payee!r} is not in the document"
        if alone.pays == "fee" and not (service.fee_minor or service.fees):
            yield f"{where}: pays: the service has no fee"
        if alone.pays == "fee" and alone.payee is None:
            yield f"{where}: payee: a fee needs one"
        if alone.identify == "none" and alone.asks != "nothing":
            yield f"{where}: identify: the registers are asked about a person, so the card is needed"
    yield from _form_faults(hall)


def _question_faults(hall: Document) -> Iterator[str]:
    """A reply leads to a ticket of a service that asks nothing itself, so nobody is asked in a circle."""
    known = {s.id: s for s in hall.services}
    for service in hall.services:
        where = f"services.{service.id}.question"
        for reply in service.question.replies if service.question is not None else ():
            if reply.service is not None and reply.then != "ticket":
                yield f"{where}.{reply.id}: service: only a ticket is of a service"
            elif reply.service is not None and reply.service not in known:
                yield f"{where}.{reply.id}: service {reply.service!r} is not in the document"
            elif reply.service is not None and known[reply.service].question is not None:
                yield f"{where}.{reply.id}: service {reply.service!r} asks a question itself"


def _fee_faults(hall: Document) -> Iterator[str]:
    known = {index.id for index in hall.indices}
    for index in hall.indices:
        if any(later.since <= earlier.since for earlier, later in pairwise(index.values)):
            yield f"indices.{index.id}: values must stand in the order of their days"
    for service in hall.services:
        where = f"services.{service.id}.fees"
        if any(later.since <= earlier.since for earlier, later in pairwise(service.fees)):
            yield f"{where}: fees must stand in the order of their days"
        for fee in service.fees:
            if (fee.minor is None) == (fee.index is None) or (fee.index is None) != (fee.share is None):
                yield f"{where}.{fee.since}: either minor, or index and share"
            elif fee.index is not None and fee.index not in known:
                yield f"{where}.{fee.since}: index {fee.index!r} is not in the document"


def _form_faults(hall: Document) -> Iterator[str]:
    for form in hall.forms:
        seen: set[str] = set()
        for field in form.fields:
            if (field.kind == "entry") != (field.directory is not None):
                yield f"forms.{form.id}.{field.id}: directory: an entry needs one, others have none"
            if (field.kind == "choice") != bool(field.choices):
                yield f"forms.{form.id}.{field.id}: choices: a choice needs some, others have none"
            if field.under is not None and field.under not in seen:
                yield f"forms.{form.id}.{field.id}: under: {field.under!r} is no earlier field"
            seen.add(field.id)


def _letter_faults(hall: Document) -> Iterator[str]:
    letters = [g.letter for g in hall.service_groups] + [p.letter for p in hall.priority_groups if p.letter]
    yield from (
        f"letter {x!r}: allowed: one of {' '.join(LETTERS)}" for x in letters if len(x) != 1 or x not in LETTERS
    )
    yield from (f"letter {x!r} stands twice" for x in _twice(letters))


def _text_faults(hall: Document) -> Iterator[str]:
    named: list[Named] = [
        *hall.employers, *hall.rights, *hall.zones, *hall.service_groups, *hall.services, *hall.priority_groups, *hall.forms,
        *hall.results, *hall.payees, *hall.indices, *hall.messages,
        *(f for form in hall.forms for f in form.fields), *(c for form in hall.forms for f in form.fields for c in f.choices),
    ]  # fmt: skip
    texts = [("names", hall.names), ("short_names", hall.short_names)]
    texts += [(f"{type(x).__name__} {x.id}", x.names) for x in named]
    asking = [(s.id, s.question) for s in hall.services if s.question is not None]
    texts += [(f"question of {name}", question.names) for name, question in asking]
    texts += [(f"question of {name}: {reply.id}", reply.names) for name, q in asking for reply in q.replies]
    texts += [(f"text of message {each.id}", each.texts) for each in hall.messages]
    texts += [(f"document {key}", text) for key, text in hall.documents.items()]
    for where, text in texts:
        missing = [lang for lang in hall.languages if not text.get(lang)]
        if missing:
            yield f"{where}: no text in {', '.join(missing)}"


def _twice(items: Iterable[Any]) -> list[Any]:
    seen: set[Any] = set()
    return sorted({x for x in items if x in seen or seen.add(x)})  # type: ignore[func-returns-value]
