"""TLS certificates: the replica's own, made anew for each and trusted by its own clients only, and those of drills."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_LIFE = timedelta(days=90)
# A clock that was set back a little must not refuse it.
_BEFORE = timedelta(minutes=5)
_BETWEEN = "Rehearsal Intermediate"


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate and its key, as PEM."""

    certificate: str
    key: str = field(repr=False)
    chain: str = ""
    """The certificates between it and what clients trust; none where it is self-signed."""

    @property
    def whole(self) -> str:
        """What a server has to show: the certificate and its chain."""
        return self.certificate + self.chain

    @property
    def fingerprint(self) -> str:
        """The SHA-256 fingerprint of the certificate, by which it is known."""
        return x509.load_pem_x509_certificate(self.certificate.encode()).fingerprint(hashes.SHA256()).hex()


def make(hosts: Iterable[str], life: timedelta = _LIFE) -> Certificate:
    """Make one that is signed by itself, for these host names and addresses, and ends after `life`.

    A life that is less than nothing has expired.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _builder("localhost", "localhost", key, life).add_extension(_names(hosts), critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    return Certificate(_pem(builder.sign(key, hashes.SHA256())), _pem_of_key(key))


def issue(hosts: Iterable[str], life: timedelta = _LIFE) -> Certificate:
    """Make one as an authority gives it: signed by an intermediate, which comes with it as its chain.

    The intermediate is signed by itself, so that `openssl verify -CAfile chain.pem` needs nothing of this machine.
    """
    key, between = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    builder = _builder("localhost", _BETWEEN, key, life).add_extension(_names(hosts), critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    chain = _builder(_BETWEEN, _BETWEEN, between, max(life, _LIFE))
    chain = chain.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    signed = builder.sign(between, hashes.SHA256())
    return Certificate(_pem(signed), _pem_of_key(key), _pem(chain.sign(between, hashes.SHA256())))


def _builder(subject: str, issuer: str, key: ec.EllipticCurvePrivateKey, life: timedelta) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(min(now, now + life - _LIFE) - _BEFORE)
        .not_valid_after(now + life)
    )


def _pem(made: x509.Certificate) -> str:
    return made.public_bytes(serialization.Encoding.PEM).decode()


def _pem_of_key(key: ec.EllipticCurvePrivateKey) -> str:
    form, closed = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, form, closed).decode()


def _names(hosts: Iterable[str]) -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName([_name(host) for host in dict.fromkeys(hosts)])


def _name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        return x509.DNSName(host.encode("idna").decode())
