from mdt.blueprints.attachments import (
    black_out,
    changes,
    documents,
    earlier,
    files,
    identity,
    images,
    overlays,
    release,
)
from mdt.blueprints.attachments.blueprint import bp

__all__ = [
    "black_out",
    "bp",
    "changes",
    "documents",
    "earlier",
    "files",
    "identity",
    "images",
    "overlays",
    "release",
]
