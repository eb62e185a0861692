from mdt.blueprints.registry import (
    cards,
    duplicates,
    entry,
    exports,
    import_files,
    imports,
    lists,
    matches,
)
from mdt.blueprints.registry.blueprint import bp

__all__ = [
    "bp",
    "cards",
    "duplicates",
    "entry",
    "exports",
    "import_files",
    "imports",
    "lists",
    "matches",
]
