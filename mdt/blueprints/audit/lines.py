"""Audit rows in words."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext

from mdt.queries.audit import AuditLine
from mdt.rules.access import Role
from mdt.web.templating import label_of, role_labels
from mdt.web.words.audit import ACTIONS, DETAILS, OBJECTS, RESULTS


def action_words(code: str) -> str:
    """What was done."""
    return str(next((text for action, text in ACTIONS.items() if action == code), code))


def object_words(line: AuditLine) -> str:
    """To which thing: its kind with a case's number, or with its own."""
    row = line.row
    kind = str(OBJECTS.get(row.object_type, row.object_type))
    number = line.case_number if row.object_type == "case_file" else row.object_id
    about = f"{kind} {number or row.object_id}".strip()
    if line.case_number and row.object_type != "case_file":
        return f"{about} · {line.case_number}".removeprefix(" · ")
    return about


def detail_words(data: Mapping[str, Any]) -> str:
    """Details as pairs; their values are codes and counts."""
    roles: Mapping[str, Any] = {role.value: text for role, text in role_labels().items()}
    return gettext("；").join(
        f"{DETAILS.get(key, key)} {_value(value, roles if key in {'roles', 'seat'} else {})}"
        for key, value in data.items()
        if value not in ([], None, "")
    )


def _value(value: Any, words: Mapping[str, Any]) -> str:
    if isinstance(value, bool):
        return gettext("是") if value else gettext("否")
    if isinstance(value, list):
        return gettext("、").join(_value(one, words) for one in value)
    return str(words.get(value, value)) if isinstance(value, str | Role) else str(value)


def result_words(code: str) -> str:
    """How it ended."""
    return str(RESULTS.get(code, code))


def export_header() -> list[str]:
    """Headings of the export."""
    return [
        gettext("编号"), gettext("时间"), gettext("账号"), gettext("姓名"), gettext("医院"),
        gettext("地址"), gettext("操作"), gettext("操作代码"), gettext("对象"), gettext("结果"),
        gettext("说明"),
    ]  # fmt: skip


def export_row(line: AuditLine, moment: str) -> list[str | int]:
    """One line of the export."""
    row = line.row
    return [
        row.id, moment, row.actor_name, line.person, label_of(line.hospital), row.address or "",
        action_words(row.action), row.action, object_words(line), result_words(row.result),
        detail_words(row.data),
    ]  # fmt: skip
