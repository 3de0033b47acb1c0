"""The form, one question a page, and the check of all that is known. Pure."""

from __future__ import annotations

from contract.hall_part import FormField
from contract.register import Household, Person
from glass import choice, keyboard
from glass.choice import Choice
from glass.face import Box, Face, Icon
from glass.pads import digit_pad, number_pad, typed_line
from glass.sheet import GAP, INNER, LOW_Y, MARGIN, PRIMARY
from terminal import errand, forms
from terminal.faces import Sheet
from terminal.visit import form as form_of

_LINE_H = 110
_SIGNS = 40
_ROW_H = 92
_SKIP_H = 100
_FACT_H = 104
_DATE = 8
_MEMBERS = 4
"""So many of a household are named before they are only counted."""


def form(sheet: Sheet) -> Face:
    """One question."""
    field = errand.asked_field(sheet.state)
    whole = form_of(sheet.state)
    assert field is not None
    assert whole is not None
    sheet.head()
    sheet.title(sheet.of(field.names))
    sheet.lead(sheet.t("terminal.question", number=sheet.state.visit.index + 1, count=len(whole.fields)))
    match field.kind:
        case "choice":
            choices = [Choice(f"choose:{each.id}", sheet.of(each.names), icon="check") for each in field.choices]
            rows = 4 if sheet.state.low else 7
            choice.grid(sheet, choices, columns=1, rows=rows, height=172, page=sheet.state.page)
        case "digits" | "date":
            _number(sheet, field)
        case "text" | "entry":
            _letters(sheet, field)
    sheet.foot()
    return sheet.done("form")


def check(sheet: Sheet) -> Face:
    """All that the registers told and the visitor typed: each answer can be corrected, the rest is for staff."""
    visit, whole = sheet.state.visit, form_of(sheet.state)
    sheet.head()
    sheet.title(sheet.t("terminal.check_data"))
    sheet.lead(sheet.t("terminal.touch_to_correct" if whole is not None else "terminal.wrong_to_person"))
    sheet.y += 20
    if visit.person is not None:
        _person(sheet, visit.person)
    if visit.household is not None:
        _household(sheet, visit.household, short=whole is not None)
    (right,) = sheet.acts(1, 120 if sheet.state.low else 150)
    if whole is not None:
        room = right.y - GAP - (LOW_Y if sheet.state.low else sheet.y + 28)
        rows = max(2, int((room + GAP) / (110 + GAP)))
        choices = [_answer(sheet, field) for field in whole.fields]
        under = right.h + GAP
        choice.grid(sheet, choices, columns=1, rows=rows, height=132, page=sheet.state.page, under=under)
    sheet.key("right", sheet.t("terminal.data_correct"), right, look=PRIMARY, icon="check", roles=("heading", "label"))
    sheet.foot()
    return sheet.done("check")


def _number(sheet: Sheet, field: FormField) -> None:
    text = sheet.state.visit.text
    complete = forms.answered(field, text) is not None
    skip = not field.required and not text
    under = _SKIP_H + GAP if not field.required else 0.0
    if field.kind == "date":
        number_pad(sheet, text, _DATE, under, complete=complete)
        if len(text) == _DATE and not complete:
            sheet.lead(sheet.t("terminal.no_such_day"))
    else:
        digit_pad(sheet, text, complete=complete, under=under)
    if skip:
        sheet.key("skip", sheet.t("terminal.skip"), sheet.acts(1, _SKIP_H)[0], icon="forward")


def _letters(sheet: Sheet, field: FormField) -> None:
    visit = sheet.state.visit
    complete = forms.answered(field, visit.text) is not None
    keyboard.keyboard(sheet, signs=visit.signs, complete=complete, skip=not field.required and not visit.text)
    line = sheet.y + 24
    if field.kind == "entry":
        line = _suggestions(sheet, field)
    typed_line(sheet, visit.text, line, _LINE_H)


