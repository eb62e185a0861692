"""Statements that are asked with every request or every picture.

What the session does for objects (finding their classes, flushing, loading) takes three times as
long as a statement of a few columns itself, so these go past it, in the session's transaction. Each
is put together once and checked then to come through `scope`, not each time that it runs.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import CompoundSelect, CursorResult, Select

from mdt.extensions import db
from mdt.queries.scope import check_scoped


class Prepared:
    """A SELECT of columns with placeholders, put together once.

    Raises `UnscopedQuery` where it asks for a hospital's rows and does not come from `scope`.
    """

    def __init__(
        self, statement: Select[*tuple[Any, ...]] | CompoundSelect[*tuple[Any, ...]]
    ) -> None:
        check_scoped(statement)
        self._statement = statement

    def __call__(self, values: Mapping[str, Any]) -> CursorResult[*tuple[Any, ...]]:
        """Run it with what stands for the placeholders; nothing that waits in the session is seen.

        Its rows are those of the running transaction.
        """
        return db.session.connection().execute(self._statement, values)
