"""Electronic signature of issued PDFs: PAdES by pyHanko, with an organisation key.

The key is made at set-up under the organisation's own authority. For legal force in China a
licensed authority has to sign: another `Signer` in this place. There is no time stamp authority
here, so the time in a report is the signing server's own word.
"""

import datetime as dt
import logging
import os
import shutil
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Protocol

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    pkcs12,
)
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko_certvalidator import ValidationContext

from mdt.rules.errors import Refused

AUTHORITY_FILE, AUTHORITY_KEY_FILE, SIGNER_FILE = "authority.crt", "authority.p12", "signer.p12"
#: Opinions are kept for 30 years (in-patient records) and shall verify as long.
_VALID_DAYS = 40 * 366
_LOGGERS = ("pyhanko", "pyhanko_certvalidator")
_Key = ec.EllipticCurvePrivateKey


class UnreadablePdf(Refused):
    """These bytes are no PDF, or one too broken to look for signatures in."""

    def __init__(self) -> None:
        super().__init__("pdf_unreadable")


class NoSigner(RuntimeError):
    """The signer's files are missing, or the secret does not open them."""


@dataclass(frozen=True, slots=True)
class SignatureReport:
    """One signature in a PDF. ``bottom_line`` is the answer; the others say why.

    ``intact``: the signed bytes are unchanged. ``trusted``: by this organisation's authority.
    ``coverage`` ``ENTIRE_FILE`` and ``modification_level`` ``NONE``: nothing was appended;
    ``bottom_line`` also holds where a further signature was. ``at`` is aware.
    """

    intact: bool
    valid: bool
    trusted: bool
    bottom_line: bool
    coverage: str
    modification_level: str
    signer: str
    at: dt.datetime | None


class Signer(Protocol):
    """What issues and checks signed PDFs."""

    def sign(self, pdf: bytes, *, reason: str, location: str, name: str) -> bytes:
        """Append a signature as an incremental update."""
        ...

    def verify(self, pdf: bytes) -> list[SignatureReport]:
        """Report on each signature, in order; empty where there is none."""
        ...


@dataclass(frozen=True)
class OrganisationSigner:
    """Signs with the organisation's own key and trusts its own authority alone."""

    key: SimpleSigner
    authority: asn1_x509.Certificate

    def sign(self, pdf: bytes, *, reason: str, location: str, name: str) -> bytes:
        """Append a PAdES signature; raises `UnreadablePdf`."""
        try:
            reader = PdfFileReader(BytesIO(pdf))
            metadata = PdfSignatureMetadata(
                field_name=f"Signature{len(reader.embedded_signatures) + 1}",
                md_algorithm="sha256",
                subfilter=SigSeedSubFilter.PADES,
                reason=reason,
                location=location,
                name=name,
            )
            writer = IncrementalPdfFileWriter(BytesIO(pdf))
            signed: BytesIO = _beside(PdfSigner(metadata, signer=self.key).sign_pdf, writer)
        except PdfError as error:
            raise UnreadablePdf from error
        return signed.getvalue()

    def verify(self, pdf: bytes) -> list[SignatureReport]:
        """Report on each signature, in order; raises `UnreadablePdf`."""
        try:
            signatures = PdfFileReader(BytesIO(pdf)).embedded_regular_signatures
            return [self._report(signature) for signature in signatures]
        except Exception as error:  # a damaged file breaks the parser in any way it likes
            raise UnreadablePdf from error

    def _report(self, signature: EmbeddedPdfSignature) -> SignatureReport:
        context = ValidationContext(trust_roots=[self.authority], allow_fetching=False)
        try:
            status = _beside(validate_pdf_signature, signature, context)
        except SignatureValidationError:
            return _BROKEN
        coverage, level = status.coverage, status.modification_level
        return SignatureReport(
            intact=status.intact,
            valid=status.valid,
            trusted=status.trusted,
            bottom_line=status.bottom_line,
            coverage=coverage.name if coverage else "UNCLEAR",
            modification_level=level.name if level else "OTHER",
            signer=status.signing_cert.subject.native.get("common_name", ""),
            at=status.signer_reported_dt,
        )


_BROKEN = SignatureReport(
    intact=False,
    valid=False,
    trusted=False,
    bottom_line=False,
    coverage="UNCLEAR",
    modification_level="OTHER",
    signer="",
    at=None,
)


def _beside(act: Callable[..., Any], *arguments: Any) -> Any:
    """Run pyHanko in a thread of its own.

    It starts an event loop, which fails where the calling thread has one running already.
    """
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(act, *arguments).result()


def make_signer_files(folder: Path, common_name: str, *, secret: str, now: dt.datetime) -> None:
    """Make authority and signer once; files that are there already are left alone.

    The private keys are sealed with a password derived from ``secret`` and readable by the
    owner only. ``authority.crt`` (PEM) is what others need in order to check a signature.
    """
    if (folder / SIGNER_FILE).exists():
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Beside it, then renamed: of two processes that start at once, one key wins whole.
    made = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    _make_files(made, common_name, secret, now)
    try:
        made.rename(folder)
    except OSError:
        shutil.rmtree(made)
        if not (folder / SIGNER_FILE).exists():
            raise


def _make_files(folder: Path, common_name: str, secret: str, now: dt.datetime) -> None:
    authority_key, signer_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority_name = _name(f"{common_name} 签名根证书")
    authority = _certificate(
        authority_name, authority_key, issuer=authority_name, issuer_key=authority_key, now=now
    )
    certificate = _certificate(
        _name(common_name), signer_key, issuer=authority_name, issuer_key=authority_key, now=now
    )
    _write(folder / AUTHORITY_FILE, authority.public_bytes(Encoding.PEM))
    _write(folder / AUTHORITY_KEY_FILE, _p12(authority_key, authority, None, secret))
    _write(folder / SIGNER_FILE, _p12(signer_key, certificate, authority, secret))


def load_signer(folder: Path, *, secret: str) -> OrganisationSigner:
    """Load what `make_signer_files` made; raises `NoSigner`."""
    for name in _LOGGERS:  # a trace for each signature that does not hold is no news
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    load: Callable[..., SimpleSigner | None] = SimpleSigner.load_pkcs12
    key = load(str(folder / SIGNER_FILE), passphrase=_password(secret))
    if key is None:
        raise NoSigner(f"{folder}: no signer, or another secret")
    pem = (folder / AUTHORITY_FILE).read_bytes()
    der = x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)
    return OrganisationSigner(key, asn1_x509.Certificate.load(der))


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _certificate(
    subject: x509.Name, key: _Key, *, issuer: x509.Name, issuer_key: _Key, now: dt.datetime
) -> x509.Certificate:
    """Issue a certificate: an authority's where subject and issuer are the same."""
    is_authority = subject == issuer
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=_VALID_DAYS))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(_usage(is_authority=is_authority), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
        .sign(issuer_key, SHA256())
    )


def _usage(*, is_authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_authority,
        content_commitment=not is_authority,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        encipher_only=False,
        decipher_only=False,
    )


def _p12(
    key: _Key, certificate: x509.Certificate, issuer: x509.Certificate | None, secret: str
) -> bytes:
    chain = [issuer] if issuer else None
    sealing = BestAvailableEncryption(_password(secret))
    return pkcs12.serialize_key_and_certificates(b"mdt", key, certificate, chain, sealing)


def _password(secret: str) -> bytes:
    derived = HKDF(algorithm=SHA256(), length=32, salt=b"mdt", info=b"pdf-signer")
    return derived.derive(secret.encode()).hex().encode()


def _write(path: Path, content: bytes) -> None:
    """Write a new file that only its owner reads."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
