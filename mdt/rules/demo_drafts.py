"""The invented cases as drafts: what the county doctor had entered and attached on a day."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from mdt.rules.case_draft import CaseDraft
from mdt.rules.case_facts import case_evidence, case_facts, planned_modalities
from mdt.rules.content import document_type
from mdt.rules.evidence import Document
from mdt.rules.intake import ConsentKind, ConsentPaper, Signer
from mdt.rules.readiness import Mark, Readiness, readiness

DemoCase = Mapping[str, Any]

_SEX = {"M": "1", "F": "2"}
_SIDE = {"left": "1", "right": "2", "bilateral": "3", "not_applicable": "9"}
_CONSENT_ITEMS = {
    ConsentKind.REMOTE: ("common.dc_consent",),
    ConsentKind.PRIVACY: ("common.dc_privacy",),
    ConsentKind.GUARDIAN: ("common.dc_guardian", "common.dc_guardian.not_told"),
}


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def submission_day(case: DemoCase) -> date:
    """The day of the first submission: that on which the county doctor staged the tumour."""
    return date.fromisoformat(case["stage_submitted"]["stage_date"])


def _lab_text(case: DemoCase) -> str:
    lines = []
    for lab in case["labs"]:
        mark = {"H": " ↑", "L": " ↓"}.get(lab["flag"] or "", "")
        lines.append(f"{lab['item_zh']} {lab['value']} {lab['unit']}{mark}（{lab['date']}）")
    return "\n".join(lines)


def _reports(case: DemoCase, until: date) -> list[dict[str, Any]]:
    return [one for one in case["reports"] if date.fromisoformat(one["date"]) <= until]


def _molecular_text(case: DemoCase, until: date) -> str:
    pathology = [
        one["text_zh"]
        for one in _reports(case, until)
        if document_type(one["type"]).group == "pathology"
    ]
    return "\n".join(pathology)


def _preference(case: DemoCase) -> str:
    if "common.cl_wish" in case["missing_items"]:
        return ""
    wishes = (session["consensus"]["patient_wish_zh"] for session in case["sessions"])
    return next((wish for wish in wishes if wish), "")


def _intent(case: DemoCase) -> str:
    meant = set(planned_modalities(case["own_plan_zh"]))
    local = meant & {"surgery", "radiotherapy", "chemoradiotherapy"}
    return "curative" if local and case["stage_submitted"]["m"] != "M1" else ""


def demo_draft(case: DemoCase, until: date | None = None) -> CaseDraft:
    """The form of a demo case with what was known on a day (the first submission by default)."""
    day = until or submission_day(case)
    patient, stage = case["patient"], case["stage_submitted"]
    return CaseDraft(
        name=patient["name"],
        id_type="01",
        id_number=patient["id_number"],
        sex=_SEX[patient["sex"]],
        birth_date=_day(patient["birth_date"]),
        phone=patient["phone"],
        mrn=patient["mrn"],
        residence_code=patient["residence_code"],
        tumour_type=case["tumour_type"],
        icd10=case["icd10"],
        diagnosis_text=case["sessions"][0]["consensus"]["diagnosis_zh"],
        morphology=case["morphology"],
        laterality=_SIDE[case["laterality"]],
        case_type=case["case_type"],
        diagnosis_date=_day(case["diagnosis_date"]),
        diagnosis_basis=case["diagnosis_basis"],
        staging_table=stage["table"] or "",
        stage_basis=stage["basis"],
        t=stage["t"] or "",
        n=stage["n"] or "",
        m=stage["m"] or "",
        stage_factors=stage["factors"],
        stage_group=stage["derived"] or "",
        stage_text=stage["group_entered"],
        stage_date=_day(stage["stage_date"]),
        iii_plus=stage["derived_iii_plus"],
        ecog=case["ecog"],
        kps=case["kps"],
        symptoms=tuple(case["symptoms"]),
        comorbidities=tuple(case["comorbidities"]),
        chief_complaint=case["chief_complaint_zh"],
        history=case["history_zh"],
        examination=f"{case['examination_zh']}\n{case['functional_zh']}",
        labs=_lab_text(case),
        molecular=_molecular_text(case, day),
        patient_preference=_preference(case),
        own_plan=case["own_plan_zh"],
        intent=_intent(case),
        question="\n".join(case["questions_zh"]),
        urgency=case["urgency"],
    )


def demo_consents(case: DemoCase) -> tuple[ConsentPaper, ...]:
    """The consents at the first submission: those that the case does not list as missing."""
    day = submission_day(case)
    draft = demo_draft(case)
    signer, relation = Signer.PATIENT, ""
    if draft.birth_date and day.year - draft.birth_date.year < 18:
        signer, relation = Signer.GUARDIAN, "父亲"
    elif "不告知患者" in case["history_zh"]:
        signer, relation = Signer.RELATIVE, "女儿"
    kinds = [
        kind
        for kind, items in _CONSENT_ITEMS.items()
        if not set(items) & set(case["missing_items"])
        and (kind != ConsentKind.GUARDIAN or signer != Signer.PATIENT)
    ]
    return tuple(ConsentPaper(kind, signer, day, scanned=True, relation=relation) for kind in kinds)


def demo_documents(case: DemoCase, until: date | None = None) -> tuple[Document, ...]:
    """Reports dated up to a day (the first submission by default) and the scans of consents."""
    day = until or submission_day(case)
    reports = [
        Document(one["type"], date.fromisoformat(one["date"]), one["title_zh"])
        for one in _reports(case, day)
    ]
    scans = [Document(f"consent_{paper.kind}", paper.signed_on) for paper in demo_consents(case)]
    return (*reports, *scans)


def demo_readiness(case: DemoCase, marks: Mapping[str, str]) -> Readiness:
    """The checklist held against a demo case as it was first submitted."""
    day, draft, consents = submission_day(case), demo_draft(case), demo_consents(case)
    return readiness(
        draft.tumour_type,
        case_facts(draft, consents, day),
        case_evidence(draft, demo_documents(case), (), day),
        marks,
        day,
    )


def demo_marks(case: DemoCase) -> dict[str, str]:
    """Ticks for what the case does not tell of and does not call missing: it was there on paper."""
    missing = set(case["missing_items"])
    return {
        state.item.code: Mark.PRESENT.value
        for state in demo_readiness(case, {}).blocking
        if state.item.code not in missing
    }
