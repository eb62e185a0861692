"""Audit rows in words."""

from typing import Any

from flask_babel import gettext

from mdt.queries.audit import AuditLine
from mdt.queries.audit_names import is_person
from mdt.rules.coverage import By, group_name
from mdt.web.templating import language
from mdt.web.words.audit import ACTIONS, DETAILS, OBJECTS, RESULTS
from mdt.web.words.audit_details import word_of


def action_words(code: str) -> str:
    """What was done."""
    return str(next((text for action, text in ACTIONS.items() if action == code), code))


def object_words(line: AuditLine) -> str:
    """To which thing: its kind with a case's number, or with its own and its name."""
    row = line.row
    kind = str(OBJECTS.get(row.object_type, row.object_type))
    number = line.case_number if row.object_type == "case_file" else row.object_id
    name = _name(line, row.object_type, row.object_id or "")
    about = " ".join(part for part in (kind, number or row.object_id, name) if part)
    if line.case_number and row.object_type != "case_file":
        return f"{about} · {line.case_number}".removeprefix(" · ")
    return about


def hospital_words(line: AuditLine) -> str:
    """The hospital of who did it."""
    return _in_language(line.hospital)


def _name(line: AuditLine, kind: str, number: str) -> str:
    return _in_language(line.names.get((kind, number)))


def _in_language(name: tuple[str, str] | None) -> str:
    return name[language() == "en"] if name else ""


def detail_words(line: AuditLine) -> str:
    """Details as pairs of a word and the words for its codes, or its numbers."""
    return gettext("；").join(
        f"{DETAILS.get(key, key)} {_value(line, key, value)}"
        for key, value in line.row.data.items()
        if value not in ([], None, "")
    )


def _value(line: AuditLine, key: str, value: Any) -> str:
    if isinstance(value, bool):
        return gettext("是") if value else gettext("否")
    if isinstance(value, list):
        if key == "items":
            # Which items of a checklist they are would tell of the disease.
            return gettext("%(n)s 项", n=len(value))
        words = dict.fromkeys(_value(line, key, one) for one in value)
        return gettext("、").join(words)
    if is_person(line.row, key):
        return f"{value} {_name(line, 'user_account', str(value))}".strip()
    if key == "row":
        return _row_of_report(line, str(value))
    return word_of(key, value) or value if isinstance(value, str) else str(value)


def _row_of_report(line: AuditLine, code: str) -> str:
    """A line of a report: its place by number and name, its site or time by name."""
    name = _name(line, "place", code)
    if name:
        return f"{code} {name}"
    by = line.row.data.get("by")
    try:
        return group_name(code, By(str(by)), language())
    except (KeyError, ValueError):
        return code


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
        row.id, moment, row.actor_name, line.person, hospital_words(line), row.address or "",
        action_words(row.action), row.action, object_words(line), result_words(row.result),
        detail_words(line),
    ]  # fmt: skip
