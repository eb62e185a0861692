"""Why something waits for release, and what is said around it."""

from flask_babel import lazy_gettext as _

from mdt.rules.deidentification import Risk

#: By `Risk`; ``document`` for a document, which always waits.
RISKS = {
    Risk.DECLARED.value: _("影像文件注明：图像上印有患者信息。"),
    Risk.MARKED.value: _("本院医生曾在图像上标出患者信息，后撤销了遮挡。"),
    Risk.MODALITY.value: _("超声、造影、内镜、照片等图像上常印有姓名、编号和日期。"),
    Risk.SCREEN.value: _("这是截屏或后处理图像，上面常印有姓名、编号和日期。"),
    Risk.TEXT.value: _("这是文字或语音报告，内容可能写有患者信息，系统无法自动去除。"),
    "document": _("扫描的报告和文书上通常印有姓名、证件号和病案号。"),
}
WORDS = {
    "black_out_pictures_only": _("只有照片（JPEG、PNG）可以在系统中遮挡。PDF 请遮挡后重新上传。"),
    "black_out_preparing": _("该序列的图像还在处理，请一分钟后再试。"),
    "black_out_too_much": _("一次遮挡的图像过多。请改选较小的范围，分几次遮挡。"),
    "extent_unknown": _("请选择遮挡范围。"),
    "not_blacked_out": _("这里没有遮挡，无需撤销。请刷新页面。"),
    "not_held": _("这份资料已经放行，无需再次操作。"),
    "regions_missing": _("还没有画遮挡区。请在图像上拖动画出，或按“添加遮挡区”。"),
    "regions_outside": _("遮挡区不在图像之内，请重新画。"),
    "regions_too_many": _("遮挡区过多，请合并后再试。"),
    "regions_unreadable": _("遮挡区无法读取，请重新画。"),
    "series_unconfirmed": _(
        "该序列的患者身份尚未确认，其他医院的专家看不到。请由申请医院先核对并确认。"
    ),
    "series_held": _("该序列尚未放行，其他医院的专家看不到。请由申请医院先查看并放行。"),
}
