from mdt.blueprints.marks import key_images, lesions, marking
from mdt.blueprints.marks.blueprint import bp

__all__ = ["bp", "key_images", "lesions", "marking"]
