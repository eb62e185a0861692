"""Who is asking, and whether they may. Every view declares `requires` or `public`."""

import functools
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from flask import abort, flash, g, redirect, render_template, request, session, url_for
from flask_babel import gettext
from flask_login import UserMixin, current_user
from werkzeug.wrappers import Response

from mdt.queries.people import SignedIn, find_session, find_token_viewer
from mdt.rules.access import Permission, Viewer, may
from mdt.rules.calendar import utc_now
from mdt.rules.errors import Forbidden
from mdt.rules.phone_links import PhoneLinkOver
from mdt.rules.sign_in import password_expired, session_alive
from mdt.services.accounts import login_policy, token_hash, touch_session
from mdt.services.phone_links import find_visit

PUBLIC = "public"
#: For who holds a living phone link, and nobody else; signed in or not makes no difference.
BY_PHONE = "by-phone"
#: What a page says with a request that nobody made: it fetches ahead, and keeps no session alive.
AHEAD_HEADER = "X-Preparation"
#: Where the cookie keeps a phone's secret. No other door looks there.
PHONE_KEY = "phone"
View = Callable[..., Any]


class SignedInUser(UserMixin):
    """What Flask-Login carries: the cookie's token, and the session behind it."""

    def __init__(self, token: str, signed_in: SignedIn | None = None) -> None:
        self.id = token
        self.signed_in = signed_in

    @property
    def viewer(self) -> Viewer | None:
        """Who this is, as plain data."""
        return self.signed_in.viewer if self.signed_in else None


def load_user(token: str) -> SignedInUser | None:
    """Flask-Login's loader: a living session, used within its limits."""
    now = utc_now()
    signed_in = find_session(token_hash(token), now=now)
    if signed_in is None or not session_alive(
        created_at=signed_in.created_at,
        last_seen_at=signed_in.last_seen_at,
        now=now,
        policy=login_policy(),
    ):
        return None
    if AHEAD_HEADER not in request.headers:
        touch_session(signed_in.session_id, signed_in.last_seen_at, now=now)
    return SignedInUser(token, signed_in)


def bearer_token() -> str | None:
    """The machine's token of this request. Such a request has no other identity."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" and token.strip() else None


def current_viewer() -> Viewer | None:
    """Who is asking, or nobody."""
    if "viewer" not in g:
        g.viewer = _find_viewer(utc_now())
    viewer: Viewer | None = g.viewer
    return viewer


def _find_viewer(now: datetime) -> Viewer | None:
    token = bearer_token()
    if token:
        return find_token_viewer(token_hash(token), now=now)
    user = current_user._get_current_object()
    return user.viewer if isinstance(user, SignedInUser) else None


def public(view: View) -> View:
    """Open to everybody, signed in or not."""
    view.mdt_policy = PUBLIC  # type: ignore[attr-defined]
    return view


def by_phone(view: View) -> View:
    """Let in a phone whose link lives, into its own case, and give the view its `Visit` first.

    Whatever else: a page says to scan again, a script gets 401.
    """

    @functools.wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        secret, address = session.get(PHONE_KEY, ""), request.remote_addr or ""
        visit = find_visit(secret, address, now=utc_now())
        # A page left open from another case must not send into this one.
        if visit is None or kwargs.pop("case_id", visit.case_id) != visit.case_id:
            if wants_json() or request.method != "GET":
                raise PhoneLinkOver
            return render_template("phone/over.html"), PhoneLinkOver.status
        return view(visit, *args, **kwargs)

    guarded.mdt_policy = BY_PHONE  # type: ignore[attr-defined]
    return guarded


def requires(permission: Permission, *, scope: str | None = None) -> Callable[[View], View]:
    """Let in who has the permission and give the view its viewer as first argument.

    ``scope`` names the token scope by which a machine may call it; without one no token may.
    """

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            viewer = current_viewer()
            if viewer is None:
                return ask_to_sign_in()
            if not may(viewer, permission) or not _within_scopes(viewer, scope):
                raise Forbidden
            # A token is no person at a screen.
            asked = viewer.scopes is None and permission is not Permission.OWN_ACCOUNT
            if asked and must_change_password():
                return redirect(url_for("accounts.password"))
            return view(viewer, *args, **kwargs)

        guarded.mdt_policy = permission  # type: ignore[attr-defined]
        return guarded

    return decorate


def _within_scopes(viewer: Viewer, scope: str | None) -> bool:
    return viewer.scopes is None or (scope is not None and scope in viewer.scopes)


def must_change_password() -> bool:
    """Whether the signed-in person has to choose a password before anything else."""
    signed_in = getattr(current_user, "signed_in", None)
    if signed_in is None:
        return False
    return signed_in.must_change_password or password_expired(
        signed_in.password_changed_at, now=utc_now(), policy=login_policy()
    )


def ask_to_sign_in() -> Response:
    """Lead to the sign-in page and from there back; a script gets 401.

    What somebody sent is lost to the server, so the page says what to do about it.
    """
    if wants_json():
        abort(401)
    target: str | None
    if request.method == "GET":
        target = request.full_path.rstrip("?")
    else:
        target = _page_of_form()
        flash(
            gettext(
                "登录已失效，刚才的内容没有提交。可先用浏览器的返回键回到原页面，"
                "复制填写的内容，登录后重新填写并提交。"
            ),
            "warning",
        )
    return redirect(url_for("accounts.sign_in", next=target))


def _page_of_form() -> str | None:
    """The page of ours from which a form was sent, as its browser tells."""
    came_from = urlsplit(request.referrer or "")
    own = came_from.netloc == request.host and came_from.path != url_for("accounts.sign_in")
    return came_from.path if own else None


def wants_json() -> bool:
    """Whether the caller is a script: a token, JSON asked for, or sent; DICOMweb knows no pages."""
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return bool(
        bearer_token()
        or request.is_json
        or request.path.endswith(".json")
        or "/dicom-web/" in request.path
        or best == "application/json"
    )
