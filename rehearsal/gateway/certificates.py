"""What the gateway shows its clients over TLS: the certificate, why they would refuse it, the versions it speaks."""

from __future__ import annotations

import ssl
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from rehearsal.gateway.target import NoAnswerError, Target

OLD = (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1)
"""Versions that no gateway should speak any more (RFC 8996)."""
CURRENT = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)
_Seen = TypeVar("_Seen")
_NOT_OURS = ("NO_PROTOCOLS_AVAILABLE", "NO_CIPHERS_AVAILABLE", "NO_SUITABLE_DIGEST_ALGORITHM")
"""What OpenSSL says where it is our own side that can't."""


def shown(target: Target, url: str) -> x509.Certificate:
    """Return the certificate that the server of an https URL shows, whatever a client thinks of it.

    Raises NoAnswerError.
    """
    seen = _handshake(target, url, unchecked(), _first_of)
    if isinstance(seen, ssl.SSLError):
        msg = f"expected {url} to show a certificate, the handshake ended with: {reason(seen)}"
        raise NoAnswerError(msg)
    return x509.load_der_x509_certificate(seen)


def shown_with_chain(target: Target, url: str) -> tuple[x509.Certificate, ...]:
    """Return the server's certificate and those that it shows beside it. Raises NoAnswerError."""
    seen = _handshake(target, url, unchecked(), _all_of)
    if isinstance(seen, ssl.SSLError):
        msg = f"expected {url} to show its certificates, the handshake ended with: {reason(seen)}"
        raise NoAnswerError(msg)
    return tuple(map(x509.load_der_x509_certificate, seen))


def why_refused(target: Target, url: str) -> str:
    """Say why clients refuse the certificate of an https URL; empty where they accept it. Raises NoAnswerError."""
    seen = _handshake(target, url, None, _first_of)
    return reason(seen) if isinstance(seen, ssl.SSLError) else ""


def spoken(target: Target, url: str, versions: Sequence[ssl.TLSVersion]) -> dict[ssl.TLSVersion, bool | None]:
    """Tell to which versions of TLS the server agrees, all asked at once; None for what our own side can't speak.

    Raises NoAnswerError.
    """
    contexts = [_context_of(version) for version in versions]
    with ThreadPoolExecutor(len(contexts)) as pool:
        answers = [*pool.map(lambda context: _handshake(target, url, context, _first_of), contexts)]
    return {version: _agreed(answer) for version, answer in zip(versions, answers, strict=True)}


def _context_of(version: ssl.TLSVersion) -> ssl.SSLContext:
    context = unchecked()
    with warnings.catch_warnings():
        # That it is old is what is asked about.
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = version
    # Signatures of SHA-1, which TLS 1.0 and 1.1 have, are at level 0 only.
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context


def _agreed(answer: object) -> bool | None:
    if not isinstance(answer, ssl.SSLError):
        return True
    return None if answer.reason in _NOT_OURS else False


def reason(error: ssl.SSLError) -> str:
    """Say in words why a handshake failed."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return str(error.verify_message).strip().rstrip(".")
    return (error.reason or str(error)).replace("_", " ").lower()


def fingerprint(certificate: x509.Certificate) -> str:
    """Return the SHA-256 fingerprint of a certificate, by which it is known."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def unchecked() -> ssl.SSLContext:
    """Return what accepts any certificate: for a look at it, never for trust."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _first_of(connection: ssl.SSLObject) -> bytes:
    return connection.getpeercert(True) or b""  # noqa: FBT003


def _all_of(connection: ssl.SSLObject) -> list[bytes]:
    if ask := getattr(connection, "get_unverified_chain", None):
        return list(ask())
    # Before Python 3.13 only what lies below has it.
    inner = connection._sslobj  # type: ignore[attr-defined]  # noqa: SLF001
    return [ssl.PEM_cert_to_DER_cert(one.public_bytes()) for one in inner.get_unverified_chain()]


def _handshake(
    target: Target, url: str, trusted: ssl.SSLContext | None, look: Callable[[ssl.SSLObject], _Seen]
) -> _Seen | ssl.SSLError:
    """Return what a look at the connection tells, or the error of TLS that ended it. Raises NoAnswerError."""
    try:
        with target.http(trusted) as client, client.stream("GET", url) as answer:
            return look(answer.extensions["network_stream"].get_extra_info("ssl_object"))
    except httpx.HTTPError as error:
        for cause in _causes(error):
            if isinstance(cause, ssl.SSLError):
                return cause
            if isinstance(cause, ConnectionResetError):
                # Some servers answer a version that they do not speak by hanging up.
                return ssl.SSLError(1, "the server hung up")
        msg = f"expected an answer from {url}, got {type(error).__name__}: {error}"
        raise NoAnswerError(msg) from None


def _causes(error: BaseException) -> Iterator[BaseException]:
    one: BaseException | None = error
    while one is not None:
        yield one
        one = one.__cause__ or one.__context__
