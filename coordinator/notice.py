"""The manager's message on the boards: put up, taken away, over at its time and at the day's end. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from contract.messages import Done, HallNotice
from contract.words import Refusal, Role
from coordinator.draft import Draft, RefusedError
from coordinator.record import Notice
from journal.event import Fact


def answer(draft: Draft, command: HallNotice) -> Done:
    """Put the message up in its zones, or take away what stands there."""
    draft.need_role(Role.CONSOLE)
    _need_sound(draft, command)
    texts, until = tuple(sorted(command.texts.items())), command.until if command.texts else None
    zones = [zone.id for zone in draft.hall.zones if not command.zones or zone.id in command.zones]
    before = draft.notices()
    rows = [Notice(zone, draft.now, texts, until) for zone in zones if texts or _stands(before.get(zone))]
    if rows:
        zones_named: list[Fact] = [*command.zones]
        said: dict[str, Fact] = dict(texts)
        draft.say("hall.noticed", *rows, zones=zones_named, texts=said, speak=command.speak and bool(texts))
    return Done(id=command.id, re=command.id)


def expire(draft: Draft) -> None:
    """Take away what is over."""
    _clear(draft, (n for n in draft.notices().values() if n.until is not None and n.until <= draft.now), "until")


def close(draft: Draft) -> None:
    """The day ends: no message stays."""
    _clear(draft, draft.notices().values(), "day_close")


def _clear(draft: Draft, notices: Iterable[Notice], reason: str) -> None:
    rows = [Notice(notice.zone, draft.now) for notice in notices if _stands(notice)]
    if rows:
        draft.say("hall.notice_over", *rows, reason=reason)


def _stands(notice: Notice | None) -> bool:
    return notice is not None and bool(notice.texts)


def _need_sound(draft: Draft, command: HallNotice) -> None:
    """Raises: RefusedError: a zone or language the hall does not have, no text in its own language, or a time that is over."""
    foreign = sorted(set(command.zones) - {zone.id for zone in draft.hall.zones})
    strange = sorted(set(command.texts) - set(draft.hall.languages))
    if foreign or strange:
        raise RefusedError(Refusal.BAD_COMMAND, f"the hall does not have {', '.join(foreign + strange)}")
    if command.texts and draft.hall.default_language not in command.texts:
        raise RefusedError(Refusal.BAD_COMMAND, f"a text in {draft.hall.default_language} is needed")
    if command.until is not None and command.until <= draft.now:
        raise RefusedError(Refusal.BAD_COMMAND, "the time until which it is to be shown is over")
