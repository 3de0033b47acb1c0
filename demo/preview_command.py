"""`vikno preview ticket|receipt`: a paper as a picture, without a printer."""

from __future__ import annotations

import argparse
import sys
from datetime import date, datetime, time
from pathlib import Path

from contract import hall as halls
from contract import messages as m
from contract.errors import ConfigError, ContractError
from contract.hall import Hall, Service
from coordinator.hall_command import template, templates
from look.texts import Texts
from printers.document import Doc, ReceiptDoc, spoken
from printers.form import FORMS, form
from printers.layout import render
from printers.model import MODELS, by_name
from printers.ticket import document

_DAY = date(2026, 3, 17)
USUAL = "ua-cnap"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What, for whom, where."""
    parser.add_argument("form", choices=FORMS, help="which paper")
    parser.add_argument(
        "--hall",
        help="a hall document, or the name of a template (default: ua-cnap, or the first template that has --lang)",
    )
    parser.add_argument("--lang", help="one of the hall's languages (default: its own)")
    parser.add_argument("--service", help="id of the service (default: the hall's first)")
    parser.add_argument("--large", action="store_true", help="in large print")
    parser.add_argument("--model", default=MODELS[0].name, help="as wide as this printer prints (default: %(default)s)")
    parser.add_argument("--png", type=Path, required=True, help="the picture")
    parser.add_argument("--spoken", action="store_true", help="tell what is read aloud of it, too")


def run(args: argparse.Namespace) -> int:
    """Draw it; 2 with the reason where something is not there."""
    hall = _hall(args.hall) if args.hall else _with_language(args.lang)
    lang = args.lang or hall.default_language
    service = hall.service_by_id.get(args.service or hall.services[0].id)
    model = by_name(args.model)
    if lang not in hall.languages or service is None or model is None:
        allowed = {
            "--lang": (lang in hall.languages, hall.languages),
            "--service": (service is not None, [each.id for each in hall.services]),
            "--model": (model is not None, [each.name for each in MODELS]),
        }
        for option, (fits, values) in allowed.items():
            if not fits:
                print(f"vikno preview: {option}: allowed: {', '.join(values)}", file=sys.stderr)
        return 2
    doc = sample(args.form, hall, service, lang, large=args.large)
    render(doc, model.picture_dots).save(args.png)
    if args.spoken:
        print("\n".join(spoken(doc, form(args.form).spoken)))
    return 0


def sample(name: str, hall: Hall, service: Service, lang: str, *, large: bool) -> Doc:
    """An invented visitor's ticket or receipt."""
    return _ticket(hall, service, lang, large) if name == "ticket" else _receipt(hall, service, lang, large)


def _ticket(hall: Hall, service: Service, lang: str, large: bool) -> Doc:
    group = hall.group_by_id[service.group]
    issued = m.Issued(
        id="r", re="c", ticket="01J9ZQ7D3M6T8V4B2N5X0WCEFG", label=f"{group.letter}047", day=_DAY, service=service.id,
        zone=group.zone, lang=lang, issued_at=_moment(hall), people_ahead=7, wait=m.Wait(low=15, high=25),
    )  # fmt: skip
    return document(hall, issued, "", large=large)


def _receipt(hall: Hall, service: Service, lang: str, large: bool) -> Doc:
    texts, fee, currency = Texts(lang), service.fee_minor or 61800, service.fee_currency or "UAH"
    moment = _moment(hall)
    paid = texts.money(fee, currency)
    return ReceiptDoc(
        lang=lang, hall=hall.short_names[lang], title=texts.get("pay.receipt_title"), number="R-000123",
        rows=((service.names[lang], paid),), total_title=texts.get("pay.approved"), total=paid,
        details=((texts.get("pay.by_card"), "**** 0002"), ("RRN", "000000004711")), follow="", keep="",
        issued=texts.get("ticket.issued_at", date=texts.date(moment, hall.zone_info), time=texts.time(moment, hall.zone_info)),
        hotline="", qr="R-000123", large=large,
    )  # fmt: skip


def _moment(hall: Hall) -> datetime:
    return datetime.combine(_DAY, time(10, 24), hall.zone_info)


def _with_language(lang: str | None) -> Hall:
    """The usual template, or the first that has this language; the usual one where none has."""
    usual, *others = map(template, sorted(templates(), key=lambda name: name != USUAL))
    return next((hall for hall in (usual, *others) if lang in hall.languages), usual)


def _hall(name: str) -> Hall:
    file = Path(name)
    if not file.suffix:
        return template(name)
    try:
        return halls.load(file.read_bytes())
    except (OSError, ContractError) as exc:
        raise ConfigError(file, None, "hall", name, str(exc)) from exc
