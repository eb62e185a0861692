from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from mdt.blueprints.admin import choices
from mdt.blueprints.admin.blueprint import bp
from mdt.blueprints.admin.forms import RoleForm
from mdt.blueprints.admin.people import found_people
from mdt.queries import people, places
from mdt.rules.access import Permission, Viewer
from mdt.rules.calendar import utc_now
from mdt.services import people_admin
from mdt.web.guards import requires
from mdt.web.submit import accepted


@bp.get("/accounts")
@requires(Permission.ACCOUNT_MANAGE)
def list_accounts(viewer: Viewer) -> str:
    shown = found_people()
    seen = people.last_seen([user.id for user in shown["found"]])  # type: ignore[attr-defined]
    return render_template("admin/accounts.html", seen=seen, **shown)


@bp.get("/accounts/<int:user_id>")
@requires(Permission.ACCOUNT_MANAGE)
def show_account(viewer: Viewer, user_id: int) -> str:
    return _show(viewer, user_id, RoleForm(formdata=None))


def _show(viewer: Viewer, user_id: int, form: RoleForm) -> str:
    user = people.get_person(user_id)
    form.offer()
    if not form.is_submitted() and user.hospital_id:
        form.hospital_id.data = str(user.hospital_id)
    return render_template(
        "admin/account.html",
        user=user,
        form=form,
        own=user_id == viewer.user_id,
        seats=people.seats_of([user_id]).get(user_id, []),
        sessions=people.list_sessions(user_id),
        hospitals={one.id: one for one in places.list_hospitals()},
        regions=dict(choices.regions()),
    )


@bp.post("/accounts/<int:user_id>/roles")
@requires(Permission.ACCOUNT_MANAGE)
def give_role(viewer: Viewer, user_id: int) -> Response | tuple[str, int]:
    form = RoleForm()
    form.offer()
    if accepted(
        form,
        lambda: people_admin.give_role(viewer, user_id, form.membership(), now=utc_now()),
    ):
        flash(gettext("角色已授予，立即生效。"), "success")
        return _back(user_id)
    return _show(viewer, user_id, form), 422


@bp.post("/accounts/<int:user_id>/roles/<int:role_id>/withdraw")
@requires(Permission.ACCOUNT_MANAGE)
def withdraw_role(viewer: Viewer, user_id: int, role_id: int) -> Response:
    people_admin.remove_role(viewer, user_id, role_id, now=utc_now())
    flash(gettext("角色已撤销，立即生效。"), "success")
    return _back(user_id)


@bp.post("/accounts/<int:user_id>/password")
@requires(Permission.ACCOUNT_MANAGE)
def give_password(viewer: Viewer, user_id: int) -> str:
    password = people_admin.open_account(viewer, user_id, now=utc_now())
    # Shown in this answer alone: nothing keeps it, and the page is never stored.
    return render_template(
        "admin/one_time.html", user=people.get_person(user_id), password=password
    )


@bp.post("/accounts/<int:user_id>/block")
@requires(Permission.ACCOUNT_MANAGE)
def block(viewer: Viewer, user_id: int) -> Response:
    people_admin.block_account(viewer, user_id, True, now=utc_now())
    flash(gettext("账号已停用，此人的登录已全部结束。"), "success")
    return _back(user_id)


@bp.post("/accounts/<int:user_id>/unblock")
@requires(Permission.ACCOUNT_MANAGE)
def unblock(viewer: Viewer, user_id: int) -> Response:
    people_admin.block_account(viewer, user_id, False, now=utc_now())
    flash(gettext("账号已恢复使用。"), "success")
    return _back(user_id)


@bp.post("/accounts/<int:user_id>/sessions/end")
@requires(Permission.ACCOUNT_MANAGE)
def end_sessions(viewer: Viewer, user_id: int) -> Response:
    count = people_admin.end_sessions(viewer, user_id, now=utc_now())
    flash(gettext("已结束 %(n)s 个登录。", n=count), "success")
    return _back(user_id)


def _back(user_id: int) -> Response:
    return redirect(url_for("admin.show_account", user_id=user_id))
