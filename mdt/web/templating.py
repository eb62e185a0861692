"""What every template has: navigation, language, built assets, dates."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, current_app, g, has_app_context, request, session, url_for
from flask_babel import (
    format_date,
    format_datetime,
    format_percent,
    get_locale,
    get_translations,
    gettext,
    pgettext,
)
from markupsafe import Markup

from mdt.rules.access import Permission, Role, Viewer, may
from mdt.rules.calendar import local_time, utc_now
from mdt.rules.reading import is_reader
from mdt.rules.sign_in import browser_name
from mdt.web.guards import current_viewer

LANGUAGES = ("zh", "en")


def choose_locale() -> str:
    """The language that was chosen by the link, else the browser's, else Chinese."""
    chosen = session.get("language")
    if chosen not in LANGUAGES:
        chosen = request.accept_languages.best_match(LANGUAGES, default="zh")
    return "en" if chosen == "en" else "zh_Hans_CN"


def language() -> str:
    """``zh`` or ``en``: by which the labels of code lists are taken."""
    if not has_app_context():
        return "zh"
    said: str | None = g.get("language")
    if said is None:
        said = g.language = "en" if str(get_locale()) == "en" else "zh"
    return said


def _catalogue() -> Any:
    """The sentences of this request's language: a form asks for hundreds, so it is kept."""
    kept = g.get("catalogue")
    if kept is None:
        kept = g.catalogue = get_translations()
    return kept


def _translate(app: Flask) -> None:
    """Let templates look their sentences up in what the request keeps."""
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=lambda text: _catalogue().ugettext(text),
        ngettext=lambda one, many, count: _catalogue().ungettext(one, many, count),
        pgettext=lambda context, text: _catalogue().upgettext(context, text),
        npgettext=lambda context, *rest: _catalogue().unpgettext(context, *rest),
        newstyle=True,
    )


def label_of(thing: Any) -> str:
    """The label of a code list's entry, or the name of a place, in the reader's language."""
    if thing is None:
        return ""
    inner = getattr(thing, "label", None)
    if inner is not None and not callable(inner):
        return label_of(inner)
    for stem in ("label_", "name_", ""):
        text = getattr(thing, stem + language(), None) or getattr(thing, f"{stem}zh", None)
        if text:
            return str(text)
    return str(thing)


def name_of(terms: Iterable[Any], code: str) -> str:
    """The label of a code in a list of terms; the code itself where the list has none such."""
    return next((label_of(term) for term in terms if term.code == code), code)


@dataclass(frozen=True)
class NavItem:
    """One entry of the main navigation."""

    label: str
    url: str
    active: bool
    count: int = 0


def _navigation(viewer: Viewer | None) -> list[NavItem]:
    if viewer is None:
        return []
    entries = [
        (Permission.WORKLIST_READ, gettext("待办"), "worklist.show_worklist", "/"),
        (Permission.CASE_READ, gettext("病例"), "cases.list_cases", "/cases"),
        (Permission.CASE_TRIAGE, pgettext("menu", "受理"), "triage.show_queue", "/triage"),
        (
            Permission.CONFERENCE_READ,
            gettext("会议"),
            "conferences.list_conferences",
            "/conferences",
        ),
        *(
            [(Permission.READING_WRITE, gettext("阅片"), "reading.show_list", "/reading")]
            if is_reader(viewer)
            else []
        ),
        (Permission.REGISTRY_READ, gettext("登记"), "registry.show_registry", "/registry"),
        (Permission.REPORT_READ, gettext("报表"), "reports.show_coverage", "/reports"),
        (Permission.AUDIT_READ, gettext("审计"), "audit.show_audit", "/audit"),
        (Permission.PLACES_MANAGE, gettext("机构与团队"), "admin.show_admin", "/admin"),
        (Permission.ACCOUNT_MANAGE, gettext("账号"), "admin.list_accounts", "/admin"),
    ]
    return [
        NavItem(label, url_for(endpoint), _is_active(prefix))
        for permission, label, endpoint, prefix in entries
        if may(viewer, permission) and endpoint in current_app.view_functions
    ]


def _is_active(prefix: str) -> bool:
    path = request.path
    return path == "/" if prefix == "/" else path == prefix or path.startswith(prefix + "/")


def role_labels() -> dict[Role, str]:
    """Names of the roles."""
    return {
        Role.APPROVER: gettext("院内审核（医务科）"),
        Role.AUDIT: gettext("审计管理员"),
        Role.CHAIR: gettext("主席"),
        Role.CLINICIAN: gettext("主管医师"),
        Role.COORDINATOR: gettext("MDT秘书（协调员）"),
        Role.EXPERT: gettext("专家"),
        Role.OBSERVER: gettext("旁听人员"),
        Role.QUALITY: gettext("质控管理员"),
        Role.RECORDER: gettext("记录员"),
        Role.SECURITY: gettext("安全管理员"),
        Role.SYSTEM: gettext("系统管理员"),
    }


