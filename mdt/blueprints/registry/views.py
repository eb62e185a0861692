from mdt.blueprints.registry import (
    duplicates,
    entry,
    import_files,
    imports,
    lists,
    matches,
)
from mdt.blueprints.registry.blueprint import bp

__all__ = [
    "bp",
    "duplicates",
    "entry",
    "import_files",
    "imports",
    "lists",
    "matches",
]
