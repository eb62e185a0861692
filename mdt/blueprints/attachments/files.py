from contextlib import ExitStack
from typing import Any, BinaryIO, cast

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from mdt.blueprints.attachments.blueprint import bp
from mdt.blueprints.attachments.forms import UploadForm
from mdt.blueprints.attachments.pictures import thumbnail_url
from mdt.queries.attachments import SeriesFacts, list_series
from mdt.queries.case_files import case_files
from mdt.queries.cases import patient_facts
from mdt.queries.earlier_studies import list_earlier_studies
from mdt.rules.access import Permission, Viewer
from mdt.rules.attachments import Refusal
from mdt.rules.calendar import utc_now
from mdt.rules.content import document_types
from mdt.rules.discs import PAPER_EXTENSIONS, PROGRAM_EXTENSIONS
from mdt.rules.document_kinds import DICOM_STUDY, offered_kinds
from mdt.rules.errors import Refused
from mdt.rules.slides import LARGEST_SLIDE
from mdt.services.attachment_changes import open_case_files
from mdt.services.attachments import (
    ARCHIVE,
    DIRECTORY,
    DUPLICATE,
    NO_IMAGE,
    QUARANTINED,
    REFILED,
    FileResult,
)
from mdt.services.file_intake import VIEWERS_TOO, SentFile
from mdt.services.phone_links import running_link
from mdt.services.quarantine import held_files
from mdt.services.quota import room_of
from mdt.services.slide_intake import SLIDE
from mdt.services.uploads import add_sent, open_uploads, take_upload
from mdt.web.guards import requires, wants_json
from mdt.web.kinds import sent_description
from mdt.web.messages import sentence
from mdt.web.templating import label_of
from mdt.web.words.attachments import header_warnings

#: Refused files of one ZIP that are named one by one.
_NAMED_INSIDE = 100
_NAMED_LACKING = 5
#: What is said of a disc as a whole, and not file by file.
_OF_THE_DISC = frozenset({DIRECTORY, Refusal.DISC_VIEWER.value})


@bp.get("/cases/<int:case_id>/attachments")
@requires(Permission.CASE_READ)
def show_files(viewer: Viewer, case_id: int) -> str:
    files = open_case_files(viewer, case_id, now=utc_now())
    form = UploadForm(formdata=None).offer_kinds()
    wanted = request.args.get("kind", "")
    form.kind.data = wanted if wanted in offered_kinds() else ""
    return render_template(
        "attachments/files.html",
        files=files,
        case=files.case,
        patient=patient_facts(viewer, files.case),
        form=form,
        earlier=list_earlier_studies(viewer, files.case),
        max_bytes=LARGEST_SLIDE,
        disc={
            "programs": sorted(PROGRAM_EXTENSIONS),
            "papers": sorted(PAPER_EXTENSIONS),
            "soft": sorted(VIEWERS_TOO),
        },
        unfinished=open_uploads(viewer, case_id, now=utc_now()) if files.rights.add else (),
        held=held_files(viewer, case_id, now=utc_now()),
        phone=running_link(viewer, case_id, now=utc_now()) if files.rights.add else None,
        room=room_of(files.case.hospital_id) if files.rights.add else None,
        sentence=sentence,
    )


@bp.post("/cases/<int:case_id>/attachments")
@requires(Permission.CASE_EDIT, scope="cases")
def upload(viewer: Viewer, case_id: int) -> Response:
    upload_id = request.form.get("upload")
    if upload_id:
        results = take_upload(viewer, case_id, upload_id, sent_description(), now=utc_now())
    else:
        results = _add_sent(viewer, case_id)
    if not wants_json():
        return _plain_answer(viewer, case_id, results)
    series = {one.id: one for one in list_series(viewer, case_id)}
    warnings = _warnings(viewer, case_id, results)
    return jsonify(ok=True, results=[_as_json(one, series, warnings) for one in results])


def _add_sent(viewer: Viewer, case_id: int) -> tuple[FileResult, ...]:
    """Attach the files that are in the request itself."""
    with ExitStack() as opened:
        sent = [_sent(one, opened) for one in request.files.getlist("files") if one.filename]
        if not sent:
            raise Refused("no_files")
        return add_sent(viewer, case_id, sent, sent_description(), now=utc_now())


