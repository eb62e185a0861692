"""What the pages of places, people and accounts say about a field or a refusal."""

from flask_babel import lazy_gettext as _

WORDS = {
    "administrator_seat": _("系统、安全、审计管理员不能进入团队名单。"),
    "agreement_dates": _("起止日期不对。"),
    "already_taken": _("已被使用，请换一个。"),
    "column_missing": _("文件缺少这一列。"),
    "date_in_future": _("日期晚于今天，请核对。"),
    "ends_before_start": _("终止日期早于起始日期。"),
    "hospital_code_shape": _("机构代码只用字母、数字和连字符，2至40位，以字母或数字开头。"),
    "hospital_required": _("这个角色需要选择医院。"),
    "hospital_unknown": _("没有这家医院。"),
    "name_zh_required": _("请填写中文名称。"),
    "own_roles": _("不能更改自己的角色、密码或停用自己，请由另一位安全管理员操作。"),
    "person_unknown": _("没有这个账号，或账号已停用。"),
    "place_superfluous": _("这个角色不需要选择医院或地区。"),
    "quality_place": _("质控管理员请选择一家医院或一个地区，不能两者都选。"),
    "quorum_too_large": _("最少学科数不能超过核心学科数加一。"),
    "quorum_too_small": _("最少学科数不能少于3。"),
    "region_code_shape": _("区划代码是6位数字，如 360726。"),
    "region_file_unreadable": _("文件无法读取。请用 UTF-8 或 GB18030 编码的 CSV，或 XLSX。"),
    "region_level_unknown": _("级别只能是 province、city 或 county。"),
    "region_parent_level": _("上级地区的级别不对：市的上级是省，县的上级是省或市。"),
    "region_parent_unknown": _("没有这个上级地区，系统和文件里都没有。"),
    "region_twice": _("这个代码在文件中出现了不止一次。"),
    "region_unknown": _("没有这个区划代码，请先导入地区。"),
    "role_conflict": _(
        "角色互斥：系统、安全、审计管理员三者互斥，也不能兼任任何业务角色或团队成员。"
    ),
    "role_twice": _("已有这个角色。"),
    "same_hospital": _("邀请方与受邀方不能是同一家医院。"),
    "seat_taken": _("此人在本团队已有这个角色。"),
    "unknown_code": _("所选内容不在列表中，请重新选择。"),
    "username_shape": _("账号用小写字母开头，只用小写字母、数字、点、横线，3至60位。"),
}
