"""What is said at sign-in, about sessions and about passwords."""

from flask_babel import lazy_gettext as _

WORDS = {
    "password_classes": _("密码需包含大写字母、小写字母、数字、符号中的至少三类。"),
    "password_common": _("这个密码太常见，容易被猜到。请换一个，例如几个不相干的词。"),
    "password_has_username": _("密码不能包含账号名。"),
    "password_long": _("密码最多128个字符。"),
    "password_same": _("新密码不能与现在的密码相同。"),
    "password_short": _("密码至少10个字符，可以用一句话。"),
    "password_wrong": _("密码不正确，请重新输入。"),
    "sign_in_throttled": _("尝试次数过多，请约%(minutes)s分钟后再试。"),
    "sign_in_wrong": _("账号或密码不正确。"),
}
