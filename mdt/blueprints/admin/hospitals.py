from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from mdt.blueprints.admin import choices
from mdt.blueprints.admin.blueprint import bp
from mdt.blueprints.admin.forms import HospitalForm
from mdt.queries import places
from mdt.rules.access import Permission, Viewer
from mdt.rules.calendar import utc_now
from mdt.rules.content import HospitalAttribute, hospital_terms
from mdt.services.places import save_hospital
from mdt.web.guards import requires
from mdt.web.submit import accepted
from mdt.web.templating import label_of


@bp.get("/hospitals")
@requires(Permission.PLACES_MANAGE)
def list_hospitals(viewer: Viewer) -> str:
    text = request.args.get("q", "").strip()[:60]
    return render_template(
        "admin/hospitals.html", found=places.search_hospitals(text), text=text, words=_words()
    )


def _words() -> dict[str, str]:
    """Names of levels, grades and kinds; their codes don't overlap."""
    kinds = (HospitalAttribute.LEVEL, HospitalAttribute.GRADE, HospitalAttribute.TYPE)
    return {term.code: label_of(term) for kind in kinds for term in hospital_terms(kind)}


@bp.route("/hospitals/new", methods=["GET", "POST"])
@requires(Permission.PLACES_MANAGE)
def add_hospital(viewer: Viewer) -> str | Response | tuple[str, int]:
    return _edit(viewer, HospitalForm(), None)


@bp.route("/hospitals/<int:hospital_id>", methods=["GET", "POST"])
@requires(Permission.PLACES_MANAGE)
def edit_hospital(viewer: Viewer, hospital_id: int) -> str | Response | tuple[str, int]:
    hospital = places.get_hospital(hospital_id)
    return _edit(viewer, HospitalForm(obj=hospital), hospital)


def _edit(viewer: Viewer, form: HospitalForm, hospital: Any) -> str | Response | tuple[str, int]:
    form.offer()
    number = hospital.id if hospital else None
    saved = accepted(form, lambda: save_hospital(viewer, number, form.settings(), now=utc_now()))
    if saved:
        flash(gettext("已保存：%(name)s", name=label_of(saved)), "success")
        return redirect(url_for("admin.list_hospitals"))
    page = render_template(
        "admin/hospital.html", form=form, hospital=hospital, regions=choices.regions()
    )
    return page, 422 if form.errors else 200
