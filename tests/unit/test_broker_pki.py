"""The certificate authority: what it issues, refuses, revokes, and what is on disk when it is interrupted."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from broker_config import disk
from broker_config.pki import Authority
from contract.errors import ConfigError, ContractError

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.create(tmp_path / "pki", ["broker.hall.example", "192.0.2.7"], now=lambda: NOW)


def load(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def test_a_box_certificate_names_the_box_and_serves_clients_only(authority: Authority) -> None:
    files = authority.issue("kiosk-1")
    cert = load(files.cert)
    assert [n.value for n in cert.subject.get_attributes_for_oid(NameOID.COMMON_NAME)] == ["kiosk-1"]
    usage = cert.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    cert.verify_directly_issued_by(load(files.ca))
    assert isinstance(cert.public_key(), ec.EllipticCurvePublicKey)


def test_a_box_that_serves_has_the_names_it_was_given_and_no_loopback_of_its_own(authority: Authority) -> None:
    authority.issue("register-1", ["registers.hall.example", "192.0.2.9"])
    for files in (authority.credentials("register-1"), authority.renew("register-1")):
        cert = load(files.cert)
        san = cert.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        assert [str(name.value) for name in san] == ["registers.hall.example", "192.0.2.9"]
        usage = cert.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        assert list(usage) == [ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH]


def test_the_broker_certificate_holds_loopback_and_the_given_names(authority: Authority) -> None:
    san = load(authority.server.cert).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert san.get_values_for_type(x509.DNSName) == ["localhost", "broker.hall.example"]
    assert [str(a) for a in san.get_values_for_type(x509.IPAddress)] == ["127.0.0.1", "::1", "192.0.2.7"]


def test_a_box_with_a_wrong_clock_is_not_locked_out(authority: Authority) -> None:
    cert = load(authority.issue("kiosk-1").cert)
    assert cert.not_valid_before_utc < NOW - timedelta(days=365 * 6)
    assert cert.not_valid_after_utc == NOW + timedelta(days=365 * 5)


@pytest.mark.parametrize(
    "dev", ["", "+", "#", "a/b", "$SYS", "kiosk+1", "kiosk#", "../ca", "kiosk 1", "kiosk-1\n", "-k", "k" * 33, "кіоск"]
)
def test_a_name_that_is_no_topic_level_is_refused(authority: Authority, dev: str) -> None:
    for act in (authority.issue, authority.renew, authority.revoke, authority.credentials):
        with pytest.raises(ContractError, match="allowed"):
            act(dev)
    assert authority.certificates() == ()


def test_keys_are_private_from_the_first_moment(authority: Authority) -> None:
    authority.issue("kiosk-1")
    keys = list(authority.folder.rglob("*.key"))
    assert len(keys) == 3
    assert {k.stat().st_mode & 0o777 for k in keys} == {0o600}
    assert {p.stat().st_mode & 0o777 for p in (authority.folder, authority.folder / "boxes" / "kiosk-1")} == {0o700}


def test_an_authority_is_never_overwritten(authority: Authority) -> None:
    before = (authority.folder / "ca.key").read_bytes()
    with pytest.raises(ConfigError, match="never overwritten"):
        Authority.create(authority.folder)
    assert (authority.folder / "ca.key").read_bytes() == before


def test_a_second_issue_is_refused_and_keeps_the_first(authority: Authority) -> None:
    before = authority.issue("kiosk-1").key.read_bytes()
    with pytest.raises(ConfigError, match="renew it, or revoke it first"):
        authority.issue("kiosk-1")
    assert authority.credentials("kiosk-1").key.read_bytes() == before
    assert len(authority.certificates()) == 1


def test_credentials_of_a_box_without_any_say_how_to_make_them(authority: Authority) -> None:
    with pytest.raises(ConfigError, match="vikno pki issue kiosk-9"):
        authority.credentials("kiosk-9")


def test_renewal_keeps_the_key_and_moves_the_last_day(tmp_path: Path) -> None:
    clock = [NOW]
    authority = Authority.create(tmp_path / "pki", now=lambda: clock[0])
    files = authority.issue("kiosk-1")
    key, first = files.key.read_bytes(), load(files.cert)
    clock[0] = NOW + timedelta(days=1000)
    second = load(authority.renew("kiosk-1").cert)
    assert files.key.read_bytes() == key
    assert second.public_key() == first.public_key()
    assert second.not_valid_after_utc - first.not_valid_after_utc == timedelta(days=1000)
    assert second.serial_number != first.serial_number


def test_no_certificate_outlives_the_authority(tmp_path: Path) -> None:
    clock = [NOW]
    authority = Authority.create(tmp_path / "pki", now=lambda: clock[0])
    clock[0] = NOW + timedelta(days=29 * 365)
    cert = load(authority.issue("kiosk-1").cert)
    assert cert.not_valid_after_utc == load(authority.server.ca).not_valid_after_utc


def test_revoking_lists_every_certificate_of_the_box_and_drops_its_key(authority: Authority) -> None:
    files = authority.issue("kiosk-1")
    authority.renew("kiosk-1")
    authority.issue("kiosk-2")
    authority.revoke("kiosk-1")
    assert [(c.dev, c.revoked) for c in authority.certificates()] == [
        ("kiosk-1", True),
        ("kiosk-1", True),
        ("kiosk-2", False),
    ]
    assert not files.key.exists()
    crl = x509.load_pem_x509_crl(authority.crl.read_bytes())
    assert crl.next_update_utc == load(authority.server.ca).not_valid_after_utc
    assert crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number == 2


def test_revoking_twice_changes_nothing_and_a_new_certificate_is_good(authority: Authority) -> None:
    authority.issue("kiosk-1")
    authority.revoke("kiosk-1")
    before = authority.crl.read_bytes()
    authority.revoke("kiosk-1")
    assert authority.crl.read_bytes() == before
    authority.issue("kiosk-1")
    assert sorted(c.revoked for c in authority.certificates()) == [False, True]


def test_revoking_a_box_that_never_was_is_an_error(authority: Authority) -> None:
    with pytest.raises(ConfigError, match="never issued"):
        authority.revoke("kiosk-9")


def test_the_register_is_found_again_after_a_restart(authority: Authority) -> None:
    authority.issue("kiosk-1")
    authority.issue("kiosk-2")
    authority.revoke("kiosk-2")
    again = Authority.open(authority.folder)
    assert again.certificates() == authority.certificates()
    load(again.issue("kiosk-3").cert).verify_directly_issued_by(load(again.server.ca))


@pytest.mark.parametrize("file", ["ca.key", "ca.crt", "crl.pem"])
@pytest.mark.parametrize("damage", [b"", b"-----BEGIN CERTIFICATE-----\n", b"\xff\x00nonsense", None])
def test_a_damaged_authority_names_the_file(authority: Authority, file: str, damage: bytes | None) -> None:
    path = authority.folder / file
    path.unlink() if damage is None else path.write_bytes(damage)
    with pytest.raises(ConfigError, match=file):
        Authority.open(authority.folder).certificates()


def test_an_authority_that_could_not_be_finished_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, left = os.fsync, [7]

    def fsync(fd: int) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise OSError(28, "No space left on device")
        real(fd)

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(OSError, match="No space"):
        Authority.create(tmp_path / "pki")
    assert list(tmp_path.iterdir()) == []
    Authority.create(tmp_path / "pki")


def test_a_full_disk_while_revoking_keeps_the_old_list(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    authority.issue("kiosk-1")
    before = authority.crl.read_bytes()

    def full(fd: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            authority.revoke("kiosk-1")
    assert authority.crl.read_bytes() == before
    assert [p.name for p in authority.folder.iterdir() if p.name.startswith(".")] == []
    authority.revoke("kiosk-1")
    assert authority.certificates()[0].revoked


def test_two_commands_at_once_are_told_to_wait(authority: Authority) -> None:
    with disk.locked(authority.folder), pytest.raises(ConfigError, match="one command at a time"):
        authority.issue("kiosk-1")
    authority.issue("kiosk-1")
