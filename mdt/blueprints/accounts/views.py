from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext
from flask_login import login_user, logout_user
from werkzeug.wrappers import Response

from mdt.blueprints.accounts.forms import PasswordForm, SignInForm
from mdt.queries.people import list_sessions
from mdt.rules.access import Permission, Viewer
from mdt.rules.calendar import utc_now
from mdt.services import accounts
from mdt.web.guards import (
    SignedInUser,
    current_viewer,
    must_change_password,
    public,
    requires,
)
from mdt.web.submit import accepted
from mdt.web.templating import LANGUAGES

bp = Blueprint("accounts", __name__)


@bp.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> str | Response | tuple[str, int]:
    form = SignInForm()
    if request.method == "GET" and current_viewer() is not None:
        return redirect(url_for("worklist.show_worklist"))
    token = accepted(form, lambda: accounts.sign_in(_attempt(form), now=utc_now()))
    if token:
        chosen = session.get("language")
        session.clear()
        if chosen:
            session["language"] = chosen
        login_user(SignedInUser(token))
        return redirect(_own_path(request.args.get("next")))
    return render_template("accounts/sign_in.html", form=form), 422 if form.errors else 200


def _attempt(form: SignInForm) -> accounts.Attempt:
    viewer = current_viewer()
    return accounts.Attempt(
        username=form.username.data or "",
        password=form.password.data or "",
        address=request.remote_addr or "",
        browser=request.user_agent.string,
        replaces=viewer.session_id if viewer else None,
    )


def _own_path(target: str | None) -> str:
    parts = urlsplit(target or "")
    own = target and target.startswith("/") and not parts.netloc and not target.startswith("//")
    return target if own and target and "\\" not in target else url_for("worklist.show_worklist")


@bp.post("/sign-out")
@requires(Permission.OWN_ACCOUNT)
def sign_out(viewer: Viewer) -> Response:
    accounts.sign_out(viewer, now=utc_now())
    logout_user()
    session.clear()
    response = redirect(url_for("accounts.sign_in"))
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@bp.get("/language/<code>")
@public
def choose_language(code: str) -> Response:
    if code in LANGUAGES:
        session["language"] = code
    return redirect(_own_path(request.args.get("back")))


@bp.get("/account")
@requires(Permission.OWN_ACCOUNT)
def own_account(viewer: Viewer) -> str:
    return render_template(
        "accounts/own_account.html", sessions=list_sessions(viewer.user_id), form=PasswordForm()
    )


@bp.route("/account/password", methods=["GET", "POST"])
@requires(Permission.OWN_ACCOUNT)
def password(viewer: Viewer) -> str | Response | tuple[str, int]:
    form = PasswordForm()
    if accepted(
        form,
        lambda: accounts.change_password(
            viewer, form.password.data or "", form.new_password.data or "", now=utc_now()
        ),
    ):
        flash(gettext("密码已修改，其他设备上的登录已全部结束。"), "success")
        return redirect(url_for("accounts.own_account"))
    page = render_template("accounts/password.html", form=form, forced=must_change_password())
    return page, 422 if form.errors else 200


@bp.post("/account/sessions/<int:session_id>/end")
@requires(Permission.OWN_ACCOUNT)
def end_session(viewer: Viewer, session_id: int) -> Response:
    accounts.end_session(viewer, session_id, now=utc_now())
    flash(gettext("该登录已结束。"), "success")
    return redirect(url_for("accounts.own_account"))
