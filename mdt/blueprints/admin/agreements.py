from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from mdt.blueprints.admin import choices
from mdt.blueprints.admin.blueprint import bp
from mdt.blueprints.admin.forms import AgreementForm, AllianceForm
from mdt.queries import places
from mdt.rules.access import Permission, Viewer
from mdt.rules.calendar import local_date, utc_now
from mdt.services.places import save_agreement, save_alliance
from mdt.web.guards import requires
from mdt.web.submit import accepted
from mdt.web.templating import label_of


@bp.get("/alliances")
@requires(Permission.PLACES_MANAGE)
def list_alliances(viewer: Viewer) -> str:
    return render_template("admin/alliances.html", found=places.list_alliances())


@bp.route("/alliances/new", methods=["GET", "POST"])
@requires(Permission.PLACES_MANAGE)
def add_alliance(viewer: Viewer) -> str | Response | tuple[str, int]:
    return _edit_alliance(viewer, AllianceForm(), None)


@bp.route("/alliances/<int:alliance_id>", methods=["GET", "POST"])
@requires(Permission.PLACES_MANAGE)
def edit_alliance(viewer: Viewer, alliance_id: int) -> str | Response | tuple[str, int]:
    alliance = places.get_alliance(alliance_id)
    members = [str(member.hospital_id) for member in alliance.members]
    return _edit_alliance(viewer, AllianceForm(obj=alliance, member_ids=members), alliance)


def _edit_alliance(
    viewer: Viewer, form: AllianceForm, alliance: Any
) -> str | Response | tuple[str, int]:
    form.offer()
    number = alliance.id if alliance else None
    saved = accepted(form, lambda: save_alliance(viewer, number, form.draft(), now=utc_now()))
    if saved:
        flash(gettext("已保存：%(name)s", name=label_of(saved)), "success")
        return redirect(url_for("admin.list_alliances"))
    page = render_template("admin/alliance.html", form=form, alliance=alliance)
    return page, 422 if form.errors else 200


@bp.get("/agreements")
@requires(Permission.PLACES_MANAGE)
def list_agreements(viewer: Viewer) -> str:
    hospital = request.args.get("hospital", type=int)
    found = [
        one
        for one in places.list_agreements()
        if hospital in {None, one.requesting_hospital_id, one.consulting_hospital_id}
    ]
    return render_template(
        "admin/agreements.html",
        found=found,
        today=local_date(utc_now()),
        hospital=hospital,
        hospitals=choices.hospitals(),
    )


@bp.route("/agreements/new", methods=["GET", "POST"])
@requires(Permission.PLACES_MANAGE)
def add_agreement(viewer: Viewer) -> str | Response | tuple[str, int]:
    return _edit_agreement(viewer, AgreementForm(), None)


@bp.route("/agreements/<int:agreement_id>", methods=["GET", "POST"])
@requires(Permission.PLACES_MANAGE)
def edit_agreement(viewer: Viewer, agreement_id: int) -> str | Response | tuple[str, int]:
    agreement = places.get_agreement(agreement_id)
    form = AgreementForm(obj=agreement)
    return _edit_agreement(viewer, form, agreement)


def _edit_agreement(
    viewer: Viewer, form: AgreementForm, agreement: Any
) -> str | Response | tuple[str, int]:
    form.offer()
    number = agreement.id if agreement else None
    saved = accepted(
        form,
        lambda: save_agreement(
            viewer,
            number,
            form.term(),
            signed_on=form.signed_on.data,
            alliance_id=choices.number_or_none(form.alliance_id.data),
            now=utc_now(),
        ),
    )
    if saved:
        flash(gettext("已保存：%(name)s", name=saved.number), "success")
        return redirect(url_for("admin.list_agreements"))
    page = render_template("admin/agreement.html", form=form, agreement=agreement)
    return page, 422 if form.errors else 200
