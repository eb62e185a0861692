from mdt.blueprints.attachments import (
    changes,
    documents,
    earlier,
    files,
    identity,
    images,
    release,
)
from mdt.blueprints.attachments.blueprint import bp

__all__ = ["bp", "changes", "documents", "earlier", "files", "identity", "images", "release"]
