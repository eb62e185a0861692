"""The words for codes in the details of an audit row, by the key under which they stand.

A code is a case's state, a role, the name of a field: never what stands in it.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from flask_babel import lazy_gettext as _

from mdt.rules.black_out import Extent
from mdt.rules.case_state import CaseAction, CaseState
from mdt.rules.content import document_types, reasons
from mdt.rules.content.reasons import ReasonList
from mdt.rules.coverage import EXCLUSION_LABELS
from mdt.rules.followup import AdoptionDecision
from mdt.rules.intake import ConsentKind, Signer
from mdt.rules.plan import PlanState
from mdt.rules.registry import COLUMNS
from mdt.rules.registry.matches import REASONS
from mdt.rules.scheduling import Change
from mdt.web.templating import label_of, role_labels
from mdt.web.words.audit import ACTIONS
from mdt.web.words.conferences import ANSWERS
from mdt.web.words.definitions import version_word
from mdt.web.words.marks import MARK_KINDS
from mdt.web.words.matches import MATCH_VERDICTS
from mdt.web.words.phone import PHONE_REFUSALS
from mdt.web.words.registry import CELLS, DUPLICATE_VERDICTS, GROUPINGS
from mdt.web.words.reports import SORTS

CASE_ACTIONS = {
    CaseAction.ACCEPT: _("受理"),
    CaseAction.ADOPT: _("确认采纳"),
    CaseAction.APPROVE: _("院内审核通过"),
    CaseAction.CLOSE: _("结案"),
    CaseAction.CONCLUDE: _("结束讨论"),
    CaseAction.DECLINE: _("拒绝受理"),
    CaseAction.DEFER: _("缓议"),
    CaseAction.FOLLOW: _("开始随访"),
    CaseAction.PAUSE: _("暂停讨论"),
    CaseAction.PUT_BACK: _("退回待排期"),
    CaseAction.REOPEN: _("重新打开"),
    CaseAction.RETURN: _("退回补正"),
    CaseAction.SCHEDULE: _("排入议程"),
    CaseAction.SIGN: _("签署"),
    CaseAction.START: _("开始讨论"),
    CaseAction.SUBMIT: _("提交"),
    CaseAction.SUBMIT_FOR_APPROVAL: _("提交院内审核"),
    CaseAction.WITHDRAW: _("撤回"),
}

CASE_STATES = {
    CaseState.DRAFT: _("草稿"),
    CaseState.SUBMITTED: _("已提交"),
    CaseState.REVIEWING: _("院内审核"),
    CaseState.RETURNED: _("退回补正"),
    CaseState.DECLINED: _("拒绝受理"),
    CaseState.ACCEPTED: _("已受理"),
    CaseState.DEFERRED: _("缓议"),
    CaseState.SCHEDULED: _("已排期"),
    CaseState.DISCUSSING: _("讨论中"),
    CaseState.CONCLUDED: _("已讨论(待签署)"),
    CaseState.SIGNED: _("已签署"),
    CaseState.ADOPTED: _("已采纳确认"),
    CaseState.FOLLOWING: _("随访中"),
    CaseState.CLOSED: _("已结案"),
    CaseState.WITHDRAWN: _("已撤回"),
}

#: Pages of a case that say which they are.
PAGES = {
    "case": _("病例"),
    "consent": _("知情同意"),
    "edit": _("填写"),
    "follow-up": _("随访"),
    "match": _("台账与病例的关联"),
    "submit": _("提交"),
    "triage": _("受理"),
}

#: Parts of the site, by the first word of an endpoint.
PARTS = {
    "accounts": _("本人账号"),
    "admin": _("机构与团队"),
    "attachments": _("附件"),
    "audit": _("审计"),
    "cases": _("病例"),
    "conferences": _("会议"),
    "dicomweb": _("DICOMweb 影像接口"),
    "followup": _("随访"),
    "inbox": _("PACS 收件箱"),
    "live": _("会议室"),
    "marks": _("影像标注"),
    "phone": _("手机拍照"),
    "plans": _("诊疗意见书"),
    "reading": _("阅片清单"),
    "registry": _("登记台账"),
    "reports": _("报表"),
    "slides": _("病理切片"),
    "static": _("文件"),
    "system": _("系统"),
    "triage": _("受理"),
    "uploads": _("上传附件"),
    "verify": _("诊疗意见书核验"),
    "worklist": _("待办"),
}

#: Fields of a case and of an opinion; of a list or a group of fields, its name.
FIELDS = {
    "alternative": _("备选方案"),
    "answer": _("对问题的答复"),
    "answers": _("补充事实"),
    "basis": _("依据"),
    "birth_date": _("出生日期"),
    "case_type": _("初诊或复诊"),
    "chief_complaint": _("主诉"),
    "comorbidities": _("合并症与既往情况"),
    "comorbidity_text": _("合并症说明"),
    "deferral_reason": _("缓议理由"),
    "deferral_text": _("缓议说明"),
    "diagnosis": _("诊断"),
    "diagnosis_basis": _("诊断依据"),
    "diagnosis_date": _("确诊日期"),
    "diagnosis_text": _("诊断（文字）"),
    "dissent": _("不同意见"),
    "ecog": "ECOG",
    "examination": _("体格检查"),
    "first_treatment_date": _("首次治疗日期"),
    "further_tests": _("需补充的检查"),
    "height_cm": _("身高"),
    "history": _("现病史与既往史"),
    "icd10": _("ICD-10 编码"),
    "id_number": _("证件号码"),
    "id_type": _("证件类型"),
    "iii_plus": _("III期及以上"),
    "imaging_review": _("影像复阅意见"),
    "intent": _("治疗目的"),
    "kps": "KPS",
    "labs": _("检验结果"),
    "laterality": _("侧别"),
    "m": "M",
    "molecular": _("病理、免疫组化与分子结果"),
    "morphology": _("病理形态学编码"),
    "mrn": _("病案号（住院号/门诊号）"),
    "n": "N",
    "name": _("姓名"),
    "outcome": _("讨论结论"),
    "own_plan": _("本院拟定方案"),
    "pathology_review": _("病理复阅意见"),
    "patient_preference": _("患者与家属意愿"),
    "patient_wish": _("患者意愿"),
    "phone": _("联系电话"),
    "planned_modalities": _("拟用治疗方式"),
    "planned_treatment_date": _("拟开始治疗日期"),
    "question": _("请会诊的问题"),
    "residence_code": _("现住址区划"),
    "review_point": _("复评时间点"),
    "sex": _("性别"),
    "stage": _("分期"),
    "stage_basis": _("分期依据"),
    "stage_date": _("分期日期"),
    "stage_deviation_reason": _("与推导不同的原因"),
    "stage_deviation_text": _("分期说明"),
    "stage_factors": _("分期要素"),
    "stage_group": _("分期组"),
    "stage_text": _("分期原文"),
    "staging_table": _("分期标准"),
    "steps": _("诊疗方案"),
    "symptoms": _("症状"),
    "t": "T",
    "team_id": _("会诊团队"),
    "treatment_so_far": _("既往抗肿瘤治疗"),
    "tumour_type": _("瘤种"),
    "urgency": _("紧急程度"),
    "weight_kg": _("体重"),
}

_CHANGES = {
    Change.NONE: _("没有变化"),
    Change.DETAILS: _("时间以外的内容"),
    Change.MOVED: _("改期"),
}
_CONSENTS = {
    ConsentKind.GUARDIAN: _("监护人同意"),
    ConsentKind.PRIVACY: _("个人信息处理同意"),
    ConsentKind.REMOTE: _("远程会诊知情同意"),
}
_DECISIONS = {
    AdoptionDecision.FULL: _("全部采纳"),
    AdoptionDecision.PARTIAL: _("部分采纳"),
    AdoptionDecision.NONE: _("不采纳"),
}
_EXTENTS = {
    Extent.FRAME: _("仅当前一幅"),
    Extent.IMAGE: _("当前影像的全部图像"),
    Extent.SERIES: _("本序列所有同尺寸影像"),
}
_FILE_TYPES = {"csv": "CSV", "page": _("页面"), "pdf": "PDF", "xlsx": "XLSX"}
_PLAN_STATES = {
    PlanState.DRAFT: _("草稿"),
    PlanState.SIGNING: _("签署中"),
    PlanState.SIGNED: _("已签署"),
    PlanState.WITHDRAWN: _("已撤回"),
}
_SCOPES = {
    "cases": _("病例"),
    "dicomweb": _("影像"),
    "fhir": _("会诊文书"),
    "register": _("登记台账"),
    "reports": _("报表"),
}
_SIGNERS = {
    Signer.GUARDIAN: _("监护人"),
    Signer.PATIENT: _("患者本人"),
    Signer.RELATIVE: _("近亲属"),
}


_IMPORT_STEPS = {
    "begin": _("开始"),
    "cancel": _("取消"),
    "columns": _("核对列"),
    "end": _("结束"),
    "expired": _("过期删除"),
    "failed": _("未完成"),
    "upload": _("上传"),
}


@cache
def _known() -> Mapping[str, Mapping[Any, Any]]:
    """Things with labels by key and code, the same in every language."""
    documents = {one.code: one for one in document_types()}
    moves: dict[Any, Any] = {
        **documents,
        **DUPLICATE_VERDICTS,
        **MATCH_VERDICTS,
        "automatic": _("自动比对"),
    }
    excluded = {f"excluded:{one.value}": label for one, label in EXCLUSION_LABELS.items()}
    why: dict[Any, Any] = {one.code: one for name in ReasonList for one in reasons(name.value)}
    for listed in REASONS.values():
        why |= listed
    why |= PHONE_REFUSALS
    found: dict[str, dict[Any, Any]] = {
        "action": CASE_ACTIONS,
        "after": moves,
        "answer": ANSWERS,
        "before": moves,
        "by": GROUPINGS,
        "by2": GROUPINGS,
        "cell": {**CELLS, **excluded},
        "change": _CHANGES,
        "decision": _DECISIONS,
        "extent": _EXTENTS,
        "fields": FIELDS,
        "file": {
            "card": _("肿瘤登记报告卡"),
            "register": _("登记台账"),
            "refused": _("未接收的行"),
        },
        "filter": ACTIONS,
        "for": {"outside": _("对外版")},
        "kind": documents | _CONSENTS | _FILE_TYPES | MARK_KINDS,
        "page": PAGES,
        "reason": why,
        "scopes": _SCOPES,
        "signer": _SIGNERS,
        "sort": SORTS,
        "state": _PLAN_STATES,
        "step": _IMPORT_STEPS,
        "to": CASE_STATES,
        "verdict": MATCH_VERDICTS,
    }
    return found


def word_of(key: str, code: str) -> str | None:
    """The word for a code under a key; ``None`` where there is none, as for dates and numbers."""
    if key in {"roles", "seat"}:
        return next((name for role, name in role_labels().items() if role == code), None)
    if key == "endpoint":
        found = PARTS.get(code.partition(".")[0])
    elif key in {"beside", "definition"}:
        return version_word(code)
    elif key == "fields":
        found = FIELDS.get(code.partition(".")[0]) or COLUMNS.get(code)
    else:
        found = _known().get(key, {}).get(code)
    return None if found is None else label_of(found)
