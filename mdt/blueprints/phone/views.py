from mdt.blueprints.phone import capture, desk
from mdt.blueprints.phone.blueprint import bp

__all__ = ["bp", "capture", "desk"]
