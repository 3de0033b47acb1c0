"""The states behind the cards, judged by OpenSSL and by the cryptography package: neither is ours."""

from __future__ import annotations

import hashlib
import subprocess
from datetime import UTC, datetime
from typing import Any

import pytest
from asn1crypto import cms, core, pem, x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import load_der_public_key
from cryptography.x509 import load_der_x509_certificate
from PIL import Image

from simulators.card.issuer import World
from simulators.card.person import iin, isikukood, rnokpp, unzr
from simulators.card.photo import face_group
from simulators.card.specimen import SPECIMENS, Drawer
from simulators.card.tlv import objects

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def drawer():
    return Drawer(NOW)


def public_key(der: bytes) -> Any:
    return load_der_public_key(der)


def signed_data(content: bytes) -> cms.SignedData:
    return cms.ContentInfo.load(content)["content"]


def openssl(*words: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["openssl", *words], capture_output=True, timeout=10, check=False)


def verified(tmp_path, message: bytes, anchors: list[bytes]) -> bytes | None:
    """The content of a CMS message whose signer OpenSSL traces to one of the anchors, as of `NOW`; None where it does not."""
    bundle = tmp_path / "anchors.pem"
    bundle.write_bytes(b"".join(map(openssl_pem, anchors)))
    return _content(tmp_path, message, "-CAfile", str(bundle), "-purpose", "any", "-attime", str(int(NOW.timestamp())))


def verified_by_hand(tmp_path, message: bytes, anchor: bytes) -> bytes | None:
    """The same for a state whose curve is written out: OpenSSL does not build a chain on those, but it checks each signature."""
    signer = signed_data(message)["certificates"][0].chosen
    key, signature, signed = tmp_path / "key.pem", tmp_path / "signature", tmp_path / "signed"
    key.write_bytes(pem.armor("PUBLIC KEY", x509.Certificate.load(anchor).public_key.dump()))
    signature.write_bytes(signer.signature)
    signed.write_bytes(signer["tbs_certificate"].dump())
    if openssl("dgst", "-sha256", "-verify", str(key), "-signature", str(signature), str(signed)).returncode:
        return None
    return _content(tmp_path, message, "-noverify")


def _content(tmp_path, message: bytes, *words: str) -> bytes | None:
    (tmp_path / "message").write_bytes(message)
    out = tmp_path / "content"
    result = openssl(
        "cms", "-verify", "-inform", "DER", "-in", str(tmp_path / "message"), *words, "-binary", "-out", str(out)
    )
    return out.read_bytes() if result.returncode == 0 else None


def openssl_pem(certificate: bytes):
    return pem.armor("CERTIFICATE", certificate)


# UA is not among them: OpenSSL compares the signer's issuer byte by byte, which the state's spelling does not survive.
@pytest.mark.parametrize("name", ["kz", "kg", "xps"])
def test_the_security_object_is_signed_by_the_state(drawer, tmp_path, name):
    script = drawer.script(name, None)
    document = drawer.document(name, script)
    state = {"kz": "KAZ", "kg": "KGZ", "xps": "XPS"}[name]
    anchor = drawer.world.authority(state).certificate.dump()
    sod = objects(document.files["SOD"])[0x77]
    content = verified(tmp_path, sod, [anchor])
    assert content is not None
    named = core.Sequence.load(content)
    listed = {
        core.Sequence.load(entry.dump())[0].native: entry[1].native
        for entry in core.SequenceOf.load(named[2].dump(), spec=core.Sequence)
    }
    digest = drawer.world.authority(state).state.scheme.digest
    groups = {number: document.files[f"DG{number}"] for number in listed}
    assert listed == {number: hashlib.new(digest, content).digest() for number, content in groups.items()}
    assert {f"DG{number}" for number in listed} == {file for file in document.files if file.startswith("DG")}
    assert verified(tmp_path, sod[:-1] + bytes((sod[-1] ^ 1,)), [anchor]) is None


def test_openssl_refuses_another_states_anchor_and_an_expired_signer(drawer, tmp_path):
    other = drawer.world.authority("EST").certificate.dump()
    sod = objects(drawer.document("kz", drawer.script("kz", None)).files["SOD"])[0x77]
    assert verified(tmp_path, sod, [other]) is None
    script = drawer.script("kz", {"expired_signer": True})
    expired = objects(drawer.document("kz", script).files["SOD"])[0x77]
    own = drawer.world.authority("KAZ").certificate.dump()
    assert verified(tmp_path, expired, [own]) is None
    signer = signed_data(expired)["certificates"][0].chosen
    assert signer["tbs_certificate"]["validity"]["not_after"].native < NOW
    unknown = objects(drawer.document("kz", drawer.script("kz", {"unknown_authority": True})).files["SOD"])[0x77]
    assert verified(tmp_path, unknown, drawer.world.anchors()) is None


