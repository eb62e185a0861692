from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext
from markupsafe import Markup, escape
from werkzeug.wrappers import Response

from mdt.blueprints.registry.blueprint import bp
from mdt.blueprints.registry.entry_form import (
    TumourForm,
    label_in,
    warnings_in_words,
    words_in,
)
from mdt.queries import registry as queries
from mdt.queries.coverage_freezes import Closing, closings_over
from mdt.queries.register_drafts import list_drafts, open_draft
from mdt.rules.access import Permission, Viewer
from mdt.rules.audit import AuditAction
from mdt.rules.calendar import local_date, utc_now
from mdt.rules.coverage import period_name
from mdt.rules.errors import Invalid, Stale
from mdt.rules.icd10 import icd10_label
from mdt.rules.registry import COLUMNS
from mdt.rules.registry.entry import Preview, preview
from mdt.services.audit_log import record_view
from mdt.services.register_drafts import discard_draft, keep_draft
from mdt.services.register_entry import (
    Entered,
    RowDoubtful,
    RowToEdit,
    edit_row,
    enter_row,
    look_at,
    open_row,
)
from mdt.web.guards import requires
from mdt.web.submit import accepted
from mdt.web.templating import language
from mdt.web.words.codes import stage_word
from mdt.web.words.registry import words_for_templates

Saved = Entered | RowDoubtful | Stale | None


def _save(form: TumourForm, action: Callable[[], Entered]) -> Saved:
    """Save the form: the row, or what to show before; nothing where fields are marked."""

    def act() -> Entered | RowDoubtful | Stale:
        try:
            return action()
        except (RowDoubtful, Stale) as error:
            return error

    saved: Saved = accepted(form, act)
    return saved


@bp.route("/registry/new", methods=["GET", "POST"])
@requires(Permission.REGISTRY_IMPORT)
def new_row(viewer: Viewer) -> str | Response | tuple[str, int]:
    hospitals = queries.managed_hospital_names(viewer)
    form = TumourForm(hospitals, data=_begin(viewer, [one.code for one in hospitals]))
    saved = _save(
        form,
        lambda: enter_row(
            viewer, form.cells(), seen=form.seen.data or "", draft=form.draft.data or "",
            now=utc_now(),
        ),
    )  # fmt: skip
    if isinstance(saved, Entered):
        return _after(saved, form)
    if draft := request.form.get("draft"):
        # What was typed just before is in the form alone: nothing saves it any more.
        keep_draft(viewer, draft, form.cells(), now=utc_now())
    begun = () if form.is_submitted() or "draft" in request.args else list_drafts(viewer)
    return _answer(viewer, form, saved, hospitals=hospitals, begun=begun)


def _begin(viewer: Viewer, codes: list[str]) -> dict[str, str]:
    """What stands in the form: a draft that one goes on with, else what an empty one has."""
    draft = request.args.get("draft", "")
    if draft:
        return {**_empty(codes), **open_draft(viewer, draft), "draft": draft}
    return {**_empty(codes), "draft": str(uuid4())}


def _empty(codes: list[str]) -> dict[str, str]:
    """What stands in an empty form: hospital and date of the row before, a new case."""
    code = request.args.get("hospital_code", "")
    return {
        "hospital_code": code if code in codes else next(iter(codes), ""),
        "diagnosis_date": request.args.get("diagnosis_date", "")[:10],
        "case_type": "new",
    }


@bp.post("/registry/new/drafts/<draft_id>/autosave")
@requires(Permission.REGISTRY_IMPORT)
def keep_typed(viewer: Viewer, draft_id: str) -> Response:
    now = utc_now()
    keep_draft(viewer, draft_id, _sent_cells(), now=now)
    return jsonify(ok=True, saved_at=now.isoformat())


@bp.post("/registry/new/drafts/<draft_id>/discard")
@requires(Permission.REGISTRY_IMPORT)
def discard_typed(viewer: Viewer, draft_id: str) -> Response:
    discard_draft(viewer, draft_id, now=utc_now())
    return redirect(url_for("registry.new_row"))


def _after(saved: Entered, form: TumourForm) -> Response:
    if saved.changed:
        flash(_linked(gettext("已保存：%(what)s。", what="{}"), saved.tumour_id), "success")
    else:
        words = gettext("台账中已有完全相同的一条：%(what)s，没有重复登记。", what="{}")
        flash(_linked(words, saved.tumour_id), "warning")
    if request.form.get("then") != "another":
        return redirect(url_for("registry.show_row", tumour_id=saved.tumour_id))
    cells = form.cells()
    kept = {name: cells[name] for name in ("hospital_code", "diagnosis_date")}
    return redirect(f"{url_for('registry.new_row')}?{urlencode(kept)}")


def _linked(words: str, tumour_id: int) -> Markup:
    """A sentence with a link to the row where it has ``{}``."""
    link = Markup('<a href="{}">{}</a>').format(
        url_for("registry.show_row", tumour_id=tumour_id),
        gettext("台账记录 %(n)s", n=tumour_id),
    )
    return escape(words).format(link)


