from flask_babel import lazy_gettext as _
from wtforms import StringField
from wtforms.validators import Length

from mdt.web.forms import BaseForm


class FindForm(BaseForm):
    text = StringField(_("姓名或患者编号"), validators=[Length(max=64)])
