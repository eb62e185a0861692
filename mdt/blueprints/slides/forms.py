from flask_babel import lazy_gettext as _
from wtforms import StringField
from wtforms.validators import Length

from mdt.rules.slides import LONGEST_LABEL
from mdt.web.forms import BaseForm


class SlideForm(BaseForm):
    stain = StringField(
        _("染色"), validators=[Length(max=LONGEST_LABEL, message=_("最多%(max)d个字。"))]
    )
    block = StringField(
        _("蜡块号"), validators=[Length(max=LONGEST_LABEL, message=_("最多%(max)d个字。"))]
    )
