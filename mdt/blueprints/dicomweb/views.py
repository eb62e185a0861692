from mdt.blueprints.dicomweb import retrieving, searching, storing
from mdt.blueprints.dicomweb.blueprint import bp

__all__ = ["bp", "retrieving", "searching", "storing"]
