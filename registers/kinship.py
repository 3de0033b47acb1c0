"""How a member of a household is related to who asks, from the links of mother, father and spouse. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kin:
    """One person's links; numbers, None where not known."""

    number: str
    mother: str | None = None
    father: str | None = None
    spouse: str | None = None

    @property
    def parents(self) -> frozenset[str]:
        """Those that are known."""
        return frozenset(p for p in (self.mother, self.father) if p)


def relation(asker: Kin, member: Kin, known: dict[str, Kin]) -> str:
    """What `member` is to `asker`: a code whose word is `relation.<code>`, "" where nothing can be said.

    `known`: everybody whose links may be followed, by number.
    """
    if member.number == asker.number:
        return "self"
    if asker.spouse == member.number or member.spouse == asker.number:
        return "spouse"
    if asker.number in member.parents:
        return "child"
    if member.number in asker.parents:
        return "parent"
    if asker.parents & member.parents:
        return "sibling"
    if asker.number in _grandparents(member, known):
        return "grandchild"
    return "grandparent" if member.number in _grandparents(asker, known) else ""


def _grandparents(kin: Kin, known: dict[str, Kin]) -> frozenset[str]:
    return frozenset().union(*(known[p].parents for p in kin.parents if p in known))
