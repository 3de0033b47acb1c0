"""The page on which a manager changes the hall: what the draft would do, who is asked before it is published, and the way back."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from fastapi import Response

from consoles import route
from consoles.draft import Draft, Drafts, changed
from consoles.live import Live
from consoles.page import NotReadyError, Pages, Reader
from consoles.route import Asked, Route
from consoles.staff.role import Act
from consoles.staff.session import Session
from consoles.trial import Trials, Tried
from contract import messages as m
from contract.errors import ContractError
from contract.hall import Hall
from runtime.asker import Answer, new_id

PARTS = ("windows", "services", "hours", "rules")


@dataclass(frozen=True, slots=True)
class Said:
    """What became of a button. `answer` None: nothing was asked of the hall.

    `fault`: why a form was not taken; `tried`: what the last days say.
    """

    button: str
    answer: Answer | None = None
    fault: str = ""
    tried: Tried | None = None


class Changing:
    """The pages under `/hall/change`."""

    def __init__(self, live: Live, pages: Pages, drafts: Drafts, trials: Trials, utc: Callable[[], datetime]) -> None:
        self._live, self._pages, self._drafts, self._trials, self._utc = live, pages, drafts, trials, utc

    def routes(self) -> tuple[Route, ...]:
        """Its addresses."""
        return (
            Route("GET", "/hall/change", self._show, Act.CHANGE),
            Route("POST", "/hall/change/press", self._press, Act.CHANGE),
            Route("GET", "/hall/change/{part}/{key}", self._form, Act.CHANGE),
            Route("POST", "/hall/change/{part}/{key}", self._save, Act.CHANGE),
        )

    async def _show(self, asked: Asked) -> Response:
        to = asked.query.get("to", "")
        to = to if to.isdecimal() and len(to) < 10 else ""
        return route.page(await self.page(asked.reader, asked.me, to=to))

    async def _press(self, asked: Asked) -> Response:
        """The answer stands on the page that comes back. Sent again, it is done once."""
        fields = await asked.form()
        said = await self.press(asked.me, fields, route.key(fields))
        return route.page(await self.page(asked.at("/hall/change"), asked.me, said))

    async def _form(self, asked: Asked) -> Response:
        return route.page(self.part(asked.reader, asked.me, asked.named("part"), asked.named("key")))

    async def _save(self, asked: Asked) -> Response:
        """Back to the draft with all it would do, or the form again with what is wrong."""
        part, key = asked.named("part"), asked.named("key")
        said = self.save(asked.me, part, key, await asked.form())
        if said.fault:
            return route.page(self.part(asked.reader, asked.me, part, key, said), 422)
        return route.away(asked, self._pages.address("/hall/change", asked.reader.wanted))

    async def page(self, reader: Reader, session: Session, said: Said | None = None, to: str = "") -> str:
        """The draft with all it would do, the parts that can be changed, the documents before. Raises: NotReadyError."""
        hall, draft = self._hall(), self._drafts.get()
        checked = None
        if draft is not None:
            checked = await self._live.ask(m.HallCheck(id=new_id(), document=_text(draft)))
        listed = await self._live.ask(m.HallRevisions(id=new_id()))
        return self._pages.change(
            reader, session=session, draft=draft, said=said, key=new_id, to=to, moved=_moved(hall, draft),
            checked=checked if isinstance(checked, m.Checked) else None, silent=draft is not None and not isinstance(checked, m.Checked),
            revisions=listed.revisions if isinstance(listed, m.Revisions) else None,
        )  # fmt: skip

    def part(self, reader: Reader, session: Session, part: str, key: str, said: Said | None = None) -> str:
        """The form of one part, filled from the draft. Raises: NotReadyError; ContractError: there is no such part."""
        if part not in PARTS:
            raise ContractError(f"there is no part {part[:32]!r}")
        draft = self._drafts.get()
        document = draft.document if draft is not None else self._hall().model_dump(mode="json", by_alias=True)
        return self._pages.change_part(
            reader, session=session, draft=draft, said=said, document=document, part=part, entry=key
        )

    def save(self, session: Session, part: str, key: str, fields: Mapping[str, str]) -> Said:
        """Take a form into the draft. Raises: NotReadyError."""
        try:
            draft = changed(self._hall(), self._drafts.get(), part, key, fields, session.operator, self._utc())
        except ContractError as exc:
            return Said("save", fault=str(exc))
        self._drafts.put(draft)
        return Said("save")

    async def press(self, session: Session, fields: Mapping[str, str], key: str) -> Said:
        """Try the draft, publish it, drop it, or go back to an earlier document. Raises: NotReadyError; ContractError: no such button."""
        hall, name, why = self._hall(), fields.get("button", ""), " ".join(fields.get("why", "").split())
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
            to = fields.get("to", "")
            if not to.isdecimal() or len(to) > 9:
                raise ContractError("to: a revision number")
            command: m.Command = m.HallRevert(
                id=key, to=int(to), base=hall.revision, why=why[:200], operator=session.operator
            )
        elif draft is None:
            return Said(name, fault="change.none")
        else:
            command = m.HallPublish(
                id=key, document=_text(draft), base=draft.base, why=why[:200], operator=session.operator
            )
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

    def _hall(self) -> Hall:
        if self._live.hall is None or self._live.view is None:
            raise NotReadyError
        return self._live.hall


def _moved(hall: Hall, draft: Draft | None) -> bool:
    """Whether another document came into force since the draft was begun."""
    return draft is not None and draft.base != hall.revision


def _text(draft: Draft) -> str:
    return json.dumps(draft.document, ensure_ascii=False)
