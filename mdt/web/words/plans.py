"""What the codes of opinions and their signatures say, and what to do about each."""

from flask_babel import lazy_gettext as _

from mdt.rules.plan_blocking import Blocker

#: What keeps an opinion from being signed, and the part of the page where it is put right.
BLOCKERS = {
    Blocker.ADDENDUM_DEFERS: (_("补充修订不能改为缓议；病情需要时请安排再次讨论。"), "outcome"),
    Blocker.DISSENT_INCOMPLETE: (_("不同意见缺少姓名、类型或内容。"), "dissent"),
    Blocker.NOT_CONCLUDED: (_("本例讨论尚未结束，主席结束讨论后才能签署。"), ""),
    Blocker.NO_ABLE_SIGNER: (_("有核心学科的到会者独立执业未满3年，不能签名。"), ""),
    Blocker.NO_CHAIR: (_("没有能签名的主席到会记录。"), ""),
    Blocker.NO_CONDITION: (_("有条件推荐须写明条件：补充检查、备选方案或复评时间点。"), "tests"),
    Blocker.NO_DEFERRAL_REASON: (_("请选择缓议理由；选“其他”时须说明。"), "outcome"),
    Blocker.NO_DIAGNOSIS: (_("缺少诊断。"), "diagnosis"),
    Blocker.NO_FURTHER_TESTS: (_("资料不足时须写明需补充的检查。"), "tests"),
    Blocker.NO_INTENT: (_("请选择治疗目的。"), "plan"),
    Blocker.NO_OUTCOME: (_("请选择讨论结论。"), "outcome"),
    Blocker.NO_QUESTION_ANSWERED: (_("尚未答复申请方提出的问题。"), "answer"),
    Blocker.NO_QUORUM: (_("到会学科未达到团队要求。"), ""),
    Blocker.NO_STAGE: (_("缺少分期组。"), "diagnosis"),
    Blocker.NO_STEPS: (_("诊疗方案中还没有步骤。"), "plan"),
    Blocker.SIGNATURE_OF_OTHER_TEXT: (_("签名对应的文本与现在的不同，请退回修改后重新签署。"), ""),
    Blocker.STEP_INCOMPLETE: (_("有步骤缺少内容、地点、执行人或时间。"), "plan"),
    Blocker.VOTE_UNEXPLAINED: (
        _("%(names)s投了反对票，请把其不同意见写入；会议未结束的，也可请其改投。"),
        "dissent",
    ),
}

WORDS = {
    "already_signed": _("您已签名；要提出不同意见，请联系主席或秘书退回修改。"),
    "missing_glyph": _("含有意见书无法打印的字符（如表情符号），请改用文字。"),
    "not_asked_to_sign": _("本意见书不需要您的签名：签名人是主席和到会核心学科的专家。"),
    "pdf_damaged": _("意见书文件与签署时不一致，已停止下载并记录。请立即联系系统管理员。"),
    "plan_blocked": _("还有内容未完成，暂时不能发出签署。请看右侧的签署前检查。"),
    "plan_moved_on": _("意见书的状态刚刚有变化，请刷新页面后再操作。"),
    "plan_not_amendable": _("只有已签署的意见书才能补充修订。"),
    "plan_not_open": _("意见书已发出签署或本例已缓议，不能再修改。请刷新页面查看。"),
    "plan_not_signing": _("意见书现在不在签署中，可能已退回修改。请刷新页面查看。"),
    "plan_transition": _("意见书的状态刚刚有变化，请刷新页面后再操作。"),
    "practice_too_short": _("独立执业未满3年，按规定不能签署远程会诊意见。"),
    "quorum_is_met": _("到会学科已达到要求，不需要说明理由。"),
    "text_expected": _("内容无法读取，请重新填写。"),
    "too_many_rows": _("最多30行，请合并或精简。"),
    "unknown_field": _("此项不存在，请刷新页面。"),
}
