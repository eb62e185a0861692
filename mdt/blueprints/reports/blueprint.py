"""The blueprint that the modules of reports attach their views to."""

from flask import Blueprint

bp = Blueprint("reports", __name__)
