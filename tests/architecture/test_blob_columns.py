"""Every column that names a blob is known to the sweep, which deletes what no row names."""

from mdt.extensions import db
from mdt.queries.blobs import LISTS, OTHER_KEYS, SINGLE


def test_each_column_called_a_key_is_listed_as_a_blob_or_as_something_else():
    called_so = {
        f"{table.name}.{column.name}"
        for table in db.metadata.sorted_tables
        for column in table.columns
        if column.name.split("_")[-1] in {"key", "keys"}
    }
    blobs = {one.name for one in (*SINGLE, *LISTS)}
    assert called_so == blobs | OTHER_KEYS
    assert not blobs & OTHER_KEYS
