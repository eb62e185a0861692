"""The WSGI entry point: ``gunicorn wsgi:app`` and ``flask --app wsgi``."""

import gc

# What is loaded stays: to look through it for rubbish takes a fifth of the time to start.
gc.disable()

from mdt.app import create_app  # noqa: E402 -- see above

app = create_app()
gc.freeze()
gc.enable()
