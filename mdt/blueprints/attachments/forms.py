from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import (
    DateField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import HiddenInput

from mdt.rules.black_out import Extent
from mdt.rules.content.reasons import LONGEST_STRIKE_REASON
from mdt.rules.series_labels import BODY_PARTS, SeriesLabel
from mdt.rules.slides import LONGEST_LABEL
from mdt.web.forms import BaseForm
from mdt.web.kinds import kind_choices
from mdt.web.templating import label_of


class UploadForm(BaseForm):
    """What is said of the documents of an upload; empty: read from the file names."""

    kind = SelectField(_("资料类别"), choices=[], validators=[Optional()])
    dated_on = DateField(_("报告日期"), validators=[Optional()])
    stain = StringField(_("染色"), validators=[Length(max=LONGEST_LABEL)])
    block = StringField(_("蜡块号"), validators=[Length(max=LONGEST_LABEL)])

    def offer_kinds(self) -> "UploadForm":
        """Fill the choices, in the reader's language."""
        self.kind.choices = {"": [("", gettext("自动识别（按文件名）"))]} | kind_choices()
        return self


class DescribeForm(BaseForm):
    kind = SelectField(_("资料类别"), choices=[], validators=[InputRequired()])
    dated_on = DateField(_("报告日期"), validators=[Optional()])

    def offer_kinds(self) -> "DescribeForm":
        """Fill the choices, in the reader's language."""
        self.kind.choices = kind_choices()
        return self


class BlackOutForm(BaseForm):
    """Rectangles drawn on a picture; ``step`` is what the person pressed."""

    regions = HiddenField(_("遮挡区"))
    step = HiddenField()


class SeriesBlackOutForm(BlackOutForm):
    """The same on a series: on which picture, and on which others."""

    number = IntegerField(validators=[InputRequired(), NumberRange(1)], widget=HiddenInput())
    extent = RadioField(_("遮挡范围"), choices=[], validate_choice=False)

    def offer(self, frames: int, same_size: int) -> "SeriesBlackOutForm":
        """Only what differs: a single picture is the whole object."""
        words = {
            Extent.FRAME: _("仅当前一幅"),
            Extent.IMAGE: _("当前这份影像的全部 %(n)s 幅", n=frames),
            Extent.SERIES: _("本序列所有同尺寸影像（%(n)s 份）", n=same_size),
        }
        offered = [Extent.FRAME]
        offered += [Extent.IMAGE] if frames > 1 else []
        offered += [Extent.SERIES] if same_size > 1 else []
        self.extent.choices = [(one.value, words[one]) for one in offered]
        self.extent.data = self.extent.data or offered[-1].value
        return self


class SeriesForm(BaseForm):
    """What a series shows, where its header does not say."""

    body_part = SelectField(_("部位"), choices=[], validators=[Optional()], validate_choice=False)
    contrast = RadioField(_("增强"), choices=[], default="", validate_choice=False)

    def offer(self) -> "SeriesForm":
        """Fill the choices, in the reader's language."""
        parts = [(one.code, label_of(one)) for one in BODY_PARTS]
        self.body_part.choices = [("", gettext("以影像文件为准")), *parts]
        self.contrast.choices = [
            ("", gettext("以影像文件为准")),
            ("no", gettext("平扫")),
            ("yes", gettext("增强")),
        ]
        return self

    def show(self, label: SeriesLabel | None) -> "SeriesForm":
        """Fill the fields with what was said before."""
        said = label or SeriesLabel()
        self.body_part.data, self.contrast.data = said.body_part, said.contrast_code
        return self


class ConfirmForm(BaseForm):
    reason = TextAreaField(
        _("依据"), validators=[Length(max=LONGEST_STRIKE_REASON, message=_("最多%(max)d个字。"))]
    )
