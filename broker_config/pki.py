"""The hall's own certificate authority: one folder, one CA, one certificate per box.

pki/ca.crt ca.key            the authority (EC P-256, X.509 v3)
pki/crl.pem                  the revocation list, there from the first day, and the only register of what is revoked
pki/server.crt server.key    the broker's certificate
pki/issued/<serial>.crt      every box certificate ever issued, so that all of them can be revoked
pki/boxes/<id>/              what is copied to that box: ca.crt, box.crt, box.key
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pydantic import TypeAdapter, ValidationError

from broker_config.disk import locked, sync_folder, write_whole
from contract.errors import ConfigError, ContractError
from contract.hall_part import Id

# A box without a clock battery starts years in the past; a certificate that is "not yet valid" would lock it out of the
# only network that can tell it the time. For an authority of our own the first day carries no meaning, only the last does.
_FROM = datetime(2020, 1, 1, tzinfo=UTC)
_CA_DAYS = 30 * 365
_LEAF_DAYS = 5 * 365
_OWN_NAMES = ("localhost", "127.0.0.1", "::1")
_ID: TypeAdapter[str] = TypeAdapter(Id)


@dataclass(frozen=True, slots=True)
class Credentials:
    """The three files a client needs: whom to trust, who it is, the proof (0600)."""

    ca: Path
    cert: Path
    key: Path


@dataclass(frozen=True, slots=True)
class Issued:
    """One certificate on record. `until`: last moment it is valid."""

    dev: str
    serial: int
    until: datetime
    revoked: bool


class Authority:
    """A certificate authority in one folder; made by `create`, found again by `open`. Each change is whole on disk when it returns."""

    def __init__(self, folder: Path, now: Callable[[], datetime]) -> None:
        self.folder, self._now = folder, now
        self._key = _load_key(folder / "ca.key")
        self._cert = _load_cert(folder / "ca.crt")

    @classmethod
    def create(
        cls, folder: Path, names: Iterable[str] = (), now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> Authority:
        """A new authority, its empty revocation list and the broker's certificate.

        names: host names and addresses by which boxes reach the broker, beside localhost.
        Raises: ConfigError: the folder exists and is not empty.
        """
        if folder.exists() and any(folder.iterdir()):
            raise ConfigError(
                folder, None, "pki", "already there", "an empty or new folder; an authority is never overwritten"
            )
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _new_folder(folder) as part:
            key = ec.generate_private_key(ec.SECP256R1())
            (part / "issued").mkdir()
            (part / "boxes").mkdir()
            write_whole(part / "ca.key", _key_pem(key), 0o600)
            write_whole(part / "ca.crt", _cert_pem(_self_signed(key, now())))
            authority = cls(part, now)
            authority._write_crl([], 1)
            server = ec.generate_private_key(ec.SECP256R1())
            write_whole(part / "server.key", _key_pem(server), 0o600)
            write_whole(part / "server.crt", _cert_pem(authority._server_cert(server.public_key(), names)))
        return cls(folder, now)

    @classmethod
    def open(cls, folder: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Authority:
        """The authority in `folder`. Raises: ConfigError: none is there, or its files cannot be read."""
        return cls(folder, now)

    @property
    def server(self) -> Credentials:
        """The broker's own files."""
        return Credentials(self.folder / "ca.crt", self.folder / "server.crt", self.folder / "server.key")

    @property
    def crl(self) -> Path:
        """The revocation list."""
        return self.folder / "crl.pem"

    def credentials(self, dev: str) -> Credentials:
        """The files of a box that has a certificate. Raises: ContractError: not an id. ConfigError: it has none."""
        box = self._box(dev)
        if not box.exists():
            raise ConfigError(box, None, dev, "no certificate", f"a box with one: vikno pki issue {dev}")
        return Credentials(box / "ca.crt", box / "box.crt", box / "box.key")

    def issue(self, dev: str, names: Iterable[str] = ()) -> Credentials:
        """A new key and certificate whose common name is `dev`, in a folder to be copied to the box.

        names: host names and addresses by which other boxes reach this one, where it serves them (the connector to registers).

        Raises: ContractError: `dev` is not an id of the hall document, so it could not be one topic level.
        ConfigError: it has a certificate already.
        """
        box = self._box(dev)
        with locked(self.folder):
            if box.exists():
                raise ConfigError(box, None, dev, "already issued", "renew it, or revoke it first")
            key = ec.generate_private_key(ec.SECP256R1())
            with _new_folder(box) as part:
                write_whole(part / "box.key", _key_pem(key), 0o600)
                write_whole(part / "ca.crt", _cert_pem(self._cert))
                write_whole(part / "box.crt", self._box_cert(dev, key.public_key(), [_general_name(n) for n in names]))
        return self.credentials(dev)

    def renew(self, dev: str) -> Credentials:
        """The same key and names with a new last day; the old certificate stays good until its own. Raises: as `credentials`."""
        files = self.credentials(dev)
        with locked(self.folder):
            names = _server_names(_load_cert(files.cert))
            write_whole(files.cert, self._box_cert(dev, _load_key(files.key).public_key(), names))
        return files

    def renew_server(self, names: Sequence[str] = ()) -> Credentials:
        """The broker's certificate with a new last day; mosquitto takes it over at the next reload.

        names: by which boxes reach the broker from now on, beside localhost; none: as before. Raises: ConfigError: not a name.
        """
        with locked(self.folder):
            public = _load_key(self.server.key).public_key()
            known = [str(one.value) for one in _server_names(_load_cert(self.server.cert))]
            write_whole(self.server.cert, _cert_pem(self._server_cert(public, names or known)))
        return self.server

    def server_until(self) -> datetime:
        """The last day of the broker's certificate."""
        return _load_cert(self.server.cert).not_valid_after_utc

    def revoke(self, dev: str) -> None:
        """Put every certificate of `dev` on the revocation list and forget its key. Doing it twice changes nothing.

        Takes effect when the broker has reloaded, for new connections; a live one ends when the box leaves the ACL or the hall.
        Raises: ContractError: not an id. ConfigError: nothing was ever issued to it.
        """
        box = self._box(dev)
        with locked(self.folder):
            mine = [c for c in self._on_record() if _name(c) == dev]
            if not mine:
                raise ConfigError(self.folder, None, dev, "never issued", "a box of vikno pki list")
            crl = self._load_crl()
            fresh = [c for c in mine if crl.get_revoked_certificate_by_serial_number(c.serial_number) is None]
            if fresh:
                number = crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
                self._write_crl([*crl, *(_revoked(c, self._now()) for c in fresh)], number + 1)
            if box.exists():
                shutil.rmtree(box)

    def certificates(self) -> tuple[Issued, ...]:
        """Every box certificate on record, by name, then by last day."""
        crl = self._load_crl()
        rows = (
            Issued(_name(c), c.serial_number, c.not_valid_after_utc,
                   crl.get_revoked_certificate_by_serial_number(c.serial_number) is not None)
            for c in self._on_record()
        )  # fmt: skip
        return tuple(sorted(rows, key=lambda r: (r.dev, r.until)))

    def _box(self, dev: str) -> Path:
        try:
            return self.folder / "boxes" / _ID.validate_python(dev)
        except ValidationError:
            allowed = "letters, digits, - and _, at most 32, starting with a letter or digit"
            raise ContractError(f"box id {dev!r}: allowed: {allowed}") from None

    def _on_record(self) -> list[x509.Certificate]:
        return [_load_cert(path) for path in sorted((self.folder / "issued").glob("*.crt"))]

    def _box_cert(self, dev: str, public: ec.EllipticCurvePublicKey, names: list[x509.GeneralName]) -> bytes:
        # A box that serves has no loopback name of its own accord: with it, its key could pose as the broker of any machine.
        usages = [ExtendedKeyUsageOID.CLIENT_AUTH, *([ExtendedKeyUsageOID.SERVER_AUTH] if names else [])]
        cert = self._sign(dev, public, usages, [x509.SubjectAlternativeName(names)] if names else [])
        # On record before anyone can hold it: what is not on record could not be revoked.
        write_whole(self.folder / "issued" / f"{cert.serial_number:040x}.crt", _cert_pem(cert))
        return _cert_pem(cert)

    def _server_cert(self, public: ec.EllipticCurvePublicKey, names: Iterable[str]) -> x509.Certificate:
        san = x509.SubjectAlternativeName([_general_name(n) for n in dict.fromkeys((*_OWN_NAMES, *names))])
        return self._sign("broker", public, [ExtendedKeyUsageOID.SERVER_AUTH], [san])

    def _sign(
        self,
        name: str,
        public: ec.EllipticCurvePublicKey,
        usages: list[x509.ObjectIdentifier],
        more: list[x509.ExtensionType],
    ) -> x509.Certificate:
        ca_key = x509.SubjectKeyIdentifier.from_public_key(self._key.public_key())
        until = min(self._now() + timedelta(days=_LEAF_DAYS), self._cert.not_valid_after_utc)
        builder = (
            _builder(name, public, until)
            .issuer_name(self._cert.subject)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(signs=False), critical=True)
            # A box that serves nobody has one direction: its stolen certificate cannot pose as the broker.
            .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(ca_key), critical=False)
        )
        for extension in more:
            builder = builder.add_extension(extension, critical=False)
        return builder.sign(self._key, hashes.SHA256())

    def _load_crl(self) -> x509.CertificateRevocationList:
        try:
            return x509.load_pem_x509_crl(self.crl.read_bytes())
        except (OSError, ValueError) as exc:
            raise ConfigError(self.crl, None, "crl", "unreadable", "the authority's PEM revocation list") from exc

    def _write_crl(self, entries: Iterable[x509.RevokedCertificate], number: int) -> None:
        # OpenSSL refuses every client once the list's own "next update" has passed; so it lasts as long as the authority.
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self._cert.subject)
            .last_update(_FROM)
            .next_update(self._cert.not_valid_after_utc)
            .add_extension(x509.CRLNumber(number), critical=False)
        )
        for entry in entries:
            builder = builder.add_revoked_certificate(entry)
        write_whole(self.crl, builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))