def _answer(viewer: Viewer, form: TumourForm, saved: Saved, **parts: Any) -> str | tuple[str, int]:
    """The form again, with what to look at; or for the first time."""
    alike = _show_doubts(viewer, form, saved) if isinstance(saved, RowDoubtful) else ()
    page = render_template(
        "registry/entry.html",
        form=form,
        alike=alike,
        doubtful=isinstance(saved, RowDoubtful),
        label=lambda column: label_in(form, column),
        words=words_in,
        **_derived(preview(form.cells(), local_date(viewer.as_of))),
        **{"row": None, "both": (), "begun": (), "closed": (), **parts},
        **words_for_templates(),
    )
    status = 409 if saved else 422 if form.errors or form.form_errors else 200
    return page if status == 200 else (page, status)


def _show_doubts(viewer: Viewer, form: TumourForm, doubts: RowDoubtful) -> Any:
    form.warn(doubts.warnings)
    form.seen.data = doubts.seen
    if not doubts.alike:
        return ()
    wanted = queries.RegisterFilter()
    record_view(viewer, AuditAction.REGISTRY_VIEW, wanted, now=utc_now(), rows=len(doubts.alike))
    return queries.tumour_lines(viewer, doubts.alike, today=local_date(viewer.as_of))


def _derived(found: Preview) -> dict[str, Any]:
    label = icd10_label(found.icd10)
    return {
        "preview": found,
        "icd10_words": label.in_language(language()) if label else "",
        "stage_words": stage_word(found.stage.stage),
        "possible": [stage_word(one) for one in found.stage.possible],
    }


@bp.post("/registry/new/check")
@requires(Permission.REGISTRY_IMPORT)
def check_row(viewer: Viewer) -> Response:
    cells = dict.fromkeys(COLUMNS, "") | _sent_cells()
    found = look_at(viewer, cells, now=utc_now())
    derived = _derived(found.preview)
    born = found.preview.birth_date
    return jsonify(
        ok=True,
        fields={
            "sex": found.preview.sex,
            "birth_date": born.isoformat() if born else "",
            "staging_system": found.preview.choices.system,
            "staging_edition": found.preview.choices.edition,
        },
        derived={"icd10_label": derived["icd10_words"]},
        warnings=warnings_in_words(found.warnings),
        html={
            "entry-stage": render_template("registry/_entry_stage.html", **derived),
            "entry-choices": render_template("registry/_entry_choices.html", **derived),
        },
    )


def _sent_cells() -> dict[str, str]:
    """The columns of the file that were sent, whatever else was."""
    body = request.get_json(silent=True)
    fields = body.get("fields") if isinstance(body, dict) else None
    if not isinstance(fields, dict):
        raise Invalid({}, code="unreadable_request")
    return {name: str(fields[name] or "")[:200] for name in COLUMNS if name in fields}


@bp.route("/registry/<int:tumour_id>/edit", methods=["GET", "POST"])
@requires(Permission.REGISTRY_IMPORT)
def edit(viewer: Viewer, tumour_id: int) -> str | Response | tuple[str, int]:
    row = open_row(viewer, tumour_id)
    form = TumourForm([row.tumour.hospital], data={**row.cells, "version": row.version})
    saved = _save(
        form,
        lambda: edit_row(
            viewer, tumour_id, form.cells(), version=form.version.data or "",
            seen=form.seen.data or "", now=utc_now(),
        ),
    )  # fmt: skip
    if isinstance(saved, Entered):
        return _after_edit(saved, form)
    if not form.is_submitted():
        record_view(viewer, AuditAction.REGISTRY_VIEW, row.tumour, now=utc_now(), page="edit")
    both = _both_values(form, saved.details["current"]) if isinstance(saved, Stale) else ()
    closed = closings_over(row.tumour.hospital_id, row.tumour.diagnosis_date)
    shown = {"row": row, "both": both, "closed": [_closing_words(one) for one in closed]}
    return _answer(viewer, form, saved, hospitals=[row.tumour.hospital], **shown)


def _closing_words(closing: Closing) -> str:
    return gettext(
        "%(period)s，%(where)s，%(day)s 关账",
        period=period_name(closing.period).in_language(language()),
        where=closing.name.in_language(language()),
        day=local_date(closing.at).isoformat(),
    )


def _after_edit(saved: Entered, form: TumourForm) -> Response:
    kept = [one for one in saved.warnings if one.code.startswith("identity_of_")]
    if saved.changed:
        flash(gettext("已更正。更正前的内容保留在记录的历史中。"), "success")
    elif not kept:
        flash(gettext("内容没有变化。"), "info")
    if kept:
        columns = gettext("、").join(label_in(form, one.column) for one in kept)
        flash(_not_taken(kept[0].code, columns), "warning")
    return redirect(url_for("registry.show_row", tumour_id=saved.tumour_id))


def _not_taken(code: str, columns: str) -> str:
    """Which columns of the person stay as they were, and where they would be corrected."""
    if code == "identity_of_case":
        return gettext(
            "该患者已有会诊病例，下列各项以病例中的为准，没有改动：%(columns)s。"
            "如病例中的有误，请在病例中更正。",
            columns=columns,
        )
    return gettext(
        "记录已归入台账中证件号码相同的患者，下列各项以该患者已登记的为准，没有改动：%(columns)s。"
        "如有误，请再次更正。",
        columns=columns,
    )


def _both_values(form: TumourForm, current: Any) -> list[tuple[str, str, str]]:
    """What differs between the form and the row as it stands now; the next answer knows of it."""
    row: RowToEdit = current
    form.version.data = row.version
    typed = form.cells()
    return [
        (label_in(form, column), words_in(typed, column), words_in(row.cells, column))
        for column in COLUMNS
        if column in row.cells and typed[column] != row.cells[column]
    ]
