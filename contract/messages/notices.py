"""A manager's message to everybody in the hall. Pure."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from contract.hall_part import BoardText
from contract.messages.envelope import Moment, Name, StaffCommand, Wire

NoticeTexts = Annotated[dict[Name, BoardText], Field(max_length=8)]
"""language → text"""


class HallNotice(StaffCommand):
    """Show `texts` on the boards of `zones` (none: all), instead of what stands there; no texts take it away. Consoles only.

    It ends at `until` (hall time; None: not before) and when the day closes. `speak`: the voice says it once, now.
    """

    t: Literal["hall.notice"] = "hall.notice"
    texts: NoticeTexts = {}
    zones: tuple[Name, ...] = Field(default=(), max_length=16)
    until: Moment | None = None
    speak: bool = False


class DeskNotice(Wire):
    """A message as staff see it: on the boards of `zones` since `since`."""

    zones: tuple[Name, ...]
    texts: NoticeTexts
    since: Moment
    until: Moment | None = None
