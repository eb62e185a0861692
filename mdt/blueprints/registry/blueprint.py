"""The blueprint that the modules of the register attach their views to."""

from flask import Blueprint

bp = Blueprint("registry", __name__)
