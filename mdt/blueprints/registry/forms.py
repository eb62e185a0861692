from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField, FileRequired
from wtforms import IntegerField, StringField
from wtforms.validators import AnyOf, InputRequired

from mdt.rules.registry.duplicates import Keep
from mdt.web.forms import BaseForm


class ImportForm(BaseForm):
    file = FileField(_("台账文件"), validators=[FileRequired(_("请先选择文件（CSV 或 XLSX）。"))])


class DuplicateForm(BaseForm):
    left = IntegerField(validators=[InputRequired()])
    right = IntegerField(validators=[InputRequired()])
    keep = StringField(validators=[AnyOf([one.value for one in Keep])])

    def kept_id(self) -> int | None:
        """The number of the row that stays; none where both do."""
        rows = {Keep.LEFT: self.left.data, Keep.RIGHT: self.right.data, Keep.BOTH: None}
        return rows[Keep(self.keep.data)]
