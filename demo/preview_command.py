"""`vikno preview PAPER`: a paper as a picture, without a printer."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from contract import hall as halls
from contract.errors import ConfigError, ContractError
from contract.hall import Hall
from coordinator.hall_command import template, templates
from demo.paper import PAPERS, sample
from printers.document import CertificateDoc, spoken
from printers.form import form
from printers.layout import render
from printers.model import MODELS, by_name
from terminal.papers.sheet import pdf

USUAL = "ua-cnap"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What, for whom, where."""
    parser.add_argument("paper", choices=PAPERS, help="which paper")
    parser.add_argument(
        "--hall",
        help="a hall document, or the name of a template (default: ua-cnap, or the first template that has --lang)",
    )
    parser.add_argument("--lang", help="one of the hall's languages (default: its own)")
    parser.add_argument("--service", help="id of the service (default: the hall's first)")
    parser.add_argument("--large", action="store_true", help="in large print")
    parser.add_argument("--model", default=MODELS[0].name, help="as wide as this printer prints (default: %(default)s)")
    parser.add_argument("--png", type=Path, help="the picture, as on receipt paper")
    parser.add_argument("--pdf", type=Path, help="of a certificate: the A4 sheets")
    parser.add_argument("--spoken", action="store_true", help="tell what is read aloud of it, too")


def run(args: argparse.Namespace) -> int:
    """Draw it; 2 with the reason where something is not there."""
    hall = _hall(args.hall) if args.hall else _with_language(args.lang)
    lang = args.lang or hall.default_language
    service = hall.service_by_id.get(args.service or _usual(hall, args.paper))
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
    doc = sample(args.paper, hall, service, lang, large=args.large)
    if args.pdf is not None and not isinstance(doc, CertificateDoc):
        print(f"vikno preview: --pdf: {args.paper} is printed on receipt paper only", file=sys.stderr)
        return 2
    if args.png is not None:
        render(doc, model.picture_dots).save(args.png)
    if args.pdf is not None and isinstance(doc, CertificateDoc):
        args.pdf.write_bytes(pdf(doc))
    if args.spoken:
        print("\n".join(spoken(doc, form(doc.form).spoken)))
    return 0


def _usual(hall: Hall, paper: str) -> str:
    """The first service of which a terminal prints this paper, else the hall's first."""
    alone = (each.id for each in hall.services if each.self_service and each.self_service.paper == paper)
    return next(alone, hall.services[0].id)


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
