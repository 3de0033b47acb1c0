"""The page on which a manager changes the hall: what the draft would do, who is asked before it is published, and the way back."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from types import MappingProxyType
from typing import Any

from fastapi import Response
from fastapi.responses import PlainTextResponse

from consoles import route
from consoles.changing import parts, street, text, word, year
from consoles.changing.carrying import Archive, taken
from consoles.changing.draft import Draft, Drafts, Step, after, mark
from consoles.changing.part import NEW, Document, Telling, UntakenError, entry_name, text_of
from consoles.changing.preview import Previews
from consoles.changing.trial import FIGURES, SHARES, Trials, Tried
from consoles.live import Live
from consoles.page import NotReadyError, Pages, Reader
from consoles.route import Asked, Kind, Route
from consoles.staff.role import Act
from consoles.staff.session import Session
from consoles.upload import upload
from contract import messages as m
from contract.errors import ContractError
from contract.hall import Hall
from look.texts import Texts
from runtime import hall_file, hall_line
from runtime.asker import Answer, new_id
from runtime.hall_line import Fault

UNDER = ("people", "places", "services", "terminals", "time", "devices", "rules")
"""The menu's headings, in order."""
FILES = {"toml": "application/toml", "json": "application/json"}


@dataclass(frozen=True, slots=True)
class Said:
    """What became of a button. `answer` None: nothing was asked of the hall.

    `fault`: why a form was not taken, a key of the catalogue with `facts` or words; `tried`: what the last days say; `meanwhile`:
    what others did since the form was drawn; `faults`: what is wrong with a file.
    """

    button: str
    answer: Answer | None = None
    fault: str = ""
    facts: Mapping[str, object] | None = None
    tried: Tried | None = None
    meanwhile: tuple[Step, ...] = ()
    faults: tuple[Fault, ...] = ()


