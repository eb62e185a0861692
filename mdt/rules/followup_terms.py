"""The words of adoption and follow-up in both languages, as lists to choose from."""

from mdt.rules.content.terms import Term
from mdt.rules.followup import AdoptionDecision, Execution, Response, StepResult, Vital

DECISIONS = (
    Term(AdoptionDecision.FULL, "全部采纳", "Adopted in full"),
    Term(AdoptionDecision.PARTIAL, "部分采纳", "Adopted in part"),
    Term(AdoptionDecision.NONE, "未采纳", "Not adopted"),
)
EXECUTIONS = (
    Term(Execution.NOT_STARTED, "未开始", "Not started"),
    Term(Execution.ONGOING, "进行中", "Under way"),
    Term(Execution.COMPLETED, "已完成", "Completed"),
    Term(Execution.CHANGED, "已改变方案", "Changed"),
    Term(Execution.STOPPED, "已终止", "Stopped"),
)
STEP_RESULTS = (
    Term(StepResult.DONE, "已做", "Done"),
    Term(StepResult.PARTLY, "部分做", "Partly done"),
    Term(StepResult.NOT, "未做", "Not done"),
)
VITALS = (
    Term(Vital.ALIVE, "存活", "Alive"),
    Term(Vital.DEAD, "死亡", "Dead"),
    Term(Vital.LOST, "失访", "Lost to follow-up"),
)
RESPONSES = (
    Term(Response.NOT_ASSESSED, "未评估", "Not assessed"),
    Term(Response.COMPLETE, "完全缓解", "Complete response"),
    Term(Response.PARTIAL, "部分缓解", "Partial response"),
    Term(Response.STABLE, "稳定", "Stable disease"),
    Term(Response.PROGRESSION, "进展", "Progression"),
    Term(Response.RECURRENCE, "复发", "Recurrence"),
)
#: Kinds of a first treatment, as the register has them.
TREATMENTS = (
    Term("surgery", "手术", "Surgery"),
    Term("radiotherapy", "放疗", "Radiotherapy"),
    Term("chemotherapy", "化疗", "Chemotherapy"),
    Term("targeted", "靶向治疗", "Targeted therapy"),
    Term("immunotherapy", "免疫治疗", "Immunotherapy"),
    Term("endocrine", "内分泌治疗", "Endocrine therapy"),
    Term("intervention", "介入治疗", "Intervention"),
    Term("tcm", "中医药", "Traditional Chinese medicine"),
    Term("other", "其他", "Other"),
)
