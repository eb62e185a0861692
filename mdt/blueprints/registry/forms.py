from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField, FileRequired

from mdt.web.forms import BaseForm


class ImportForm(BaseForm):
    file = FileField(_("台账文件"), validators=[FileRequired(_("请先选择文件（CSV 或 XLSX）。"))])