@contextmanager
def _new_folder(folder: Path) -> Iterator[Path]:
    """A private folder that appears under its name only when the block has ended well."""
    part = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        yield part
        part.rename(folder)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    sync_folder(folder.parent)


def _self_signed(key: ec.EllipticCurvePrivateKey, now: datetime) -> x509.Certificate:
    public = key.public_key()
    until = now + timedelta(days=_CA_DAYS)
    return (
        _builder("Vikno hall authority", public, until)
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Vikno hall authority")]))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs=True), critical=True)
        .sign(key, hashes.SHA256())
    )


def _builder(name: str, public: ec.EllipticCurvePublicKey, until: datetime) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(_FROM)
        .not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _key_usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs, key_cert_sign=signs, crl_sign=signs, content_commitment=False,
        key_encipherment=False, data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _server_names(cert: x509.Certificate) -> list[x509.GeneralName]:
    try:
        return list(cert.extensions.get_extension_for_class(x509.SubjectAlternativeName).value)
    except x509.ExtensionNotFound:
        return []


def _revoked(cert: x509.Certificate, now: datetime) -> x509.RevokedCertificate:
    return x509.RevokedCertificateBuilder().serial_number(cert.serial_number).revocation_date(now).build()


def _name(cert: x509.Certificate) -> str:
    return str(cert.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    plain = serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)


def _cert_pem(cert: x509.Certificate) -> bytes:
    return cert.public_bytes(serialization.Encoding.PEM)


def _load_cert(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError) as exc:
        raise ConfigError(
            path, None, "certificate", "unreadable", "a PEM certificate; make one with vikno pki init"
        ) from exc


def _load_key(path: Path) -> ec.EllipticCurvePrivateKey:
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as exc:
        raise ConfigError(path, None, "key", "unreadable", "a PEM key; make one with vikno pki init") from exc
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ConfigError(path, None, "key", type(key).__name__, "an EC P-256 key")
    return key
