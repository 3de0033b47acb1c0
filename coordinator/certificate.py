"""Papers with a number that terminals printed: what they tell is written down, never for whom. Pure."""

from __future__ import annotations

from contract import messages as m
from contract.words import Role
from coordinator.draft import Draft
from coordinator.record import Certificate, whole


def told(draft: Draft, fact: m.CertificateFact) -> None:
    """Write down what a terminal told; another box has no certificates: what it says of one is passed over."""
    if draft.actor.role is not Role.TERMINAL:
        return
    at = whole(fact.numbered_at)
    record = Certificate(
        draft.actor.dev, fact.number, draft.hall.local(at).date(), fact.layout, fact.paper, at, fact.service
    )
    draft.say(f"certificate.{fact.paper}", record, number=fact.number)
