"""The words of a certificate or an application, from what the registers told and the visitor answered. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime

from contract.errors import ContractError
from contract.hall import Hall
from contract.hall_part import FormField, Service, Text
from contract.register import Address, Household, Member, Person
from look.texts import Texts
from printers.document import CertificateDoc
from printers.training import band
from terminal.papers.letter import missing, one_line
from terminal.papers.plan import Column, NamedValue, Plan, Value, plan


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """One certificate. `paper`: its layout, as `SelfService.paper` names it; `number`: by which it is checked; `answers`: field of the
    service's form → what was answered, as the visitor reads it (a choice's id, an ISO date are put into words); `person`, `household`: None
    where they were not asked for.
    """

    paper: str
    number: str
    at: datetime
    service: str
    person: Person | None = field(default=None, repr=False)
    household: Household | None = field(default=None, repr=False)
    answers: Mapping[str, str] = field(default_factory=dict, repr=False)


def certificate(hall: Hall, lang: str, facts: CertificateFacts, *, large: bool = False) -> CertificateDoc:
    """The paper of a service.

    Raises: ContractError: there is no such layout or service, the layout needs a person or household that is not there, or a text has
    letters that our fonts cannot show.
    """
    service = hall.service_by_id.get(facts.service)
    if service is None:
        raise ContractError(f"service {facts.service!r}: is not in the hall document")
    lines, words = plan(facts.paper), _Words(Texts(lang), hall, facts)
    doc = CertificateDoc(
        lang=lang, hall=hall.names[lang], title=words.get(lines.title) if lines.title else service.names[lang],
        number=words.get("paper.number", number=facts.number),
        opening=words.get(lines.opening, service=service.names[lang]), facts=(*words.lines(lines.facts), *words.answers(lines, service)),
        people_title=words.get(lines.people_title) if lines.people else "",
        columns=tuple(words.get(_COLUMNS[column]) for column in lines.people), people=words.people(lines.people),
        closing=tuple(words.get(key) for key in lines.closing), sign=tuple(words.get(key) for key in lines.sign),
        note=words.get(lines.note), check=words.get("paper.check"), issued=words.moment(facts.at), qr=facts.number, large=large,
        training=band(hall, lang, "paper"),
    )  # fmt: skip
    told = [value for _, value in doc.facts] + [text for line in doc.people for text in line]
    if holes := missing("".join(told)):
        raise ContractError(
            f"paper {facts.number}: no letters {', '.join(f'U+{ord(each):04X}' for each in sorted(holes))} in our fonts"
        )
    return doc


_COLUMNS: dict[Column, str] = {
    "name": "paper.name", "birth_date": "terminal.birth_date", "relation": "paper.relation", "since": "paper.since",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Words:
    """The visitor's language over the facts of one paper."""

    texts: Texts
    hall: Hall
    facts: CertificateFacts

    def get(self, key: str, **placeholders: str) -> str:
        return self.texts.get(key, **placeholders)

    def moment(self, at: datetime) -> str:
        zone = self.hall.zone_info
        return self.get("paper.at", day=self.texts.day(at.astimezone(zone).date()), time=self.texts.time(at, zone))

    def lines(self, wanted: tuple[NamedValue, ...]) -> tuple[tuple[str, str], ...]:
        told = ((self.get(line.name), self._value(line.value)) for line in wanted)
        return tuple((name, value) for name, value in told if value)

    def answers(self, lines: Plan, service: Service) -> tuple[tuple[str, str], ...]:
        """The form's questions in order, with what was answered."""
        form = next(
            (form for form in self.hall.forms if service.self_service and form.id == service.self_service.form), None
        )
        if form is None or not lines.answers:
            return ()
        given = ((each, self.facts.answers.get(each.id, "")) for each in form.fields)
        return tuple((each.names[self.texts.language], self._answer(each, value)) for each, value in given if value)

    def _answer(self, field: FormField, value: str) -> str:
        if field.kind == "choice":
            return next((choice.names[self.texts.language] for choice in field.choices if choice.id == value), value)
        with suppress(ValueError):
            return _day(date.fromisoformat(value)) if field.kind == "date" else one_line(value)
        return one_line(value)

    def people(self, columns: tuple[Column, ...]) -> tuple[tuple[str, ...], ...]:
        if not columns:
            return ()
        return tuple(tuple(self._cell(member, column) for column in columns) for member in self._household().members)

    def _cell(self, member: Member, column: Column) -> str:
        match column:
            case "name":
                return self._text(member.names)
            case "birth_date":
                return _day(member.birth_date)
            case "relation":
                return self._relation(member.relation)
            case "since":
                return _day(member.since)

    def _relation(self, code: str) -> str:
        """Raises: ContractError: a register's code that has no words: better no paper than one with a hole."""
        try:
            return self.get(f"relation.{code}") if code else ""
        except KeyError as exc:
            raise ContractError(f"relation {code!r}: no text relation.{code}") from exc

    def _value(self, value: Value) -> str:
        match value:
            case "person.name":
                return self._text(self._person().names)
            case "person.number":
                return self._person().number
            case "person.birth_date":
                return _day(self._person().birth_date)
            case "person.address":
                return self._address(self._person().address)
            case "person.since":
                return _day(self._person().since)
            case "household.address":
                return self._address(self._household().address)
            case "household.count":
                return str(len(self._household().members))

    def _person(self) -> Person:
        if self.facts.person is None:
            raise ContractError(f"paper of {self.facts.service}: needs the person that the registers know")
        return self.facts.person

    def _household(self) -> Household:
        if self.facts.household is None:
            raise ContractError(f"paper of {self.facts.service}: needs the household that the registers know")
        return self.facts.household

    def _address(self, address: Address | None) -> str:
        return self._text(address.texts) if address is not None else ""

    def _text(self, texts: Text) -> str:
        """In the paper's language, else as the register has it in the hall's own, else in its first."""
        for lang in (self.texts.language, self.hall.default_language, *texts):
            if texts.get(lang):
                return one_line(texts[lang])
        return ""


def _day(day: date | None) -> str:
    """As documents of all our countries write it; "" for none."""
    return day.strftime("%d.%m.%Y") if day is not None else ""
