"""An opinion in words, as it is printed: codes become labels, times Chinese local time."""

from collections.abc import Iterable
from dataclasses import fields, is_dataclass, replace
from datetime import datetime
from typing import Any

from mdt.adapters import plan_pdf as pdf
from mdt.adapters.pdf_fonts import marked
from mdt.models.cases import Case
from mdt.models.conferences import AgendaItem
from mdt.models.conferences import Attendance as AttendanceRow
from mdt.models.people import User
from mdt.models.plans import PlanRevision
from mdt.queries.cases import sees_identity
from mdt.queries.patients import open_identity
from mdt.queries.plans import issue_number
from mdt.rules.calendar import local_date, local_time
from mdt.rules.case_stage import find_table
from mdt.rules.content import disciplines, intents, modalities, reasons, titles
from mdt.rules.content.reasons import ReasonList
from mdt.rules.content.terms import Term
from mdt.rules.errors import NotFound
from mdt.rules.followup import LIABILITY
from mdt.rules.identity import age_on
from mdt.rules.plan import OUTCOMES, PlanDraft, PlanState
from mdt.rules.plan_stage import iii_plus_of
from mdt.rules.quorum import CHAIR_SLOT, quorum
from mdt.rules.staging import IiiPlus, system_code
from mdt.rules.staging import labels as stage_labels
from mdt.rules.staging.shapes import AXES
from mdt.services.plan_desk import Desk, draft_in
from mdt.services.plan_pictures import pictures_now, printed_pictures

_SEXES = {"1": "男", "2": "女"}
_WEEKDAYS = "一二三四五六日"
_SIDES = {IiiPlus.YES: True, IiiPlus.NO: False, IiiPlus.UNKNOWN: None}
_NO_NAME = "（阅览副本不显示）"


def print_of(
    desk: Desk, revision: PlanRevision, *, site: str, now: datetime, identified: bool | None = None
) -> pdf.PlanDocument:
    """Everything that is printed of a revision.

    ``identified``: with the patient's name; by default as the viewer may see it. Characters that
    no font has are marked; an opinion's own text holds none.
    """
    item = desk.item
    if item is None:
        raise NotFound
    named = sees_identity(desk.viewer, desk.case) if identified is None else identified
    draft = draft_in(revision)
    signed = revision.state == PlanState.SIGNED
    fixed = signed or revision.state == PlanState.SIGNING
    pictures = revision.pictures if fixed else pictures_now(desk.viewer, desk.case.id)
    team, code = item.conference.team, revision.verify_code or ""
    document = pdf.PlanDocument(
        requesting_hospital=desk.case.hospital.name_zh,
        consulting_hospital=team.hospital.name_zh,
        case_number=desk.case.number,
        patient=_patient(desk.case, item, named=named),
        conference=_conference(item),
        questions=tuple(q.strip() for q in desk.case.question.splitlines() if q.strip()),
        case_summary=_summary(desk.case),
        attendance=tuple(_attendance(desk.attendance)),
        stage=_stage(draft),
        content_hash=revision.content_hash,
        verify_code=code,
        verify_url=f"{site}/verify/{code}",
        made_at=revision.signed_at if signed and revision.signed_at else now,
        against=desk.unexplained(draft),
        signatures=tuple(_signature(s) for s in revision.signatures),
        owed=tuple(_owed(desk, revision, now)),
        revision=issue_number(revision, desk.revisions),
        amends=_amendment(desk, revision),
        quorum_note=_quorum_note(desk, revision, item, now),
        disclaimer=LIABILITY["zh"],
        draft=not signed,
        reading_copy=signed and not named,
        pictures=printed_pictures(desk.case, pictures),
        **_words(draft),
    )
    return _printable(document)


def _words(draft: PlanDraft) -> dict[str, Any]:
    deferral = label(reasons(ReasonList.DEFERRAL), draft.deferral_reason)
    return {
        "outcome": label(OUTCOMES, draft.outcome or ""),
        "deferral_reason": "：".join(part for part in (deferral, draft.deferral_text) if part),
        "diagnosis": draft.diagnosis,
        "intent": label(intents(), draft.intent),
        "steps": tuple(
            pdf.StepLine(label(modalities(), s.modality), s.what, s.where, s.who, s.when)
            for s in draft.steps
        ),
        "answer": draft.answer,
        "basis": draft.basis,
        "further_tests": draft.further_tests,
        "imaging_review": draft.imaging_review,
        "pathology_review": draft.pathology_review,
        "alternative": draft.alternative,
        "review_point": draft.review_point,
        "patient_wish": draft.patient_wish,
        "dissent": tuple(
            pdf.DissentLine(
                d.name,
                label(disciplines(), d.discipline),
                label(reasons(ReasonList.DISSENT), d.kind),
                d.text,
            )
            for d in draft.dissent
        ),
    }


def label(terms: Iterable[Term], code: str) -> str:
    """The Chinese label of a code; the code itself where a list has lost it."""
    return next((term.label_zh for term in terms if term.code == code), code)


def _patient(case: Case, item: AgendaItem, *, named: bool) -> pdf.PatientLine:
    who = open_identity(case.patient)
    on = local_date(item.started_at or item.conference.starts_at)
    age = f"{age_on(who.birth_date, on)}岁" if who.birth_date else "不详"
    sex = _SEXES.get(case.patient.sex, "不详")
    if not named:
        return pdf.PatientLine(_NO_NAME, sex, age, _NO_NAME, _NO_NAME)
    return pdf.PatientLine(who.name, sex, age, who.mrn, who.masked_id_number)


