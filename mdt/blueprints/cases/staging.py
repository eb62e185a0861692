from typing import Any

from flask import jsonify, request
from werkzeug.wrappers import Response

from mdt.blueprints.cases.blueprint import bp
from mdt.blueprints.cases.forms import FACTOR, stage_word
from mdt.rules.access import Permission, Viewer
from mdt.rules.case_stage import find_table
from mdt.rules.codes import icd10_names
from mdt.rules.errors import NotFound
from mdt.rules.staging import Derived, derive
from mdt.web.guards import requires
from mdt.web.templating import label_of


@bp.get("/staging/derive.json")
@requires(Permission.WORKLIST_READ, scope="cases")
def derive_stage(viewer: Viewer) -> Response:
    asked = request.args
    table = find_table(asked.get("table", ""))
    if table is None:
        raise NotFound("unknown_staging_table")
    factors = {
        name.removeprefix(FACTOR): value for name, value in asked.items() if name.startswith(FACTOR)
    }
    return jsonify(
        _plain(
            derive(table.key, asked.get("t", ""), asked.get("n", ""), asked.get("m", ""), factors)
        )
    )


def _plain(answer: Derived) -> dict[str, Any]:
    return {
        "stage": answer.stage,
        "words": stage_word(answer.stage),
        "possible": list(answer.possible),
        "major": answer.major,
        "iii_plus": answer.iii_plus.value,
        "conflicts": [label_of(one) for one in answer.conflicts],
    }


@bp.get("/codes/icd10.json")
@requires(Permission.WORKLIST_READ)
def icd10_codes(viewer: Viewer) -> Response:
    """Every neoplasm code with its name in both languages, for the list below the field."""
    answer = jsonify([[code, label.zh, label.en] for code, label in icd10_names().items()])
    answer.headers["Cache-Control"] = "private, max-age=86400"
    return answer
