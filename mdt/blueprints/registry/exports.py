from flask import Response, request

from mdt.blueprints.registry.blueprint import bp
from mdt.blueprints.registry.lists import read_filter
from mdt.rules.access import Permission, Viewer
from mdt.rules.calendar import utc_now
from mdt.rules.errors import NotFound
from mdt.services.register_export import export_register
from mdt.web.downloads import CSV, XLSX, sent_from_disk
from mdt.web.guards import requires
from mdt.web.templating import language

_KINDS = {"csv": CSV, "xlsx": XLSX}


@bp.get("/registry/export.<kind>")
@requires(Permission.REGISTRY_READ)
def export_file(viewer: Viewer, kind: str) -> Response:
    if kind not in _KINDS:
        raise NotFound
    wanted = read_filter(request.args)
    made = export_register(viewer, wanted, kind, now=utc_now(), language=language())
    return sent_from_disk(made.file, _KINDS[kind], made.stem)
