from mdt.blueprints.registry import duplicates, entry, imports, lists
from mdt.blueprints.registry.blueprint import bp

__all__ = ["bp", "duplicates", "entry", "imports", "lists"]
