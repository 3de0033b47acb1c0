"""Passive authentication: were these files signed by a state we know? Pure. ICAO Doc 9303-11 §5."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from card_reader.chip import public_key
from card_reader.chip.mapped import Mapped
from card_reader.chip.public_key import EcKey
from card_reader.chip.security_info import chip_keys, security_infos
from card_reader.errors import Code, DataError
from card_reader.trust.certificate import signed_data
from card_reader.trust.sod import SecurityObject
from card_reader.trust.store import Store
from card_reader.trust.verdict import Level, Note, Reason, Verdict

CARD_SECURITY_OBJECT = "0.4.0.127.0.7.3.2.1"


def judge(sod: SecurityObject, store: Store, now: datetime) -> Verdict:
    """Who signed the hashes of `sod`. At best DATA_SIGNED: the files are proved by `sod.prove`, the chip elsewhere.

    Raises: DataError (DATA_ALTERED): the signature is not the signer's, or not over these hashes.
    """
    signed = sod.signed
    if signed.message_digest is None or not signed.whole():
        raise DataError("EF.SOD: the signature is over other hashes", Code.DATA_ALTERED)
    signer = signed.signer()
    if signer is None:
        return Verdict(Level.UNVERIFIED, Reason.SIGNER_MISSING)
    if not signed.signed_by(signer):
        raise DataError("EF.SOD: the signature is wrong", Code.DATA_ALTERED)
    if now > store.expires:
        return Verdict(Level.UNVERIFIED, Reason.BUNDLE_EXPIRED)
    found = store.issuer(signer)
    if found is None:
        return Verdict(Level.UNVERIFIED, Reason.ANCHOR_UNKNOWN)
    notes = {Note.REVOCATION_UNCHECKED}
    at = signed.signing_time or now
    if not signer.not_before <= at <= signer.not_after:
        notes.add(Note.SIGNER_EXPIRED)
    if found.sha1:
        notes.add(Note.SHA1_ANCHOR)
    return Verdict(Level.DATA_SIGNED, Reason.CHIP_NOT_ASKED, frozenset(notes), found.certificate.country)


def of_state(verdict: Verdict, countries: frozenset[str]) -> Verdict:
    """The verdict on a card whose MRZ names the state of `countries`: no other state may sign for it. Empty: not known which."""
    if verdict.level is Level.UNVERIFIED or not countries or verdict.country in countries:
        return verdict
    return replace(verdict, level=Level.UNVERIFIED, reason=Reason.OTHER_STATE)


def with_chip(verdict: Verdict, chip: bool | None, *, asked: bool) -> Verdict:
    """The verdict with what the chip showed: True a proof, False none where it offered one, None nothing to offer."""
    if verdict.level is Level.UNVERIFIED:
        return verdict
    if chip:
        return replace(verdict, level=Level.CHIP_GENUINE, reason=Reason.CHIP_PROVED)
    reason = Reason.CHIP_FAILED if chip is False else Reason.CHIP_CANNOT if asked else Reason.CHIP_NOT_ASKED
    return replace(verdict, reason=reason)


def proves_mapping(mapped: Mapped, card_security: bytes | bytearray | None, store: Store) -> bool:
    """PACE with chip-authentication mapping was done with a key of EF.CardSecurity, and a state we know signed that file."""
    if card_security is None:
        return False
    try:
        signed = signed_data(bytes(card_security))
        signer = signed.signer()
        if signed.content_type != CARD_SECURITY_OBJECT or signed.message_digest is None or not signed.whole():
            return False
        if signer is None or not signed.signed_by(signer) or store.issuer(signer) is None:
            return False
        keys = [public_key.decode(key.public) for key in chip_keys(security_infos(signed.content))]
    except DataError:
        return False
    return any(isinstance(k, EcKey) and k.curve == mapped.curve and mapped.proves(k.point) for k in keys)
