"""The simulator's own certificate authority, and the good and bad certificates it shows.

Why: HTTPS without any outside help, and each way in which a certificate can be wrong.
Its keys are worth nothing outside a test; it must not be asked to sign anything else.
"""

from __future__ import annotations

import ipaddress
import os
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from onvio_agent.simulator.faults import CERT_KINDS, Kind

CA_FILE = "ca.pem"
_CA_KEY_FILE = "ca-key.pem"
# Old enough that a workstation whose clock is some days slow still takes them for valid.
_BACKDATED = timedelta(days=30)
_LEAF_LIFE = timedelta(days=365)
_CA_LIFE = timedelta(days=3650)


class Authority:
    """A certificate and its key that sign others."""

    def __init__(self, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
        self.certificate = certificate
        self.key = key

    @classmethod
    def create(cls, name: str, now: datetime) -> Authority:
        """A new authority, valid for ten years."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = _name(name)
        usage = x509.KeyUsage(
            digital_signature=True,
            key_cert_sign=True,
            crl_sign=True,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            encipher_only=False,
            decipher_only=False,
        )
        certificate = (
            _builder(subject, subject, key, now - _BACKDATED, now + _CA_LIFE)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .sign(key, hashes.SHA256())
        )
        return cls(certificate, key)

    def issue(self, hosts: list[str], begins: datetime, ends: datetime) -> tuple[bytes, bytes]:
        """A server certificate for these names and addresses: certificate and key as PEM."""
        key = ec.generate_private_key(ec.SECP256R1())
        issuer = self.certificate
        certificate = (
            _builder(_name("ONVIO simulator"), issuer.subject, key, begins, ends)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName(map(_general_name, hosts)), critical=False)
            .add_extension(
                x509.ExtendedKeyUsage([x509.oid.ExtendedKeyUsageOID.SERVER_AUTH]), critical=False
            )
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()),
                critical=False,
            )
            .sign(self.key, hashes.SHA256())
        )
        return certificate.public_bytes(serialization.Encoding.PEM), _key_pem(key)


def make_contexts(
    state_dir: Path, host: str, now: datetime
) -> tuple[ssl.SSLContext, dict[Kind, ssl.SSLContext]]:
    """The good server context and one per certificate fault; `ca.pem` is left in the folder.

    The authority is kept in `state_dir` and taken up again, so that clients go on trusting it.
    """
    authority = _load_authority(state_dir) or _create_authority(state_dir, now)
    foreign = Authority.create("Foreign authority", now)
    hosts = list(dict.fromkeys(["127.0.0.1", "::1", "localhost", host]))
    begins, ends = now - _BACKDATED, now + _LEAF_LIFE
    leaves = {
        "cert_expired": authority.issue(hosts, begins, now - timedelta(days=1)),
        "cert_foreign": foreign.issue(hosts, begins, ends),
        "cert_name": authority.issue(["other.example"], begins, ends),
    }
    good = _context(state_dir, authority.issue(hosts, begins, ends))
    return good, {kind: _context(state_dir, leaves[kind]) for kind in CERT_KINDS}


def write_private(path: Path, data: bytes) -> None:
    """Write a file that only its owner can read, in one step."""
    part = path.with_name(f"{path.name}.part")
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
    part.replace(path)


def _load_authority(state_dir: Path) -> Authority | None:
    try:
        certificate = x509.load_pem_x509_certificate((state_dir / CA_FILE).read_bytes())
        key = serialization.load_pem_private_key((state_dir / _CA_KEY_FILE).read_bytes(), None)
    except (FileNotFoundError, ValueError):
        return None
    return Authority(certificate, key) if isinstance(key, ec.EllipticCurvePrivateKey) else None


def _create_authority(state_dir: Path, now: datetime) -> Authority:
    authority = Authority.create("ONVIO simulator CA", now)
    write_private(state_dir / _CA_KEY_FILE, _key_pem(authority.key))
    pem = authority.certificate.public_bytes(serialization.Encoding.PEM)
    write_private(state_dir / CA_FILE, pem)
    return authority


def _context(state_dir: Path, leaf: tuple[bytes, bytes]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # A resumed session shows no certificate, so a certificate fault would go unseen.
    context.options |= ssl.OP_NO_TICKET
    context.num_tickets = 0
    path = state_dir / "leaf.pem"
    write_private(path, b"".join(leaf))
    context.load_cert_chain(path)
    path.unlink()
    return context


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    begins: datetime,
    ends: datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins.astimezone(UTC))
        .not_valid_after(ends.astimezone(UTC))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
