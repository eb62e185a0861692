from mdt.blueprints.registry import duplicates, imports, lists
from mdt.blueprints.registry.blueprint import bp

__all__ = ["bp", "duplicates", "imports", "lists"]
