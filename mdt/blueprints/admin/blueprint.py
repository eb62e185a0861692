"""The blueprint by itself, so that each group of views can hang itself on it."""

from flask import Blueprint

bp = Blueprint("admin", __name__, url_prefix="/admin")
