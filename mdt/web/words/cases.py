"""What the codes of a case say, and what to do about each."""

from flask_babel import lazy_gettext as _

WORDS = {
    "team_is_fixed": _("病例已送出，团队不能更换。如要改请其他团队会诊，请撤回后新建病例。"),
    "withdraw_while_live": _("会议正在进行。请告知主席，由主席把本例移出后再撤回。"),
    "agreement_missing": _(
        "贵院与该团队所属医院没有在有效期内的合作协议，不能提交。请联系医务科办理，或改选其他团队。"
    ),
    "birth_date_differs_from_id": _("出生日期与证件号码不一致，请核对证件原件。"),
    "case_blocked": _("还有内容未完成，暂时不能提交。请按下面的提示逐项补齐。"),
    "case_not_editable": _("病例已离开填写阶段，内容不能再修改。如需更正，请联系团队退回补正。"),
    "case_not_editable.accepted": _(
        "会诊团队已受理，内容已锁定。如需更正，请联系团队退回补正；不再需要会诊时可撤回。"
    ),
    "case_not_editable.adopted": _("意见已签署，内容不能再修改。执行与随访请在“随访”中填写。"),
    "case_not_editable.closed": _("病例已结案，内容不能再修改。需要再次会诊时请新建病例。"),
    "case_not_editable.concluded": _("讨论已结束，内容不能再修改。如有更正，请告知会诊团队。"),
    "case_not_editable.declined": _("团队未受理此病例，内容不能再修改。需要时请新建病例。"),
    "case_not_editable.deferred": _(
        "病例暂缓讨论，内容已锁定。如需更正，请联系团队退回补正；不再需要会诊时可撤回。"
    ),
    "case_not_editable.discussing": _("病例正在讨论，内容不能再修改。如有更正，请在会议中说明。"),
    "case_not_editable.following": _("意见已签署，内容不能再修改。执行与随访请在“随访”中填写。"),
    "case_not_editable.reviewing": _(
        "病例正在院内审核，内容已锁定。如需更正，请联系医务科退回补正；不再需要会诊时可撤回。"
    ),
    "case_not_editable.scheduled": _(
        "病例已排期，内容已锁定。如需更正，请联系会诊团队；不再需要会诊时可撤回。"
    ),
    "case_not_editable.signed": _("意见已签署，内容不能再修改。请确认是否采纳。"),
    "case_not_editable.submitted": _(
        "病例已提交，内容已锁定。如需更正，请联系会诊团队退回补正；不再需要会诊时可撤回。"
    ),
    "case_not_editable.withdrawn": _("病例已撤回，内容不能再修改。需要时请新建病例。"),
    "case_under_discussion": _("该病例正在讨论，不能撤回。"),
    "consent_missing": _("缺少已签署的同意书或其扫描件。"),
    "consent_owed": _("同意书或扫描件尚未补齐，请尽快补交。"),
    "date_in_future": _("日期晚于今天，请核对。"),
    "deviation_reason_owed": _("填写的分期组与T、N、M推导的不同，请选择原因。"),
    "diagnosed_before_birth": _("确诊日期早于出生日期，请核对。"),
    "ecog_kps_differ": _("ECOG与KPS评分不相符，请核对其中一项。"),
    "edition_not_yet": _("按确诊日期，所选版本当时尚未启用，请确认分期版本。"),
    "edition_outdated": _("按确诊日期已有更新的分期版本，请确认是否改用新版。"),
    "exception_not_urgent": _(
        "先会诊后补同意书只适用于加急或特急病例，请先在“问题与团队”中改紧急程度。"
    ),
    "exception_reason_required": _("请选择先会诊后补同意书的原因。"),
    "exception_text_required": _("这个原因需要用文字说明。"),
    "field_required": _("请填写此项后再提交。"),
    "guardian_signs": _("监护人同意书须由监护人或近亲属签署。"),
    "habit_implausible_for_age": _("按年龄，吸烟、饮酒或嚼槟榔史不大可能，请核对。"),
    "icd10_name_unknown": _("请从列表中选择编码或部位名称。"),
    "icd10_not_neoplasm": _("这不是肿瘤编码。请填写 C00–C97 或 D00–D48 的编码，如 C34.1。"),
    "icd10_unreadable": _("无法识别的编码。请按 ICD-10 填写，如 C34.1 或 C34.100x001。"),
    "id_number_15_digits": _("这是15位旧号码，请按身份证原件填写18位号码。"),
    "id_number_birth_date": _("号码中的出生日期不存在，请核对第7至14位。"),
    "id_number_check_digit": _("校验位不对，请逐位核对号码，尤其是最后一位。"),
    "id_number_future_birth": _("号码中的出生日期晚于今天，请核对第7至14位。"),
    "id_number_lost_digits": _(
        "号码像是从表格中以科学计数法复制而来，后几位已丢失，请按原件填写。"
    ),
    "id_number_shape": _("居民身份证号码应为18位：17位数字加一位数字或X。"),
    "lansky_for_children": _("16岁以下建议改用Lansky评分，请在查体中说明。"),
    "metastasis_as_diagnosis": _("C77–C79是转移部位。请填写原发部位的编码；原发不明用 C80。"),
    "name_long": _("姓名最多30个字。"),
    "name_short": _("姓名至少2个字。"),
    "number_expected": _("请填写数字。"),
    "phone_implausible": _("电话号码的位数不像手机或固定电话，请核对。"),
    "sex_differs_from_id": _("性别与证件号码不一致，请核对证件原件。"),
    "sex_does_not_fit_site": _("肿瘤部位与性别不符，请核对编码或性别。"),
    "side_differs_from_reports": _("侧别与已上传报告的名称不一致，请核对左右。"),
    "stage_text_differs": _("分期原文与所选的T、N、M不一致，请核对。"),
    "stage_text_unread": _("没有读出分期，原文会照样保留。请在下面选择T、N、M或分期组。"),
    "staged_after_treatment": _("分期日期晚于首次治疗日期：初诊分期应为治疗前的分期。"),
    "text_too_long": _("文字过长，请精简。"),
    "treated_before_diagnosis": _("首次治疗日期早于确诊日期，请核对。"),
    "tumour_type_not_of_team": _("该团队不受理这一瘤种，请改选团队或瘤种。"),
    "unknown_code": _("所选内容不在列表中，请重新选择。"),
    "unreadable_request": _("提交的内容无法读取，请刷新页面后重试。"),
}

