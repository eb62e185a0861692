"""Every address of a conference; the pages stand in modules of their own."""

from mdt.blueprints.conferences import agenda, pages, people, planning, preparation
from mdt.blueprints.conferences.blueprint import bp

__all__ = ["agenda", "bp", "pages", "people", "planning", "preparation"]