def _conference(item: AgendaItem) -> pdf.ConferenceLine:
    conference = item.conference
    place = f"（{conference.place}）" if conference.place else ""
    chair = conference.chair.name
    return pdf.ConferenceLine(conference.number, _held_at(item), f"远程多学科讨论{place}", chair)


def _held_at(item: AgendaItem) -> str:
    begin = local_time(item.started_at or item.conference.starts_at)
    words = f"{begin:%Y}年{begin.month}月{begin.day}日 周{_WEEKDAYS[begin.weekday()]} {begin:%H:%M}"
    return f"{words}–{local_time(item.ended_at):%H:%M}" if item.ended_at else words


def _summary(case: Case) -> str:
    parts = (
        ("", case.chief_complaint),
        ("", case.history),
        ("查体：", case.examination),
        ("检验：", case.labs),
        ("分子检测：", case.molecular),
        ("既往治疗：", case.treatment_so_far),
        ("体力状况：", f"ECOG {case.ecog}分" if case.ecog is not None else ""),
    )
    return "\n".join(head + words.strip() for head, words in parts if words.strip())


def _attendance(rows: Iterable[AttendanceRow]) -> Iterable[pdf.AttendanceLine]:
    order = ("chair", "expert", "presenter", "coordinator", "recorder")
    known = [row for row in rows if row.role in order]
    for row in sorted(known, key=lambda r: (order.index(r.role), r.id)):
        yield pdf.AttendanceLine(
            row.user.name,
            row.hospital.name_zh if row.hospital else "",
            _discipline(row.discipline, row.role),
            title_of(row.user),
        )


def _discipline(code: str | None, role: str) -> str:
    words = label(disciplines(), code or "")
    extra = {"chair": "主持人", "presenter": "汇报", "coordinator": "秘书", "recorder": "记录"}
    part = extra.get(role, "")
    return f"{words}（{part}）" if words and part else words or part


def title_of(user: User) -> str:
    """A person's professional title in words."""
    return label(titles(), user.title or "")


def _signature(signature: Any) -> pdf.SignatureLine:
    user = signature.user
    return pdf.SignatureLine(
        user.name,
        user.hospital.name_zh if user.hospital else "",
        _discipline(signature.discipline, signature.role),
        title_of(user),
        f"{local_time(signature.signed_at):%Y-%m-%d %H:%M}",
    )


def _owed(desk: Desk, revision: PlanRevision, now: datetime) -> Iterable[str]:
    """Whose signature is still asked for, while the opinion is out for signing."""
    if revision.state != PlanState.SIGNING:
        return
    names = {row.user_id: row.user.name for row in desk.attendance}
    given = {signature.user_id for signature in revision.signatures}
    for need in desk.circumstances(revision, now=now).needs:
        if not need.user_ids & given:
            slot = "主持人" if need.slot == CHAIR_SLOT else label(disciplines(), need.slot)
            yield f"{slot}（{'、'.join(names[user_id] for user_id in sorted(need.user_ids))}）"


def _stage(draft: PlanDraft) -> pdf.StageLine:
    stage, table = draft.stage, find_table(draft.stage.table)
    prefix = stage.classification
    categories = " ".join(
        f"{prefix if axis == 't' else ''}{getattr(stage, axis)}"
        for axis in AXES
        if getattr(stage, axis)
    )
    return pdf.StageLine(
        group=_group(stage.stage_group),
        categories=categories,
        system=f"{system_code(table.system)}分期" if table else "",
        edition=f"第{stage.edition}版" if stage.edition.isdigit() else stage.edition,
        iii_plus=_SIDES[iii_plus_of(stage)],
    )


def _group(group: str) -> str:
    """``IIIA期``, or the word of a group that has one (``隐匿性癌``)."""
    words = {one.value: one.label_zh for one in stage_labels()["stage"]}
    if group in words:
        return words[group]
    return f"{group}期" if group and group[0] in "0IVⅠⅡⅢⅣ" else group


def _amendment(desk: Desk, revision: PlanRevision) -> pdf.Amendment | None:
    old = next((r for r in desk.revisions if r.id == revision.amends_id), None)
    if old is None:
        return None
    return pdf.Amendment(issue_number(old, desk.revisions), revision.amend_reason)


def _quorum_note(desk: Desk, revision: PlanRevision, item: AgendaItem, now: datetime) -> str:
    around = desk.circumstances(revision, now=now)
    found = quorum(around.attendance, around.quorum_rule)
    rule = around.quorum_rule
    note = f"到会学科{len(found.present)}个，要求不少于{rule.min_disciplines}个："
    if found.met:
        return f"{note}达到要求。"
    missing = "、".join(label(disciplines(), code) for code in found.missing)
    note = f"{note}未达到要求" + (f"（缺{missing}）" if missing else "") + "。"
    if not item.quorum_override:
        return note
    why = label(reasons(ReasonList.OVERRIDE), item.quorum_override)
    words = f"{why}：{item.quorum_override_text}" if item.quorum_override_text else why
    return f"{note}主持人说明理由后签署：{words}。本次讨论不计为达到法定学科数。"


def _printable(thing: Any) -> Any:
    """The same data with every character that no font has marked."""
    if isinstance(thing, str):
        return marked(thing)
    if isinstance(thing, tuple):
        return tuple(_printable(part) for part in thing)
    if is_dataclass(thing) and not isinstance(thing, type):
        names = [f.name for f in fields(thing)]
        return replace(thing, **{name: _printable(getattr(thing, name)) for name in names})
    return thing
