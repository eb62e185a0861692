from mdt.blueprints.cases import editing, lists, pages, staging, steps
from mdt.blueprints.cases.blueprint import bp

__all__ = ["bp", "editing", "lists", "pages", "staging", "steps"]
