"""Words of the cases and opinions of past boards, put together from the shipped content."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mdt.rules.codes import morphologies
from mdt.rules.content import checklist, modalities, plan_template, tumour_types
from mdt.rules.content.plans import TemplateStep
from mdt.rules.plan import AgreedStage, Outcome, PlanDraft, PlanStep
from mdt.rules.readiness import Mark
from mdt.rules.staging import tables_for

_WHERE = {"county": "县级医院", "city": "市级医院", "province": "省级医院"}
_WHEN = ("2周内", "上一步之后", "治疗结束后")
_AFTER = ("nutrition", "follow_up")
_LATE_INTENT, _EARLY_INTENT = "conversion", "curative"
_USUAL = {True: "chemotherapy", False: "surgery"}


@dataclass(frozen=True)
class PastTumour:
    """What the register says of a tumour, as far as an opinion speaks of it."""

    tumour_type: str
    icd10: str
    morphology: str
    edition: str
    t: str
    n: str
    m: str
    stage_group: str
    late: bool
    treatment: str

    @property
    def diagnosis(self) -> str:
        """In words, with the group where there is one."""
        kind = next(one for one in tumour_types() if one.code == self.tumour_type)
        cell = morphologies().get(self.morphology)
        words = [kind.label_zh, cell.label.zh.removesuffix("NOS") if cell else ""]
        words.append(f"{self.stage_group}期" if self.stage_group else "")
        return "，".join(filter(None, words))

    @property
    def table(self) -> str:
        """Key of the table by which its categories are read; empty where it has none."""
        fitting = tables_for(self.icd10, self.morphology) if self.t else ()
        return next(
            (
                one.key
                for one in fitting
                if one.classification in {"any", "c"} and one.edition == self.edition
            ),
            "",
        )


def case_fields(tumour: PastTumour) -> Mapping[str, Any]:
    """Columns of the case beside those that come from the register."""
    kind = next(one for one in tumour_types() if one.code == tumour.tumour_type)
    asked = kind.questions[1 if tumour.late else 0].label_zh
    return {
        "tumour_type": tumour.tumour_type,
        "staging_table": tumour.table,
        "diagnosis_text": tumour.diagnosis,
        "urgency": "soon" if tumour.late else "routine",
        "ecog": 1,
        "kps": 80,
        "symptoms": [],
        "comorbidities": [],
        "comorbidity_text": "无",
        "chief_complaint": f"确诊{kind.label_zh}，拟定治疗方案",
        "history": "因局部症状就诊，经检查确诊，未做抗肿瘤治疗。既往体健。",
        "examination": "一般情况可，浅表淋巴结未及肿大。",
        "patient_preference": "愿意治疗，希望尽量在本地完成",
        "own_plan": _steps(tumour)[0].what,
        "question": asked,
        "checklist_marks": {
            item.base: {"mark": Mark.PRESENT.value, "reason": ""}
            for item in checklist(tumour.tumour_type)
        },
    }


def opinion(tumour: PastTumour) -> PlanDraft:
    """A short opinion that recommends what was then done."""
    steps = _steps(tumour)
    return PlanDraft(
        outcome=Outcome.RECOMMENDED,
        answer=f"同意申请医院的诊断。建议先行：{steps[0].what}，按病情评估后再定后续。",
        diagnosis=tumour.diagnosis,
        stage=AgreedStage(
            table=tumour.table,
            edition=tumour.edition if tumour.table else "",
            classification="c",
            t=tumour.t,
            n=tumour.n,
            m=tumour.m,
            stage_group=tumour.stage_group,
        ),
        intent=_LATE_INTENT if tumour.late else _EARLY_INTENT,
        steps=steps,
        review_point="治疗2–3周期后或术后复查，必要时再议",
        patient_wish="愿意治疗",
        basis="按现有影像、病理与分期资料",
    )


def _steps(tumour: PastTumour) -> tuple[PlanStep, ...]:
    offered = plan_template(tumour.tumour_type).steps
    first_of = {one.code: one.first_treatment for one in modalities()}
    wanted = tumour.treatment or _USUAL[tumour.late]
    first = next((s for s in offered if first_of[s.modality] == wanted), offered[1])
    after = (next((s for s in offered if s.modality == code), None) for code in _AFTER)
    chosen = [first, *(step for step in after if step is not None)]
    return tuple(_step(step, place) for place, step in enumerate(chosen))


def _step(step: TemplateStep, place: int) -> PlanStep:
    where = _WHERE[step.usual_place[0]]
    return PlanStep(
        step.modality, step.label_zh, where, "主管医师", _WHEN[place], key=f"s{place + 1}"
    )
