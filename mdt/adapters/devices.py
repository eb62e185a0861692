"""The running app's devices, for services that know no Flask."""

import logging
from datetime import datetime

from flask import Flask, current_app

from mdt.adapters.pdf_signing import Signer, load_signer, make_signer_files
from mdt.adapters.remembered_faults import RememberedFaults
from mdt.adapters.remembered_looks import RememberedLooks
from mdt.adapters.remembered_use import RememberedUse
from mdt.adapters.slide_copies import SlideCopies
from mdt.adapters.storage import Storage
from mdt.adapters.storage_url import storage_from_url
from mdt.adapters.upload_parts import Parts
from mdt.adapters.virus_scan import Scanner, ScannerUnavailable
from mdt.config import Settings

log = logging.getLogger(__name__)
#: Common name of the organisation's key.
SIGNER_NAME = "mdt 肿瘤多学科会诊系统"


def init_app(app: Flask, storage_url: str) -> None:
    """Open the storage of this app; what it keeps is sealed with the app's keyring."""
    app.extensions["mdt_storage"] = storage_from_url(storage_url, app.extensions["mdt_keyring"])


def storage() -> Storage:
    """Where blobs are kept."""
    found: Storage = current_app.extensions["mdt_storage"]
    return found


def parts() -> Parts:
    """Where uploads lie that are still arriving."""
    return Parts(settings().instance / "uploads")


def slide_copies() -> SlideCopies:
    """Where slides lie open while their tiles are drawn."""
    return SlideCopies(settings().instance / "slide-copies")


def scanner() -> Scanner | None:
    """What looks for viruses in files, where one is configured."""
    address = settings().clamd
    return Scanner(address) if address else None


def scanner_answers() -> bool:
    """Whether files that wait can be looked at; also where no scanner is configured (any more)."""
    found = scanner()
    try:
        if found is not None:
            found.ping()
    except ScannerUnavailable as error:
        log.warning("files wait: %s", error)
        return False
    return True


def remembered_use() -> RememberedUse:
    """How much of the storage each hospital has used, counted lately."""
    found: RememberedUse = current_app.extensions.setdefault("mdt_use", RememberedUse())
    return found


def remembered_looks() -> RememberedLooks:
    """Whose looks at what were written down lately."""
    found: RememberedLooks = current_app.extensions.setdefault("mdt_looks", RememberedLooks())
    return found


def remembered_faults() -> RememberedFaults:
    """Which images could not be read lately, for a reason that may pass."""
    found: RememberedFaults = current_app.extensions.setdefault("mdt_faults", RememberedFaults())
    return found


def settings() -> Settings:
    """The running app's settings."""
    found: Settings = current_app.config["MDT"]
    return found


def signer(*, now: datetime) -> Signer:
    """Who signs the PDFs of this installation; the key is made when it is first asked for."""
    found: Signer | None = current_app.extensions.get("mdt_signer")
    if found is None:
        folder, secret = settings().instance / "signing", settings().secret_key
        make_signer_files(folder, SIGNER_NAME, secret=secret, now=now)
        found = load_signer(folder, secret=secret)
        current_app.extensions["mdt_signer"] = found
    return found
