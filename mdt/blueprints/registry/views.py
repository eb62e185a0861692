from mdt.blueprints.registry import imports, lists
from mdt.blueprints.registry.blueprint import bp

__all__ = ["bp", "imports", "lists"]
