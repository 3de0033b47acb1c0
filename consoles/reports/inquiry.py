"""What a request asks of the journal: which hall it is about, which question, for which days, and how that is said in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from consoles.live import Live
from consoles.page import NotReadyError, Pages
from consoles.reports.pdf_file import Heading
from consoles.reports.question import BY, PERSONS, USUAL_DAYS, Enquiry, Period, period, question
from consoles.reports.saved import Saved, SavedReports, standard
from consoles.reports.table import called
from consoles.route import Asked
from consoles.staff.role import Act
from contract.errors import ContractError
from contract.hall import Hall
from look.texts import Texts


class Inquiry:
    """Reads requests; shared by the pages and the files."""

    def __init__(self, live: Live, pages: Pages, saved: SavedReports) -> None:
        self._live, self._pages, self._saved = live, pages, saved

    @property
    def hall(self) -> Hall:
        """Raises: NotReadyError."""
        if self._live.hall is None or self._live.now is None:
            raise NotReadyError
        return self._live.hall

    def today(self) -> date:
        """The hall-local day. Raises: NotReadyError."""
        hall, now = self.hall, self._live.now
        assert now is not None  # `hall` raised
        return hall.local(now).date()

    def texts(self, asked: Asked) -> Texts:
        """The catalogue of the reader."""
        return Texts(self._pages.language(asked.reader.wanted))

    def days(self, fields: Mapping[str, str], days: int = USUAL_DAYS) -> Period:
        """The days of an address. Raises: ContractError: in words; NotReadyError."""
        return period(fields, self.today(), days)

    def of(self, asked: Asked) -> tuple[Saved | None, Enquiry]:
        """The question of an address: a named one, with what the address says otherwise. Raises: ContractError: in words."""
        base, fields = None, asked.query
        chosen = [*figures(fields), *asked.request.query_params.getlist("figure")]
        if fields.get("report") or not chosen:
            base = self._saved.get(fields.get("report") or standard()[0].key)
            if base is None:
                raise ContractError("there is no such report any more")
        found = question(fields, chosen, base.question if base is not None else None)
        if not {*found.parts} <= {*by(asked)}:
            raise ContractError("lines by operator are for shift leads and managers")
        return base, Enquiry(found, self.days(fields, base.days if base is not None else USUAL_DAYS))

    def formed(self, fields: Mapping[str, str]) -> Enquiry:
        """The question of a form, which holds all of it. Raises: ContractError: in words."""
        return Enquiry(question(fields, figures(fields), None), self.days(fields))

    def heading(self, base: Saved | None, enquiry: Enquiry, texts: Texts) -> Heading:
        """The hall, what the report is called and for, and what it is about."""
        hall = self.hall
        mark = (texts.get("training.mark"),) if hall.training else ()
        title = texts.get("report.own") if base is None else base.name or texts.get(f"report.q_{base.key}")
        limit = int(hall.rule("kpi.max_wait_min"))
        what = texts.get(f"report.q_{base.key}_what", limit=limit) if base is not None and not base.name else ""
        days = f"{texts.day(enquiry.period.since)} – {texts.day(enquiry.period.until)}"
        about = ", ".join(filter(None, (days, called(hall, enquiry.question, texts))))
        return Heading(
            hall.names.get(texts.language) or hall.names[hall.default_language], " · ".join((*mark, title)), what, about
        )


def by(asked: Asked) -> tuple[str, ...]:
    """What lines may stand for: for persons only where who asks leads them."""
    return BY if Act.LEAD in asked.acts else tuple(one for one in BY if one not in PERSONS)


def figures(fields: Mapping[str, str]) -> list[str]:
    """The figures that an address names in one field."""
    return [name for name in fields.get("figures", "").split(",") if name]


def fields(base: Saved | None, enquiry: Enquiry) -> dict[str, object]:
    """The address of a question: everything that is asked."""
    asked = enquiry.question
    words = {"by": asked.by, "then": asked.then, "group": asked.group, "zone": asked.zone}
    named = {"report": base.key} if base is not None else {}
    days = {"since": enquiry.period.since, "until": enquiry.period.until}
    return {**named, "figures": ",".join(asked.figures), **words, **days}
