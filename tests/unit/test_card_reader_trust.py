"""Master lists, bundles, chains, signatures: what is believed, and everything that is not."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from card_reader import tlv
from card_reader.chip import public_key
from card_reader.chip.public_key import EcKey, RsaKey, Scheme
from card_reader.errors import Code, DataError
from card_reader.trust import master_list, passive, sod, store
from card_reader.trust.certificate import certificate, certificates, signed_data
from card_reader.trust.store import Anchor, Bundle, Store
from card_reader.trust.verdict import Level, Note, Reason
from contract.errors import ConfigError
from simulators.card.script import read as script_of
from tests.card_bench import NOW, drawer, trusted


@cache
def listed() -> bytes:
    return drawer().world.master_list()


def root() -> str:
    return certificate(drawer().world.list_anchor()).fingerprint


def bundle(countries: frozenset[str] | None = None) -> Bundle:
    return master_list.imported(listed(), root(), countries, NOW).bundle


def signature_of(name: str) -> bytes:
    return drawer().document(name, script_of({})).files["SOD"]


def test_a_master_list_is_believed_under_the_root_that_was_compared() -> None:
    made = bundle()
    assert {a.country for a in made.anchors} >= {"UA", "KZ", "EE", "UT"}
    assert all(a.proved for a in made.anchors)
    assert {a.country for a in made.anchors if a.sha1} == {"KZ"}
    assert master_list.root_of(listed()).fingerprint == root()
    assert made.source == hashlib.sha256(listed()).hexdigest()
    assert made.expires - made.made == master_list.LIFE


def test_a_master_list_under_another_root_is_refused() -> None:
    with pytest.raises(DataError, match="another root"):
        master_list.imported(listed(), "00" * 32, None, NOW)


def test_a_fingerprint_may_be_written_with_colons_and_in_capitals() -> None:
    text = ":".join(root()[at : at + 2] for at in range(0, 64, 2)).upper()
    assert master_list.imported(listed(), text, None, NOW).bundle.anchors


def test_every_altered_part_of_a_master_list_is_found() -> None:
    whole = listed()
    for at in range(40, len(whole), max(1, len(whole) // 97)):
        bad = whole[:at] + bytes([whole[at] ^ 0x20]) + whole[at + 1 :]
        try:
            made = master_list.imported(bad, root(), None, NOW).bundle
        except DataError:
            continue
        assert made.anchors == bundle().anchors  # a change where nothing was signed


def test_only_the_wanted_countries_are_kept() -> None:
    assert {a.country for a in bundle(frozenset({"KZ"})).anchors} == {"KZ"}


def test_a_bundle_is_written_and_loaded_whole(tmp_path: Path) -> None:
    file = tmp_path / "bundle.json"
    store.write(file, bundle())
    assert store.read(file) == bundle()
    assert len(store.load(file, frozenset({"UA"}))) == len([a for a in bundle().anchors if a.country == "UA"])
    file.write_text("{}")
    with pytest.raises(ConfigError, match="vikno trust import"):
        store.load(file)
    with pytest.raises(ConfigError):
        store.load(tmp_path / "none.json")


@pytest.mark.parametrize("name", ["ua", "ua-passport", "kz", "uto", "long"])
def test_a_cards_signature_is_believed(name: str) -> None:
    verdict = passive.judge(sod.security_object(signature_of(name)), trusted(), NOW)
    assert verdict.level is Level.DATA_SIGNED
    assert (Note.SHA1_ANCHOR in verdict.notes) == (name == "kz")


def test_without_anchors_nobody_is_believed() -> None:
    verdict = passive.judge(sod.security_object(signature_of("ua")), Store(()), NOW)
    assert (verdict.level, verdict.reason) == (Level.UNVERIFIED, Reason.ANCHOR_UNKNOWN)


def test_an_anchor_of_the_right_name_and_another_key_is_not_taken() -> None:
    other = next(a for a in bundle().anchors if a.country == "KZ")
    ours = next(a for a in bundle().anchors if a.country == "UA")
    forged = Anchor(**{**other.model_dump(), "subject": ours.subject, "key_id": ours.key_id})
    verdict = passive.judge(sod.security_object(signature_of("ua")), Store([forged]), NOW)
    assert verdict.reason is Reason.ANCHOR_UNKNOWN


def test_no_state_signs_for_another() -> None:
    verdict = passive.judge(sod.security_object(signature_of("ua")), trusted(), NOW)
    assert passive.of_state(verdict, frozenset({"UA"})) == verdict
    assert passive.of_state(verdict, frozenset()) == verdict
    foreign = passive.of_state(verdict, frozenset({"KZ"}))
    assert (foreign.level, foreign.reason) == (Level.UNVERIFIED, Reason.OTHER_STATE)
    assert passive.with_chip(foreign, True, asked=True) == foreign


def test_every_altered_byte_of_a_signed_object_is_refused_or_harmless() -> None:
    whole = signature_of("long")
    files = {1: drawer().document("long", script_of({})).files["DG1"]}
    proved = 0
    for at in range(0, len(whole), max(1, len(whole) // 251)):
        bad = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
        try:
            security = sod.security_object(bad)
            verdict = passive.judge(security, trusted(), NOW)
            sod.prove(security, files)
        except DataError:
            continue
        proved += verdict.level is Level.DATA_SIGNED
        assert security.hashes == sod.security_object(whole).hashes
    assert proved < 40  # signer ids and other parts that nothing is decided by


def test_a_changed_file_is_named() -> None:
    security = sod.security_object(signature_of("ua"))
    with pytest.raises(DataError, match="DG1 ") as caught:
        sod.prove(security, {1: b"other"})
    assert caught.value.code is Code.DATA_ALTERED
    with pytest.raises(DataError, match="DG9"):
        sod.prove(security, {9: b"never signed"})


def test_a_certificate_added_by_hand_needs_its_fingerprint_or_a_link() -> None:
    key = ec.generate_private_key(ec.SECP384R1())
    new = certificate(self_signed(key, "KG"))
    with pytest.raises(DataError, match="fingerprint"):
        master_list.added(bundle(), new, None)
    assert len(master_list.added(bundle(), new, new.fingerprint).anchors) == len(bundle().anchors) + 1


def test_a_link_certificate_is_followed_from_the_anchor_that_signed_it() -> None:
    old, young = ec.generate_private_key(ec.SECP256R1()), rsa.generate_private_key(65537, 2048)
    anchors = (store.anchor(certificate(self_signed(old, "KG")), proved=True),)
    first = Bundle(made=NOW, expires=NOW, source="", signer="", anchors=anchors)
    link = certificate(signed_by(old, "KG", young.public_key()))
    assert link.subject == link.issuer
    followed = master_list.added(first, link, None)
    document = certificate(signed_by(young, "KG", ec.generate_private_key(ec.SECP256R1()).public_key(), subject="DS"))
    assert Store(first.anchors).issuer(document) is None
    found = Store(followed.anchors).issuer(document)
    assert found is not None
    assert found.certificate == link


def self_signed(key: ec.EllipticCurvePrivateKey, country: str) -> bytes:
    return signed_by(key, country, key.public_key())


def signed_by(
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, country: str, public: ec.EllipticCurvePublicKey | rsa.RSAPublicKey,
    subject: str = "CSCA",
) -> bytes:  # fmt: skip
    def name(common: str) -> x509.Name:
        return x509.Name(
            [
                x509.NameAttribute(x509.NameOID.COUNTRY_NAME, country),
                x509.NameAttribute(x509.NameOID.COMMON_NAME, common),
            ]
        )

    builder = x509.CertificateBuilder(
        name("CSCA"), name(subject), public, x509.random_serial_number(), NOW, NOW + timedelta(days=9)
    )
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


# -- keys and signatures ----------------------------------------------------------------------------------------------------


def spki(key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def test_rsa_and_ecdsa_signatures_are_checked_and_kinds_not_mixed() -> None:
    private, curve = rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.BrainpoolP384R1())
    signed = {
        Scheme("rsa", "sha256"): private.sign(b"text", padding.PKCS1v15(), hashes.SHA256()),
        Scheme("pss", "sha256", 32): private.sign(
            b"text", padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256()
        ),
        Scheme("ecdsa", "sha384"): curve.sign(b"text", ec.ECDSA(hashes.SHA384())),
    }
    keys = {"rsa": spki(private.public_key()), "pss": spki(private.public_key()), "ecdsa": spki(curve.public_key())}
    for scheme, signature in signed.items():
        for other in keys:
            key = public_key.decode(keys[other])
            fits = keys[other] == keys[scheme.kind]
            assert public_key.verifies(key, scheme, signature, b"text") == fits
            assert not public_key.verifies(key, scheme, signature, b"texT")


def test_a_key_with_its_curve_written_out_is_the_named_one() -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    numbers = private.public_key().public_numbers()
    key = public_key.decode(explicit(numbers.x, numbers.y))
    assert key == public_key.decode(spki(private.public_key()))
    generator_of_the_attacker = explicit(numbers.x, numbers.y, generator=(numbers.x, numbers.y))
    with pytest.raises(DataError, match="no standard"):
        public_key.decode(generator_of_the_attacker)


def explicit(x: int, y: int, generator: tuple[int, int] | None = None) -> bytes:
    """A SubjectPublicKeyInfo of secp256r1 with every parameter written out."""
    from card_reader.chip.curve_table import CURVES

    _, p, a, b, gx, gy, n = CURVES["secp256r1"]
    gx, gy = generator or (gx, gy)
    sequence = lambda *parts: tlv.encode(0x30, b"".join(parts))  # noqa: E731
    integer = lambda v: tlv.encode(0x02, v.to_bytes(v.bit_length() // 8 + 1, "big"))  # noqa: E731
    octets = lambda v: tlv.encode(0x04, v.to_bytes(32, "big"))  # noqa: E731
    point = lambda u, v: b"\x04" + u.to_bytes(32, "big") + v.to_bytes(32, "big")  # noqa: E731
    field = sequence(bytes.fromhex("06072A8648CE3D0101"), integer(p))
    curve = sequence(octets(a), octets(b))
    parameters = sequence(integer(1), field, curve, tlv.encode(0x04, point(gx, gy)), integer(n), integer(1))
    algorithm = sequence(bytes.fromhex("06072A8648CE3D0201"), parameters)
    return sequence(algorithm, tlv.encode(0x03, b"\0" + point(x, y)))


def test_a_slow_curve_is_verified_too() -> None:
    from card_reader.chip import curves

    curve = curves.curve("brainpoolP320r1")
    private, nonce, message = 1234567, 7654321, b"text"
    key = EcKey(curve, curve.times(private))
    r = curve.times(nonce).x % curve.n
    digest = int.from_bytes(hashlib.sha256(message).digest(), "big")
    s = pow(nonce, -1, curve.n) * (digest + r * private) % curve.n
    signature = tlv.encode(0x30, b"".join(tlv.encode(0x02, b"\0" + v.to_bytes(40, "big")) for v in (r, s)))
    assert public_key.verifies(key, Scheme("ecdsa", "sha256"), signature, message)
    assert not public_key.verifies(key, Scheme("ecdsa", "sha256"), signature, b"other")
    assert not public_key.verifies(key, Scheme("ecdsa", "sha256"), b"junk", message)


@pytest.mark.parametrize("bits", [512, 1024 * 9])
def test_keys_of_unlikely_size_are_refused(bits: int) -> None:
    number = (1 << bits) - 1
    body = tlv.encode(0x30, tlv.encode(0x02, b"\0" + number.to_bytes(bits // 8, "big")) + tlv.encode(0x02, b"\1\0\1"))
    whole = tlv.encode(0x30, bytes.fromhex("300D06092A864886F70D0101010500") + tlv.encode(0x03, b"\0" + body))
    with pytest.raises(DataError):
        public_key.decode(whole)


def test_an_rsa_key_is_what_it_says() -> None:
    private = rsa.generate_private_key(65537, 1024 * 2)
    key = public_key.decode(spki(private.public_key()))
    assert key == RsaKey(private.public_key().public_numbers().n, 65537)


# -- any bytes --------------------------------------------------------------------------------------------------------------


@given(data=st.binary(max_size=300))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_refused_by_name(data: bytes) -> None:
    for parse in (certificate, signed_data, public_key.decode, sod.security_object):
        with pytest.raises(DataError):
            parse(data)
    certificates_seen: list[DataError] = []
    with pytest.raises(DataError):
        certificates(data, certificates_seen.append)


@given(at=st.integers(0, 10**6), value=st.integers(0, 255), cut=st.integers(0, 10**6))
@settings(max_examples=300, deadline=None)
def test_a_signed_object_damaged_anywhere_is_a_named_error_or_no_proof(at: int, value: int, cut: int) -> None:
    whole = bytearray(signature_of("long"))
    whole[at % len(whole)] = value
    for form in (bytes(whole), bytes(whole[: cut % len(whole)])):
        try:
            passive.judge(sod.security_object(form), trusted(), NOW)
        except DataError:
            continue


def test_a_bundle_keeps_certificates_as_they_were() -> None:
    for anchor in bundle().anchors:
        found = certificate(base64.b64decode(anchor.certificate))
        assert (found.subject.hex(), found.country) == (anchor.subject, anchor.country)
        assert found.not_before < datetime.now(UTC) + timedelta(days=2)
