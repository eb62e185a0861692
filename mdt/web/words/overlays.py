"""Why nothing is drawn of a derived object."""

from flask_babel import lazy_gettext as _

from mdt.rules.overlays import NotShown

NOT_SHOWN = {
    NotShown.DOSE: _("放疗剂量分布不在图像上显示，请看放疗科的计划报告。"),
    NotShown.PLAN: _("放疗计划（射野）不在图像上显示，请看放疗科的计划报告。"),
    NotShown.REPORT: _("结构化报告不在图像上显示，请将报告导出为 PDF 后上传。"),
    NotShown.VALUES: _("定量换算表不在图像上显示。"),
    NotShown.OTHER: _("这种附加对象不能显示在图像上。"),
    NotShown.UNREADABLE: _("这份附加对象无法读取，未显示。"),
    NotShown.TOO_BIG: _("这份附加对象太大，未显示。"),
}
