from mdt.blueprints.attachments import changes, documents, files, identity, images
from mdt.blueprints.attachments.blueprint import bp

__all__ = ["bp", "changes", "documents", "files", "identity", "images"]
