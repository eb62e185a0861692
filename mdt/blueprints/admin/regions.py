from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from mdt.adapters.spreadsheets import write_csv
from mdt.blueprints.admin.blueprint import bp
from mdt.blueprints.admin.forms import ButtonForm, RegionFileForm, RegionTextForm
from mdt.queries import places
from mdt.rules.access import Permission, Viewer
from mdt.rules.calendar import utc_now
from mdt.rules.regions import COLUMNS, RegionPlan
from mdt.services import regions
from mdt.web.guards import requires
from mdt.web.messages import sentence
from mdt.web.submit import accepted


@bp.get("/regions")
@requires(Permission.PLACES_MANAGE)
def list_regions(viewer: Viewer) -> str:
    parent = request.args.get("parent")
    path = places.region_path(parent)
    return render_template(
        "admin/regions.html",
        path=path,
        found=places.list_regions(path[-1].code if path else None),
        below=places.count_below(),
        counts=places.count_regions(),
    )


@bp.post("/regions/shipped")
@requires(Permission.PLACES_MANAGE)
def import_shipped(viewer: Viewer) -> Response:
    form = ButtonForm()
    count = accepted(
        form, lambda: regions.import_regions(viewer, regions.shipped_regions(), now=utc_now())
    )
    if count:
        flash(gettext("已载入江西、吉林的 %(n)s 个地区。", n=count), "success")
    return redirect(url_for("admin.list_regions"))


@bp.route("/regions/import", methods=["GET", "POST"])
@requires(Permission.PLACES_MANAGE)
def import_regions(viewer: Viewer) -> str | Response | tuple[str, int]:
    form = RegionFileForm()
    plan = accepted(form, lambda: _preview(form))
    if plan is None:
        page = render_template("admin/regions_import.html", form=form, columns=COLUMNS)
        return page, 422 if form.errors else 200
    return _show_plan(plan, RegionTextForm(formdata=None))


def _preview(form: RegionFileForm) -> RegionPlan:
    return regions.preview_regions(regions.read_regions(form.file.data.read()))


def _show_plan(plan: RegionPlan, form: RegionTextForm) -> str:
    rows = [(one.code, one.name_zh, one.name_en, one.level, one.parent) for one in plan.rows]
    form.file.data = write_csv(COLUMNS, rows).decode("utf-8-sig")
    return render_template("admin/regions_plan.html", plan=plan, form=form, sentence=sentence)


@bp.post("/regions/import/confirm")
@requires(Permission.PLACES_MANAGE)
def confirm_import(viewer: Viewer) -> str | Response | tuple[str, int]:
    form = RegionTextForm()
    count = accepted(form, lambda: _import(viewer, form))
    if count is None:
        return render_template("admin/regions_import.html", form=form, columns=COLUMNS), 422
    flash(gettext("已导入 %(n)s 个地区。", n=count), "success")
    return redirect(url_for("admin.list_regions"))


def _import(viewer: Viewer, form: RegionTextForm) -> int:
    rows = regions.read_regions((form.file.data or "").encode())
    return regions.import_regions(viewer, rows, now=utc_now())
