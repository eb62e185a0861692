"""What is said of photographs from a phone."""

from flask_babel import lazy_gettext as _

WORDS = {
    "phone_link_over": _("二维码已失效或已用过。请在电脑上重新生成，再用手机扫码。"),
    "phone_too_many": _("一次扫码最多拍 %(most)s 张。请在电脑上重新生成二维码后继续。"),
}

#: Why a code opened nothing, for the trail.
PHONE_REFUSALS = {
    "phone_over": _("二维码已失效"),
    "phone_unknown": _("没有这个二维码"),
    "phone_used": _("二维码已被另一部手机使用"),
}
