from flask_babel import lazy_gettext as _
from wtforms import PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired

from mdt.web.forms import BaseForm


class SignInForm(BaseForm):
    username = StringField(_("账号"), validators=[InputRequired()])
    password = PasswordField(_("密码"), validators=[InputRequired()])


class PasswordForm(BaseForm):
    password = PasswordField(_("现在的密码"), validators=[InputRequired()])
    new_password = PasswordField(_("新密码"), validators=[InputRequired()])
    repeated = PasswordField(
        _("再次输入新密码"),
        validators=[
            InputRequired(),
            EqualTo("new_password", message=_("两次输入的新密码不一致，请重新输入。")),
        ],
    )
