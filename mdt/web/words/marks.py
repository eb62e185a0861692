"""What is said of marks on pictures, key images and lesions."""

from flask_babel import lazy_gettext as _

from mdt.rules.measuring import MarkKind

WORDS = {
    "already_struck": _("这一项已经划除。请刷新页面。"),
    "arrow_text_required": _("请写明箭头所指。"),
    "mark_kind_unknown": _("没有这种标注。"),
    "mark_text_too_long": _("标注文字过长，请缩短。"),
    "marks_locked": _("意见书已签署或病例已结束，不能再标注。"),
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
