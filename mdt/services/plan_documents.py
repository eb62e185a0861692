"""The print of an opinion: made once after the last signature, signed, stored, handed out.

A crash between signature and print loses nothing: whoever asks for the file next has it made.
"""

import hashlib
import logging
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update

from mdt.adapters.devices import signer, storage
from mdt.adapters.plan_pdf import render_plan
from mdt.adapters.storage import BlobNotFound, CorruptBlob, StoredBlob
from mdt.models.plans import PlanRevision
from mdt.queries.cases import sees_identity
from mdt.queries.plans import issue_number
from mdt.rules.access import Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.errors import NotFound, Refused
from mdt.rules.plan import PlanState
from mdt.services.audit_log import record_refusal, record_view
from mdt.services.plan_desk import Desk, load_desk
from mdt.services.plan_print import print_of
from mdt.services.unit_of_work import unit_of_work

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PlanFile:
    """A PDF to hand out; the name holds numbers only."""

    name: str
    content: bytes


def read_pdf(
    viewer: Viewer, case_id: int, revision_id: int | None, *, site: str, now: datetime
) -> PlanFile:
    """The PDF of a revision, by default the one that counts.

    A signed one is the stored file, byte for byte; made now if a crash came between. A draft is
    drawn with a mark across it, and so is the copy for who sees the case de-identified. Raises
    `NotFound`, `Refused("pdf_damaged")` where the stored file is not what was signed. Side
    effects: an audit row.
    """
    desk = load_desk(viewer, case_id, revision_id=revision_id)
    revision = _chosen(desk, revision_id)
    if revision.state == PlanState.WITHDRAWN:
        raise NotFound
    if revision.state == PlanState.SIGNED and sees_identity(viewer, desk.case):
        content = _stored(viewer, desk, revision, site=site, now=now)
    else:
        content = render_plan(print_of(desk, revision, site=site, now=now))
    record_view(
        viewer,
        AuditAction.PLAN_PDF_VIEW,
        revision,
        now=now,
        case_id=case_id,
        state=revision.state,
    )
    issue = issue_number(revision, desk.revisions)
    return PlanFile(f"{desk.case.number}-{revision.plan_id}-{issue}.pdf", content)


def _chosen(desk: Desk, revision_id: int | None) -> PlanRevision:
    if revision_id is None:
        revision = desk.current
    else:
        revision = next((r for r in desk.revisions if r.id == revision_id), None)
    if revision is None:
        raise NotFound
    return revision


def _stored(
    viewer: Viewer, desk: Desk, revision: PlanRevision, *, site: str, now: datetime
) -> bytes:
    key, sha256 = revision.pdf_key, revision.pdf_sha256
    if key is None:
        blob = ensure_pdf(viewer, desk.case.id, revision.id, site=site, now=now)
        key, sha256 = blob.key, blob.sha256
    try:
        with storage().open(key) as stream:
            content = stream.read()
    except (BlobNotFound, CorruptBlob):
        content = b""
    if hashlib.sha256(content).hexdigest() != sha256:
        log.error("the stored file of plan revision %s is not what was signed", revision.id)
        record_refusal(viewer, AuditAction.PLAN_PDF_VIEW, now=now, revision=revision.id)
        raise Refused("pdf_damaged")
    return content


def ensure_pdf(
    viewer: Viewer, case_id: int, revision_id: int, *, site: str, now: datetime
) -> StoredBlob:
    """Make, sign and store the file of a signed revision, unless it is there already.

    Of two who make it at once the first one's counts. Side effects: a blob, key and SHA-256 at the
    revision, an audit row.
    """
    desk = load_desk(viewer, case_id, revision_id=revision_id)
    revision = _chosen(desk, revision_id)
    if revision.state != PlanState.SIGNED:
        raise NotFound
    if revision.pdf_key is None:
        document = print_of(desk, revision, site=site, now=now, identified=True)
        signed = signer(now=now).sign(
            render_plan(document),
            reason=f"多学科诊疗意见书签署完成 核验码 {revision.verify_code}",
            location=document.consulting_hospital,
            name=document.consulting_hospital,
        )
        _note_file(viewer, case_id, revision, storage().put(signed), now=now)
    return StoredBlob(revision.pdf_key or "", revision.pdf_sha256 or "", 0)


def _note_file(
    viewer: Viewer, case_id: int, revision: PlanRevision, blob: StoredBlob, *, now: datetime
) -> None:
    with unit_of_work(viewer, AuditAction.PLAN_PDF_MAKE, now=now) as work:
        # Not through the row object: a signed revision keeps its version too.
        noted = work.session.execute(
            update(PlanRevision)
            .where(PlanRevision.id == revision.id, PlanRevision.pdf_key.is_(None))
            .values(pdf_key=blob.key, pdf_sha256=blob.sha256)
            .returning(PlanRevision.id)
            .execution_options(synchronize_session=False)
        ).first()
        work.session.refresh(revision, ["pdf_key", "pdf_sha256"])
        work.about(revision, case_id=case_id)
        if noted is None:
            work.silent = True
            work.after_commit(lambda: storage().delete(blob.key))
