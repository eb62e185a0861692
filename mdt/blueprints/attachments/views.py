from mdt.blueprints.attachments import changes, documents, files, images
from mdt.blueprints.attachments.blueprint import bp

__all__ = ["bp", "changes", "documents", "files", "images"]
