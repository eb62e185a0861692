"""What is said of marks on pictures, key images and lesions."""

from flask_babel import lazy_gettext as _

from mdt.rules.measuring import MarkKind

WORDS = {
    "already_struck": _("这一项已经划除。请刷新页面。"),
    "arrow_text_required": _("请写明箭头所指。"),
    "caption_too_long": _("说明过长，请缩短。"),
    "key_image_of_slide": _("切片暂不能选为关键影像。"),
    "key_images_too_many": _("关键影像最多%(most)s幅。请先划除不需要的。"),
    "lesion_mark_required": _("请选择以毫米计的长度标注。"),
    "lesion_marks_same": _("本次和既往须是两处不同的测量。"),
    "lesion_name_required": _("请写明病灶名称。"),
    "lesions_too_many": _("病灶最多%(most)s个。请先划除不需要的。"),
    "mark_in_lesion": _("病灶对照正在使用这处测量。请先修改或划除该病灶。"),
    "mark_kind_unknown": _("没有这种标注。"),
    "mark_text_too_long": _("标注文字过长，请缩短。"),
    "marks_locked": _("意见书已签署或病例已结束，不能再标注。"),
    "state_unreadable": _("阅片状态无法读取，请刷新页面后重试。"),
    "points_elsewhere": _("标注的点不在这幅图像上，请重新标注。"),
    "points_no_shape": _("这些点不成矩形或椭圆，请重新标注。"),
    "points_together": _("标注的点重合，量不出大小，请重新标注。"),
    "points_unreadable": _("标注的点无法读取，请重新标注。"),
}

MARK_KINDS = {
    MarkKind.ANGLE: _("角度"),
    MarkKind.ARROW: _("箭头"),
    MarkKind.ELLIPSE: _("椭圆"),
    MarkKind.LENGTH: _("长度"),
    MarkKind.RECTANGLE: _("矩形"),
}
