"""The blueprint that the modules of the register attach their views to, and what they share."""

from flask import Blueprint, request

bp = Blueprint("registry", __name__)


def page_number() -> int:
    """The page of a list that is asked for, from 1."""
    return max(1, request.args.get("page", 1, type=int))