def test_the_ukrainian_signer_is_spelled_in_two_ways(drawer):
    data = signed_data(objects(drawer.document("ua", drawer.script("ua", None)).files["SOD"])[0x77])
    certificate, signer = data["certificates"][0].chosen, data["signer_infos"][0]
    named = signer["sid"].chosen["issuer"]
    assert named.native == certificate.issuer.native
    assert named.dump() != certificate.issuer.dump()
    key = public_key(certificate.public_key.dump())
    signed = b"\x31" + signer["signed_attrs"].dump()[1:]
    key.verify(signer["signature"].native, signed, padding.PKCS1v15(), hashes.SHA256())
    content = data["encap_content_info"]["content"].native
    assert (
        signer["signed_attrs"][1]["values"][0].native
        == hashlib.sha256(
            content if isinstance(content, bytes) else data["encap_content_info"]["content"].contents
        ).digest()
    )


def test_card_security_holds_the_key_of_dg14(drawer, tmp_path):
    document = drawer.document("uto", drawer.script("uto", None))
    content = verified_by_hand(tmp_path, document.files["CardSecurity"], drawer.world.list_anchor())
    assert content == objects(document.files["DG14"])[0x6E]
    assert verified_by_hand(tmp_path, document.files["CardSecurity"], World(NOW).list_anchor()) is None


def test_the_master_list_is_signed_and_holds_the_listed_states(drawer, tmp_path):
    content = verified_by_hand(tmp_path, drawer.world.master_list(), drawer.world.list_anchor())
    assert content is not None
    listed = core.SetOf.load(core.Sequence.load(content)[1].dump(), spec=x509.Certificate)
    countries = sorted(certificate.subject.native["country_name"] for certificate in listed)
    assert countries == ["EE", "KZ", "UA", "UA", "UA", "UT", "XP"]
    signer = next(made.chosen for made in signed_data(drawer.world.master_list())["certificates"])
    assert signer.extended_key_usage_value.native == ["2.23.136.1.1.3"]


def test_a_link_certificate_leads_from_the_old_key_to_the_new(drawer):
    authority = drawer.world.authority("UKR")
    older, link = authority.links
    assert older.subject == link.subject == authority.certificate.subject
    assert link.public_key.dump() == authority.certificate.public_key.dump() != older.public_key.dump()
    old_key = public_key(older.public_key.dump())
    old_key.verify(link.signature, link["tbs_certificate"].dump(), padding.PKCS1v15(), hashes.SHA256())
    assert link.authority_key_identifier == older.key_identifier


def test_kazakhstans_anchor_signs_itself_with_sha1_and_utopias_writes_its_curve_out(drawer):
    kazakhstan = drawer.world.authority("KAZ").certificate
    assert kazakhstan["signature_algorithm"]["algorithm"].native == "sha1_rsa"
    assert kazakhstan.serial_number < 0
    utopia = drawer.world.authority("UTO").certificate
    assert utopia.public_key["algorithm"]["parameters"].name == "specified"
    with pytest.raises(UnsupportedAlgorithm, match="explicit parameters"):
        load_der_x509_certificate(utopia.dump()).public_key()
    assert drawer.world.authority("XPS").certificate["signature_algorithm"]["algorithm"].native == "rsassa_pss"


@pytest.mark.parametrize("state", ["UKR", "EST", "XPS"])
def test_openssl_takes_the_states_own_certificates(tmp_path, state):
    authority = World(NOW).authority(state)
    anchor, signer = tmp_path / "anchor.pem", tmp_path / "signer.pem"
    anchor.write_bytes(openssl_pem(authority.certificate.dump()))
    signer.write_bytes(openssl_pem(authority.signer.certificate.dump()))
    words = ("verify", "-attime", str(int(NOW.timestamp())), "-CAfile", str(anchor), str(signer))
    assert openssl(*words).returncode == 0


def test_every_specimen_lists_its_groups_in_com_and_is_issued_once(drawer):
    for name in SPECIMENS:
        document = drawer.document(name, drawer.script(name, None))
        assert document is drawer.document(name, drawer.script(name, None))
        tags = objects(objects(document.files["COM"])[0x60])[0x5C]
        assert len(tags) == sum(file.startswith("DG") for file in document.files)


def test_keys_are_made_anew_in_each_world():
    one, other = World(NOW).authority("EST"), World(NOW).authority("EST")
    assert one.certificate.dump() != other.certificate.dump()


def test_the_photo_is_a_picture_of_fifteen_kilobytes(tmp_path):
    group = face_group()
    assert len(group) == 15085
    template = objects(objects(objects(group)[0x75])[0x7F61])[0x7F60]
    record = objects(template)[0x5F2E]
    assert record[:8] == b"FAC\x00010\0"
    assert int.from_bytes(record[8:12], "big") == len(record)
    (tmp_path / "face.jpg").write_bytes(record[46:])
    with Image.open(tmp_path / "face.jpg") as picture:
        picture.load()
        assert (picture.format, picture.size) == ("JPEG", (240, 320))


def test_personal_numbers_hold_their_states_checks():
    """УНЗР of the research's example; the others worked by hand."""
    born = datetime(1990, 1, 1, tzinfo=UTC).date()
    assert unzr(born, "1234") == "1990010112345"
    assert rnokpp(born, "1234")[:9] == "328731234"  # 32873 days after the end of 1899
    assert iin(born, "F", "1234") == "90010141234" + str((9 + 4 + 6 + 7 * 4 + 8 + 9 * 2 + 10 * 3 + 11 * 4) % 11)
    assert isikukood(born, "F", "001") == "4900101001" + str((4 + 9 * 2 + 5 + 7 + 1) % 11)
