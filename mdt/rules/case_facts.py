"""From a case as it stands to the flat facts and the evidence that the checklist reads.

A fact that cannot be had from the fields is left out: it is unknown, and the page may ask for it.
What the doctor answered (``CaseDraft.answers``) goes over what was derived.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import date

from mdt.rules import wording
from mdt.rules.case_draft import CaseDraft, age_of, is_stageable
from mdt.rules.conditions import AtLeast
from mdt.rules.evidence import Document, Evidence, Series
from mdt.rules.intake import ConsentKind, ConsentPaper

_SEX = {"1": "M", "2": "F"}
_NUMERALS = {"0": 0, "I": 1, "II": 2, "III": 3, "IV": 4}
# The letter after the numeral: sub-stages, and E, S, X of lymphoma; anything else is a word.
_GROUP = re.compile(r"(IV|III|II|I|0)(?=[ABCDESX0-9\s-]|IS|$)")
_NONE_YET = re.compile(r"无|未|没有")
_T = re.compile(r"T(\d)")
_N = re.compile(r"N(\d)")
_HEIGHT = re.compile(r"身高|BMI")
_WEIGHT = re.compile(r"体重|BMI")
_HER2 = re.compile(r"HER2\s*[(（:：]?\s*([0-3]\+?)")
_HBSAG = re.compile(r"HBsAg\s*[:：(（]?\s*(阳性|阴性|\+|-)", re.IGNORECASE)

#: ICD-O-3 histology to the groups that conditions speak of; the first range that fits.
_HISTOLOGY: tuple[tuple[range, str], ...] = (
    (range(8021, 8022), "anaplastic"),
    (range(8050, 8085), "squamous"),
    (range(8012, 8015), "non_squamous"),
    (range(8345, 8348), "medullary"),
    (range(8140, 8580), "adenocarcinoma"),
    (range(9380, 9481), "glioma"),
)
_AGGRESSIVE_LYMPHOMA = frozenset(
    {9673, 9678, 9679, 9680, 9684, 9687, 9688, 9702, 9705, 9714, 9719, 9727}
)

#: Words of the doctor's own plan to the kinds of steps; a sentence part with 不 or 未 is left out.
_PLANNED: Mapping[str, str] = {
    "surgery": r"手术|切除|清扫|根治术|全切|截肢|保肢",
    "chemoradiotherapy": r"放化疗|同步化疗",
    "radiotherapy": r"放疗|放射治疗|照射",
    "chemotherapy": r"化疗",
    "targeted": r"靶向",
    "immunotherapy": r"免疫",
    "endocrine": r"内分泌",
    "intervention": r"介入|TACE|消融|栓塞|支架",
    "nuclide": r"碘-?131|核素",
    "further_workup": r"活检|穿刺|补充检查|取材",
}


def stage_numeral(group: str) -> int | None:
    """``IIIA`` to 3; ``None`` for groups without a numeral (``limited``, BCLC ``C``)."""
    found = _GROUP.match(wording.plain(group).replace("期", "").strip())
    return _NUMERALS[found.group(1)] if found else None


def histology_group(morphology: str) -> str | None:
    """The group of an ICD-O-3 code such as ``8140/3``; ``None`` where conditions know none."""
    if not morphology[:4].isdigit():
        return None
    number = int(morphology[:4])
    if number in _AGGRESSIVE_LYMPHOMA:
        return "aggressive"
    return next((group for numbers, group in _HISTOLOGY if number in numbers), None)


def planned_modalities(own_plan: str) -> tuple[str, ...]:
    """The kinds of treatment that a plan in words names; empty where none is recognised."""
    parts = re.split(r"[，,。；;]", own_plan)
    meant = "，".join(part for part in parts if not re.search("不|未", part))
    return tuple(code for code, words in _PLANNED.items() if re.search(words, meant))


def _first(pattern: re.Pattern[str], text: str) -> str | None:
    found = pattern.search(text)
    return found.group(1) if found else None


def _stage_facts(draft: CaseDraft) -> Iterable[tuple[str, object]]:
    yield "stageable", is_stageable(draft) if draft.tumour_type else None
    yield "stage_numeral", stage_numeral(draft.stage_group or draft.stage_text)
    yield "iii_plus", draft.iii_plus
    t, n = _first(_T, draft.t.upper()), _first(_N, draft.n.upper())
    yield "t_major", int(t) if t else None
    yield "n_positive", n != "0" if n else None
    yield "n_suspected", draft.n or None


def _treatment_facts(draft: CaseDraft) -> Iterable[tuple[str, object]]:
    told = draft.treatment_so_far.strip()
    treated = bool(
        draft.first_treatment_date
        or draft.case_type != "new"
        or (told and not _NONE_YET.match(told))
    )
    yield "case_type", draft.case_type
    yield "treated_before", treated
    if draft.stage_basis in {"p", "yp"}:
        yield "phase", "post_operative"
    elif not treated:
        yield "phase", "before_treatment"
    # A plan in words names what the doctor thinks of; the board may think of more.
    meant = draft.planned_modalities or AtLeast(planned_modalities(draft.own_plan))
    yield "planned_modalities", meant or None
    yield "intent", draft.intent or None


def _result_facts(draft: CaseDraft) -> Iterable[tuple[str, object]]:
    written = "\n".join((draft.molecular, draft.labs))
    yield "marker.HER2", _first(_HER2, written)
    surface = _first(_HBSAG, wording.results_only(written))
    yield (
        "lab.hbsag",
        {"阳性": "positive", "+": "positive"}.get(surface or "", surface and "negative"),
    )


def case_facts(
    draft: CaseDraft, consents: Collection[ConsentPaper], day: date
) -> dict[str, object]:
    """The flat facts that conditions ask for; unknown ones are not in it."""
    standing = (one for one in consents if one.kind == ConsentKind.REMOTE and not one.withdrawn)
    signer = next((one.signer for one in standing), None)
    behaviour = draft.morphology.partition("/")[2]
    told = bool(draft.comorbidities or draft.comorbidity_text.strip())
    facts: dict[str, object] = {
        "age": age_of(draft, day),
        "sex": _SEX.get(draft.sex),
        "consent_by": signer,
        "icd10": draft.icd10 or None,
        "morphology": draft.morphology or None,
        "behaviour": behaviour or None,
        "histology_group": histology_group(draft.morphology),
        "diagnosis_basis": draft.diagnosis_basis or None,
        "symptom": draft.symptoms or None,
        "comorbidity": draft.comorbidities if told else None,
        "family_history": "family_history" in draft.comorbidities or None,
        # Nobody is asked for TCM papers unless TCM is asked to come.
        "disciplines": (),
        **dict(_stage_facts(draft)),
        **dict(_treatment_facts(draft)),
        **dict(_result_facts(draft)),
        **draft.answers,
    }
    return {name: value for name, value in facts.items() if value is not None}


def _stage_entry(draft: CaseDraft) -> bool | None:
    """A stage is entered (yes), decides nothing or is half there (no), or is not begun."""
    group = draft.stage_group or draft.stage_text
    whole = draft.staging_table and draft.stage_date and group
    if whole and draft.iii_plus != "unknown":
        return True
    return False if draft.staging_table or group or draft.stage_date else None


def _entries(draft: CaseDraft) -> dict[str, bool | None]:
    """Bases that fields of the form fill: whole (yes), in part (no), not at all."""
    question, plan = bool(draft.questions), bool(draft.own_plan.strip())
    height = draft.height_cm is not None or _HEIGHT.search(draft.examination) is not None
    weight = draft.weight_kg is not None or _WEIGHT.search(draft.examination) is not None
    comorbidity = bool(draft.comorbidities or draft.comorbidity_text.strip())

    def both(one: bool, other: bool) -> bool | None:
        return (one and other) if one or other else None

    return {
        "cl_summary": bool(draft.history.strip()) or None,
        "cl_exam": bool(draft.examination.strip()) or None,
        "cl_question": both(question, plan),
        "cl_stage": _stage_entry(draft),
        "cl_prior": bool(draft.treatment_so_far.strip()) or None,
        "cl_comorb": comorbidity or None,
        "cl_hw": both(height, weight),
        "cl_wish": bool(draft.patient_preference.strip()) or None,
        "cl_family": "family_history" in draft.comorbidities or None,
        "sc_ecog": draft.ecog is not None or None,
        "sc_kps": draft.kps is not None or None,
        "sc_charlson": comorbidity or None,
    }


def case_evidence(
    draft: CaseDraft,
    documents: Iterable[Document],
    series: Iterable[Series],
    day: date,
) -> Evidence:
    """What proves items of the checklist: the fields of the form and what is attached.

    Values of the form stand for the day of submission; struck-out files are to be left out.
    """
    entries = _entries(draft)
    return Evidence(
        documents=tuple(documents),
        series=tuple(series),
        entered={base: day for base, whole in entries.items() if whole},
        partly=frozenset(base for base, whole in entries.items() if whole is False),
        notes="\n".join((draft.labs, draft.molecular, draft.examination)),
    )
