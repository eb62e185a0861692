from mdt.blueprints.marks import marking
from mdt.blueprints.marks.blueprint import bp

__all__ = ["bp", "marking"]
