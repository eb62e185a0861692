from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField, FileRequired
from wtforms import FieldList, IntegerField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, Regexp

from mdt.rules.errors import Invalid
from mdt.web.forms import BaseForm


class ImportForm(BaseForm):
    file = FileField(_("台账文件"), validators=[FileRequired(_("请先选择文件（CSV 或 XLSX）。"))])


class SearchForm(BaseForm):
    text = StringField(
        _("姓名、证件号码或病案号"),
        validators=[DataRequired(), Length(max=60, message=_("最多%(max)d个字。"))],
    )


class ColumnsForm(BaseForm):
    """What each heading of a file is, in the order of the headings; empty where it is not read."""

    columns = FieldList(StringField(), max_entries=200)


_ROW = NumberRange(min=1, max=2**31 - 1)
_UNDECIDED = _("请选择保留哪一条，或选“不是同一肿瘤”。")


class DuplicateForm(BaseForm):
    """Some rows, and which of them stay: one, each, or as chosen for every row by itself."""

    rows = FieldList(IntegerField(validators=[InputRequired(), _ROW]))
    keep = StringField(validators=[Regexp(r"(\d{1,9}|each|chosen)$", message=_UNDECIDED)])
    counts = FieldList(IntegerField(validators=[Optional(), _ROW]))

    @property
    def unsaid(self) -> str:
        """What is missing of a decision, in words."""
        return str(self.keep.errors[0] if self.keep.errors else _UNDECIDED)

    @property
    def chosen(self) -> dict[int | None, int | None]:
        """What was chosen row by row, to be shown again."""
        return dict(zip(self.rows.data, self.counts.data, strict=False))

    def counting(self) -> dict[int, int]:
        """For each row the one that counts for it, itself where it stays; `Invalid` if unsaid."""
        rows, keep = self.rows.data, self.keep.data
        if keep == "each":
            return {row: row for row in rows}
        if keep != "chosen":
            return dict.fromkeys(rows, int(keep))
        chosen = self.counts.data
        if len(chosen) != len(rows) or None in chosen:
            raise Invalid({"keep": "duplicate_unsaid"})
        return dict(zip(rows, chosen, strict=True))
