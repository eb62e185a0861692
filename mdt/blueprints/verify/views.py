import hashlib
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_wtf.file import FileField
from werkzeug.wrappers import Response

from mdt.queries.plans import find_verified, normal_code
from mdt.rules.content import disciplines
from mdt.web.forms import BaseForm
from mdt.web.guards import public
from mdt.web.templating import label_of
from mdt.web.throttle import Throttle

bp = Blueprint("verify", __name__)

#: Each address: at most one a second in the long run, forty at once.
_throttle = Throttle(rate=1.0, burst=40.0)
_LARGEST_PDF = 20 * 1024 * 1024


class FileForm(BaseForm):
    """The PDF is compared and not kept."""

    file = FileField()


@bp.get("/verify")
@public
def ask() -> str | Response:
    code = request.args.get("code", "")
    if code.strip():
        return redirect(url_for("verify.show", code=normal_code(code) or code.strip()[:40]))
    return render_template("verify/ask.html")


@bp.get("/verify/<code>")
@public
def show(code: str) -> str | tuple[str, int]:
    _throttle.check()
    return _page(code)


@bp.post("/verify/<code>")
@public
def compare(code: str) -> str | tuple[str, int]:
    _throttle.check()
    sent = FileForm().file.data
    if not sent:
        return _page(code, compared="missing", status=422)
    content = sent.stream.read(_LARGEST_PDF + 1)
    return _page(code, compared=hashlib.sha256(content).hexdigest())


def _page(code: str, *, compared: str = "", status: int = 200) -> str | tuple[str, int]:
    found = find_verified(code)
    context: dict[str, Any] = {
        "found": found,
        "code": normal_code(code) or code[:40],
        "compared": compared,
        "same": bool(found and found.sha256 and compared == found.sha256),
        "disciplines": [_discipline(one) for one in found.disciplines] if found else [],
        "hospitals": [label_of(one) for one in found.hospitals] if found else [],
        "form": FileForm(),
    }
    return render_template("verify/verify.html", **context), status if found else 404


def _discipline(code: str) -> str:
    return next((label_of(term) for term in disciplines() if term.code == code), code)
