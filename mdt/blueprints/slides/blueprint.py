from flask import Blueprint

bp = Blueprint("slides", __name__)
