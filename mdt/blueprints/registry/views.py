from mdt.blueprints.registry import duplicates, entry, import_files, imports, lists
from mdt.blueprints.registry.blueprint import bp

__all__ = ["bp", "duplicates", "entry", "import_files", "imports", "lists"]
