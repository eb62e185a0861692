from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import DateField, Field, HiddenField, RadioField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from mdt.rules import followup as rules
from mdt.rules.content import reasons
from mdt.rules.content.reasons import ReasonList
from mdt.rules.content.terms import Term
from mdt.rules.followup_terms import (
    DECISIONS,
    EXECUTIONS,
    RESPONSES,
    STEP_RESULTS,
    TREATMENTS,
    VITALS,
)
from mdt.rules.plan import PlanStep
from mdt.web.forms import BaseForm
from mdt.web.messages import sentence
from mdt.web.templating import label_of

_LONG = Length(max=2000, message=_("最多%(max)d个字。"))
_CHOOSE = InputRequired(_("请选择。"))
_EMPTY = SelectChoice("", _("请选择"))


def _choices(terms: Iterable[Term], *, empty: bool = False) -> list[SelectChoice]:
    found = [SelectChoice(str(term.code), label_of(term)) for term in terms]
    return [_EMPTY, *found] if empty else found


def _radio(label: Any) -> RadioField:
    return RadioField(label, validators=[_CHOOSE], invalid_choice_message=_("请选择。"))


def _date(label: Any, *validators: Any) -> DateField:
    return DateField(label, validators=validators or [Optional()])


class AdoptForm(BaseForm):
    revision = HiddenField()
    decision = _radio(_("对本意见"))
    reason = SelectField(_("理由"), validate_choice=False)
    text = TextAreaField(_("说明"), validators=[_LONG])

    def __init__(self) -> None:
        super().__init__()
        known = {one.code: label_of(one) for one in reasons(ReasonList.ADOPTION)}
        self.decision.choices = _choices(DECISIONS)
        #: Decision, its words, and code and words of its reasons.
        self.reasons = [
            (term.code, label_of(term), [(code, known[code]) for code in _REASONS[term.code]])
            for term in DECISIONS
            if term.code in _REASONS
        ]
        self.reason.choices = [choice for *_, choices in self.reasons for choice in choices]

    @property
    def revision_id(self) -> int:
        text = self.revision.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0

    @property
    def adoption(self) -> rules.Adoption:
        decision = rules.AdoptionDecision(self.decision.data)
        full = decision is rules.AdoptionDecision.FULL
        reason = rules.ADOPTION_REASONS[decision][0] if full else self.reason.data or ""
        return rules.Adoption(decision, reason, self.text.data or "")


_REASONS = {
    str(decision): codes
    for decision, codes in rules.ADOPTION_REASONS.items()
    if decision is not rules.AdoptionDecision.FULL
}


class FollowUpForm(BaseForm):
    on = _date(_("随访日期"), InputRequired(_("请填写随访日期。")))
    execution = _radio(_("方案执行"))
    reason = SelectField(_("未执行或改变的原因"), validate_choice=False)
    vital = _radio(_("生存状况"))
    died_on = _date(_("死亡日期"))
    ecog = SelectField(_("体力状况"))
    response = SelectField(_("疗效"))
    treatment_started_on = _date(_("首次治疗日期"))
    treatment_type = SelectField(_("首次治疗方式"))
    text = TextAreaField(_("情况说明"), validators=[_LONG])
    next_on = _date(_("下次随访日期"))

    def __init__(self, steps: Iterable["StepForm"] = (), **data: Any) -> None:
        super().__init__(data=data)
        self.steps = {one.step.key: one for one in steps}
        self.execution.choices = _choices(EXECUTIONS)
        self.reason.choices = _choices(reasons(ReasonList.NONIMPLEMENTATION), empty=True)
        self.vital.choices = _choices(VITALS)
        ecogs = rules.ECOG_OF_THE_LIVING
        self.ecog.choices = [_EMPTY, *(SelectChoice(str(n), f"ECOG {n}") for n in ecogs)]
        self.response.choices = _choices(RESPONSES)
        self.treatment_type.choices = _choices(TREATMENTS, empty=True)

    def refuse(self, fields: dict[str, str]) -> None:
        """Errors of a step are shown in its line."""
        own = dict(fields)
        for key, step in self.steps.items():
            wrong = {n: own.pop(f"steps.{key}.{n}", "") for n in ("result", "reason")}
            step.refuse({name: code for name, code in wrong.items() if code})
        super().refuse(own)
        if len(own) < len(fields):
            self.form_errors = [*self.form_errors, sentence("step_reason_owed")]

    def record(self) -> rules.FollowUp:
        return rules.FollowUp(
            on=self.on.data,
            execution=rules.Execution(self.execution.data),
            vital=rules.Vital(self.vital.data),
            response=rules.Response(self.response.data),
            reason=self.reason.data or "",
            ecog=int(self.ecog.data) if self.ecog.data else None,
            treatment_started_on=self.treatment_started_on.data,
            treatment_type=self.treatment_type.data or "",
            died_on=self.died_on.data,
            next_on=self.next_on.data,
            text=self.text.data or "",
            steps=tuple(r for r in (one.report for one in self.steps.values()) if r),
        )


class StepForm(BaseForm):
    """What became of one step; its fields stand beside those of the report."""

    result = SelectField(_("结果"), validate_choice=False)
    reason = SelectField(_("原因"), validate_choice=False)

    class Meta(BaseForm.Meta):
        """Goes with the form around it, which holds the token."""

        csrf = False

    def __init__(self, step: PlanStep) -> None:
        super().__init__(prefix=f"steps.{step.key}.")
        self.step = step
        self.result.choices = _choices(STEP_RESULTS, empty=True)
        self.reason.choices = _choices(reasons(ReasonList.NONIMPLEMENTATION), empty=True)

    @property
    def report(self) -> rules.StepReport | None:
        result = self.result.data or ""
        if result not in set(rules.StepResult):
            return None
        return rules.StepReport(self.step.key, rules.StepResult(result), self.reason.data or "")

    @property
    def fields(self) -> tuple[Field, Field]:
        return self.result, self.reason
