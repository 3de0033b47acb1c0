"""Drawing the pages: the published view, the staff's language and the templates make HTML. Reads, changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from babel import Locale
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from consoles import board, button, card, show, till
from consoles.card import Cards, Read
from consoles.live import Live
from consoles.press import Presses, Said
from consoles.staff.role import Act
from consoles.staff.session import Session
from contract import messages as m
from contract.errors import ContractError
from contract.hall import Hall
from contract.topics import DARK_S, STALE_S
from contract.words import DECIDED, PauseKind, Pick, TicketState, Why
from look import icons, tokens
from look.texts import LANGUAGES, Texts
from runtime.asker import Answer, Unanswered, new_id

FALLBACK = "en"
BOARD_WHY = frozenset({"booked", "priority", "guard", "returned"})
"""Codes of `BoardCall.why` that have words for visitors."""


class NotReadyError(Exception):
    """The hall has told nothing yet: there is nothing to draw."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads a page: the language asked for in its address ("" for the default), where the page is, what they may do."""

    wanted: str
    path: str
    acts: frozenset[Act] = frozenset()


class Pages:
    """All pages. `language`: the staff's where the address asks for none; None: the hall's default.

    `account_name`: the name of an account of the consoles, "" where there is none.
    """

    def __init__(
        self,
        live: Live,
        presses: Presses,
        cards: Cards,
        language: str | None,
        account_name: Callable[[str], str] = lambda _who: "",
    ) -> None:
        self._live, self._presses, self._cards, self._default = live, presses, cards, language
        self._account_name = account_name
        self._templates = Environment(
            loader=PackageLoader("consoles"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters["coded"] = _coded
        self._templates.globals.update(icon=_icon, show=show, STALE_S=STALE_S, DARK_S=DARK_S, training=self._training)

    def _training(self) -> bool:
        """Whether nothing of the hall is real; False also while the hall has told nothing."""
        return self._live.hall is not None and self._live.hall.training

    def nothing_yet(self) -> str:
        """The page while the hall has told nothing: it asks again by itself."""
        language = self._default or FALLBACK
        return self._templates.get_template("nothing.html").render(t=Texts(language), lang=language)

    def trouble(self, kind: str, wanted: str, words: str = "") -> str:
        """The page after something that was not done, `trouble.<kind>`; `words`: what tells a technician why, in English."""
        language = self.language(wanted)
        told = {"lang": language, "kind": kind, "words": words, "home": self.address("/", wanted)}
        return self._templates.get_template("trouble.html").render(t=Texts(language), **told)

    def board(self, zone: str, wanted: str, now: float, *, whole: bool) -> str | None:
        """The board of a zone for anybody: the page, or the part that changes; None: there is no such zone. Raises: NotReadyError."""
        hall, live = self._live.hall, self._live
        if hall is None or (zone not in live.boards and board.layout(hall, zone) is not None):
            raise NotReadyError
        laid_out = board.layout(hall, zone)
        if laid_out is None:
            return None
        language = board.language(hall, wanted, now)
        texts, face = Texts(language), board.face(hall, live.boards[zone], laid_out, live.beat, live.age, language)
        return self._templates.get_template("board.html" if whole else "board_live.html").render(
            t=texts,
            lang=language,
            face=face,
            name=show.named(hall.short_names, language),
            clock=texts.time(live.now, hall.zone_info) if live.now is not None else "",
            opens=_opens(texts, hall, face.opens, live.now),
            age=live.age,
            age_s=live.age_s,
            aged=_aged(texts, live.age_s),
            stream=f"/events/board/{zone}" + (f"?lang={language}" if language == wanted else ""),
            WHY=BOARD_WHY,
        )

    def board_css(self) -> str:
        """The board's style sheet."""
        themes = {name: tokens.theme(name) for name in ("dark", "contrast")}
        return self._templates.get_template("board.css").render(font=tokens.font(), themes=themes)

    def known(self, window: str) -> str:
        """The window that an address names. Raises: ContractError: the hall has none such; NotReadyError."""
        self._ready()
        if self._live.window(window) is None:
            raise ContractError(f"there is no window {window[:32]!r}")
        return window

    def not_allowed(self, reader: Reader) -> str:
        """Says that the role is not enough, and whom to ask. Raises: NotReadyError."""
        return self._page("not_allowed.html", reader)

    def choose(self, reader: Reader) -> str:
        """The windows to choose from. Raises: NotReadyError."""
        return self._page("choose.html", reader)

    def seat(self, reader: Reader, window: str, **told: Any) -> str:
        """Sitting down at `window`: by PIN, by badge, or as who is signed in already. Raises: NotReadyError."""
        return self._page("seat.html", reader, window=self._window(window), **told)

    def staff(self, template: str, reader: Reader, **told: Any) -> str:
        """A page about the consoles' own people: drawn also while the hall has told nothing."""
        hall, language = self._live.hall, self.language(reader.wanted)
        texts, zone = Texts(language), hall.zone_info if hall is not None else UTC
        return self._templates.get_template(template).render(
            t=texts, lang=language, path=reader.path, may=lambda act: Act(act) in reader.acts,
            at=lambda path, **query: self.address(path, reader.wanted, **query),
            asked_lang=reader.wanted if reader.wanted in self._languages() else "",
            hall={"languages": self._languages()},
            title=show.named(hall.short_names, language) if hall is not None else "Vikno",
            operators=hall.operators if hall is not None else (), language_name=lambda code: _language_name(code, language),
            moment=lambda at: f"{texts.date(at, zone)} {texts.time(at, zone)}", **told,
        )  # fmt: skip

    def panel(self, reader: Reader, session: Session, *, whole: bool) -> str:
        """The operator's panel: the page, or the part that changes. Raises: NotReadyError."""
        window, mark = self._window(session.window), show.mark(self._live.window(session.window))
        desk = f"{session.key}/window"
        return self._page(
            "panel.html" if whole else "panel_live.html",
            reader,
            window=window,
            session=session,
            mine=self.signed_in(session),
            buttons=button.panel(window, self._ready()[1]),
            key=lambda name: self._presses.key(desk, name, mark),
            said=self._presses.said(desk, mark),
            read=self._cards.of(session),
            can_read=window.ticket is not None and self._cards.reader(session.window) is not None,
        )

    def day(self, reader: Reader, session: Session, said: Answer | None) -> str:
        """The operator's own figures of the day, as the hall answered. Raises: NotReadyError."""
        figures = said if isinstance(said, m.OperatorFigures) else None
        return self._page("day.html", reader, window=self._window(session.window), figures=figures, said=said)

    def card(self, reader: Reader, session: Session, *, note: str = "") -> str:
        """Before a read: what to say, what is read, what opens the card; `note`: why it could not begin. Raises: NotReadyError."""
        return self._page(
            "card.html", reader, window=self._window(session.window), session=session, fields=self._cards.fields(),
            key=new_id(), note=note or self.no_card(reader, session),
        )  # fmt: skip

    def no_card(self, reader: Reader, session: Session) -> str:
        """Why no card can be read at the session's window now, in words; "" when one can."""
        texts = Texts(self.language(reader.wanted))
        if self._cards.reader(session.window) is None:
            return texts.get("operator.card_no_reader")
        return "" if self._window(session.window).ticket is not None else texts.get("operator.card_nobody")

    def refused(self, reader: Reader, answer: Answer) -> str:
        """An answer that is none of what was hoped for, in words."""
        _, hall = self._ready()
        texts = Texts(self.language(reader.wanted))
        return _refusal(texts, hall, answer) if isinstance(answer, m.Refused) else texts.get("operator.no_answer")

    def hall(self, reader: Reader, session: Session | None, *, whole: bool) -> str:
        """The live hall: the page, or the part that changes. Raises: NotReadyError."""
        view, _ = self._ready()
        desk = f"{session.key}/hall" if session is not None else ""
        said = self._presses.said(desk, view.state) if session is not None else None
        return self._page(
            "hall.html" if whole else "hall_live.html",
            reader,
            session=session,
            gone=_decided_in_vain(said, view),
            buttons=button.hall_buttons(view.state) if Act.LEAD in reader.acts else (),
            key=lambda name: self._presses.key(desk, name, view.state),
            said=said,
        )

    def why(self, reader: Reader, session: Session, label: str, said: Answer | None) -> str:
        """Asks for a ticket's number and says why it has not been called yet; `said` None: not asked. Raises: NotReadyError."""
        return self._page("why.html", reader, session=session, label=label, said=said)

    def certificate(self, reader: Reader, number: str, said: Answer | None) -> str:
        """Asks for a certificate's number and says where and when it was printed; `said` None: not asked. Raises: NotReadyError."""
        found = said.certificates if isinstance(said, m.Certificates) else None
        return self._page("certificate.html", reader, number=number, said=said, found=found)

    def notice(self, reader: Reader, said: Answer | None, message: str = "") -> str:
        """What stands on the boards, and a form for something new, filled with the saved `message`. Raises: NotReadyError.

        `said` None: nothing was asked.
        """
        _, hall = self._ready()
        saved = next((each for each in hall.messages if each.id == message), None)
        asked = {"said": said, "unanswered": isinstance(said, Unanswered), "saved": saved}
        return self._page("notice.html", reader, key=new_id, **asked)

    def sheet(self, template: str, reader: Reader, **told: Any) -> str:
        """A page of a room that draws with a template of its own. Raises: NotReadyError."""
        return self._page(template, reader, **told)

    def reports(self, template: str, reader: Reader, **told: Any) -> str:
        """A page about figures of past days. Raises: NotReadyError."""
        return self._page(template, reader, **told)

    def close_hall(self, reader: Reader, session: Session, *, whole: bool) -> str:
        """Asks once more before the hall closes: the page, or the part that changes. Raises: NotReadyError."""
        view, _ = self._ready()
        desk = f"{session.key}/hall"
        return self._page(
            "close.html" if whole else "close_live.html",
            reader,
            key=lambda name: self._presses.key(desk, name, view.state),
            said=self._presses.said(desk, view.state),
        )

    def bookings(self, reader: Reader, **told: Any) -> str:
        """The bookings of a day, as the hall told them. Raises: NotReadyError."""
        return self._page("bookings.html", reader, **told)

    def money(self, template: str, reader: Reader, **told: Any) -> str:
        """A page of money, or the part of one that changes. Raises: NotReadyError."""
        return self._page(template, reader, DECIDED=DECIDED, verdict=till.verdict, notes=till.notes, **told)

    def signed_in(self, session: Session) -> bool:
        """Whether the hall still has the session's operator at its window."""
        window = self._live.window(session.window)
        return window is not None and window.operator == session.operator

    def language(self, wanted: str) -> str:
        """The language of a page: the one asked for where the hall has it, else the default."""
        hall = self._live.hall
        if wanted in self._languages():
            return wanted
        return self._default or (hall.default_language if hall is not None else FALLBACK)

    def address(self, path: str, wanted: str, **query: object) -> str:
        """`path` with `query`, in the language of the page that names it."""
        if wanted in self._languages():
            query["lang"] = wanted
        return f"{path}?{urlencode(query)}" if query else path

    def _languages(self) -> tuple[str, ...]:
        return self._live.hall.languages if self._live.hall is not None else LANGUAGES

    def _who(self, hall: Hall, who: str | None) -> str:
        return self._account_name(who or "") or _operator_name(hall, who)

    def _ready(self) -> tuple[m.ConsolesView, Hall]:
        if self._live.view is None or self._live.hall is None:
            raise NotReadyError
        return self._live.view, self._live.hall

    def _window(self, window: str) -> m.DeskWindow:
        self._ready()
        found = self._live.window(window)
        if found is None:
            raise NotReadyError
        return found

    def _page(self, template: str, reader: Reader, **more: Any) -> str:
        view, hall = self._ready()
        language = self.language(reader.wanted)
        texts = Texts(language)
        return self._templates.get_template(template).render(
            t=texts,
            lang=language,
            path=reader.path,
            may=lambda act: Act(act) in reader.acts,
            at=lambda path, **query: self.address(path, reader.wanted, **query),
            asked_lang=reader.wanted if reader.wanted in hall.languages else "",
            view=view,
            hall=hall,
            now=self._live.now or view.now,
            limit=int(hall.rule("kpi.max_wait_min")),
            age=self._live.age,
            age_s=self._live.age_s,
            linked=self._live.linked,
            date=lambda moment: texts.date(moment, hall.zone_info),
            clock=lambda moment: texts.time(moment, hall.zone_info),
            day_name=lambda day: _day_name(texts, hall, day),
            money=lambda minor, currency: _money(texts, minor, currency),
            name=lambda text: show.named(text, language),
            language_name=lambda code: _language_name(code, language),
            operator_name=lambda who: self._who(hall, who),
            who_name=lambda session: self._who(hall, session.who),
            refusal=lambda refused: _refusal(texts, hall, refused),
            is_unanswered=lambda said: isinstance(said.answer, Unanswered),
            is_done=lambda said, name: said is not None and said.button == name and isinstance(said.answer, m.Done),
            is_refused=lambda said: isinstance(said.answer, m.Refused),
            explained=lambda said: said if isinstance(said, m.Explained) else None,
            refused=lambda said: said if isinstance(said, m.Refused) else None,
            why_said=lambda window: _why_said(texts, hall, window),
            result_name=lambda result: show.result(hall, texts, result),
            PICKS=tuple(Pick),
            PAUSES=tuple(PauseKind),
            why_passed=lambda one: _why_passed(texts, hall, one),
            card_said=lambda read: _card_said(texts, read),
            card_step=lambda read: texts.get(card.STEPS.get(read.step, "common.please_wait")),
            known=lambda key: _known(texts, key),
            PARKED=TicketState.PARKED,
            **more,
        )


def _decided_in_vain(said: Said | None, view: m.ConsolesView) -> str:
    """The button of a recommendation that was not decided and is listed no longer, so that it is said elsewhere; else nothing."""
    verb, _, name = said.button.partition(" ") if said is not None else ("", "", "")
    if said is None or verb not in {"accept", "dismiss"} or not isinstance(said.answer, m.Refused | Unanswered):
        return ""
    return "" if any(one.id == name for one in view.recommendations) else said.button


def _card_said(texts: Texts, read: Read) -> str:
    """Why a read gave nothing, and which fields of the key to look at again."""
    said = texts.get(card.FAILED.get(read.failed, "terminal.card_not_read"))
    compare = [texts.get(card.COMPARE[name]) for name in read.compare if name in card.COMPARE]
    return f"{said} ({', '.join(compare)})" if compare else said


def _known(texts: Texts, key: str) -> str:
    """The text of a key that came over the wire; "" where this version has none."""
    try:
        return texts.get(key)
    except KeyError:
        return ""


@lru_cache
def _icon(name: str) -> Markup:
    return Markup(icons.svg(name))  # noqa: S704 - drawn from our own table, no outside text


def _coded(text: str) -> Markup:
    """A text whose commands stand between backticks, with them as code."""
    pieces = str(escape(text)).split("`")
    told = (f"<code>{piece}</code>" if number % 2 else piece for number, piece in enumerate(pieces))
    return Markup("".join(told))  # noqa: S704 - every piece is escaped


@lru_cache
def _language_name(code: str, language: str) -> str:
    return Locale.parse(code).get_display_name(language) or code


def _aged(texts: Texts, age_s: float) -> str:
    if age_s < 60:
        return texts.get("board.age_seconds", seconds=int(age_s))
    return texts.get("board.age_minutes", minutes=int(age_s // 60))


def _opens(texts: Texts, hall: Hall, opens: datetime | None, now: datetime | None) -> str:
    if opens is None or now is None:
        return ""
    at = texts.time(opens, hall.zone_info)
    if hall.local(opens).date() == hall.local(now).date():
        return texts.get("kiosk.opens_at", time=at)
    return texts.get("kiosk.opens_on", day=texts.date(opens, hall.zone_info), time=at)


def _operator_name(hall: Hall, operator: str | None) -> str:
    known = hall.operator_by_id.get(operator or "")
    return known.name if known is not None else operator or ""


def _why_passed(texts: Texts, hall: Hall, one: m.Passed) -> str:
    """The reason of a call that went before, in words; without how far another window was, and why a person picked somebody."""
    known = one.why not in {Why.SCARCE, Why.PICKED}
    facts = one.why_facts | {"who": _operator_name(hall, one.why_facts.get("who"))}
    return texts.get(f"{'why' if known else 'explain'}.{one.why.value}", **facts)


def _why_said(texts: Texts, hall: Hall, window: m.DeskWindow) -> str:
    """Why this ticket was called here, in words."""
    assert window.why is not None  # the page asks where there is one
    facts = dict(window.why_facts)
    if window.why is Why.PICKED:
        facts = {"who": _operator_name(hall, facts.get("who")), "reason": _known(texts, f"pick.{facts.get('reason')}")}
    return texts.get(f"why.{window.why.value}", **facts)


def _refusal(texts: Texts, hall: Hall, refused: m.Refused) -> str:
    facts = dict.fromkeys(("label", "window", "limit", "service", "time", "day", "revision"), "–") | refused.facts
    if "day" in refused.facts:  # the hall says it in figures, people read it in words
        facts["day"] = _day_name(texts, hall, date.fromisoformat(facts["day"]))
    return texts.get(f"refusal.{refused.code.value}", **facts)


def _day_name(texts: Texts, hall: Hall, day: date) -> str:
    return texts.date(datetime.combine(day, time(12), hall.zone_info), hall.zone_info)


def _money(texts: Texts, minor: int, currency: str) -> str:
    """An amount in words; of a currency that has none here with its letters, so that no figure is hidden."""
    try:
        return texts.money(minor, currency)
    except KeyError:
        return f"{minor // 100}.{minor % 100:02} {currency}"
