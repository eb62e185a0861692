"""The base form: white space is trimmed; what the rules refuse is shown at the field."""

from typing import Any

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import Field, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from mdt.rules.content.reasons import LONGEST_STRIKE_REASON
from mdt.web.messages import fields_for


def _trim(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


class BaseForm(FlaskForm):
    """A form whose text fields lose white space at both ends (passwords keep it).

    What must be filled in is asked for in the same words everywhere.
    """

    form_errors: list[str]

    class Meta(FlaskForm.Meta):
        """How fields are bound."""

        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Field:
            """Put the trimming filter before a field's own filters; word what is required."""
            kind = unbound_field.field_class.__name__
            # A list of fields takes none: each of its fields has its own.
            if "Password" not in kind and kind != "FieldList":
                own = list(unbound_field.kwargs.get("filters", ()))
                unbound_field.kwargs["filters"] = [_trim, *(f for f in own if f is not _trim)]
            field: Field = unbound_field.bind(form=form, **options)
            for validator in field.validators:
                if isinstance(validator, InputRequired | DataRequired) and not validator.message:
                    validator.message = lazy_gettext("请填写此项。")
            return field

    def refuse(self, fields: dict[str, str]) -> None:
        """Show the rules' answer (field to code) at the fields, or above the form."""
        for name, text in fields_for(fields).items():
            if name in self._fields:
                field = self._fields[name]
                field.errors = [*field.errors, text]
            else:
                self.form_errors = [*self.form_errors, text]


class StrikeForm(BaseForm):
    """Why something of a case is struck out."""

    reason = TextAreaField(
        lazy_gettext("原因"),
        validators=[Length(max=LONGEST_STRIKE_REASON, message=lazy_gettext("最多%(max)d个字。"))],
    )
