"""Looking at a draft and publishing it: one event, and from then on the hall runs by it. Pure."""

from __future__ import annotations

from datetime import datetime

from contract.errors import ContractError
from contract.hall import Hall
from contract.messages import Checked, Done, HallCheck, HallPublish, Refused
from contract.words import Refusal, Role
from coordinator.draft import Draft, RefusedError
from coordinator.record import Revision
from coordinator.revising import change, document, finding
from coordinator.state import HallDay

MOST_FINDINGS, MOST_FAULTS = 100, 50


def tell(state: HallDay, question: HallCheck, asking: Role, now: datetime) -> Checked | Refused:
    """What the draft would do at hall time `now`; consoles may ask."""
    key, base = question.id, state.hall.revision
    if asking is not Role.CONSOLE:
        return Refused(id=key, re=key, code=Refusal.NOT_ALLOWED, text=f"a {asking} may not do this")
    try:
        new = document.draft(state.hall, question.document)
    except ContractError as exc:
        return Checked(id=key, re=key, base=base, faults=tuple(str(exc)[:4000].split("; ")[:MOST_FAULTS]))
    found = (*finding.of_day(state, new, now), *finding.of_document(new, new.local(now).date()))
    return Checked(id=key, re=key, base=base, findings=found[:MOST_FINDINGS], changes=change.changes(state.hall, new))


def answer(draft: Draft, command: HallPublish) -> Done:
    """Publish: checked again at this very moment.

    Raises: RefusedError: not by a console, another revision is in force, or it would leave people without help.
    """
    draft.need_role(Role.CONSOLE)
    base = draft.hall.revision
    if command.base != base:
        text = f"it was made from revision {command.base}, and {base} is in force"
        raise RefusedError(Refusal.REVISION_MOVED, text, base=command.base, revision=base)
    new = _sound(draft, command)
    row = Revision(new.revision, draft.now, command.operator, command.why, document.text(new))
    draft.say("hall.published", row, revision=new.revision, base=base, why=command.why)
    return Done(id=command.id, re=command.id)


def _sound(draft: Draft, command: HallPublish) -> Hall:
    try:
        new = document.draft(draft.hall, command.document)
    except ContractError as exc:
        raise RefusedError(Refusal.BAD_COMMAND, str(exc)[:2000]) from exc
    stops = [found for found in finding.of_day(draft.state, new, draft.now) if found.stops]
    if stops:
        named = "; ".join(f"{found.code}: {', '.join(found.of)}" for found in stops)
        raise RefusedError(Refusal.DRAFT_STOPPED, f"people in the hall would be left without help: {named}"[:2000])
    return new