class Changing:
    """The pages under `/hall/change`."""

    def __init__(
        self, live: Live, pages: Pages, drafts: Drafts, journal: Path | None, utc: Callable[[], datetime]
    ) -> None:
        self._live, self._pages, self._drafts, self._utc = live, pages, drafts, utc
        self._previews = Previews(pages, self._drafted)
        self._trials, self._archive = Trials(journal), Archive(journal)

    def routes(self) -> tuple[Route, ...]:
        """Its addresses."""
        return (
            Route("GET", "/hall/change", self._show, Act.CHANGE),
            Route("GET", "/events/hall/change", self._events, Act.CHANGE, Kind.DATA),
            Route("POST", "/hall/change/press", self._press, Act.CHANGE),
            Route("GET", "/hall/change/file.{kind}", self._file, Act.CHANGE, Kind.DATA),
            Route("POST", "/hall/change/import", self._import, Act.CHANGE),
            *self._previews.routes(),
            Route("GET", "/hall/change/streets", self._streets, Act.CHANGE),
            Route("GET", "/hall/change/{part}", self._list, Act.CHANGE),
            Route("GET", "/hall/change/{part}/{key}", self._form, Act.CHANGE),
            Route("POST", "/hall/change/{part}/{key}", self._save, Act.CHANGE),
        )

    async def _show(self, asked: Asked) -> Response:
        typed = {"to": asked.query.get("to", "")}
        taken = asked.query.get("taken") == "yes"
        return route.page(await self.page(asked.reader, asked.me, typed=typed, taken=taken))

    async def _events(self, asked: Asked) -> Response:
        """Which document each box has ready and runs, again after every change."""
        reader = asked.at("/hall/change")
        return route.live(
            self._live.pulse, lambda: (self._live.mark, self._sheet("boxes_live", reader)) if asked.still() else None
        )

    async def _press(self, asked: Asked) -> Response:
        """The answer stands on the page that comes back. Sent again, it is done once."""
        fields = await asked.form()
        said = await self.press(asked.me, fields, route.key(fields))
        typed = {} if isinstance(said.answer, m.Done) else fields
        return route.page(await self.page(asked.at("/hall/change"), asked.me, said, typed))

    async def _file(self, asked: Asked) -> Response:
        """The draft, without one the document in force, or an earlier one (`revision`), as a file."""
        hall, kind, wanted = self._hall(), asked.named("kind"), asked.query.get("revision", "")
        document: Document | None = _document(hall, self._drafts.get())
        name = "draft" if self._drafts.get() is not None else str(hall.revision)
        if wanted:
            name = str(_revision(wanted))
            document = await self._archive.document(hall.id, int(name))
        if document is None or kind not in FILES:
            return PlainTextResponse("there is no such file\n", 404)
        return route.file(f"{hall.id}-{name}.{kind}", FILES[kind], hall_file.text(document, kind))

    async def _import(self, asked: Asked) -> Response:
        """A file becomes the draft; its faults are said with their places."""
        fields = await upload(asked.request, hall_file.MOST_BYTES + 4096)
        said = self.take(asked.me, fields.get("file", b""), {"mark": fields.get("mark", b"").decode(errors="replace")})
        return route.page(await self.page(asked.at("/hall/change"), asked.me, said), 422 if said.fault else 200)

    async def _streets(self, asked: Asked) -> Response:
        """What is not the document's, said where a manager looks for it."""
        document, language = self._drafted()[0], self._pages.language(asked.reader.wanted)
        return route.page(self._sheet("streets", asked.reader, **street.told(document, language)))

    async def _list(self, asked: Asked) -> Response:
        return route.page(self.lines(asked.reader, asked.named("part"), taken=asked.query.get("taken") == "yes"))

    async def _form(self, asked: Asked) -> Response:
        return route.page(self.part(asked.reader, asked.me, asked.named("part"), asked.named("key")))

    async def _save(self, asked: Asked) -> Response:
        """Back to the part's list or the draft; the form again with what is wrong."""
        part, key = asked.named("part"), asked.named("key")
        fields = await asked.form()
        said = self.save(asked.me, part, key, fields)
        if said.fault:
            return route.page(self.part(asked.reader, asked.me, part, key, said, fields), 422)
        back = f"/hall/change/{part}" if parts.part(part).lines is not None else "/hall/change"
        return route.away(asked, self._pages.address(back, asked.reader.wanted, taken="yes"))

    async def page(
        self,
        reader: Reader,
        session: Session,
        said: Said | None = None,
        typed: Mapping[str, str] = MappingProxyType({}),
        *,
        taken: bool = False,
    ) -> str:
        """The draft with all it would do, the parts that can be changed, the documents before. Raises: NotReadyError.

        `typed`: a form that was not taken; of `back` alone, its `to`: the line that has the form.
        """
        hall, draft = self._hall(), self._drafts.get()
        checked = None
        if draft is not None:
            checked = await self._live.ask(m.HallCheck(id=new_id(), document=_text(draft)))
        listed = await self._live.ask(m.HallRevisions(id=new_id()))
        return self._sheet(
            "draft", reader, session=session, draft=draft, said=said, key=new_id, moved=_moved(hall, draft),
            to=typed.get("to", ""), typed={"button": typed.get("button", ""), "why": typed.get("why", "")},
            checked=checked if isinstance(checked, m.Checked) else None, silent=draft is not None and not isinstance(checked, m.Checked),
            revisions=listed.revisions if isinstance(listed, m.Revisions) else None, figures=FIGURES, shares=SHARES, taken=taken,
            menu=[(head, [part for part in parts.PARTS.values() if part.under == head]) for head in UNDER],
            years=year.unconfirmed(_document(hall, draft), self._today()), short=text.shortage(_document(hall, draft)),
        )  # fmt: skip

    def lines(self, reader: Reader, name: str, *, taken: bool = False) -> str:
        """The entries of one part, as drafted. Raises: NotReadyError; ContractError: there is no such part, or it is one form."""
        part = parts.part(name)
        if part.lines is None:
            raise ContractError(f"there is no list of {name}")
        lines = part.lines(self._telling(reader))
        runs = [(head, [*some]) for head, some in groupby(lines, key=lambda one: one.head)]
        return self._sheet("list", reader, part=part, runs=runs, new=NEW, taken=taken)

    def part(
        self,
        reader: Reader,
        session: Session,
        name: str,
        key: str,
        said: Said | None = None,
        fields: Mapping[str, str] | None = None,
    ) -> str:
        """The form of one entry, filled from the draft. Raises: NotReadyError; ContractError: there is no such part or entry.

        `fields`: what was typed before, where it was not taken.
        """
        part = parts.part(name)
        told = part.told(self._telling(reader), key)
        return self._sheet(
            "part", reader, session=session, said=said, part=part, entry=key, new=key == NEW, typed=fields or {}, **told
        )

    def save(self, session: Session, name: str, key: str, fields: Mapping[str, str]) -> Said:
        """Take a form into the draft, unless somebody changed this entry since the form was drawn. Raises: NotReadyError."""
        hall, draft = self._hall(), self._drafts.get()
        if _another_base(hall, draft, fields):
            return Said("save", fault="change.meanwhile_published", facts={"revision": hall.revision})
        meanwhile = tuple(s for s in _others(draft, fields, session.who) if (s.part, s.key) == (name, key))
        if meanwhile:
            return Said("save", fault="change.meanwhile", meanwhile=meanwhile)
        try:
            document = parts.changed(_document(hall, draft), name, key, fields)
        except UntakenError as exc:
            return Said("save", fault=exc.key, facts=exc.facts)
        except ContractError as exc:
            return Said("save", fault=str(exc))
        self._drafts.put(after(hall, draft, document, (session.who, self._utc().isoformat(), name, key)))
        return Said("save")

    def take(self, session: Session, data: bytes, fields: Mapping[str, str]) -> Said:
        """A file into the draft, in place of what was in it. Raises: NotReadyError."""
        hall, draft = self._hall(), self._drafts.get()
        others = _others(draft, fields, session.who)
        if others:
            return Said("import", fault="change.meanwhile_draft", meanwhile=others)
        try:
            document = taken(data, hall)
        except ContractError as exc:
            file = data.decode(errors="replace")
            return Said("import", fault="change.file_faults", faults=hall_line.faults(file, str(exc)))
        self._drafts.put(after(hall, draft, document, (session.who, self._utc().isoformat(), "hall", "file")))
        return Said("import")

    async def press(self, session: Session, fields: Mapping[str, str], key: str) -> Said:
        """Try the draft, publish it, drop it, or go back to an earlier document. Raises: NotReadyError; ContractError: no such button.

        A draft that others changed since it was looked at is neither published nor dropped.
        """
        hall, name, why = self._hall(), fields.get("button", ""), " ".join(fields.get("why", "").split())
        others = _others(self._drafts.get(), fields, session.who)
        if others and name in ("publish", "drop"):
            return Said(name, fault="change.meanwhile_draft", meanwhile=others)
        if name == "drop":
            self._drafts.drop()
            return Said(name)
        if name == "try":
            return await self._try(hall)
        if name not in ("publish", "back"):
            raise ContractError(f"there is no button {name[:32]!r}")
        if len(why) < 3:
            return Said(name, fault="change.why_needed")
        draft = self._drafts.get()
        if name == "back":
            to = _revision(fields.get("to", ""))
            command: m.Command = m.HallRevert(id=key, to=to, base=hall.revision, why=why[:200], operator=session.who)
        elif draft is None:
            return Said(name, fault="change.none")
        else:
            command = m.HallPublish(id=key, document=_text(draft), base=draft.base, why=why[:200], operator=session.who)
        return await self._ask(name, command, hall.revision)

    async def _try(self, hall: Hall) -> Said:
        draft = self._drafts.get()
        if draft is None:
            return Said("try", fault="change.none")
        return Said("try", tried=await self._trials.run(hall.model_dump_json(by_alias=True), _text(draft)))

    async def _ask(self, name: str, command: m.Command, before: int) -> Said:
        answer = await self._live.ask(command)
        if isinstance(answer, m.Done):
            if name == "publish":
                self._drafts.drop()
            await self._live.settled(lambda view: view.revision != before)
        return Said(name, answer)

    def _telling(self, reader: Reader) -> Telling:
        hall, view = self._hall(), self._live.view
        if view is None:
            raise NotReadyError
        texts = Texts(self._pages.language(reader.wanted))
        document = _document(hall, self._drafts.get())
        return Telling(document, hall, view, self._today(), texts.language, texts.get, texts.plural)

    def _today(self) -> date:
        """The hall's day. Raises: NotReadyError."""
        hall, view = self._hall(), self._live.view
        if view is None:
            raise NotReadyError
        return hall.local(self._live.now or view.now).date()

    def _sheet(self, template: str, reader: Reader, **told: Any) -> str:
        telling = self._telling(reader)
        document, language = telling.document, telling.language
        return self._pages.sheet(
            f"changing/{template}.html", reader, document=document,
            found=lambda one: word.found(telling.say, document, one, language),
            entry_name=lambda part, key: entry_name(document, part, key, language),
            fault=lambda said: _fault(telling.say, said),
            pairs=lambda entries: [(each["id"], text_of(each["names"], language)) for each in entries],
            followed=_followed, change=lambda one: word.change(telling, one), told_at=self._told_at,
            mark=mark(telling.hall, self._drafts.get()), **told,
        )  # fmt: skip

    def _told_at(self, step: Step) -> str:
        """When a step was taken, on the hall's wall clock."""
        return f"{self._hall().local(datetime.fromisoformat(step.at)):%H:%M}"

    def _drafted(self) -> tuple[Document, str]:
        """The document as it would be published now, and as text. Raises: NotReadyError."""
        document = _document(self._hall(), self._drafts.get())
        return document, json.dumps(document, ensure_ascii=False)

    def _hall(self) -> Hall:
        if self._live.hall is None or self._live.view is None:
            raise NotReadyError
        return self._live.hall