def _suggestions(sheet: Sheet, field: FormField) -> float:
    """What the text may mean, in rows above the keyboard; where the line of what is typed goes."""
    visit, bottom = sheet.state.visit, keyboard.top(sheet) - GAP
    found = visit.suggestions
    if sheet.state.low:
        places = [Box(MARGIN, LOW_Y, INNER, 82)]
        top = float(LOW_Y)
    else:
        rows = forms.SUGGESTIONS
        top = bottom - rows * _ROW_H - (rows - 1) * GAP
        places = [Box(MARGIN, top + n * (_ROW_H + GAP), INNER, _ROW_H) for n in range(rows)]
    for place, entry in zip(places, found, strict=False):
        name = _short(forms.named(entry, sheet.state.lang))
        sheet.row(f"pick:{entry.id}", name, place, roles=("label", "tile", "body", "note"))
    free = forms.under(field, visit.answers) is None
    if not found and not sheet.state.low:
        typed = visit.text and not visit.suggesting
        key = "terminal.nothing_fits" if typed or free else "terminal.typing_hint"
        sheet.put(sheet.t(key), Box(MARGIN, top, INNER, 120), ("body", "note"), "ink_soft")
    return top - GAP - _LINE_H


def _answer(sheet: Sheet, field: FormField) -> Choice:
    answer = sheet.state.visit.answers[field.id]
    name, text = sheet.of(field.names), _short(answer.text) or "—"
    if sheet.state.low:  # tiles have no second line there
        return Choice(f"correct:{field.id}", f"{name}: {text}")
    hint = sheet.t("terminal.typed_freely", field=name) if answer.free else name
    return Choice(f"correct:{field.id}", text, hint)


def _person(sheet: Sheet, person: Person) -> None:
    lines = [("booking", f"{person.birth_date:%d.%m.%Y}")]
    if person.address is not None:
        lines.append(("residence", sheet.of(person.address.texts)))
    _facts(sheet, sheet.of(person.names), lines)


def _household(sheet: Sheet, household: Household, *, short: bool) -> None:
    count = len(household.members)
    lines = [("residence", sheet.of(household.address.texts))]
    if short:
        lines.append(("people", sheet.t("terminal.people", count=count)))
    _facts(sheet, sheet.of(household.members[0].names), lines)
    if short or count == 1:
        return
    sheet.y += 20
    sheet.write(sheet.t("terminal.household"), ("label", "body"), bold=True)
    sheet.y += 8
    for member in household.members[1 : 1 + _MEMBERS]:
        sheet.parts.append(Icon("person", Box(MARGIN + 8, sheet.y + 22, 48, 48), "action"))
        box = Box(MARGIN + 80, sheet.y, INNER - 80, 96)
        sheet.put(sheet.of(member.names), box, ("body", "note"), "ink", line="tile")
        sheet.y += 104
    if count - 1 > _MEMBERS:
        sheet.write(sheet.t("terminal.people_more", count=count - 1 - _MEMBERS), ("body", "note"), "ink_soft")


def _facts(sheet: Sheet, name: str, lines: list[tuple[str, str]]) -> None:
    """A card with a name and what is known of it, each with its icon."""
    facts = [("id_card", name), *lines]
    box = sheet.card(24 + _FACT_H * len(facts))
    y = box.y + 12
    for n, (icon, text) in enumerate(facts):
        sheet.parts.append(Icon(icon, Box(box.x + 32, y + (_FACT_H - 64) / 2, 64, 64), "action"))
        place = Box(box.x + 128, y, box.w - 156, _FACT_H)
        roles = ("body", "note") if n else ("label", "body", "note")
        sheet.put(text, place, roles, "ink", bold=not n, line="tile", max_lines=2)
        y += _FACT_H
    sheet.y += box.h


def _short(text: str) -> str:
    """What fits on one line of the smallest type."""
    return text if len(text) <= _SIGNS else f"{text[: _SIGNS - 1]}…"
