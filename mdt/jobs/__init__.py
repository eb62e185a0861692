"""Handlers of queued work. None yet: what is queued comes with its feature."""
