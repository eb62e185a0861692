"""Requests that carry files: those of usual size stay in memory.

The framework writes every larger file to the temporary folder, unsealed; what a patient's image
says has no business there. Only a file that no server should hold in memory still goes there, to a
nameless file that ends with the request.
"""

from tempfile import SpooledTemporaryFile
from typing import IO, cast

from flask import Request

from mdt.rules.attachments import MEBIBYTE

_IN_MEMORY_BYTES = 64 * MEBIBYTE


class UploadRequest(Request):
    """A request whose files are kept in memory up to a size."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        return cast("IO[bytes]", SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES))
