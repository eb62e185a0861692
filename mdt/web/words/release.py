"""Why something waits for release, and what is said around it."""

from flask_babel import lazy_gettext as _

from mdt.rules.deidentification import Risk

#: By `Risk`; ``document`` for a document, which always waits.
RISKS = {
    Risk.DECLARED.value: _("影像文件注明：图像上印有患者信息。"),
    Risk.MODALITY.value: _("超声、造影、内镜、照片等图像上常印有姓名、编号和日期。"),
    Risk.SCREEN.value: _("这是截屏或后处理图像，上面常印有姓名、编号和日期。"),
    Risk.TEXT.value: _("这是文字或语音报告，内容可能写有患者信息，系统无法自动去除。"),
    "document": _("扫描的报告和文书上通常印有姓名、证件号和病案号。"),
}
WORDS = {
    "not_held": _("这份资料已经放行，无需再次操作。"),
    "series_held": _("该序列尚未放行，其他医院的专家看不到。请由申请医院先查看并放行。"),
}
