"""A province's definitions of coverage: versions, drafts, what a draft would change, publishing."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from mdt.blueprints.reports.blueprint import bp
from mdt.blueprints.reports.forms import DefinitionForm, DraftForm, PublishForm, stored
from mdt.queries import coverage_definitions as queries
from mdt.rules.access import Permission, Viewer
from mdt.rules.calendar import local_date, utc_now
from mdt.rules.coverage import DEFINITIONS, beside_each_other, period_name
from mdt.services import coverage_definitions as services
from mdt.web.forms import BaseForm
from mdt.web.guards import requires
from mdt.web.submit import accepted
from mdt.web.templating import language
from mdt.web.words.definitions import FIELDS, differences, field_value, version_name, version_word


@bp.get("/reports/definitions")
@requires(Permission.REPORT_READ)
def list_definitions(viewer: Viewer) -> str:
    return _list(viewer)


def _list(viewer: Viewer, refused: str = "") -> str:
    known, today = queries.known_definitions(viewer), local_date(viewer.as_of)
    rows = queries.list_definitions(viewer)
    return render_template(
        "reports/definitions.html",
        refused=refused,
        versions=[(one, _row_of(one, rows)) for one in known.all],
        in_force={known.in_force(code, today).name for code in DEFINITIONS},
        drafts=[(queries.definition_of(row), row) for row in rows if row.version is None],
        provinces=queries.managed_provinces(viewer),
        today=today,
        fields=FIELDS,
        field_value=field_value,
        version_name=version_name,
        version_word=version_word,
    )


def _row_of(definition: Any, rows: list[Any]) -> Any:
    """Who published a version and when; nothing for those that ship."""
    named = (definition.code, definition.version)
    return next((row for row in rows if (row.code, str(row.version)) == named), None)


@bp.post("/reports/definitions")
@requires(Permission.DEFINITION_WRITE)
def add_draft(viewer: Viewer) -> Response | tuple[str, int]:
    services.check_province(viewer)
    form = DraftForm()
    draft_id = accepted(
        form,
        lambda: services.draft_definition(
            viewer, form.based_on.data, now=utc_now(), province=form.province.data or ""
        ),
    )
    if draft_id is None:
        return _list(viewer, gettext("请选择以哪一版为基础。")), 422
    return redirect(url_for("reports.edit_definition", definition_id=draft_id))


@bp.route("/reports/definitions/<int:definition_id>", methods=["GET", "POST"])
@requires(Permission.DEFINITION_WRITE)
def edit_definition(viewer: Viewer, definition_id: int) -> str | Response | tuple[str, int]:
    services.check_province(viewer)
    draft = queries.get_draft(viewer, definition_id)
    form = DefinitionForm(data=stored(queries.definition_of(draft)))
    form.offer()
    saved = accepted(
        form,
        lambda: services.edit_draft(
            viewer, definition_id, form.fields(), form.valid_from.data, now=utc_now()
        ),
    )
    if saved:
        flash(gettext("草稿已保存，下面是它对上季度的影响。"), "success")
        return redirect(url_for("reports.edit_definition", definition_id=definition_id))
    refused = str(form.form_errors[0]) if form.form_errors else ""
    return _page(viewer, definition_id, form, 422 if form.errors else 200, refused)


def _page(
    viewer: Viewer, definition_id: int, form: DefinitionForm, status: int, refused: str = ""
) -> tuple[str, int]:
    draft = queries.get_draft(viewer, definition_id)
    definition = queries.definition_of(draft)
    effect = services.show_effect(viewer, draft, now=utc_now(), language=language())
    page = render_template(
        "reports/definition.html",
        form=form,
        draft=draft,
        based_on=version_word(draft.based_on),
        refused=refused,
        definition=definition,
        name=version_name(definition),
        seen=services.fingerprint(draft),
        effect=effect,
        period=period_name(effect.period).in_language(language()),
        before=version_name(effect.before.definition),
        pairs=list(beside_each_other(effect.before, effect.after)),
        differences=differences(effect.before.definition, definition),
    )
    return page, status


@bp.post("/reports/definitions/<int:definition_id>/publish")
@requires(Permission.DEFINITION_WRITE)
def publish_definition(viewer: Viewer, definition_id: int) -> Response | tuple[str, int]:
    services.check_province(viewer)
    draft = queries.get_draft(viewer, definition_id)
    form = PublishForm()
    name = accepted(
        form,
        lambda: services.publish_definition(viewer, definition_id, form.seen.data, now=utc_now()),
    )
    if name is None:
        fresh = DefinitionForm(formdata=None, data=stored(queries.definition_of(draft)))
        fresh.offer()
        refused = form.form_errors[0] if form.form_errors else gettext("请先核对，再发布。")
        return _page(viewer, definition_id, fresh, 409, str(refused))
    flash(
        gettext("已发布。生效日或以后开始的期间按这一版统计；更早开始的期间和已关账的不变。"),
        "success",
    )
    return redirect(url_for("reports.list_definitions"))


@bp.post("/reports/definitions/<int:definition_id>/discard")
@requires(Permission.DEFINITION_WRITE)
def discard_definition(viewer: Viewer, definition_id: int) -> Response | tuple[str, int]:
    services.check_province(viewer)
    form = BaseForm()
    if accepted(form, lambda: services.discard_draft(viewer, definition_id, now=utc_now())) is None:
        return _list(viewer, str(form.form_errors[0]) if form.form_errors else ""), 409
    flash(gettext("草稿已放弃。"), "success")
    return redirect(url_for("reports.list_definitions"))
