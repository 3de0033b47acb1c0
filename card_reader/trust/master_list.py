"""Importing a master list: the list's signer proved from a pinned root, its certificates sorted into anchors. Pure.

ICAO Doc 9303-12 §8.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from card_reader.errors import DataError
from card_reader.trust.certificate import Certificate, Signed, certificates, signed_data
from card_reader.trust.store import Anchor, Bundle, Store, anchor

MASTER_LIST = "2.23.136.1.1.2"
LIFE = timedelta(days=400)
"""How long a bundle is used: lists come out every few weeks, halls are visited once a year."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of a list: the bundle, and what was left out and why."""

    bundle: Bundle
    unreadable: int
    unusable: int
    unproved: int


def root_of(data: bytes) -> Certificate:
    """The certificate a person compares with its published fingerprint: the one that issued the list's signer.

    Raises: DataError: not a master list, its signature is wrong, or its signer's issuer is not with it.
    """
    return _proved(_signed(data))[1]


def imported(data: bytes, root: str, countries: frozenset[str] | None, now: datetime) -> Imported:
    """The bundle of a master list whose signer `root` (a SHA-256 fingerprint, hexadecimal) issued.

    `countries`: ISO letters; None: all. Raises: DataError: not a master list, a wrong signature, or another root.
    """
    signed = _signed(data)
    signer, issuer = _proved(signed)
    if issuer.fingerprint != root.lower().replace(":", ""):
        raise DataError("master list: signed under another root than the one you named")
    unreadable: list[DataError] = []
    found = certificates(signed.content, unreadable.append)
    wanted = [c for c in found if countries is None or c.country in countries]
    usable = [c for c in wanted if _usable(c)]
    anchors = sorted((_anchor(c, usable) for c in usable), key=lambda a: (a.country, a.certificate))
    bundle = Bundle(
        made=now,
        expires=now + LIFE,
        source=hashlib.sha256(data).hexdigest(),
        signer=signer.fingerprint,
        anchors=tuple(anchors),
    )
    return Imported(bundle, len(unreadable), len(wanted) - len(usable), sum(not a.proved for a in anchors))


def added(bundle: Bundle, new: Certificate, fingerprint: str | None) -> Bundle:
    """The bundle with one certificate more: a link from an anchor already pinned, or one whose fingerprint a person compared.

    Raises: DataError: neither.
    """
    linked = Store(bundle.anchors).issuer(new) is not None
    if not linked and new.fingerprint != (fingerprint or "").lower().replace(":", ""):
        raise DataError("certificate: no anchor signed it, and its fingerprint was not given")
    new.key()
    return bundle.model_copy(update={"anchors": (*bundle.anchors, anchor(new, proved=True))})


def _signed(data: bytes) -> Signed:
    signed = signed_data(data, bad=lambda _exc: None)
    if signed.content_type != MASTER_LIST:
        raise DataError("not a master list")
    if not signed.whole():
        raise DataError("master list: it was altered after it was signed")
    return signed


def _proved(signed: Signed) -> tuple[Certificate, Certificate]:
    """The list's signer and its issuer, both signatures checked."""
    for signer in signed.certificates:
        if signer.serial == signed.signer_serial and _quietly(signed.signed_by, signer):
            for issuer in (*signed.certificates, *certificates(signed.content, lambda _exc: None)):
                if issuer.subject == signer.issuer and _quietly(issuer.signed, signer):
                    return signer, issuer
            raise DataError("master list: its signer's issuer is not with it")
    raise DataError("master list: its signature is wrong")


def _anchor(found: Certificate, others: list[Certificate]) -> Anchor:
    same_name = (o for o in others if o.subject == found.issuer)
    return anchor(
        found,
        proved=_quietly(found.signed, found) or any(_quietly(o.signed, found) for o in same_name),
    )


def _usable(found: Certificate) -> bool:
    try:
        found.key()
    except DataError:
        return False
    return True


def _quietly(check: Callable[[Certificate], bool], other: Certificate) -> bool:
    try:
        return check(other)
    except DataError:
        return False