def _context() -> dict[str, Any]:
    viewer = current_viewer()
    other = "zh" if language() == "en" else "en"
    back = _this_page()
    names = role_labels()
    return {
        "viewer": viewer,
        "viewer_name": viewer.name if viewer else None,
        "viewer_hospital": _hospital_name(viewer),
        "viewer_roles": [names[role] for role in sorted(viewer.roles)] if viewer else [],
        "nav_items": _navigation(viewer),
        "person_links": [{"label": gettext("我的账号"), "url": url_for("accounts.own_account")}]
        if viewer
        else [],
        "html_lang": "en" if language() == "en" else "zh-Hans-CN",
        "other_language": {
            "code": other,
            "label": "English" if other == "en" else "中文",
            "url": url_for("accounts.choose_language", code=other, back=back),
        },
        "demo": current_app.config["MDT"].demo,
        "may": lambda name: viewer is not None and may(viewer, Permission(name)),
        "language": language(),
        "now": utc_now(),
    }


def _this_page() -> str:
    """Where a reader of this page comes back to; of a form that was sent, the empty one."""
    if request.method == "GET":
        return request.full_path.rstrip("?")
    rule = request.url_rule
    return request.path if rule and "GET" in (rule.methods or ()) else "/"


def _hospital_name(viewer: Viewer | None) -> str | None:
    if viewer is None:
        return None
    english = viewer.hospital_name_en if language() == "en" else ""
    return english or viewer.hospital_name_zh or None


@lru_cache(maxsize=1)
def _manifest(path: Path, changed: float) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(path.read_text())
    return loaded


def vite(entry: str) -> Markup:
    """Tags of a built entry (``main.js``, ``pages/upload.js``, ``room/index.js``).

    What it imports is named, too: over a thin line, finding that out would be one more wait.
    """
    return _tags(_built_as(), _url_base(), entry)


def fetched_ahead(*entries: str) -> Markup:
    """Tags by which a browser fetches built entries, when it has nothing else to do."""
    chunks = [one for entry in entries for one in _chunks(_built_as(), entry)]
    names = dict.fromkeys([*(one["file"] for one in chunks), *_styles(chunks)])
    tag = Markup('<link rel="prefetch" href="{}">')
    return Markup("\n").join(tag.format(_url_base() + name) for name in names)


def _built_as() -> tuple[Path, float]:
    """The build's list and when it was made; 0 where nothing was built."""
    path = Path(current_app.static_folder or "") / "build" / "manifest.json"
    return path, path.stat().st_mtime if path.exists() else 0.0


def _url_base() -> str:
    return url_for("static", filename="build/")


@lru_cache(maxsize=64)
def _tags(built: tuple[Path, float], base: str, entry: str) -> Markup:
    chunks = _chunks(built, entry)
    if not chunks:
        return Markup("")
    own, *imported = [base + one["file"] for one in chunks]
    style = Markup('<link rel="stylesheet" href="{}">')
    module = Markup('<link rel="modulepreload" href="{}">')
    return Markup("\n").join(
        [
            *(style.format(base + name) for name in _styles(chunks)),
            *(module.format(url) for url in imported),
            Markup('<script type="module" src="{}"></script>').format(own),
        ]
    )


def _chunks(built: tuple[Path, float], entry: str) -> list[dict[str, Any]]:
    """An entry of the build and what it imports, each once."""
    path, changed = built
    if not changed:
        return []
    manifest = _manifest(path, changed)
    found: dict[str, dict[str, Any]] = {}
    waiting = [entry]
    while waiting:
        key = waiting.pop(0)
        if key not in found:
            found[key] = manifest[key]
            waiting += manifest[key].get("imports", ())
    return list(found.values())


def _styles(chunks: list[dict[str, Any]]) -> list[str]:
    """Their style sheets, each once."""
    return list(dict.fromkeys(name for one in chunks for name in one.get("css", ())))


def _full_datetime(value: datetime | None) -> str:
    """``2026年11月21日 周六 14:30``, or the English of it."""
    if value is None:
        return ""
    pattern = "EEE d MMM yyyy, HH:mm" if language() == "en" else "yyyy年M月d日 EEE HH:mm"
    return format_datetime(value, pattern)


def _short_datetime(value: datetime | None) -> str:
    return format_datetime(value, "yyyy-MM-dd HH:mm") if value else ""


def _clock(value: datetime | None) -> str:
    return format_datetime(value, "HH:mm") if value else ""


def _full_date(value: date | None) -> str:
    if value is None:
        return ""
    return format_date(value, "d MMM yyyy" if language() == "en" else "yyyy年M月d日")


def _dateformat(value: date | datetime | None, pattern: str = "yyyy-MM-dd") -> str:
    if value is None:
        return ""
    day = local_time(value).date() if isinstance(value, datetime) else value
    return format_date(day, pattern)


def _percent(share: float) -> str:
    """``37.5%`` of a share between 0 and 1."""
    return format_percent(share, "0.0%")


def site_address() -> str:
    """How people reach this system from outside, without a slash at the end."""
    given: str = current_app.config["MDT"].public_url
    return given or request.host_url.rstrip("/")


def register_templating(app: Flask) -> None:
    """Attach context, filters and globals."""
    app.context_processor(_context)
    _translate(app)
    app.jinja_env.globals.update(vite=vite, fetched_ahead=fetched_ahead, label=label_of)
    app.jinja_env.filters.update(
        browser=browser_name,
        clock=_clock,
        dateformat=_dateformat,
        full_date=_full_date,
        full_datetime=_full_datetime,
        label=label_of,
        percent=_percent,
        short_datetime=_short_datetime,
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