def _sent(file: FileStorage, opened: ExitStack) -> SentFile:
    opened.callback(file.close)
    return SentFile(file.filename or "", cast("BinaryIO", file.stream))


def _warnings(
    viewer: Viewer, case_id: int, results: tuple[FileResult, ...]
) -> dict[int, list[str]]:
    """What to look at in the series that images went into, by their number."""
    if not any(one.series_id for result in results for one in (result, *result.inside)):
        return {}
    studies = case_files(viewer, case_id).studies
    return {series.id: header_warnings(study) for study in studies for series in study.series}


def _warned(result: FileResult, warnings: dict[int, list[str]]) -> list[str]:
    """Of a ZIP each sentence once."""
    numbers = (one.series_id for one in (result, *result.inside))
    return list(dict.fromkeys(text for one in numbers for text in warnings.get(one or 0, ())))


def _as_json(
    result: FileResult, series: dict[int, SeriesFacts], warnings: dict[int, list[str]]
) -> dict[str, Any]:
    found = series.get(result.series_id or 0)
    return {
        "name": result.name,
        "ok": result.ok,
        "code": result.code,
        "message": _words(result),
        "warnings": _warned(result, warnings),
        "kind": result.kind,
        "series": found.title if found else "",
        "thumbnail": thumbnail_url(found) if found else None,
        **_inside(result),
    }


def _inside(result: FileResult) -> dict[str, Any]:
    """What is said of the files of a ZIP: the refused ones by name, a disc as a whole."""
    refused = [one for one in result.inside if not one.ok and one.code not in _OF_THE_DISC]
    found: dict[str, Any] = {
        "inside": [{"name": one.name, "message": _words(one)} for one in refused[:_NAMED_INSIDE]]
    }
    if said := [_words(one) for one in result.inside if one.code == DIRECTORY]:
        found["disc"] = said
    if left := [one.name for one in result.inside if one.code == Refusal.DISC_VIEWER]:
        found["left"] = {"count": len(left), "names": left[:_NAMED_INSIDE]}
    return found


def _words(result: FileResult) -> str:
    if result.code == DIRECTORY:
        return _directory_words(result)
    if result.code == ARCHIVE:
        there = sum(one.code in {DUPLICATE, REFILED} for one in result.inside)
        taken = sum(one.ok for one in result.inside) - there
        of_disc = sum(one.code in _OF_THE_DISC for one in result.inside)
        refused = len(result.inside) - taken - there - of_disc
        return gettext(
            "压缩包：接收 %(taken)d 个文件，已存在 %(there)d，未接收 %(refused)d。",
            taken=taken,
            there=there,
            refused=refused,
        )
    if not result.ok or result.code in {NO_IMAGE, QUARANTINED}:
        return sentence(result.code)
    if result.kind == DICOM_STUDY or not result.kind:
        return ""
    if result.kind == SLIDE:
        return gettext("数字切片，正在生成图块，几分钟后可以浏览。")
    found = next(one for one in document_types() if one.code == result.kind)
    if result.code == REFILED:
        return gettext("已存在，类别已改为%(kind)s。", kind=label_of(found))
    return gettext("类别：%(kind)s", kind=label_of(found))


def _directory_words(result: FileResult) -> str:
    """What the disc lists, and what of it is not in the case."""
    if not result.lacking:
        return gettext("光盘目录列出 %(n)d 个影像文件，已全部在本病例中。", n=result.listed)
    return gettext(
        "光盘目录列出 %(n)d 个影像文件，本病例中有 %(there)d 个，"
        "缺 %(lacking)d 个：%(paths)s%(more)s",
        n=result.listed,
        there=result.listed - len(result.lacking),
        lacking=len(result.lacking),
        paths=gettext("、").join(result.lacking[:_NAMED_LACKING]),
        more="…" if len(result.lacking) > _NAMED_LACKING else "",
    )


def _plain_answer(viewer: Viewer, case_id: int, results: tuple[FileResult, ...]) -> Response:
    """For a browser without scripts: what happened above the list."""
    warnings = _warnings(viewer, case_id, results)
    for one in results:
        words = _words(one) or gettext("已接收")
        flash(f"{one.name}{gettext('：')}{words}", "success" if one.ok else "danger")
        for text in _warned(one, warnings):
            flash(f"{one.name}{gettext('：')}{text}", "warning")
    return redirect(url_for("attachments.show_files", case_id=case_id))