#: What is said beside the light of a checklist item.
READINESS = {
    "condition_unknown": _("需确认是否适用"),
    "contrast_lacking": _("需要增强扫描"),
    "contrast_unknown": _("请确认是否增强"),
    "date_unknown": _("请确认检查日期"),
    "incomplete": _("不完整"),
    "marked_present": _("已注明：见病历文字"),
    "missing": _("缺"),
    "not_applicable": _("不适用"),
    "not_available": _("无法提供"),
    "pictures_only": _("有图像，缺报告"),
    "present": _("已有"),
    "report_lacking": _("有结果，缺报告单"),
    "report_only": _("只有报告，缺图像"),
    "series_torn": _("图像缺层过多"),
    "slices_doubled": _("有位置重复的层面"),
    "slices_thick": _("层厚超过要求"),
    "slices_missing": _("图像缺层"),
    "too_old": _("超过时限"),
    "unconfirmed": _("请确认是哪一项"),
}

#: What to do about it: the sentence below the light. What is there needs none.
ADVICE = {
    "condition_unknown": _("请在病例中补填相关内容，才能判断是否需要这一项。"),
    "contrast_lacking": _(
        "已有的是平扫。请补传增强序列；未做增强的，请在清单中注明无法提供的原因。"
    ),
    "contrast_unknown": _("影像没有写明，请在“影像与资料”中点“更正”注明平扫或增强。"),
    "date_unknown": _("文件没有日期，不能判断是否过期。请补填检查或报告日期。"),
    "incomplete": _("请补齐其余部位或结果。"),
    "missing": _("请上传；确实没有的，请在清单中注明原因。"),
    "not_available": "",
    "not_typed": _("请在病例中填写；确实没有的，请在清单中注明原因。"),
    "pictures_only": _("请上传这次检查的诊断报告（检查日期前后 30 天内）。"),
    "report_lacking": _("请上传写有这项结果的报告单。"),
    "report_only": _("请从 PACS 或光盘导出原始图像（DICOM）并上传。"),
    "series_torn": _("不能据此阅片。请从 PACS 重新导出整个序列并上传。"),
    "slices_doubled": _("请核对是否混入另一期相或重复上传；属误传的，请收回或划除该序列。"),
    "slices_thick": _("请上传同次检查的薄层序列；没有薄层的，请注明原因。"),
    "slices_missing": _("请从 PACS 重新导出整个序列，再上传一次，系统会自动补上缺少的层面。"),
    "too_old": _("到提交之日已过期。请复查后上传，或在清单中注明原因。"),
    "unconfirmed": _("报告名称没有写明。请在文件名中写明，或在清单中确认。"),
}

#: The same of one series, where it is not the same as of an item.
SERIES_NOTES = {
    "ageing": _("提交时有效，到会议日将超过清单的时限：必要时请复查。"),
    "aid": _("定位像、剂量报告等辅助内容，不作核对。"),
    "long_before": _("早于确诊一年以上：请确认是否为本次疾病的检查。"),
    "not_asked": _("清单没有要求这项检查，供讨论参考。"),
    "of_another": _("影像中的患者信息与病例不一致：医师核对确认之前，不计入清单。"),
    "part_unknown": _("影像未注明部位，不能与清单核对：请在“影像与资料”中点“更正”注明。"),
    "present": _("符合清单要求。"),
}
