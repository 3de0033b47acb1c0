"""The first start of a machine without a hall: the hall, its certificates and the first administrator on one page."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from fastapi import Response

from consoles import founding, route, show
from consoles.changing.fault import Wrong
from consoles.founding import Made, Pin
from consoles.gate import FormError
from consoles.page import Pages
from consoles.route import Asked, Route
from consoles.staff.account import StaffError
from consoles.staff.cookie import Cookie
from consoles.staff.first import First
from consoles.staff.staff import Staff
from consoles.upload import upload
from contract.errors import ViknoError
from contract.hall import Hall
from runtime import hall_file, hall_line
from runtime.hall_line import Fault

FORM_MAX = 2 * hall_file.MOST_BYTES + 4096
"""Room for a file beside a document that was pasted."""


class Wizard(First):
    """The page `/first` of `vikno first-run`. `ports`: of the broker and of the consoles; `names`: of this machine."""

    def __init__(
        self,
        pages: Pages,
        staff: Staff,
        folder: Path,
        names: tuple[str, ...],
        ports: tuple[int, int],
    ) -> None:
        super().__init__(pages, staff, Cookie(secure=False))
        self._folder, self._names, self._ports = folder, names, ports
        self._templates: dict[str, tuple[tuple[str, str], ...]] = {}
        self._made: Made | None = None
        self._turn = asyncio.Lock()

    def routes(self) -> tuple[Route, ...]:
        """Its addresses."""
        return (*super().routes(), Route("GET", "/", self._there, None, public=True))

    async def _there(self, asked: Asked) -> Response:
        return route.away(asked, self._pages.address("/first", asked.reader.wanted))

    async def _ask(self, asked: Asked) -> Response:
        """The form, or what was made."""
        return await self._draw(asked, {})

    async def _make(self, asked: Asked) -> Response:
        """Look at the document (`check`), or make everything (`make`), whole or nothing."""
        try:
            fields = await self._filled(asked)
        except FormError:
            return await self._draw(asked, {}, "first.too_long", status=413)
        if (key := self._not_from_here(asked, fields)) != "":
            return await self._draw(asked, fields, key, status=403)
        async with self._turn:
            if self._made is not None:
                return await self._draw(asked, fields)
            await self._listed(asked)
            try:
                if fields.get("button") == "check":
                    said = await asyncio.to_thread(self._checked, fields, self._pages.language(asked.reader.wanted))
                    return await self._draw(asked, fields, said=said)
                made = await asyncio.to_thread(self._all, fields)
            except StaffError as exc:
                return await self._draw(asked, fields, exc.key, status=409)
            except ViknoError as exc:
                faults = await asyncio.to_thread(hall_line.faults, fields.get("document", ""), str(exc))
                return await self._draw(asked, fields, "first.bad_hall", faults=faults, status=409)
        return await self._draw(asked, fields, pins=made.pins)

    async def _filled(self, asked: Asked) -> Mapping[str, str]:
        """The form; a file takes the place of the document that was pasted, so that it can be mended on the page. Raises: FormError."""
        sent = await upload(asked.request, FORM_MAX)
        fields = {
            name: data.decode(errors="replace").removeprefix("\ufeff").replace("\r\n", "\n")
            for name, data in sent.items()
        }
        asked.told.add(fields.get("button", ""))
        return fields | ({"document": fields["file"]} if fields.get("file") else {})

    def _hall(self, fields: Mapping[str, str]) -> Hall:
        if text := fields.get("document", "").strip():
            return hall_file.read(text.encode())
        name = fields.get("hall", "")
        if not any(name in dict(some) for some in self._templates.values()):
            raise StaffError("first.choose")
        return founding.template(name, self._folder)

    def _checked(self, fields: Mapping[str, str], language: str) -> str:
        return founding.check(self._hall(fields), self._folder, language)

    def _all(self, fields: Mapping[str, str]) -> Made:
        """What was made; its PINs are kept nowhere."""
        name = fields.get("account", "").strip().casefold()
        if fields.get("password") != fields.get("again"):
            raise StaffError("staff.not_the_same")
        self._staff.accounts.check_found(name, fields.get("name", ""), fields.get("password", ""))
        made = founding.make(self._hall(fields), self._folder, self._names, *self._ports)
        self._made = replace(made, pins=())
        self._staff.accounts.found(name, fields.get("name", ""), fields.get("password", ""))
        return made

    async def _listed(self, asked: Asked) -> tuple[tuple[str, str], ...]:
        """The templates in the reader's language."""
        language = self._pages.language(asked.reader.wanted)
        if language not in self._templates:
            self._templates[language] = await asyncio.to_thread(founding.templates, language)
        return self._templates[language]

    async def _draw(
        self,
        asked: Asked,
        fields: Mapping[str, str],
        note: str = "",
        *,
        said: str = "",
        pins: tuple[Pin, ...] = (),
        faults: tuple[Fault, ...] = (),
        status: int = 200,
    ) -> Response:
        language = self._pages.language(asked.reader.wanted)
        hall_name = show.named(self._made.hall.names, language) if self._made is not None else ""
        kept = {name: fields.get(name, "") for name in ("account", "name", "document")}
        html = self._pages.staff(
            "first_run.html", asked.at("/first"), note=note, said=said, faults=faults, wrong=_english, code=not asked.here, made=self._made,
            templates=await self._listed(asked), pins=pins, hall_name=hall_name, hall_chosen=fields.get("hall", ""), **kept,
        )  # fmt: skip
        return route.page(html, status)


def _english(fault: str) -> Wrong:
    """A fault as it was told: there is no hall yet by whose names it could be said."""
    return Wrong(fault, ours=False)
