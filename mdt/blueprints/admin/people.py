from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from mdt.blueprints.admin import choices
from mdt.blueprints.admin.blueprint import bp
from mdt.blueprints.admin.forms import PeopleFilterForm, PersonForm
from mdt.queries import people
from mdt.rules.access import Permission, Viewer
from mdt.rules.calendar import local_date, utc_now
from mdt.rules.people import may_give_opinion
from mdt.services.people_admin import save_person
from mdt.web.guards import requires
from mdt.web.submit import accepted


@bp.get("/people")
@requires(Permission.PEOPLE_MANAGE)
def list_people(viewer: Viewer) -> str:
    return render_template(
        "admin/people.html",
        **found_people(),
        titles=dict(choices.title_choices()),
        disciplines=dict(choices.discipline_choices()),
    )


def found_people() -> dict[str, object]:
    """What the filter and the page number of this request find; for both administrators."""
    form = PeopleFilterForm(request.args)
    form.offer()
    valid = form.validate()
    page = max(request.args.get("page", 1, type=int), 1)
    wanted = people.PeopleFilter(
        (form.text.data or "") if valid else "",
        choices.number_or_none(form.hospital_id.data or "") if valid else None,
        (form.role.data or "") if valid else "",
    )
    found, total = people.search_people(wanted, page)
    return {
        "form": form,
        "found": found,
        "seats": people.seats_of([user.id for user in found]),
        "page": page,
        "pages": -(-total // people.PEOPLE_PER_PAGE),
        "total": total,
        "here": {one.name: request.args[one.name] for one in form if one.name in request.args},
    }


@bp.route("/people/new", methods=["GET", "POST"])
@requires(Permission.PEOPLE_MANAGE)
def add_person(viewer: Viewer) -> str | Response | tuple[str, int]:
    return _edit(viewer, PersonForm(), None)


@bp.route("/people/<int:user_id>", methods=["GET", "POST"])
@requires(Permission.PEOPLE_MANAGE)
def edit_person(viewer: Viewer, user_id: int) -> str | Response | tuple[str, int]:
    user = people.get_person(user_id)
    return _edit(viewer, PersonForm(obj=user), user)


def _edit(viewer: Viewer, form: PersonForm, user: Any) -> str | Response | tuple[str, int]:
    form.offer()
    saved = accepted(form, lambda: _save(viewer, form, user))
    if saved:
        _tell(saved)
        return redirect(url_for("admin.list_people", text=saved.username))
    page = render_template("admin/person.html", form=form, user=user)
    return page, 422 if form.errors else 200


def _save(viewer: Viewer, form: PersonForm, user: Any) -> Any:
    hospital_id = choices.number_or_none(form.hospital_id.data or "")
    number = user.id if user else None
    return save_person(viewer, number, form.draft(), hospital_id, now=utc_now())


def _tell(user: Any) -> None:
    flash(gettext("已保存：%(name)s", name=user.name), "success")
    if not user.opened:
        flash(gettext("账号尚未开通：请由安全管理员授予角色并生成一次性密码。"), "info")
    if user.title and not may_give_opinion(user.practice_since, local_date(utc_now())):
        flash(gettext("独立执业不满三年或日期未填，作为专家发表会诊意见前请核对。"), "warning")