def _revision(text: str) -> int:
    """Raises: ContractError: no number of a revision."""
    if not text.isdecimal() or len(text) > 9:
        raise ContractError("a revision number is needed")
    return int(text)


def _another_base(hall: Hall, draft: Draft | None, fields: Mapping[str, str]) -> bool:
    """Whether the hall was published anew since the form was drawn."""
    seen = fields.get("mark", "").partition("/")[0]
    return seen not in ("", mark(hall, draft).partition("/")[0])


def _others(draft: Draft | None, fields: Mapping[str, str], me: str) -> tuple[Step, ...]:
    """What others put into the draft since the form was drawn; a form that carries no mark claims to have seen all."""
    seen = fields.get("mark", "")
    return tuple(step for step in draft.since(seen) if step.by != me) if draft is not None and seen else ()


def _followed(view: m.ConsolesView) -> list[m.DeskDevice]:
    """The boxes that work by the document."""
    return [device for device in view.devices if device.runs is not None or device.staged is not None]


def _moved(hall: Hall, draft: Draft | None) -> bool:
    """Whether another document came into force since the draft was begun."""
    return draft is not None and draft.base != hall.revision


def _fault(say: Callable[..., str], said: Said) -> str:
    """Why a form was not taken, in words."""
    try:
        return say(said.fault, **(said.facts or {}))
    except KeyError:
        return said.fault


def _document(hall: Hall, draft: Draft | None) -> Document:
    """The draft; the hall in force where there is none."""
    if draft is not None:
        return draft.document
    document: Document = json.loads(hall.model_dump_json(by_alias=True))
    return document


def _text(draft: Draft) -> str:
    return json.dumps(draft.document, ensure_ascii=False)
